"""Tests of the abnormal returns of a group of firms on one event date.

Firms that share a date share its shocks.  Tests that add up firms as if they were independent
reject far too often then; the docstring of each test says what it assumes, and
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
from .spec import PRIMARY, Specification


def normal_p(z):
    """Two-sided p-value of the normal distribution."""
    from scipy.special import ndtr

    return 2 * ndtr(-np.abs(z))


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of what was observed; looks for gaps only if there are any."""
    mean = values.mean(axis=axis)
    return np.nanmean(values, axis=axis) if np.isnan(mean).any() else mean


def _group(values, least: int = 1) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if np.isnan(values).any():
        raise StudyError("an abnormal return is missing: leave the firm out before testing")
    if values.shape[-1] < least:
        raise StudyError(f"this test needs at least {least} firms, not {values.shape[-1]}")
    return values


def patell(sar, dof) -> tuple[float, float]:
    """Patell's test: z = sum(sar) / sqrt(sum(dof / (dof - 2))), normal.

    J. M. Patell, "Corporate forecasts of earnings per share and stock price behavior", *Journal
    of Accounting Research* 14 (1976) 246-276.

    Assumes that firms are independent on the day and that the event does not raise the variance.

    Parameters
    ----------
    sar, dof : arrays, (..., n)
        Standardised abnormal returns, and the degrees of freedom behind each.
    """
    sar, dof = _group(sar), np.asarray(dof, dtype=float)
    spread = np.broadcast_to(dof / (dof - 2), sar.shape)
    z = sar.sum(axis=-1) / np.sqrt(spread.sum(axis=-1))
    return z, normal_p(z)


def bmp(sar) -> tuple[float, float]:
    """Standardised cross-sectional test: t = mean(sar) sqrt(n) / sd(sar), Student with n - 1.

    E. Boehmer, J. Musumeci and A. B. Poulsen, "Event-study methodology under conditions of
    event-induced variance", *Journal of Financial Economics* 30 (1991) 253-272.

    Assumes that firms are independent on the day; the event may raise their variance.
    """
    sar = _group(sar, 2)
    n = sar.shape[-1]
    t = sar.mean(axis=-1) * np.sqrt(n) / sar.std(axis=-1, ddof=1)
    return t, t_p(t, n - 1)


def mean_correlation(residuals) -> float:
    """Average of the n (n - 1) / 2 correlations between firms' residuals (L days x n).

    The sum of all correlations is the squared length of the sum of the firms' unit vectors, so
    the n x n matrix is never formed.  Days on which a firm is missing count zero for it.
    """
    e = np.asarray(residuals, dtype=float)
    e = e - _mean(e, 0)
    e[np.isnan(e)] = 0
    unit = e / np.sqrt(np.einsum("tn,tn->n", e, e))
    n = e.shape[1]
    if n < 2:
        raise StudyError("a correlation needs at least two firms")
    return float(((unit.sum(axis=1) ** 2).sum() - n) / (n * (n - 1)))


def kolari_pynnonen(sar, correlation: float) -> tuple[float, float]:
    """BMP corrected for correlation: t_BMP sqrt((1 - r) / (1 + (n - 1) r)), Student with n - 1.

    J. W. Kolari and S. Pynnonen, "Event study testing with cross-sectional correlation of
    abnormal returns", *Review of Financial Studies* 23 (2010) 3996-4025.

    Assumes that the mean correlation r of the residuals before the event also holds on the day.
    """
    t, _ = bmp(sar)
    n = np.shape(sar)[-1]
    scale = _shrink(correlation, n)
    t = t * np.sqrt(1 - correlation) * scale
    return t, t_p(t, n - 1)


def patell_corrected(sar, dof, correlation: float) -> tuple[float, float]:
    """Patell's z over sqrt(1 + (n - 1) r), the correction of Kolari and Pynnonen (2010).

    Assumes that the mean correlation before the event holds on the day, and no raised variance.
    """
    z, _ = patell(sar, dof)
    z = z * _shrink(correlation, np.shape(sar)[-1])
    return z, normal_p(z)


def _shrink(correlation: float, n: int) -> float:
    inflation = 1 + (n - 1) * correlation
    if inflation <= 0:
        raise StudyError(
            f"a mean correlation of {correlation:.3f} between {n} firms is too negative to correct"
        )
    return 1 / np.sqrt(inflation)


def corrado(before, during) -> tuple[float, float]:
    """Corrado's rank test, normal.

    C. J. Corrado, "A nonparametric test for abnormal security-price performance in event
    studies", *Journal of Financial Economics* 23 (1989) 385-395; with ranks divided by one more
    than the firm's number of days, as in C. J. Corrado and T. L. Zivney, *Journal of Financial
    and Quantitative Analysis* 27 (1992) 465-478, so that firms with gaps count alike.

    Assumes that each firm's abnormal return on the event day has the distribution of the days
    before; the spread of the daily mean rank carries the correlation between firms.  For one
    firm on one day the statistic cannot pass 1.73, so it can never reject at 5%.

    Parameters
    ----------
    before, during : arrays, L x n and days x n
        Abnormal returns of the estimation window (may hold NaN) and of the event window.
    """
    return _rank_z(rank_deviations(before, during), len(during))


def rank_deviations(before, during) -> np.ndarray:
    """Each firm's days as rank / (days + 1) - 1/2; ties share their mean, NaN stays.

    Days of the estimation window on which no firm was observed are left out.

    Parameters
    ----------
    before, during : arrays, L x n and days x n

    Returns
    -------
    array, (L + days) x n
    """
    before, during = np.asarray(before, dtype=float), _group(during)
    gaps = np.isnan(before)
    if gaps.any():
        before = before[~gaps.all(axis=1)]
    both = np.vstack([before, during]).T.copy()  # a firm's days side by side in memory
    n, days = both.shape
    firm = np.arange(n)[:, None]
    order = both.argsort(axis=1)
    ordered = both[firm, order]
    if gaps.any() or (ordered[:, 1:] == ordered[:, :-1]).any():
        rank = pd.DataFrame(both).rank(axis=1).to_numpy()
    else:  # a tenth of the time
        rank = np.empty(n * days)
        rank[(order + days * firm).ravel()] = np.tile(np.arange(1.0, days + 1), n)
        rank = rank.reshape(n, days)
    seen = (~np.isnan(both)).sum(axis=1) if gaps.any() else days
    return rank.T / (seen + 1) - 0.5


def _rank_z(deviation: np.ndarray, days: int) -> tuple[float, float]:
    """Corrado's statistic from the deviations of ranks; the last `days` rows are the event."""
    mean = _mean(deviation, 1)
    spread = np.sqrt((mean**2).mean())
    z = mean[len(mean) - days :].sum() / (spread * np.sqrt(days))
    return z, normal_p(z)


def generalised_sign(before, car) -> tuple[float, float]:
    """Cowan's generalised sign test, normal.

    A. R. Cowan, "Nonparametric event study tests", *Review of Quantitative Finance and
    Accounting* 2 (1992) 343-358: z = (w - n p) / sqrt(n p (1 - p)), where w firms have a
    positive abnormal return and p is the mean share of positive ones before the event.

    Assumes that firms are independent on the day, each positive with probability p.

    Parameters
    ----------
    before : array, L x n
        Abnormal returns of the estimation window (may hold NaN).
    car : array, n
    """
    before, car = np.asarray(before, dtype=float), _group(car)
    seen = ~np.isnan(before)
    p = ((before > 0).sum(axis=0) / seen.sum(axis=0)).mean()
    n = car.shape[-1]
    z = ((car > 0).sum(axis=-1) - n * p) / np.sqrt(n * p * (1 - p))
    return z, normal_p(z)


def portfolio(before, during, params: int) -> tuple[float, float]:
    """The group's mean abnormal return against its own days before, Student with L - k.

    S. J. Brown and J. B. Warner, "Measuring security price performance", *Journal of Financial
    Economics* 8 (1980) 205-258, crude dependence adjustment.

    Assumes that the group's mean is normal with the variance of the days before; correlation
    between firms is in that variance.  No forecast-error correction.

    Parameters
    ----------
    before, during : arrays, L x n and days x n
    params : int
        Coefficients of the model, k.
    """
    mean = _daily_means(before)
    during = _group(during).mean(axis=-1)
    dof = len(mean) - params
    t = during.sum() / np.sqrt((mean**2).sum() / dof * len(during))
    return t, t_p(t, dof)


def quantile(before, during) -> tuple[float, float]:
    """The group's mean abnormal return among those of its own days before: empirical p.

    J. B. Gelbach, E. Helland and J. Klick, "Valid inference in single-firm, single-event studies",
    *American Law and Economics Review* 15 (2013) 495-541, for one firm; here for the mean.

    Assumes that the event day, had nothing happened, is exchangeable with the days before.  No
    distribution and no correlation is assumed; p cannot fall below one over the days.

    Parameters
    ----------
    before, during : arrays, L x n and days x n
        For several days the sum is compared with all sums over as many days in a row.

    Returns
    -------
    statistic : float
        The mean over the root mean square of those before.
    p : float

    Raises
    ------
    StudyError
        If the event has more days than there are before it to compare with.
    """
    during, past = _group(during).mean(axis=-1), _daily_means(before)
    if len(during) > len(past):
        raise StudyError(
            f"the quantile test sets the event's {len(during)} days beside as many in a row "
            f"before it, and there are {len(past)}: lengthen the estimation window"
        )
    total = np.concatenate([[0.0], past.cumsum()])
    sums = total[len(during) :] - total[: -len(during)]
    p = empirical_p(during.sum()[None], sums[:, None])[0]
    return during.sum() / np.sqrt((sums**2).mean()), p


def _daily_means(before) -> np.ndarray:
    """Mean over the firms of each day; days on which none was observed are left out."""
    before = np.asarray(before, dtype=float)
    mean = before.mean(axis=1)
    if np.isnan(mean).any():
        mean = np.nanmean(before[~np.isnan(before).all(axis=1)], axis=1)
    return mean


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


def statistics(
    sar, dof, before, during, params: int, ranks=None, correlation: float | None = None
) -> dict[str, tuple[float, float]]:
    """Every test of :data:`TESTS` on one group: name -> (statistic, p).  Arrays as above.

    `ranks` are the firms' :func:`rank_deviations` and `correlation` their
    :func:`mean_correlation`, if they are known already.
    """
    r = mean_correlation(before) if correlation is None else correlation
    ranks = rank_deviations(before, during) if ranks is None else ranks
    return {
        "Patell": patell(sar, dof),
        "Patell, corrected": patell_corrected(sar, dof, r),
        "BMP": bmp(sar),
        "BMP, corrected": kolari_pynnonen(sar, r),
        "rank": _rank_z(ranks, len(during)),
        "sign": generalised_sign(before, during.sum(axis=0)),
        "portfolio": portfolio(before, during, params),
        "quantile": quantile(before, during),
    }


def group_tests(study: EventStudy, firms: list[str] | None = None) -> pd.DataFrame:
    """Every test on the firms of a study, or on some of them.

    Returns
    -------
    DataFrame, tests x (statistic, p, reference, assumption)
        ``attrs``: ``firms`` (number), ``mean_car``, ``mean_correlation`` of the residuals.
    """
    firms = several(study.car.index if firms is None else firms)
    absent = [f for f in firms if f not in study.car.index]
    if absent:
        raise StudyError(f"not in the study: {listed(absent)}")
    if len(firms) < 2:
        raise StudyError("a test of a group needs at least two firms; for one, read its t and p")
    before = study.fit.residuals[firms].to_numpy()
    found = statistics(
        study.t[firms].to_numpy(),
        study.fit.dof[firms].to_numpy(),
        before,
        study.abnormal[firms].to_numpy(),
        study.fit.params.shape[1],
    )
    rows = {name: (*found[name], *TESTS[name]) for name in TESTS}
    out = pd.DataFrame.from_dict(
        rows, orient="index", columns=["statistic", "p", "reference", "assumption"]
    )
    out.index.name = "test"
    out.attrs.update(
        firms=len(firms),
        mean_car=float(study.car[firms].mean()),
        mean_correlation=mean_correlation(before),
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

    Parameters
    ----------
    table : DataFrame, dates x tickers
        Returns, with the benchmark's column.
    groups : Series or dict, ticker -> group
        Tickers without a group are not studied; a ticker has one group.
    adjust : str
        The test of :data:`CLUSTERED` whose p is adjusted for the number of groups
        (:func:`benjamini_hochberg`).

    Returns
    -------
    DataFrame, a row per group
        ``firms, left_out`` (without prices, or with too few returns around the day), ``mean_car,
        median_car, positive`` (share), ``mean_correlation``, the p of each test of
        :data:`CLUSTERED`, ``p_adjusted``.  Sorted by mean abnormal return;
        ``attrs["left_out"]`` names the firms.

    Raises
    ------
    StudyError
        If no group has two firms that can be studied, besides what an event study asks for.
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
