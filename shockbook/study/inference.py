"""Tests of the abnormal returns of a group of firms on one event date.

Firms that share a date share its shocks.  Tests that add up firms as if they were independent
reject far too often then; :data:`TESTS` says what each one assumes, and
:mod:`shockbook.study.power` measures it.

Symbols: n firms, L days of the estimation window.  A standardised abnormal return (``sar``) is a
firm's abnormal return over its standard error with the forecast-error correction, the ``t`` of an
event study.
"""

import numpy as np
import pandas as pd

from .abnormal import EventStudy, eligible, event_study, t_p
from .checks import several, usable_returns
from .errors import StudyError, listed
from .placebo import empirical_p
from .rolling import totals
from .spec import PRIMARY, Specification


def normal_p(z):
    """Two-sided p-value of the normal distribution."""
    from scipy.special import ndtr

    return 2 * ndtr(-np.abs(z))


def mean_correlation(residuals, member=None) -> np.ndarray:
    """Mean correlation between the residuals (L x n) of the firms of each group, one a group.

    `member` says of each firm and group whether it belongs (n x groups; default: one group of all).
    The sum of all correlations is the squared length of the sum of the firms' unit vectors, so
    the n x n matrix is never formed.  Days on which a firm is missing count zero for it.
    """
    unit = np.nan_to_num(residuals - np.nanmean(residuals, axis=0))
    unit /= np.sqrt((unit**2).sum(axis=0))
    member = _members(unit.shape[1], member)
    n = member.sum(axis=0)
    return (((unit @ member) ** 2).sum(axis=0) - n) / (n * (n - 1))


def _members(firms: int, member=None) -> np.ndarray:
    """Ones and zeros, firms x groups; groups of at least two firms."""
    member = np.ones((firms, 1)) if member is None else np.asarray(member, dtype=float)
    if (member.sum(axis=0) < 2).any():
        raise StudyError("a test of a group needs at least two firms; for one, read its t and p")
    return member


def rank_deviations(before, during) -> np.ndarray:
    """Each firm's days as rank / (days + 1) - 1/2; ties share their mean, NaN stays.

    Of the days before (L x n), those on which no firm was observed are left out.
    """
    before = before[~np.isnan(before).all(axis=1)]
    both = pd.DataFrame(np.vstack([before, during]))
    return (both.rank() / (both.count() + 1) - 0.5).to_numpy()


def corrado(before, during) -> tuple[float, float]:
    """Corrado's rank test of firms (days x n each), statistic and p.

    For one firm on one day the statistic cannot pass 1.73, so it can never reject at 5%.
    """
    before, during = np.asarray(before, dtype=float), np.asarray(during, dtype=float)
    if np.isnan(during).any():
        raise StudyError("an abnormal return is missing: leave the firm out before testing")
    z = _rank_z(np.nanmean(rank_deviations(before, during), axis=1), len(during))
    return z, normal_p(z)


def _rank_z(mean: np.ndarray, days: int) -> np.ndarray:
    """The rank statistic from the daily means of the deviations; the last `days` are the event."""
    return mean[-days:].sum(axis=0) / np.sqrt((mean**2).mean(axis=0) * days)


def benjamini_hochberg(p) -> np.ndarray:
    """Adjusted p-values: those at or below q are rejected with false discovery rate q.

    Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", *Journal of the Royal
    Statistical Society* B 57 (1995) 289-300.

    Assumes that the tests are independent, or positively dependent (Benjamini and Yekutieli
    2001).
    """
    series = p if isinstance(p, pd.Series) else None
    p = np.asarray(p, dtype=float)
    if p.ndim != 1 or np.isnan(p).any() or ((p < 0) | (p > 1)).any():
        raise StudyError("p-values are numbers from 0 to 1, one per test")
    order = np.argsort(p)
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    out = np.empty_like(p)
    out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return out if series is None else pd.Series(out, series.index, name="p_adjusted")


#: test: (reference, its assumption), in the order in which the tests are shown
TESTS = {
    "Patell": ("Patell (1976)", "firms independent on the day, no raised variance"),
    "Patell, corrected": (
        "Kolari and Pynnönen (2010)",
        "correlation on the day as before it, no raised variance",
    ),
    "BMP": ("Boehmer, Musumeci and Poulsen (1991)", "firms independent on the day"),
    "BMP, corrected": ("Kolari and Pynnönen (2010)", "correlation on the day as before it"),
    "rank": ("Corrado (1989)", "the day's abnormal returns distributed as those before"),
    "sign": ("Cowan (1992)", "firms independent on the day, signs as often positive as before"),
    "portfolio": ("Brown and Warner (1980)", "group mean normal, its variance as before"),
    "quantile": (
        "Gelbach, Helland and Klick (2013)",
        "the day, without the event, exchangeable with those before",
    ),
}


def standardised(sar, dof, r, member) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The tests that need standardised abnormal returns only: name -> (statistics, ps).

    `sar` may hold several days (days x n); `r` is the mean correlation of each group.
    """
    n = member.sum(axis=0)
    inflation = 1 + (n - 1) * r
    if (bad := inflation <= 0).any():
        r, n = (np.broadcast_to(values, bad.shape)[bad][0] for values in (r, n))
        raise StudyError(
            f"a mean correlation of {r:.3f} between {n:.0f} firms is too negative to correct"
        )
    mean = sar @ member / n
    # Patell (1976)
    patell = mean * n / np.sqrt(dof / (dof - 2) @ member)
    # Boehmer, Musumeci and Poulsen (1991)
    rest = (sar[..., None] - mean[..., None, :]) ** 2
    bmp = mean * np.sqrt(n * (n - 1) / (rest * member).sum(axis=-2))
    # Kolari and Pynnonen (2010)
    patell_corrected = patell / np.sqrt(inflation)
    bmp_corrected = bmp * np.sqrt((1 - r) / inflation)
    return {
        "Patell": (patell, normal_p(patell)),
        "Patell, corrected": (patell_corrected, normal_p(patell_corrected)),
        "BMP": (bmp, t_p(bmp, n - 1)),
        "BMP, corrected": (bmp_corrected, t_p(bmp_corrected, n - 1)),
    }


def statistics(
    sar, dof, before, during, params: int, correlation: float | None = None, member=None
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Every test of :data:`TESTS` on groups of firms: name -> (statistics, ps), one a group.

    Of n firms: standardised abnormal returns and the degrees of freedom behind each; abnormal
    returns of the estimation window (L x n, may hold NaN) and of the event window (days x n);
    the number of the model's coefficients; their :func:`mean_correlation`, if another is to
    take its place.  A day before on which a group was not observed is left out for all groups.
    """
    if np.isnan(sar).any() or np.isnan(during).any():
        raise StudyError("an abnormal return is missing: leave the firm out before testing")
    member = _members(len(sar), member)
    n, days = member.sum(axis=0), len(during)
    before = before[((~np.isnan(before)) @ member > 0).all(axis=1)]
    if days > len(before):
        raise StudyError(
            f"the quantile test sets the event's {days} days beside as many in a row "
            f"before it, and there are {len(before)}: lengthen the estimation window"
        )

    def daily(values):
        """Mean over the firms that were observed, days x groups."""
        return np.nan_to_num(values) @ member / (~np.isnan(values) @ member)

    r = mean_correlation(before, member) if correlation is None else correlation
    past, now = daily(before), daily(during).sum(axis=0)
    # Corrado (1989); ranks divided by one more than the firm's number of days, as in Corrado and
    # Zivney (1992), so that firms with gaps count alike
    rank = _rank_z(daily(rank_deviations(before, during)), days)
    # Cowan (1992), by the mean share of positive abnormal returns before the event
    share = ((before > 0).sum(axis=0) / (~np.isnan(before)).sum(axis=0)) @ member / n
    risen = (during.sum(axis=0) > 0) @ member
    sign = (risen - n * share) / np.sqrt(n * share * (1 - share))
    # Brown and Warner (1980), crude dependence adjustment
    free = len(past) - params
    portfolio = now / np.sqrt((past**2).sum(axis=0) / free * days)
    # Gelbach, Helland and Klick (2013), there for one firm; all sums over as many days in a row
    sums = totals(past, np.arange(len(past) - days + 1), (0, days - 1))
    return standardised(sar, dof, r, member) | {
        "rank": (rank, normal_p(rank)),
        "sign": (sign, normal_p(sign)),
        "portfolio": (portfolio, t_p(portfolio, free)),
        "quantile": (now / np.sqrt((sums**2).mean(axis=0)), empirical_p(now, sums)),
    }


def tests_table(found: dict) -> pd.DataFrame:
    """What :func:`statistics` found for one group, with reference and assumption."""
    rows = {test: (*np.ravel(found[test]), *TESTS[test]) for test in TESTS}
    columns = ["statistic", "p", "reference", "assumption"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("test")


def group_tests(study: EventStudy, firms: list[str] | None = None) -> pd.DataFrame:
    """Every test on the firms of a study, or on some of them.

    Returns:
        DataFrame, tests x (statistic, p, reference, assumption): ``attrs``: ``firms`` (number),
        ``mean_car``, ``mean_correlation`` of the residuals.
    """
    firms = several(study.car.index if firms is None else firms)
    absent = [f for f in firms if f not in study.car.index]
    if absent:
        raise StudyError(f"not in the study: {listed(absent)}")
    if len(set(firms)) < len(firms):
        raise StudyError(f"{listed({f for f in firms if firms.count(f) > 1})}: named twice")
    before = study.fit.residuals[firms].to_numpy()
    found = statistics(
        study.t[firms].to_numpy(),
        study.fit.dof[firms].to_numpy(),
        before,
        study.abnormal[firms].to_numpy(),
        study.fit.params.shape[1],
    )
    out = tests_table(found)
    out.attrs.update(
        firms=len(firms),
        mean_car=float(study.car[firms].mean()),
        mean_correlation=float(mean_correlation(before)[0]),
    )
    return out


#: The tests that allow the firms of one date to be correlated.
CLUSTERED = ("Patell, corrected", "BMP, corrected", "rank", "portfolio", "quantile")


def industry(
    table: pd.DataFrame,
    event,
    groups: pd.Series,
    spec: Specification = PRIMARY,
    factors: pd.DataFrame | None = None,
    adjust: str = "BMP, corrected",
) -> pd.DataFrame:
    """One day, many firms, by group: mean abnormal returns with the tests for clustered dates.

    Args:
        table (DataFrame, dates x tickers): Returns, with the benchmark's column.
        groups (Series or dict, ticker -> group): Tickers without a group are not studied; a ticker
            has one group.
        adjust (str): The test of :data:`CLUSTERED` whose p is adjusted for the number of groups
            (:func:`benjamini_hochberg`).

    Returns:
        DataFrame, a row per group: ``firms, left_out`` (without prices, or with too few returns
        around the day), ``mean_car, median_car, positive`` (share), ``mean_correlation``, the p of
        each test of :data:`CLUSTERED`, ``p_adjusted``.  Sorted by mean abnormal return;
        ``attrs["left_out"]`` names the firms.

    Raises:
        StudyError: If no group has two firms that can be studied, besides what an event study asks
            for.
    """
    if adjust not in CLUSTERED:
        raise StudyError(f"the test {adjust!r} is not known: choose {', '.join(CLUSTERED)}")
    table, groups = usable_returns(table, spec), pd.Series(groups).dropna()
    if not groups.index.is_unique:
        double = groups.index[groups.index.duplicated()]
        raise StudyError(f"{listed(double.unique())}: in two groups; keep one")
    here = [t for t in groups.index if t in table and t != spec.benchmark]
    good = eligible(table, event, spec, here, factors) if here else pd.Index([])
    kept = groups[good].groupby(groups[good]).filter(lambda g: len(g) > 1)
    if kept.empty:
        raise StudyError("no group has two firms with returns around the day: look at the tickers")
    study = event_study(table, event, spec, list(kept.index), factors)
    rows = {}
    for group, members in kept.groupby(kept):
        tests = group_tests(study, list(members.index))
        car = study.car[members.index]
        rows[group] = {
            "firms": len(car),
            "left_out": int((groups == group).sum()) - len(car),
            "mean_car": car.mean(),
            "median_car": car.median(),
            "positive": (car > 0).mean(),
            "mean_correlation": tests.attrs["mean_correlation"],
        } | tests["p"][list(CLUSTERED)].to_dict()
    out = pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")
    out = out.sort_values("mean_car", kind="stable")
    out["p_adjusted"] = benjamini_hochberg(out[adjust])
    out.attrs["left_out"] = list(groups.index.difference(kept.index))
    return out
