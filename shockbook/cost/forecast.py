"""Forecasts of an evenly spaced series with prediction intervals, and how well they held before.

Three forms of trend: a straight line through time, a line with a step for each season, and a
random walk with drift.  Each can be fitted to the values or to their logarithm.  The interval is
for one new observation and counts the error of the fitted trend as well as the noise: ordinary
least squares (Draper & Smith 1998, chapters 1 and 2), and for the walk Hyndman & Athanasopoulos
(*Forecasting: Principles and Practice*, 3rd ed. 2021, section 5.5).  Quantiles are Student's t.
The line's interval holds if its deviations are independent from quarter to quarter; the walk's if
its steps are.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ._check import _array, positive, whole
from .trend import _t


def _ready(values, steps: int, log: bool) -> np.ndarray:
    whole("steps", steps, "period ahead")
    y = np.atleast_1d(positive("values", values) if log else _array("values", values))
    return np.log(y) if log else y


def _frame(fit: np.ndarray, half: np.ndarray, log: bool) -> pd.DataFrame:
    back = np.exp if log else np.asarray
    steps = np.arange(1, len(fit) + 1)
    return pd.DataFrame(
        {"step": steps, "fit": back(fit), "low": back(fit - half), "high": back(fit + half)}
    )


def line_forecast(
    values, steps: int, log: bool = False, period: int = 1, level: float = 0.95
) -> pd.DataFrame:
    """Extend a straight line fitted by ordinary least squares.

    Args:
        values (sequence of float, shape (n,)): The series, oldest first, evenly spaced, nothing
            missing.
        steps (int): How many periods ahead, at least 1.
        log (bool): Fit the line to the logarithm: constant growth in per cent.
        period (int): Seasons in a year (4 for quarters); each gets a level of its own.  1: no
            seasons.
        level (float): Of the two-sided prediction interval.

    Returns:
        DataFrame: Columns step (1, 2, ...), fit, low, high, in the unit of ``values``; with ``log``
        the fit is the median.

    Raises:
        ValueError: If there are fewer than ``period + 2`` values, one is missing, or with ``log``
            one is not above zero.
    """
    y = _ready(values, steps, log)
    n = len(y)
    if n < whole("period", period, "season") + 2:
        raise ValueError(f"a line with {period} season(s) needs {period + 2} values, not {n}")
    time = np.arange(n + steps)
    seasons = (time[:, None] % period == np.arange(period)).astype(float)
    design = np.column_stack([time - (n - 1) / 2, seasons])
    seen, new = design[:n], design[n:]
    params = np.linalg.lstsq(seen, y, rcond=None)[0]
    rest = y - seen @ params
    dof = n - design.shape[1]
    inverse = np.linalg.inv(seen.T @ seen)
    spread = 1 + np.einsum("ij,jk,ik->i", new, inverse, new)
    half = _t(level, dof) * np.sqrt(rest @ rest / dof * spread)
    return _frame(new @ params, half, log)


def drift_forecast(values, steps: int, log: bool = False, level: float = 0.95) -> pd.DataFrame:
    """Extend a random walk with drift: the last value plus the mean step, again and again.

    Parameters, columns and errors as in :func:`line_forecast`; at least three values.  The
    interval widens with the square root of the steps ahead, and faster as the drift is estimated.
    """
    y = _ready(values, steps, log)
    if len(y) < 3:
        raise ValueError(f"a random walk with drift needs at least three values, not {len(y)}")
    move = np.diff(y)
    n, ahead = len(move), np.arange(1, steps + 1)
    half = _t(level, n - 1) * move.std(ddof=1) * np.sqrt(ahead * (1 + ahead / n))
    return _frame(y[-1] + ahead * move.mean(), half, log)


def rolling_origin(
    values, forecast: Callable[[np.ndarray, int], pd.DataFrame], first: int, steps: int
) -> pd.DataFrame:
    """How a forecast would have done before: made again at every earlier date (Tashman 2000).

    Args:
        values (sequence of float, shape (n,)): The series, oldest first.
        forecast (callable): Takes the values up to a date and a number of steps, returns the frame
            of :func:`line_forecast`.
        first (int): Length of the shortest series that is used.
        steps (int): How far ahead each forecast looks; those that run past the end are cut.

    Returns:
        DataFrame: Columns origin (values used), step, fit, low, high, actual, inside (bool).

    Raises:
        ValueError: If no value is left to compare with.
    """
    y = np.atleast_1d(_array("values", values))
    if whole("first", first, "value") >= len(y):
        raise ValueError(f"first must lie between 1 and {len(y) - 1}, but is {first}")
    made = [forecast(y[:n], min(steps, len(y) - n)).assign(origin=n) for n in range(first, len(y))]
    out = pd.concat(made, ignore_index=True)
    out["actual"] = y[out["origin"] + out["step"] - 1]
    out["inside"] = out["actual"].between(out["low"], out["high"])
    return out[["origin", "step", "fit", "low", "high", "actual", "inside"]]
