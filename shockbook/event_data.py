"""What the study of any one event needs, loaded and checked: prices, members, factors, groups.

Every picture states the days and the data that it needs; where they are not there it gives way to
one sentence (:meth:`EventData.picture`).
"""

from __future__ import annotations

import functools
import html
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from shockbook import catalog, charts, event, study
from shockbook.event import Event, EventError
from shockbook.study.rolling import possible_days, usable

#: Days around the event that are not drawn as ordinary ones.
NEAR = 20
#: Fewest placebo days with which a picture of them says anything.
FEWEST = 40


@dataclass(frozen=True, repr=False)
class EventData:
    """An event with its data.

    Attributes
    ----------
    event : Event
    spec : study.Specification
        The primary one.
    days : DatetimeIndex
        The trading days of the benchmark.
    closes : DataFrame, dates x tickers
        Adjusted closes of the price table, and of the firm and benchmarks wherever they are from.
    tables : dict of "simple" and "log" -> DataFrame
        Their returns on the benchmark's days.
    members : DataFrame
        Returns of the index members, of the primary kind, with the benchmark's.
    factors : DataFrame
        Fama-French factors in decimals.
    groups : Series, ticker -> group
    names : dict, ticker -> name
    datasets : list of str
        Where firm and benchmark are from, for source lines.
    """

    event: Event
    spec: study.Specification
    days: pd.DatetimeIndex
    closes: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    members: pd.DataFrame
    factors: pd.DataFrame
    groups: pd.Series
    names: dict[str, str]
    datasets: list[str]

    @property
    def returns(self) -> pd.DataFrame:
        """Returns of the primary kind."""
        return self.tables[self.spec.returns]

    @property
    def own(self) -> pd.DataFrame:
        """The same for the firm and the benchmarks alone, which is quicker to work on."""
        others = self.event.alternatives.get("benchmark", ())
        return self.returns[list(dict.fromkeys([self.event.firm, self.spec.benchmark, *others]))]

    @property
    def firm(self) -> str:
        """The firm as it is written: its name with its ticker."""
        return self.named(self.event.firm)

    def named(self, ticker: str) -> str:
        """A ticker with its name, if that is known."""
        name = self.names.get(ticker, "")
        return f"{name} ({ticker})" if name else ticker

    def missing(self, fewest: int = 0, **needs: tuple[int, int]) -> str:
        """Say which data do not reach over the trading days that a picture needs, or nothing.

        Parameters
        ----------
        fewest : int
            Placebo days that it needs.
        needs : (first, last) by "prices", "members" or "factors"
            Trading days relative to t = 0, both included.
        """
        at = int(self.days.get_loc(self.event.date))
        for what, (first, last) in needs.items():
            have = self._reaches[what]
            if at + first < 0 or at + last >= len(self.days):
                low, high = None, None
            else:
                low, high = self.days[at + first], self.days[at + last]
            if low is None or have is None or low < have[0] or high > have[1]:
                title = {
                    "prices": f"the prices of {self.event.firm} and {self.spec.benchmark}",
                    "members": "the prices of the index members",
                    "factors": "the factors",
                }[what]
                run = f"run from {have[0]:%Y-%m-%d} to {have[1]:%Y-%m-%d}" if have else "are absent"
                return (
                    f"A picture is left out here. It needs the trading days from t = {first} to "
                    f"t = {last} around {self.event.date:%Y-%m-%d}, and {title} {run}."
                )
        if fewest and fewest > (found := self.placebo_count()):
            return (
                f"A picture is left out here. It needs {fewest} placebo days, and the data hold "
                f"{found} before {self.event.date:%Y-%m-%d}."
            )
        return ""

    @functools.cached_property
    def _reaches(self) -> dict[str, tuple[pd.Timestamp, pd.Timestamp] | None]:
        """First and last day of each kind of data, on the calendar of the benchmark."""
        both = self.closes.loc[self.days, [self.event.firm, self.spec.benchmark]]
        tables = {"prices": both.dropna(), "members": self.members, "factors": self.factors}
        found = {what: table.dropna(how="all").index for what, table in tables.items()}
        return {what: (i[0], i[-1]) if len(i) else None for what, i in found.items()}

    def picture(self, draw, name: str, lacking: str = "", also=(), table=None):
        """Draw a figure, or say in one sentence what it lacks.

        Parameters
        ----------
        draw, name, table
            As for :func:`shockbook.charts.figure`.
        lacking : str
            What :meth:`missing` said of its needs.
        also : list of str
            Datasets that it shows beside the event's own.
        """
        if lacking:
            return LeftOut(lacking, name)
        return charts.figure(draw, name, table=table, data=[*self.datasets, *also])

    def placebo_count(self) -> int:
        """How many placebo days the firm has before the event."""
        days = self.ordinary_days()
        at = int(self.days.get_loc(self.event.date))
        position = self.days.get_indexer(days)
        return int((position + self.spec.event_window[1] <= at + self.spec.estimation[1]).sum())

    def placebo_days(self) -> pd.DatetimeIndex:
        """The firm's placebo days before the event, as :func:`study.placebo_days` has them."""
        return self.ordinary_days()[: self.placebo_count()]

    def ordinary_days(self, apart: int = NEAR) -> pd.DatetimeIndex:
        """Days on which the firm can be studied, `apart` trading days or more from the event."""
        table = self.returns
        offset, x = study.inputs(table, self.spec, self.factors)
        complete = usable(x, offset) & table[self.event.firm].reindex(x.index).notna().to_numpy()
        possible = possible_days(complete, self.spec)
        at = study.position(x.index, self.event.date)
        return x.index[possible[abs(possible - at) > apart]]

    def random_days(self, n: int = 200, seed: int = 0) -> pd.DatetimeIndex:
        """Ordinary days drawn without replacement, in order; all of them if there are fewer."""
        days = self.ordinary_days()
        rng = np.random.default_rng(seed)
        return days[np.sort(rng.choice(len(days), min(n, len(days)), replace=False))]

    def baskets(self, least: int = 3) -> pd.DataFrame:
        """Mean return of each group that can be studied on the day, and the benchmark's.

        The firm itself is left out, and so are shares that do not trade on the event's exchange
        or lack prices; a group of fewer than `least` others is no group.
        """
        table, one = self.returns, self.event
        calendars = catalog.load("tickers", live=False).set_index("ticker")["calendar"]
        here = [
            ticker
            for ticker in self.groups.index
            if ticker in table
            and ticker not in (one.firm, self.spec.benchmark)
            and calendars.get(ticker, one.exchange) == one.exchange
        ]
        good = study.eligible(table, one.date, self.spec, here, self.factors) if here else []
        sizes = self.groups[good].value_counts() if len(good) else pd.Series(dtype=int)
        kept = {
            group: table[[t for t in good if self.groups[t] == group]].mean(axis=1)
            for group in sizes.index[sizes >= least]
        }
        return pd.DataFrame(kept).assign(**{self.spec.benchmark: table[self.spec.benchmark]})

    def specifications(self) -> list[study.Specification]:
        """The primary specification, then the event's alternatives that the data can serve."""
        every = dict.fromkeys([self.spec, *_grid(self.event)])
        return [spec for spec in every if self._serves(spec)]

    def _serves(self, spec: study.Specification) -> bool:
        needs = {"prices": (spec.estimation[0] - 1, max(0, spec.event_window[1]))}
        if spec.model not in ("mean", "market-adjusted", "market"):
            needs["factors"] = (spec.estimation[0], max(0, spec.event_window[1]))
        return not self.missing(**needs)


class LeftOut:
    """The sentence that stands where a picture would."""

    def __init__(self, text: str, name: str):
        self.text, self.name = text, name

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<p class="left-out" id="{self.name}">{html.escape(self.text)}</p>'


def add_parser(commands) -> None:
    """Add ``event`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser(
        "event", help="check an event's file against the data; silent if all is well"
    )
    parser.add_argument("file", nargs="?", help="event.toml by default")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Check one event; a fault is an :class:`EventError`, which the command line prints."""
    load(Path(options.file).resolve() if options.file else None)
    return 0


def known() -> dict[str, str]:
    """Every ticker of the snapshot that has prices, with its name."""
    tables = (catalog.load("sp500-members", live=False), catalog.load("tickers", live=False))
    return {t: n for table in tables for t, n in zip(table["ticker"], table["name"], strict=True)}


def load(which: Event | str | Path | None = None) -> EventData:
    """Load what an event needs, from the snapshot or, if that is asked for, live.

    Parameters
    ----------
    which : Event or path, optional
        Default: :func:`shockbook.event.chosen`.

    Raises
    ------
    EventError
        One sentence that names the fault and the nearest valid choice.
    """
    one = which if isinstance(which, Event) else event.read(which)
    names = known()
    closes, stocks, factors = tables()
    wanted = [one.firm, one.primary.benchmark, *one.alternatives.get("benchmark", ())]
    wanted = [t for t in dict.fromkeys(wanted) if t not in closes]
    of_members = [t for t in wanted if t in stocks]
    closes = closes.join(stocks[of_members], how="outer")
    elsewhere = [t for t in wanted if t not in closes]
    if elsewhere:
        closes = closes.join(_live(elsewhere, one, names), how="outer")
    here = {t: names.get(t, "") for t in closes.columns}
    event.check_tickers(one, here)
    tickers = catalog.load("tickers", live=False)
    event.check_exchange(one, dict(zip(tickers["ticker"], tickers["calendar"], strict=True)))
    days = study.calendar_of(closes, one.primary.benchmark)
    event.check(one, days, here)
    try:
        spec = study.Specification(**vars(one.primary))
        _grid(one)
        of_kind = {kind: study.returns(closes, kind, days) for kind in event.RETURNS}
        benchmark = of_kind[spec.returns][spec.benchmark]
        stocks = study.returns(stocks, spec.returns, days.intersection(stocks.index))
        data = EventData(
            event=one,
            spec=spec,
            days=days,
            closes=closes,
            tables=of_kind,
            members=stocks.drop(columns=spec.benchmark, errors="ignore").assign(
                **{spec.benchmark: benchmark}
            ),
            factors=factors,
            groups=_groups(one),
            names=here,
            datasets=["prices", *(["sp500-prices"] if of_members else [])],
        )
        _check_firm(data)
        study.event_study(data.own, one.date, spec, one.firm, factors)
    except study.StudyError as error:
        raise EventError(f"{error}.") from None
    return data


def _grid(one: Event) -> list[study.Specification]:
    """The event's alternatives; a choice that it does not vary stays as in the primary one."""
    fixed = {choice: (getattr(one.primary, choice),) for choice in event.CHOICES}
    return study.grid(**fixed | dict(one.alternatives)) if one.alternatives else []


def tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Closes of the price table and of the index members, and the factors; new copies."""
    from shockbook.live import session

    key = None
    if not session.asked():
        key = tuple(catalog.describe(n)["hash"] for n in ("prices", "sp500-prices", "factors"))
    found = _read(key) if key else _read.__wrapped__(key)
    return tuple(table.copy() for table in found)


@functools.lru_cache(maxsize=1)
def _read(key: tuple | None) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The same, read once for each state of the snapshot, which `key` tells apart."""
    return (
        study.wide(catalog.load("prices")),
        study.wide(catalog.load("sp500-prices")),
        catalog.load("factors").set_index("date") / 100,
    )


def _live(tickers: list[str], one: Event, names: dict[str, str]) -> pd.DataFrame:
    """Closes of tickers that the snapshot lacks, if live data are asked for."""
    from shockbook.live import session

    if not session.asked():
        event.check_tickers(one, names)
        return pd.DataFrame()
    from shockbook.live import faults, yahoo

    first = catalog.load("prices", live=False)["date"].min().date()
    try:
        found = yahoo.prices(tickers, first, patience=faults.CHAPTER)
    except faults.LiveError as error:
        raise EventError(
            f"{', '.join(tickers)}: the snapshot has no prices and the live source gave none "
            f"({error})"
        ) from None
    found["adj_close"] = found["adj_close"].fillna(found["close"])
    return study.wide(found)


def _check_firm(data: EventData) -> None:
    """The firm's own prices have to reach over the windows, not only the benchmark's."""
    firm, spec = data.event.firm, data.spec
    seen = data.returns[firm].dropna().index
    at = int(data.days.get_loc(data.event.date))
    around = data.days[at + spec.event_window[0] : at + max(0, spec.event_window[1]) + 1]
    before = data.days[at + spec.estimation[0] : at + spec.estimation[1] + 1]
    if around.isin(seen).all() and before.isin(seen).mean() >= spec.coverage:
        return
    own = data.days.intersection(seen)
    valid = _studied_days(data.days.isin(seen), spec)
    if not valid.any():
        raise EventError(
            f"{firm} has {len(own)} returns on the days of {spec.benchmark}, fewer than the "
            "windows need: shorten the estimation window or choose another firm."
        )
    valid = data.days[valid]
    nearest = valid[abs(valid - data.event.date).argmin()]
    raise EventError(
        f"the prices of {data.firm} run from {own[0]:%Y-%m-%d} to {own[-1]:%Y-%m-%d} and do not "
        f"reach over the windows around {data.event.date:%Y-%m-%d}; the nearest event date that "
        f"they allow is {nearest:%Y-%m-%d}."
    )


def _studied_days(seen: np.ndarray, spec: study.Specification) -> np.ndarray:
    """Whether each day has enough of the firm's returns in its windows."""
    total = np.concatenate([[0], np.cumsum(seen)])
    out = np.zeros(len(seen), dtype=bool)
    first, last = spec.event_window[0], max(0, spec.event_window[1])
    at = np.arange(-spec.estimation[0], len(seen) - last)
    before = total[at + spec.estimation[1] + 1] - total[at + spec.estimation[0]]
    around = total[at + last + 1] - total[at + first]
    out[at] = (before >= spec.coverage * spec.days) & (around == last - first + 1)
    return out


def _groups(one: Event) -> pd.Series:
    """Ticker -> group; empty if the event names no groups."""
    empty = pd.Series(dtype=str, name="group")
    if not one.groups:
        return empty
    if one.groups in catalog.names():
        table = catalog.load(one.groups)
        where = f"the dataset {one.groups}"
    else:
        path = event.ROOT / one.groups
        where = one.groups
        try:
            table = pd.read_csv(path)
        except (OSError, ValueError):
            raise EventError(
                f"groups is {one.groups!r}, which is neither a dataset nor a readable CSV file; "
                'write groups = "groups" for the book\'s own, or "" for none.'
            ) from None
    if not {"ticker", "group"} <= set(table):
        raise EventError(f"groups: {where} has no columns ticker and group.")
    return table.drop_duplicates("ticker").set_index("ticker")["group"]


def chance_range(n: int, p: float = 0.05, level: float = 0.95) -> tuple[int, int]:
    """The middle range of a binomial count: at most (1 - level) / 2 lies beyond either end."""
    from scipy.special import bdtr

    tail = (1 - level) / 2
    below = bdtr(np.arange(n + 1), n, p)
    return int((below <= tail).sum()), int((below < 1 - tail).sum())
