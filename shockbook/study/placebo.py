"""Placebo days: how large does the abnormal return look on days without the event?

The empirical p-value counts the placebo values at least as extreme as the observed one, the
observed one among them: p = (1 + count) / (n + 1), which cannot fall below 1 / (n + 1).  It needs
no normal distribution; it assumes that the event day, had nothing happened, is exchangeable with
the placebo days.  Sources: E. S. Edgington and P. Onghena, *Randomization Tests* (2007);
J. B. Gelbach, E. Helland and J. Klick, "Valid inference in single-firm, single-event studies",
*American Law and Economics Review* 15 (2013) 495-541, whose SQ test compares one firm's abnormal
return with sample quantiles of its own before the event.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .abnormal import EventStudy, event_study
from .checks import days_of
from .errors import StudyError, share
from .models import inputs
from .returns import position
from .rolling import Rolling, possible_days, rolling, usable
from .spec import PRIMARY, Specification

SIDES = ("two", "lower", "upper")


def empirical_p(observed, draws, side: str = "two"):
    """Share of draws at least as extreme as the observed value, itself counted.

    Args:
        observed (array, n)
        draws (array, m x n)
        side ({"two", "lower", "upper"}): Extreme in size, or below, or above.

    Raises:
        StudyError: For another side, or if a value is missing: it is neither extreme nor not.
    """
    if side not in SIDES:
        raise StudyError(f"the side {side!r} is not known: choose {', '.join(SIDES)}")
    observed, draws = np.asarray(observed, dtype=float), np.asarray(draws, dtype=float)
    if np.isnan(observed).any() or np.isnan(draws).any():
        raise StudyError("a value to compare is missing: leave out its firm, or its day")
    if side == "two":
        observed, draws = np.abs(observed), np.abs(draws)
    elif side == "lower":
        observed, draws = -observed, -draws
    # Values that differ by rounding alone are equal, as those of a day that is drawn twice.
    count = (draws >= observed * (1 - 1e-9 * np.sign(observed))).sum(axis=0)
    return (1 + count) / (len(draws) + 1)


def placebo_days(
    table: pd.DataFrame,
    event,
    spec: Specification = PRIMARY,
    factors: pd.DataFrame | None = None,
) -> pd.DatetimeIndex:
    """The days that can stand in for the event.

    Their event windows end by the last day of the event's own estimation window (t = -21 in the
    primary specification), so none lies in the weeks when the news may already have been known.
    """
    offset, x = inputs(table, spec, factors)
    at = position(x.index, event)
    possible = possible_days(usable(x, offset), spec)
    keep = possible + spec.event_window[1] <= at + spec.estimation[1]
    if not keep.any():
        raise StudyError(
            f"no placebo day: the {len(x)} days of the data hold no whole window of "
            f"{spec.days} days before the event's own; load more days or shorten the window"
        )
    return x.index[possible[keep]]


@dataclass(frozen=True, repr=False)
class Placebo:
    """The event beside its placebo days, n firms on m days.

    Attributes:
        study (EventStudy of the event itself)
        days (Rolling, the same study on the placebo days)
    """

    study: EventStudy
    days: Rolling

    @property
    def n(self) -> int:
        """Number of placebo days."""
        return len(self.days.car)

    @property
    def smallest_p(self) -> float:
        """The smallest p-value that this many placebo days can give."""
        return 1 / (self.n + 1)

    def p(self, by: str = "t", side: str = "two") -> pd.Series:
        """Empirical p per firm, by the standardised (``"t"``) or the plain (``"car"``) return."""
        if by not in ("t", "car"):
            raise StudyError(f"placebo days are compared by t or car, not {by!r}")
        observed, draws = getattr(self.study, by), getattr(self.days, by)
        return pd.Series(empirical_p(observed, draws[observed.index], side), observed.index)

    def interval(self, level: float = 0.95) -> pd.DataFrame:
        """Quantiles of the placebo abnormal returns: the empirical prediction interval."""
        tail = (1 - share(level)) / 2
        return self.days.car.quantile([tail, 1 - tail]).T.set_axis(["low", "high"], axis=1)

    def to_frame(self) -> pd.DataFrame:
        """One row per firm: observed values, p of Student's t, empirical ps, placebo spread."""
        s = self.study
        return pd.DataFrame(
            {
                "car": s.car,
                "t": s.t,
                "p_student": s.p,
                "p_placebo_t": self.p("t"),
                "p_placebo_car": self.p("car"),
                "smallest_p": self.smallest_p,
                "placebo_days": self.n,
                "placebo_sd_t": self.days.t.std(),
                "placebo_worst": self.days.car.min(),
                "placebo_best": self.days.car.max(),
            }
        )

    def __repr__(self) -> str:
        return f"Placebo on {self.n} days, smallest p {self.smallest_p:.4f}\n{self.to_frame().T}"


def placebo(
    table: pd.DataFrame,
    event,
    spec: Specification = PRIMARY,
    firms: str | list[str] | None = None,
    factors: pd.DataFrame | None = None,
    days=None,
    executor=None,
) -> Placebo:
    """The event study and its distribution over placebo days (default: :func:`placebo_days`).

    Raises:
        StudyError: If there are fewer than two placebo days, besides what an event study asks for.
    """
    observed = event_study(table, event, spec, firms, factors)
    days = placebo_days(table, event, spec, factors) if days is None else days_of(days).unique()
    if observed.event in days:
        raise StudyError(f"{observed.event:%Y-%m-%d} is the event itself, no placebo day: drop it")
    if len(days) < 2:
        raise StudyError(
            f"{len(days)} placebo day is no distribution: start the prices earlier, or shorten "
            "the estimation window"
        )
    return Placebo(
        observed, rolling(table, days, spec, list(observed.car.index), factors, executor)
    )


def across_firms(study: EventStudy, firm: str) -> pd.Series:
    """Placebo across firms on the day: the firm among all others of the study.

    The comparison is by t statistic, so that a calm stock and a wild one weigh alike.  It assumes
    that the other firms show what the day does to a firm without the news; those that were hit
    by the same news make the p-value too large.
    """
    if firm not in study.t.index:
        raise StudyError(f"{firm} is not in the study: its firms are to include it")
    others = study.t.drop(firm)
    if others.empty:
        raise StudyError(f"{firm} is alone in the study: pass more firms")
    draws = others.to_numpy()[:, None]
    return pd.Series(
        {
            "t": study.t[firm],
            "others": len(others),
            "rank_from_below": int((others < study.t[firm]).sum()) + 1,
            "p": float(empirical_p(np.array([study.t[firm]]), draws)[0]),
            "smallest_p": 1 / (len(others) + 1),
        },
        name=firm,
    )
