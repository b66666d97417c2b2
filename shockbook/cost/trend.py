"""Trends of a cost or price over time: a straight line through its logarithm.

Ordinary least squares of log10(value) on the date in years, in closed form, with Student's t
intervals (the textbook simple regression; for instance Draper & Smith 1998, chapter 1).  The
intervals hold if the deviations are independent, equally wide and roughly normal on the log scale.
"""

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ._check import _array, positive, whole

DAYS_PER_YEAR = 365.25
ISO = re.compile(r"\d{4}(-\d\d(-\d\d([T ].*)?)?)?|\d{8}")  # a year or a month is its first day


def _date(date) -> pd.Timestamp:
    """One date, without its time zone."""
    if pd.isna(date):
        raise ValueError("a date is missing: leave such rows out first")
    is_text = isinstance(date, str)
    try:
        if ISO.fullmatch(date) if is_text else isinstance(date, dt.date | np.datetime64):
            # pandas in a page, an older one, takes no numpy.str_
            return pd.Timestamp(str(date) if is_text else date).tz_localize(None)
    except ValueError:  # a day that is in no year
        pass
    raise ValueError(f"{date} is no date that reads in one way only: write text like '2025-01-27'")


def _dates(dates) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([_date(one) for one in np.atleast_1d(np.asarray(dates))])


def decimal_year(dates) -> np.ndarray:
    """Dates as years since 1 January 2000, in years of 365.25 days; float array, shape (n,).

    Raises:
        ValueError: If a date is missing, a number, or reads in several ways, as 01/02/2020 does.
    """
    days = _dates(dates) - pd.Timestamp("2000-01-01")
    return days.total_seconds().to_numpy() / (86400 * DAYS_PER_YEAR)


def _t(level: float, dof: int) -> float:
    from scipy.special import stdtrit

    if not 0 < _array("level", level) < 1:
        raise ValueError(f"level must lie between 0 and 1, but is {level:g}; write 90% as 0.90")
    return float(stdtrit(dof, 0.5 + level / 2))


@dataclass(frozen=True)
class Trend:
    """A fitted line: log10(value) = intercept + slope * (year - mean_year).

    Attributes:
        intercept, slope (float): log10 of the value in mid-data, and its change per year.
        mean_year (float): Mean date, years since 2000.
        sxx (float): Sum of squared deviations of the dates, years squared.
        sd (float): Standard deviation of the residuals, log10 units, with n - 2 degrees of freedom.
        n (int): Number of points.
    """

    intercept: float
    slope: float
    mean_year: float
    sxx: float
    sd: float
    n: int

    @property
    def annual_factor(self) -> float:
        """By what the value is multiplied in a year."""
        return 10**self.slope

    @property
    def halving_years(self) -> float:
        """Years in which a falling value halves; ``ValueError`` if it does not fall."""
        if self.slope >= 0:
            raise ValueError("the value does not fall, so it has no halving time")
        return float(-np.log10(2) / self.slope)

    def _error(self, x: np.ndarray) -> np.ndarray:
        return self.sd * np.sqrt(1 + 1 / self.n + (x - self.mean_year) ** 2 / self.sxx)

    def predict(self, dates, level: float = 0.90) -> pd.DataFrame:
        """The line and the interval for one new observation at each date.

        Returns:
            DataFrame: Columns date, fit (the median on the value's own scale), low, high; one row
            per date.
        """
        x = decimal_year(dates)
        line = self.intercept + self.slope * (x - self.mean_year)
        half = _t(level, self.n - 2) * self._error(x)
        return pd.DataFrame(
            {
                "date": _dates(dates),
                "fit": 10**line,
                "low": 10 ** (line - half),
                "high": 10 ** (line + half),
            }
        )

    def position(self, date, value: float) -> dict[str, float]:
        """Where one more observation lies against the line.

        Returns:
            dict: ``ratio`` (value over the line), ``t`` (distance in prediction errors) and
            ``below`` (share of new observations expected below it).

        Raises:
            ValueError: If all points lie on the line, so that there is no spread to judge by.
        """
        from scipy.special import stdtr

        if np.size(date) != 1 or np.size(value) != 1:
            raise ValueError("a position is that of one date and one value: ask for each alone")
        if self.sd < 1e-12:
            raise ValueError("all points lie on the line: there is no spread to judge another by")
        x = decimal_year(date)[0]
        off = np.log10(positive("value", value)) - self.intercept
        off = float(off - self.slope * (x - self.mean_year))
        t = off / float(self._error(np.asarray(x)))
        return {"ratio": 10**off, "t": t, "below": float(stdtr(self.n - 2, t))}


def fit_trend(dates, values) -> Trend:
    """Fit the line.

    Args:
        dates (sequence of dates, shape (n,))
        values (sequence of float, shape (n,)): Costs or prices, all above zero.

    Raises:
        ValueError: With fewer than three points, all on one date, a value of zero or below, or
            dates as in :func:`decimal_year`.
    """
    x, y = _pairs(dates, values)
    y = np.log10(y)
    if len(x) < 3:
        raise ValueError(f"a trend with an interval needs at least three points, not {len(x)}")
    dx = x - x.mean()
    sxx = float(dx @ dx)
    if sxx == 0:
        raise ValueError("all points have the same date, so there is no trend over time")
    slope = float(dx @ y) / sxx
    rest = y - y.mean() - slope * dx
    sd = float(np.sqrt(rest @ rest / (len(x) - 2)))
    return Trend(float(y.mean()), slope, float(x.mean()), sxx, sd, len(x))


def _pairs(dates, values) -> tuple[np.ndarray, np.ndarray]:
    """Dates in years and values, one of each for a point."""
    x, v = decimal_year(dates), np.atleast_1d(positive("values", values))
    if len(x) != len(v):
        raise ValueError(f"there are {len(x)} dates but {len(v)} values")
    return x, v


def frontier(dates, values, top: int = 1) -> np.ndarray:
    """Which points were among the ``top`` largest of all seen up to their own date.

    With ``values`` the training compute this is the usual definition of a frontier model
    (Cottier et al. 2024 take the ten largest at release).  Ties count as equal rank.

    Returns:
        bool array, shape (n,), in the order given.
    """
    whole("top", top, "point")
    x, v = _pairs(dates, values)
    larger = (v[None, :] > v[:, None]) & (x[None, :] <= x[:, None])
    return larger.sum(axis=1) < top
