"""The specification curve: every defensible combination of choices, judged as a whole.

The specifications share one firm, one day and most of their data, so their agreement counts for
little.  The whole curve is computed on each placebo day too, and its summary statistics are
compared with their own distribution there.  Source: U. Simonsohn, J. P. Simmons and L. D. Nelson,
"Specification curve analysis", *Nature Human Behaviour* 4 (2020) 1208-1214, whose resampling under
the null is by placebo days here, as in :mod:`shockbook.study.placebo`.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from .abnormal import t_p, t_quantile
from .checks import chosen, dated, day, several, usable_returns
from .errors import StudyError, listed, share
from .models import inputs
from .placebo import empirical_p
from .returns import position
from .rolling import check_spread, possible_days, standardise, study_block, usable
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


#: The choices as a reader who knows none of the names may read them.
WORDS = {
    "mean": "own average",
    "market-adjusted": "one for one",
    "market": "market model",
    "capm": "CAPM",
    "ff3": "3 factors",
    "carhart": "4 factors",
    "ff5": "5 factors",
    "ff6": "6 factors",
    "none": "no benchmark",
    "mkt_rf": "all US shares",
    "-270..-21": "250 days",
    "-146..-21": "126 days",
    "-83..-21": "63 days",
    "-260..-11": "250 days, later",
    "[0, 0]": "the day alone",
    "[0, 1]": "two days",
    "[-1, 1]": "one day around",
    "[0, 2]": "three days",
    "[0, 4]": "five days",
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
    for model, benchmark, *rest in product(*(several(wanted[name]) for name in CHOICES)):
        if model in ("mean", "capm", *FACTOR_MODELS):
            if benchmark != several(wanted["benchmark"])[0]:
                continue
            benchmark = "mkt_rf" if model == "capm" else benchmark
        estimation, event_window, kind = rest
        out.append(Specification(model, benchmark, kind, estimation, event_window))
    return out


@dataclass(frozen=True, repr=False)
class Curve:
    """One firm or group under many specifications, on the event day and on placebo days.

    Attributes:
        table (DataFrame, s specifications): ``model, benchmark, returns, estimation, event_window,
            against, car, se, t, p, dof, p_placebo``, in the order of `specs`.
        specs (list of Specification)
        placebo_car, placebo_t (DataFrame, m placebo days x s)
    """

    table: pd.DataFrame
    specs: list[Specification]
    placebo_car: pd.DataFrame
    placebo_t: pd.DataFrame

    def in_words(self) -> pd.DataFrame:
        """The choices behind each specification in plain words: five columns of text."""
        columns = {"estimation": "past", "event_window": "days"}
        table = self.table[["model", "benchmark", *columns, "returns"]]
        return table.replace(WORDS).rename(columns=columns)

    def joint(self, level: float = 0.05) -> pd.DataFrame:
        """The whole curve against its distribution over placebo days.

        Returns:
            DataFrame: Rows: the median effect; the median t; the share of specifications that are
            significant at `level` with the sign of the median effect.  Columns: ``observed``,
            ``placebo_low``, ``placebo_median``, ``placebo_high`` (2.5% and 97.5%), ``p``
            (empirical, two-sided for medians, upper for the share), ``smallest_p``.
        """
        limit = t_quantile(1 - share(level), self.table["dof"].to_numpy())
        now = _summaries(
            self.table["car"].to_numpy()[None], self.table["t"].to_numpy()[None], limit
        )
        then = _summaries(self.placebo_car.to_numpy(), self.placebo_t.to_numpy(), limit)
        rows = {}
        for name, side in SUMMARIES.items():
            low, mid, high = np.quantile(then[name], [0.025, 0.5, 0.975])
            p = empirical_p(now[name], then[name][:, None], side)[0]
            rows[name] = (now[name][0], low, mid, high, p, 1 / (len(then[name]) + 1))
        rows[f"share significant at {level:g}"] = rows.pop("share")
        columns = ["observed", "placebo_low", "placebo_median", "placebo_high", "p", "smallest_p"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

    def power(self, effects=(0.0, 0.02, 0.05, 0.1), level: float = 0.05) -> pd.DataFrame:
        """How often the joint test finds an effect added to one of its own placebo days.

        Each placebo day in turn is the event: the effect is added to its abnormal returns (the
        event windows all hold day 0) and the curve is judged by the other placebo days.  Without
        an effect this rejects about `level` by construction, since each day is one of its own
        kind; what it measures is the power.

        Returns:
            DataFrame, effects x summaries: Share of placebo days on which p is at or below `level`.
        """
        limit = t_quantile(1 - share(level), self.table["dof"].to_numpy())
        car, t = self.placebo_car.to_numpy(), self.placebo_t.to_numpy()
        se = car / t
        then = _summaries(car, t, limit)
        rows = {}
        for effect in effects:
            now = _summaries(car + effect, t + effect / se, limit)
            rows[effect] = {
                name: np.mean(_leave_one_out_p(now[name], then[name], side) <= level)
                for name, side in SUMMARIES.items()
            }
        return pd.DataFrame(rows).T.rename_axis("effect")

    def __repr__(self) -> str:
        return f"Curve of {len(self.specs)} specifications\n{self.joint()}"


#: Summary of a curve: the side of its empirical p
SUMMARIES = {"median effect": "two", "median t": "two", "share": "upper"}


def _summaries(car, t, limit) -> dict[str, np.ndarray]:
    """Summary statistics of each row (one day's curve); `limit` of |t| for each column."""
    median = np.median(car, axis=1)
    same = np.sign(car) == np.sign(median)[:, None]
    return {
        "median effect": median,
        "median t": np.median(t, axis=1),
        "share": ((np.abs(t) > limit) & same).mean(axis=1),
    }


def _leave_one_out_p(now: np.ndarray, then: np.ndarray, side: str) -> np.ndarray:
    """Empirical p of each day's value among the other days' values."""
    if side == "two":
        now, then = np.abs(now), np.abs(then)
    beyond = then[None] >= now[:, None]
    np.fill_diagonal(beyond, False)
    return (1 + beyond.sum(axis=1)) / len(then)


def curve(
    tables: dict[str, pd.DataFrame],
    event,
    firms: str | list[str],
    specs: list[Specification] | None = None,
    factors: pd.DataFrame | None = None,
) -> Curve:
    """The specification curve of a firm, or of the equally weighted mean of a group.

    Args:
        tables (dict of "simple" and "log" -> DataFrame, dates x tickers): Returns of each kind that
            the specifications name.
        firms (ticker or list of tickers): A group's return on a day is the mean over its members;
            all must be observed.
        specs (list of Specification): Default: :func:`grid`.

    Notes:
        The placebo days are the same for every specification: all days with whole windows whose
        event window ends by t = -21 or by the end of the earliest-ending estimation window, if that
        is earlier.

    Raises:
        StudyError: As for a single study, or if no placebo day is left.
    """
    if pd.api.types.is_scalar(firms):
        return curves(tables, event, firms, specs, factors)[firms]
    name, joined = " + ".join(map(str, firms)), {}
    for kind, table in tables.items():
        table = dated(table)
        mean = table[chosen(table, firms)].mean(axis=1, skipna=False)
        joined[kind] = table.assign(**{name: mean})
        joined[kind].attrs = table.attrs
    return curves(joined, event, [name], specs, factors)[name]


def curves(
    tables: dict[str, pd.DataFrame],
    event,
    names: list[str],
    specs: list[Specification] | None = None,
    factors: pd.DataFrame | None = None,
) -> dict[str, Curve]:
    """The specification curve of each of several columns, on the same placebo days.

    Parameters and errors as for :func:`curve`; `names` are columns of every table, such as firms
    or baskets.  Much faster than one by one: the names share the regressors of a window.
    """
    specs, names = grid() if specs is None else several(specs), several(names)
    if not specs:
        raise StudyError("no specification is named: leave `specs` out for those of the book")
    designs = {}
    for spec in specs:
        key = (spec.model, spec.benchmark, spec.returns)
        if key not in designs:
            if spec.returns not in tables:
                raise StudyError(f"the {spec.returns} returns are missing from `tables`")
            designs[key] = _design(tables[spec.returns], names, spec, factors, event)
    days = _common_days(designs, specs, event)
    shape = (len(names), len(days), len(specs))
    car, se, dof = np.empty(shape), np.empty(shape), np.empty(len(specs), int)
    for j, spec in enumerate(specs):
        y, x, calendar = designs[spec.model, spec.benchmark, spec.returns]
        at = calendar.get_indexer(days)
        sums, errors, sigma, free, _ = study_block(y, x, at, spec.estimation, spec.event_window)
        check_spread(sigma, y, names)
        car[:, :, j], se[:, :, j] = sums.T, errors.T
        dof[j] = free[0, 0]  # complete returns: the same for all
    t = car / se
    choices = {
        "model": [s.model for s in specs],
        "benchmark": [_compared_with(s) for s in specs],
        "returns": [s.returns for s in specs],
        "estimation": [f"{s.estimation[0]}..{s.estimation[1]}" for s in specs],
        "event_window": [f"[{s.event_window[0]}, {s.event_window[1]}]" for s in specs],
        "against": [s.estimates for s in specs],
    }
    out = {}
    for name, c, e, v in zip(names, car, se, t, strict=True):
        results = {"car": c[-1], "se": e[-1], "t": v[-1], "p": t_p(v[-1], dof), "dof": dof}
        results["p_placebo"] = empirical_p(v[-1], v[:-1])
        table = pd.DataFrame(choices | results)
        placebo = (pd.DataFrame(each[:-1], index=days[:-1]) for each in (c, v))
        out[name] = Curve(table, specs, *placebo)
    return out


def _compared_with(spec: Specification) -> str:
    if spec.model == "mean":
        return "none"
    return "factors" if spec.model in FACTOR_MODELS else spec.benchmark


def _design(table, names, spec, factors, event):
    """Returns less the offset, standardised regressors, dates: the event's complete run."""
    table = usable_returns(table, spec)
    offset, x = inputs(table, spec, factors)
    chosen(table, names)
    y = table[names].reindex(x.index).to_numpy(dtype=float) - offset.to_numpy(dtype=float)[:, None]
    good = usable(x, offset) & ~np.isnan(y).any(axis=1)
    # One run of complete dates, as a hole would shift event time: the event's, or the longest.
    ends = np.flatnonzero(np.diff(np.r_[0, good.astype(int), 0]))
    if not len(ends):
        raise StudyError(f"no date has returns of {listed(names)} and of the model's inputs")
    at = x.index.searchsorted(day(event))
    runs = zip(ends[::2], ends[1::2], strict=True)
    first, last = max(runs, key=lambda run: (run[0] <= at < run[1], run[1] - run[0]))
    values = standardise(x.to_numpy(dtype=float)[first:last])[0]
    return y[first:last], values, x.index[first:last]


def _common_days(designs: dict, specs: list[Specification], event) -> pd.DatetimeIndex:
    """Placebo days that every specification can use, and the event day last."""
    event = day(event)
    end = min(min(spec.estimation[1] for spec in specs), -21)
    common = None
    for spec in specs:
        calendar = designs[spec.model, spec.benchmark, spec.returns][2]
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
