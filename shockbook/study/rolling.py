"""Event studies of many firms on many days as one matrix problem.

Each day has its own estimation window.  The normal equations of all windows come from cumulative
sums of the products of returns and regressors: X'X, X'y and y'y of a window are differences of
two rows.  Regressors are centred and scaled first, which changes no abnormal return and keeps the
differences accurate (tests hold them to the single studies).  Time grows with days x firms, not
with the length of the window.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .checks import chosen, usable_returns
from .errors import StudyError, listed
from .models import EXACT, inputs
from .returns import positions
from .spec import PRIMARY, Specification

COLLINEAR = 1e10  # condition number of a window's scaled X'X


@dataclass(frozen=True, repr=False)
class Rolling:
    """Event studies of n firms on m days.

    Attributes:
        car, se, sigma (DataFrame, m days x n firms): Abnormal return summed over the event window,
            its standard error with the forecast-error correction, residual standard deviation of
            the estimation window.
        dof (DataFrame, m x n)
        params (dict of regressor -> DataFrame, m x n): Coefficients estimated before each day.
    """

    spec: Specification
    car: pd.DataFrame
    se: pd.DataFrame
    sigma: pd.DataFrame
    dof: pd.DataFrame
    params: dict[str, pd.DataFrame]

    @property
    def t(self) -> pd.DataFrame:
        """Standardised abnormal returns, m x n."""
        return self.car / self.se

    def __repr__(self) -> str:
        days = self.car.index
        return (
            f"Rolling: {self.car.shape[1]} firm(s) on {len(days)} days, "
            f"{days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}; {self.spec}"
        )


def totals(values: np.ndarray, at: np.ndarray, bounds: tuple[int, int]) -> np.ndarray:
    """Sums of the rows from ``at + bounds[0]`` to ``at + bounds[1]``, from running sums."""
    running = np.zeros((len(values) + 1, *values.shape[1:]), np.result_type(values, int))
    np.cumsum(values, axis=0, out=running[1:])
    return running[at + bounds[1] + 1] - running[at + bounds[0]]


def fit_windows(y: np.ndarray, x: np.ndarray, at: np.ndarray, bounds: tuple[int, int]) -> tuple:
    """Least squares of every firm on every window: b, (X'X)^-1, sum of squares, dof.

    `y` is days x n and may hold NaN: a firm is fitted on the days it has.  `x` is days x k and
    complete.  The windows lie within `bounds` of the m positions `at`.  The four arrays are
    m x n x k, m x (1 or n) x k x k, m x n and m x n.
    """
    k = x.shape[1]
    seen = ~np.isnan(y)
    whole = seen.all()
    y = np.where(seen, y, 0.0)
    yy = totals(y**2, at, bounds)
    dof = totals(seen, at, bounds) - k
    if k == 0:
        return np.empty((*yy.shape, 0)), np.empty((len(at), 1, 0, 0)), yy, dof
    xy = np.stack([totals(x[:, [j]] * y, at, bounds) for j in range(k)], axis=-1)
    outer = (x[:, :, None] * x[:, None, :])[:, None]  # one for all firms, or for each its own
    xx = totals(outer if whole else seen[:, :, None, None] * outer, at, bounds)
    if np.linalg.cond(xx).max() > COLLINEAR:
        raise StudyError(
            "the regressors are collinear in an estimation window (a benchmark that does not "
            "move, or the same one twice): leave one out"
        )
    inverse = np.linalg.inv(xx)
    # (X'X)^-1 is symmetric; firms without gaps share one of each day.
    b = xy @ inverse[:, 0] if whole else np.matmul(xy[:, :, None], inverse)[:, :, 0]
    return b, inverse, yy - (b * xy).sum(axis=-1), dof


def window_sums(values: np.ndarray, at: np.ndarray, bounds: tuple[int, int]) -> np.ndarray:
    """Sums of the rows from ``at + bounds[0]`` to ``at + bounds[1]``, m x columns."""
    rows = at[:, None] + np.arange(bounds[0], bounds[1] + 1)
    return values[rows].sum(axis=1)


def study_block(y, x, at, estimation, event_window):
    """CAR, standard error, sigma, dof and parameters for one block of firms (plain arrays)."""
    b, inverse, rss, dof = fit_windows(y, x, at, estimation)
    s = window_sums(x, at, event_window)
    car = window_sums(y, at, event_window) - (b * s[:, None]).sum(axis=-1)
    length = event_window[1] - event_window[0] + 1
    spread = np.einsum("mk,mnkl,ml->mn", s, inverse, s)
    sigma = np.sqrt(np.maximum(rss, 0) / dof)
    return car, sigma * np.sqrt(length + spread), sigma, dof, b


def observed(seen: np.ndarray, at: np.ndarray, spec: Specification, least=None) -> np.ndarray:
    """Whether firms were seen on all days of the event window and enough before, m x n.

    Enough are `least` days of the estimation window; by default the share that `spec` asks for.
    """
    least = spec.coverage * spec.days if least is None else least
    first, last = spec.event_window
    enough = totals(seen, at, spec.estimation) >= least
    return enough & (totals(seen, at, spec.event_window) > last - first)


def standardise(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Regressors centred and scaled, the constant left as it is; and the centre and scale."""
    constant = np.ptp(x, axis=0) == 0
    centre = np.where(constant, 0.0, x.mean(axis=0))
    scale = np.where(constant, 1.0, x.std(axis=0))
    return (x - centre) / scale, centre, scale


def usable(x: pd.DataFrame, offset: pd.Series) -> np.ndarray:
    """Whether each date has every regressor and the offset."""
    return (x.notna().all(axis=1) & offset.notna()).to_numpy()


def possible_days(complete: np.ndarray, spec: Specification) -> np.ndarray:
    """Positions whose estimation and event window hold complete dates only."""
    first, last = spec.estimation[0], max(spec.event_window[1], 0)
    at = np.arange(-first, len(complete) - last)
    return at[totals(~complete, at, (first, last)) == 0]


def rolling(
    table: pd.DataFrame,
    days,
    spec: Specification = PRIMARY,
    firms: str | list[str] | None = None,
    factors: pd.DataFrame | None = None,
    executor=None,
) -> Rolling:
    """The event study of every firm on every day, each day with its own estimation window.

    Args:
        table (DataFrame, dates x tickers): Returns, as for :func:`event_study`.
        days (dates): Event days, all on the calendar of the benchmark.
        executor (concurrent.futures.Executor, optional): Blocks of firms are mapped over it.

    Raises:
        StudyError: As for a single study; firms that cannot be studied on every day are named
            (:func:`eligible` with the same days leaves them out).
    """
    table = usable_returns(table, spec)
    offset, x = inputs(table, spec, factors)
    calendar = x.index
    firms = chosen(table, firms, spec.benchmark)
    at = positions(calendar, days)
    if not len(at):
        raise StudyError("there is no day to study: the data are too short for this window")
    possible = np.isin(at, possible_days(usable(x, offset), spec))
    if not possible.all():
        bad = calendar[at[~possible][0]]
        raise StudyError(
            f"the windows around {bad:%Y-%m-%d} reach beyond the data, or hold a day without "
            "benchmark or factors: choose later days or a shorter window"
        )
    first, last = at.min() + spec.estimation[0], at.max() + max(spec.event_window[1], 0) + 1
    y = table[firms].reindex(calendar).to_numpy(dtype=float)[first:last]
    y = y - offset.to_numpy()[first:last, None]
    xs, centre, scale = standardise(x.to_numpy(dtype=float)[first:last])
    at = at - first
    bad = ~observed(~np.isnan(y), at, spec).all(axis=0)
    if bad.any():
        raise StudyError(
            f"{listed(np.array(firms)[bad])}: too few returns around some of the days; "
            "leave out with eligible(), or study fewer days"
        )
    blocks = _blocks(y, executor)
    jobs = [(y[:, b], xs, at, spec.estimation, spec.event_window) for b in blocks]
    run = map if executor is None else executor.map
    parts = list(run(study_block, *zip(*jobs, strict=True)))
    order = np.argsort(np.concatenate(blocks))
    car, se, sigma, dof, b = (np.concatenate(p, axis=1)[:, order] for p in zip(*parts, strict=True))
    check_spread(sigma, y, firms)
    b = b / scale
    if x.shape[1]:
        b[..., 0] -= (b * centre).sum(axis=-1)

    def frame(values):
        return pd.DataFrame(values, index=calendar[at + first], columns=firms)

    params = {name: frame(b[..., j]) for j, name in enumerate(x.columns)}
    return Rolling(spec, frame(car), frame(se), frame(sigma), frame(dof), params)


def _blocks(y: np.ndarray, executor) -> list[np.ndarray]:
    """Complete firms (which share X'X) apart from firms with gaps; several blocks if mapped."""
    gaps = np.isnan(y).any(axis=0)
    size = 1 << 30 if executor is None else 64
    out = []
    for group in (np.flatnonzero(~gaps), np.flatnonzero(gaps)):
        out += [group[i : i + size] for i in range(0, len(group), size)]
    return out


def check_spread(sigma: np.ndarray, y: np.ndarray, firms: list) -> None:
    """Refuse a residual standard deviation of zero (days x firms).

    Raises ``StudyError`` if a price does not move, or the model fits it exactly.
    """
    # Differences of cumulative sums leave rounding where a sum of squares should be zero.
    floor = 1e4 * EXACT * np.sqrt(np.nanmean(y**2, axis=0)) + 1e-12
    bad = (sigma < floor).any(axis=0)
    if bad.any():
        raise StudyError(
            f"{listed(np.array(firms)[bad])}: the price does not move in an estimation window, or "
            "the model fits exactly, so there is no spread to judge by; leave it out"
        )
