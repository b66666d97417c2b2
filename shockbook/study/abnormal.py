"""Abnormal returns, their sums over a window, and how sure one may be of them.

The variance of a cumulative abnormal return over the L days of a window is

    sigma^2 (L + s' (X'X)^-1 s),      s = the sum of the regressors over those days,

which is the sum of all entries of sigma^2 (I + X0 (X'X)^-1 X0').  The second term is the
forecast-error correction: the parameters are estimated too, and their error is common to all days
of the window.  Source: Campbell, Lo and MacKinlay (1997), section 4.4.  It assumes residuals that
are independent over days, with one variance, inside and outside the window.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .checks import chosen, day, usable_returns
from .errors import StudyError, listed, share
from .models import Fit, inputs, ols, window_data
from .returns import positions, window
from .rolling import observed, totals
from .spec import PRIMARY, Specification


def abnormal_returns(fit: Fit, y: pd.DataFrame, x: pd.DataFrame) -> pd.DataFrame:
    """Return less normal return, days x firms, for days outside the estimation window."""
    return y - x.to_numpy() @ fit.params.to_numpy().T


def forecast_se(fit: Fit, x: pd.DataFrame) -> pd.DataFrame:
    """Standard error of each day's abnormal return: sigma sqrt(1 + x0' (X'X)^-1 x0)."""
    x0 = x.to_numpy()
    spread = np.einsum("tk,nkl,tl->tn", x0, fit.xtx_inv, x0)
    return pd.DataFrame(
        fit.sigma.to_numpy() * np.sqrt(1 + spread), index=x.index, columns=fit.firms
    )


def car_se(fit: Fit, x: pd.DataFrame) -> pd.Series:
    """Standard error of the sum of abnormal returns over all days of `x`, per firm."""
    s = x.to_numpy().sum(axis=0)
    spread = np.einsum("k,nkl,l->n", s, fit.xtx_inv, s)
    return fit.sigma * np.sqrt(len(x) + spread)


def t_p(t, dof):
    """Two-sided p-value of Student's t."""
    from scipy.special import stdtr

    return 2 * stdtr(dof, -np.abs(t))


def t_quantile(level: float, dof):
    """The t that leaves (1 - level) / 2 on each side."""
    from scipy.special import stdtrit

    return stdtrit(dof, (1 + level) / 2)


@dataclass(frozen=True, repr=False)
class EventStudy:
    """An event study of n firms on one event.

    Attributes:
        spec, event (what was asked)
        fit (Fit over the estimation window)
        abnormal (DataFrame, days of the event window x n)
        actual, expected, car, se, t, p (Series, n): Sums over the event window: return, normal
            return, abnormal return, its standard error with the forecast-error correction, t
            statistic, two-sided p of Student's t.
        level (float): Of the intervals.
    """

    spec: Specification
    event: pd.Timestamp
    fit: Fit
    abnormal: pd.DataFrame
    actual: pd.Series
    expected: pd.Series
    car: pd.Series
    se: pd.Series
    t: pd.Series
    p: pd.Series
    level: float

    @property
    def margin(self) -> pd.Series:
        """Half the width of both intervals."""
        return self.se * t_quantile(self.level, self.fit.dof.to_numpy())

    def to_frame(self) -> pd.DataFrame:
        """One row per firm.

        ``expected_low`` to ``expected_high`` is the prediction interval: where the firm's return
        would lie on an ordinary day with these regressors.  ``car_low`` to ``car_high`` is the
        same interval laid around the abnormal return.
        """
        margin = self.margin
        return pd.DataFrame(
            {
                "actual": self.actual,
                "expected": self.expected,
                "expected_low": self.expected - margin,
                "expected_high": self.expected + margin,
                "car": self.car,
                "car_low": self.car - margin,
                "car_high": self.car + margin,
                "se": self.se,
                "t": self.t,
                "dof": self.fit.dof,
                "p": self.p,
            }
        )

    def __repr__(self) -> str:
        head = f"EventStudy {self.event:%Y-%m-%d}: {self.spec} ({self.spec.estimates})"
        rows = [
            f"  {firm}: {row.actual:+.4f} = expected {row.expected:+.4f} "
            f"[{row.expected_low:+.4f}, {row.expected_high:+.4f}] "
            f"+ abnormal {row.car:+.4f} (se {row.se:.4f}, t {row.t:.2f}, p {row.p:.2g})"
            for firm, row in self.to_frame().head(10).iterrows()
        ]
        if len(self.car) > 10:
            rows.append(f"  and {len(self.car) - 10} more firms: to_frame()")
        return "\n".join([head, *rows])


def eligible(
    table: pd.DataFrame,
    event,
    spec: Specification = PRIMARY,
    firms=None,
    factors: pd.DataFrame | None = None,
) -> pd.Index:
    """The firms that can be studied on the event day, or on every one of several days.

    They have a return on every day of the event window, on at least ``spec.coverage`` of the
    estimation window, and their returns there are not all the same.
    """
    table = usable_returns(table, spec)
    _, x = inputs(table, spec, factors)
    names = pd.Index(chosen(table, firms, spec.benchmark))
    y = table[names].reindex(x.index)
    at = positions(x.index, event)
    for bounds in (spec.estimation, spec.event_window):
        for bad in at[(at + bounds[0] < 0) | (at + bounds[1] >= len(x))][:1]:
            window(x.index, x.index[bad], bounds)  # says what is wrong
    seen = y.notna()
    moves = totals((y.ne(y.shift()) & seen).to_numpy(), at, spec.estimation)
    return names[(observed(seen.to_numpy(), at, spec) & (moves >= 3)).all(axis=0)]


def event_study(
    table: pd.DataFrame,
    event,
    spec: Specification = PRIMARY,
    firms: str | list[str] | None = None,
    factors: pd.DataFrame | None = None,
    level: float = 0.95,
) -> EventStudy:
    """Abnormal returns of one firm or many around one event.

    Args:
        table (DataFrame, dates x tickers): Returns (see :func:`returns`) of the kind that `spec`
            names, with the benchmark's column.  The benchmark's dates are the calendar; other rows
            are left out.
        event (date-like): The trading day t = 0.
        firms (ticker or list of tickers): Default: all columns but the benchmark.
        factors (DataFrame, optional): Fama-French factors in decimals, for the models that need
            them.
        level (float): Of the prediction interval.

    Raises:
        StudyError: If the event is outside the data, a window reaches beyond them, or a firm has a
            gap in the event window, too few returns before it, or does not move; or `level` is no
            share.
    """
    table = usable_returns(table, spec)
    offset, x = inputs(table, spec, factors)
    firms = chosen(table, firms, spec.benchmark)
    days, around = (window(x.index, event, w) for w in (spec.estimation, spec.event_window))
    own = table[firms]
    y, x1 = window_data(own, offset, x, days, "estimation")
    y0, x0 = window_data(own, offset, x, around, "event")
    short = y.columns[y.notna().mean() < spec.coverage]
    if len(short):
        raise StudyError(
            f"{listed(short)}: returns on fewer than {spec.coverage:.0%} of the {len(days)} days "
            "of the estimation window; leave out, or lower `coverage` and say so"
        )
    gap = y0.columns[y0.isna().any()]
    if len(gap):
        raise StudyError(f"{listed(gap)}: no return on a day of the event window; leave out")
    fit = ols(y, x1)
    abnormal = abnormal_returns(fit, y0, x0)
    car, se = abnormal.sum().rename("car"), car_se(fit, x0).rename("se")
    actual = own.loc[around].sum().rename("actual")
    t = (car / se).rename("t")
    return EventStudy(
        spec=spec,
        event=day(event),
        fit=fit,
        abnormal=abnormal,
        actual=actual,
        expected=(actual - car).rename("expected"),
        car=car,
        se=se,
        t=t,
        p=pd.Series(t_p(t.to_numpy(), fit.dof.to_numpy()), index=t.index, name="p"),
        level=share(level),
    )
