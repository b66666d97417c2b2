"""A synthetic control: the mix of other stocks that tracked the firm best before the event.

The weights are not negative and sum to one.  Source: A. Abadie, A. Diamond and J. Hainmueller,
"Synthetic control methods for comparative case studies", *Journal of the American Statistical
Association* 105 (2010) 493-505.  The outcome here is the daily
return, so no level has to be matched.

A donor must not be hit by the event itself.  Chip makers track NVIDIA best and were hit with it:
a control made of them estimates what NVIDIA lost *beyond chips*.  Leaving them out
(``exclude``) estimates more of the loss with a worse fit.  Both are to be shown.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .checks import chosen, several, usable_returns
from .errors import StudyError, listed
from .returns import calendar_of, window
from .spec import Specification


def simplex_weights(target: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """Weights w >= 0 with sum 1 that minimise ``|target - donors w|``.

    With sum(w) = 1 the error is ``A w``, where the columns of A are target less donor.  Adding a
    row of ones with right-hand side one, non-negative least squares gives u = c w for the same
    w and some c > 0: for given w the objective is c^2 q + (c - 1)^2 with ``q = |A w|^2``, and its
    least value over c, q / (1 + q), grows with q.  So dividing u by its sum is exact.  Solver:
    scipy.optimize.nnls (Lawson and Hanson 1974).

    Args:
        target (array, days)
        donors (array, days x d)

    Returns:
        array, d
    """
    from scipy.optimize import nnls

    a = target[:, None] - donors
    # On a scale where the least error is near one, so that c is neither tiny nor near one.
    scale = np.linalg.norm(target - donors.mean(axis=1))
    if scale == 0:
        return np.full(donors.shape[1], 1 / donors.shape[1])
    u, _ = nnls(np.vstack([a / scale, np.ones(a.shape[1])]), np.r_[np.zeros(len(a)), 1.0])
    return u / u.sum()


def donor_pool(
    table: pd.DataFrame,
    firm: str,
    days: pd.DatetimeIndex,
    size: int = 30,
    exclude: list[str] = (),
) -> list[str]:
    """The `size` stocks most correlated with the firm on `days`, complete there, not excluded.

    The rule looks at `days` only, which end before the event.
    """
    before = table.reindex(days)
    complete = before.columns[before.notna().all() & (before.std() > 0)]
    pool = complete.difference([firm, *several(exclude)])
    if not len(pool) or size < 1:
        raise StudyError("no donor is left: exclude fewer, or load more stocks")
    correlation = before[pool].corrwith(before[firm]).sort_values(ascending=False, kind="stable")
    return list(correlation.index[:size])


@dataclass(frozen=True, repr=False)
class Synthetic:
    """A firm and its synthetic control.

    Attributes:
        weights (Series, donors with a weight above zero, largest first)
        gap (Series, days): Return of the firm less that of its control, from the first day of the
            estimation window to the last of the event window.
        days (DatetimeIndex): The estimation window.
        car (float): Sum of the gap over the event window.
        rmse (float): Root mean square of the gap before the event, per day.
        checks (Series): Sums of the gap over windows of the same length that end between the
            estimation and the event window: days the weights have not seen.
    """

    firm: str
    weights: pd.Series
    gap: pd.Series
    days: pd.DatetimeIndex
    car: float
    rmse: float
    checks: pd.Series

    @property
    def check_rmse(self) -> float:
        """Root mean square of the gaps on the days that the weights have not seen."""
        return float(np.sqrt((self.checks**2).mean()))

    def __repr__(self) -> str:
        mix = ", ".join(f"{name} {weight:.0%}" for name, weight in self.weights.head(6).items())
        return (
            f"Synthetic {self.firm}: gap {self.car:+.4f}; before {self.rmse:.4f} a day, "
            f"unseen days {self.check_rmse:.4f}; {mix}"
        )


def synthetic_control(
    table: pd.DataFrame,
    event,
    firm: str,
    donors: list[str] | None = None,
    benchmark: str = "SPY",
    estimation: tuple[int, int] = (-270, -21),
    event_window: tuple[int, int] = (0, 0),
    size: int = 30,
    exclude: list[str] = (),
) -> Synthetic:
    """Weights from the estimation window, and the gap on the event day.

    Args:
        table (DataFrame, dates x tickers): Simple returns: the return of a mix is the mix of the
            returns.
        donors (list of tickers, optional): Default: :func:`donor_pool` on the estimation window, of
            `size`, without `exclude`.
        benchmark (str): Gives the calendar only.

    Raises:
        StudyError: If the firm or a donor has a gap, the windows overlap or run backwards, or the
            figures are log returns, prices or per cent.
    """
    spec = Specification("market-adjusted", benchmark, "simple", estimation, event_window)
    table = usable_returns(table, spec)
    if table.attrs.get("returns", "simple") != "simple":
        raise StudyError("a synthetic control mixes simple returns: pass those, not log returns")
    named = [] if donors is None else several(donors)
    chosen(table, [firm, *named])
    calendar = calendar_of(table, benchmark)
    days = window(calendar, event, estimation)
    donors = named or donor_pool(table, firm, days, size, [benchmark, *several(exclude)])
    span = window(calendar, event, (estimation[0], event_window[1]))
    values = table.reindex(span)[[firm, *donors]]
    if values.isna().to_numpy().any():
        bad = values.columns[values.isna().any()]
        raise StudyError(f"{listed(bad)}: no return on some day of the study; leave out")
    before = values.loc[days].to_numpy()
    w = simplex_weights(before[:, 0], before[:, 1:])
    gap = (values[firm] - values[donors] @ w).rename("gap")
    length = event_window[1] - event_window[0] + 1
    sums = gap.rolling(length).sum()
    weights = pd.Series(w, index=donors, name="weight").sort_values(ascending=False, kind="stable")
    return Synthetic(
        firm=firm,
        weights=weights[weights > 0],
        gap=gap,
        days=days,
        car=float(sums.iloc[-1]),
        rmse=float(np.sqrt((gap.loc[days] ** 2).mean())),
        checks=sums.iloc[len(days) - 1 + length : event_window[0] - estimation[0]],
    )
