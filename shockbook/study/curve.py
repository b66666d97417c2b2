"""The specification curve: every defensible combination of choices, judged as a whole.

The specifications share one firm, one day and most of their data, so their agreement counts for
little.  The whole curve is computed on each placebo day too, and its summary statistics are
compared with their own distribution there.  Source: U. Simonsohn, J. P. Simmons and L. D. Nelson,
"Specification curve analysis", *Nature Human Behaviour* 4 (2020) 1208-1214, whose resampling under
the null is by placebo days here, as in :mod:`shockbook.study.placebo`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from .abnormal import t_p
from .errors import StudyError
from .models import inputs
from .placebo import empirical_p
from .returns import position
from .rolling import fit_windows, possible_days, standardise, usable, window_sums
from .spec import FACTOR_MODELS, MODELS, Specification

#: The choices of the book.  Estimation windows: about twelve, six and three months that end a
#: month before the event, and twelve that end two weeks before it.
CHOICES = {
    "model": tuple(MODELS),
    "benchmark": ("SPY", "RSP", "QQQ", "SMH"),
    "estimation": ((-270, -21), (-146, -21), (-83, -21), (-260, -11)),
    "event_window": ((0, 0), (0, 1), (-1, 1), (0, 2), (0, 4)),
    "returns": ("simple", "log"),
}


def grid(**choices) -> list[Specification]:
    """All combinations of the choices (default: :data:`CHOICES`), without repetitions.

    Models that take no benchmark stand once, on the calendar of the first benchmark; ``capm``
    stands once, on the market factor, since on a traded benchmark it differs from the market
    model only by the risk-free rate.
    """
    unknown = set(choices) - set(CHOICES)
    if unknown:
        raise StudyError(f"no choice is called {', '.join(unknown)}: {', '.join(CHOICES)}")
    wanted = CHOICES | choices
    out = []
    for model, benchmark, *rest in product(*(wanted[name] for name in CHOICES)):
        if model in ("mean", "capm", *FACTOR_MODELS):
            if benchmark != wanted["benchmark"][0]:
                continue
            benchmark = "mkt_rf" if model == "capm" else benchmark
        estimation, event_window, kind = rest
        out.append(Specification(model, benchmark, kind, estimation, event_window))
    return out


@dataclass(frozen=True, repr=False)
class Curve:
    """One firm or group under many specifications, on the event day and on placebo days.

    Attributes
    ----------
    table : DataFrame, s specifications
        ``model, benchmark, returns, estimation, event_window, against, car, se, t, p, dof,
        p_placebo``, in the order of `specs`.
    specs : list of Specification
    placebo_car, placebo_t, placebo_p : DataFrame, m placebo days x s
    """

    table: pd.DataFrame
    specs: list[Specification]
    placebo_car: pd.DataFrame
    placebo_t: pd.DataFrame
    placebo_p: pd.DataFrame

    def joint(self, level: float = 0.05) -> pd.DataFrame:
        """The whole curve against its distribution over placebo days.

        Returns
        -------
        DataFrame
            Rows: the median effect; the median t; the share of specifications that are
            significant at `level` with the sign of the median effect.  Columns: ``observed``,
            ``placebo_low``, ``placebo_median``, ``placebo_high`` (2.5% and 97.5%), ``p``
            (empirical, two-sided for medians, upper for the share), ``smallest_p``.
        """
        now = _summaries(*(self.table[c].to_numpy()[None] for c in ("car", "t", "p")), level)
        then = _summaries(
            *(x.to_numpy() for x in (self.placebo_car, self.placebo_t, self.placebo_p)), level
        )
        rows = {}
        for name, side in (("median effect", "two"), ("median t", "two"), ("share", "upper")):
            low, mid, high = np.quantile(then[name], [0.025, 0.5, 0.975])
            p = empirical_p(now[name], then[name][:, None], side)[0]
            rows[name] = (now[name][0], low, mid, high, p, 1 / (len(then[name]) + 1))
        rows[f"share significant at {level:g}"] = rows.pop("share")
        columns = ["observed", "placebo_low", "placebo_median", "placebo_high", "p", "smallest_p"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

    def __repr__(self) -> str:
        return f"Curve of {len(self.specs)} specifications\n{self.joint()}"


def _summaries(car, t, p, level: float) -> dict[str, np.ndarray]:
    """Summary statistics of each row (one day's curve)."""
    median = np.median(car, axis=1)
    same = np.sign(car) == np.sign(median)[:, None]
    return {
        "median effect": median,
        "median t": np.median(t, axis=1),
        "share": ((p < level) & same).mean(axis=1),
    }


def curve(
    tables: dict[str, pd.DataFrame],
    event,
    firms: str | list[str],
    specs: list[Specification] | None = None,
    factors: pd.DataFrame | None = None,
) -> Curve:
    """The specification curve of a firm, or of the equally weighted mean of a group.

    Parameters
    ----------
    tables : dict of "simple" and "log" -> DataFrame, dates x tickers
        Returns of each kind that the specifications name.
    firms : ticker or list of tickers
        A group's return on a day is the mean over its members; all must be observed.
    specs : list of Specification
        Default: :func:`grid`.

    Notes
    -----
    The placebo days are the same for every specification: all days with whole windows whose event
    window ends by t = -21 or by the end of the earliest-ending estimation window, if that is
    earlier.

    Raises
    ------
    StudyError
        As for a single study, or if no placebo day is left.
    """
    specs = grid() if specs is None else list(specs)
    firms = [firms] if isinstance(firms, str) else list(firms)
    designs = {}
    for spec in specs:
        key = (spec.model, spec.benchmark, spec.returns)
        if key not in designs:
            if spec.returns not in tables:
                raise StudyError(f"the {spec.returns} returns are missing from `tables`")
            designs[key] = _design(tables[spec.returns], firms, spec, factors)
    days = _common_days(designs, specs, event)
    car, se, dof = (np.empty((len(days), len(specs))) for _ in range(3))
    fits = {}
    for j, spec in enumerate(specs):
        key = (spec.model, spec.benchmark, spec.returns)
        y, x, calendar = designs[key]
        at = calendar.get_indexer(days)
        if (*key, spec.estimation) not in fits:
            fits[*key, spec.estimation] = fit_windows(y, x, at, spec.estimation)
        b, inverse, rss, free = fits[*key, spec.estimation]
        s = window_sums(x, at, spec.event_window)
        length = spec.event_window[1] - spec.event_window[0] + 1
        car[:, j] = window_sums(y, at, spec.event_window)[:, 0] - (b[:, 0] * s).sum(axis=1)
        spread = np.einsum("mk,mkl,ml->m", s, inverse[:, 0], s)
        se[:, j] = np.sqrt(rss[:, 0] / free[:, 0] * (length + spread))
        dof[:, j] = free[:, 0]
    t = car / se
    p = t_p(t, dof)
    table = pd.DataFrame(
        {
            "model": [s.model for s in specs],
            "benchmark": [_compared_with(s) for s in specs],
            "returns": [s.returns for s in specs],
            "estimation": [f"{s.estimation[0]}..{s.estimation[1]}" for s in specs],
            "event_window": [f"[{s.event_window[0]}, {s.event_window[1]}]" for s in specs],
            "against": [s.estimates for s in specs],
            "car": car[-1],
            "se": se[-1],
            "t": t[-1],
            "p": p[-1],
            "dof": dof[-1].astype(int),
            "p_placebo": empirical_p(t[-1], t[:-1]),
        }
    )
    placebo = (pd.DataFrame(v[:-1], index=days[:-1]) for v in (car, t, p))
    return Curve(table, specs, *placebo)


def _compared_with(spec: Specification) -> str:
    if spec.model == "mean":
        return "none"
    return "factors" if spec.model in FACTOR_MODELS else spec.benchmark


def _design(table, firms, spec, factors):
    """The portfolio's return less the offset, standardised regressors, dates: complete ones."""
    offset, x = inputs(table, spec, factors)
    absent = [f for f in firms if f not in table]
    if absent:
        raise StudyError(f"no returns of {', '.join(absent)}: is the ticker spelt as in the data?")
    y = table[firms].reindex(x.index).mean(axis=1, skipna=False) - offset
    good = usable(x, offset) & y.notna().to_numpy()
    # The longest run of complete dates: a hole would shift event time.
    ends = np.flatnonzero(np.diff(np.r_[0, good.astype(int), 0]))
    if not len(ends):
        raise StudyError(f"no date has returns of {', '.join(firms)} and of the model's inputs")
    first, last = max(zip(ends[::2], ends[1::2], strict=True), key=lambda run: run[1] - run[0])
    values = standardise(x.to_numpy(dtype=float)[first:last])[0]
    return y.to_numpy()[first:last, None], values, x.index[first:last]


def _common_days(designs: dict, specs: list[Specification], event) -> pd.DatetimeIndex:
    """Placebo days that every specification can use, and the event day last."""
    event = pd.Timestamp(event)
    end = min(min(spec.estimation[1] for spec in specs), -21)
    common = None
    for spec in specs:
        _, x, calendar = designs[spec.model, spec.benchmark, spec.returns]
        at = position(calendar, event)
        possible = possible_days(np.ones(len(calendar), bool), spec)
        if at not in possible:
            raise StudyError(
                f"{spec}: the windows around {event:%Y-%m-%d} reach beyond the whole days of the "
                f"data, {calendar[0]:%Y-%m-%d} to {calendar[-1]:%Y-%m-%d}"
            )
        mine = calendar[possible[possible + spec.event_window[1] <= at + end]]
        common = mine if common is None else common.intersection(mine)
    if not len(common):
        raise StudyError("no placebo day is left for these windows: load more days")
    return common.append(pd.DatetimeIndex([event]))
