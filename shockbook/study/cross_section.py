"""Which firms fell: abnormal returns of one day regressed on measures taken before it.

All abnormal returns of a day share that day's shocks, so the textbook standard error of a slope,
which takes firms as independent, is far too small.  Here the same regression is run on each
placebo day, and the slope of the event is judged by the slopes found there.  Sources: E. F. Fama
and J. D. MacBeth, "Risk, return, and equilibrium", *Journal of Political Economy* 81 (1973)
607-636, for slopes as a series over days; :mod:`shockbook.study.placebo` for the p-value.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .checks import chosen, dated, days_of, several
from .errors import StudyError, listed
from .models import ols
from .placebo import empirical_p
from .returns import calendar_of, positions, to_log
from .rolling import fit_windows, rolling, standardise, totals
from .spec import Specification


@dataclass(frozen=True, repr=False)
class CrossSection:
    """Slopes of the event day beside those of placebo days.

    Attributes:
        table (DataFrame, coefficients): ``slope``; ``ols_se`` (firms independent: too small, for
            comparison); ``placebo_mean``, ``placebo_sd``; ``z`` = slope over the placebo root mean
            square; ``p`` (empirical, two-sided); ``smallest_p``.
        slopes (DataFrame, m placebo days x coefficients)
        r2 (float): Of the event day's regression; ``placebo_r2`` (Series, m) those of the placebo
            days.
    """

    table: pd.DataFrame
    slopes: pd.DataFrame
    r2: float
    placebo_r2: pd.Series

    def __repr__(self) -> str:
        days = len(self.slopes)
        return f"CrossSection: R2 {self.r2:.3f}, {days} placebo days\n{self.table}"


def cross_section(
    car: pd.Series,
    placebo: pd.DataFrame,
    measures: dict[str, pd.DataFrame | pd.Series] | pd.DataFrame,
    event=None,
    scores: bool = False,
) -> CrossSection:
    """Regress the day's abnormal returns on measures, and again on every placebo day.

    Args:
        car (Series, n firms): Abnormal returns of the event.
        placebo (DataFrame, m days x n firms): Abnormal returns of the placebo days
            (``Rolling.car``).
        measures (dict of DataFrames, days x firms, or Series, firms; or DataFrame, firms x k): A
            measure with days is taken from before each day (see :func:`measures`) and needs a row
            for the event and for every placebo day; one without days is the same for all, as a
            sector is.  A measure of the event must not be used for the placebo days if they lie
            within its own window: momentum would then know their returns.
        event (date-like): Needed if a measure has days.
        scores (bool): Turn each measure into standard scores over the firms of the day, so that a
            slope is per standard deviation.

    Raises:
        StudyError: If a firm or a day lacks a figure, or the measures are collinear on some day.
    """
    firms = car.index
    absent = firms.difference(placebo.columns)
    if len(absent):
        raise StudyError(f"{listed(absent)}: no placebo days; leave out")
    days = placebo.index
    rows = days if event is None else days.append(days_of(event))
    x = {name: _per_day(name, m, firms, rows, event) for name, m in dict(measures).items()}
    if not 0 < len(x) <= len(firms) - 4:
        raise StudyError(
            f"{len(firms)} firms and {len(x)} measures: name a measure, and four firms more than "
            "there are measures"
        )
    y = np.vstack([placebo[firms].to_numpy(), car.to_numpy()[None]])
    design = np.stack(list(x.values()), axis=-1)
    if np.isnan(design).any() or np.isnan(y).any():
        bad = firms[np.isnan(design).any(axis=(0, 2)) | np.isnan(y).any(axis=0)]
        raise StudyError(f"{listed(bad)}: a figure is missing; leave out")
    if scores:
        spread = design.std(axis=1, keepdims=True, ddof=1)
        if (spread == 0).any():
            raise StudyError("a measure is the same for all firms of a day: leave it out")
        design = (design - design.mean(axis=1, keepdims=True)) / spread
    names = ["const", *x]
    design = np.concatenate([np.ones((*design.shape[:2], 1)), design], axis=-1)
    length = np.linalg.norm(design, axis=1, keepdims=True)
    unit = design / np.where(length > 0, length, 1)  # so that their sizes play no part
    if (bad := np.linalg.matrix_rank(unit, tol=1e-9) < len(names)).any():
        on = listed(np.array([*days.astype(str), "the event's day"])[bad])
        raise StudyError(
            f"the measures are collinear on {on}: leave one out, or those placebo days"
        )
    now = ols(
        pd.DataFrame({"event": y[-1]}, index=firms),
        pd.DataFrame(design[-1], index=firms, columns=names),
    )
    unit, y = unit[:-1], y[:-1]
    b = np.matmul(np.linalg.pinv(unit), y[..., None])
    rest = y - np.matmul(unit, b)[..., 0]
    r2 = 1 - (rest**2).sum(axis=1) / ((y - y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    slopes = pd.DataFrame(b[..., 0] / length[:-1, 0], index=days, columns=names)
    slope = now.params.loc["event"]
    table = pd.DataFrame(
        {
            "slope": slope,
            "ols_se": now.sigma["event"] * np.sqrt(np.diag(now.xtx_inv[0])),
            "placebo_mean": slopes.mean(),
            "placebo_sd": slopes.std(),
            "z": slope / np.sqrt((slopes**2).mean()),
            "p": empirical_p(slope, slopes),
            "smallest_p": 1 / (len(slopes) + 1),
        }
    )
    placebo_r2 = pd.Series(r2, index=days, name="r2")
    return CrossSection(table, slopes, float(now.r2["event"]), placebo_r2)


def _per_day(name: str, measure, firms, rows, event) -> np.ndarray:
    """One measure as days x firms, the event in the last row."""
    if isinstance(measure, pd.Series):
        if not (measure.index.is_unique and pd.api.types.is_numeric_dtype(measure)):
            raise StudyError(f"the measure {name} needs one number for each firm")
        values = measure.reindex(firms).to_numpy(dtype=float)
        return np.broadcast_to(values, (len(rows) + (event is None), len(firms)))
    if event is None:
        raise StudyError(f"the measure {name} has days: say which day is the event")
    measure = dated(measure, f"the measure {name}")
    absent = rows.difference(measure.index)
    if len(absent):
        raise StudyError(f"the measure {name} has no row for {absent[0]:%Y-%m-%d}")
    return measure.reindex(index=rows, columns=firms).to_numpy(dtype=float)


def measures(
    table: pd.DataFrame,
    days,
    firms: list[str],
    benchmark: str = "SPY",
    basket: str | pd.Series = "SMH",
    estimation: tuple[int, int] = (-270, -21),
) -> dict[str, pd.DataFrame]:
    """Measures of each firm before each day, from the returns of that day's estimation window.

    Args:
        table (DataFrame, dates x tickers): Simple returns.
        basket (column, or Series of returns): For instance a chip fund; a firm in the basket loads
            on itself in part.

    Returns:
        dict of name -> DataFrame, days x firms: ``beta``: slope on the benchmark.  ``loading``:
        slope on the basket in a regression on both, the exposure to it beyond the market.
        ``momentum``: compounded return of the window.  ``volatility``: residual standard deviation
        of the market model, per day.
    """
    table = dated(table, "the table of returns")
    grown = to_log(table)
    spec = Specification(benchmark=benchmark, estimation=estimation)
    firms = several(firms)
    market = rolling(table, days, spec, firms)
    calendar = calendar_of(table, benchmark)
    at = positions(calendar, market.car.index)
    first, last = at.min() + estimation[0], at.max() + 1
    other = basket if isinstance(basket, pd.Series) else table[chosen(table, basket)[0]]
    x = pd.DataFrame({"const": 1.0, "b": table[benchmark], "basket": other}).reindex(calendar)
    x = x.iloc[first:last]
    if x.isna().to_numpy().any():
        raise StudyError("the basket has no return on a day of an estimation window")
    y, grown = (t.reindex(calendar)[firms].to_numpy(float)[first:last] for t in (table, grown))
    xs, _, scale = standardise(x.to_numpy())
    slopes = fit_windows(y, xs, at - first, estimation)[0][..., 2] / scale[2]
    growth = totals(np.nan_to_num(grown), at - first, estimation)
    index = {"index": market.car.index, "columns": market.car.columns}
    return {
        "beta": market.params[benchmark],
        "loading": pd.DataFrame(slopes, **index),
        "momentum": pd.DataFrame(np.expm1(growth), **index),
        "volatility": market.sigma,
    }
