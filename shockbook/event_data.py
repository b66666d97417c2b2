"""What the study of any one event needs, loaded and checked: prices, members, factors, groups.

Prices are those of the book or files of one's own.  Every picture states the days and the data that
it needs; where they are not there it gives way to one sentence (:meth:`EventData.picture`).
"""

import contextlib
import functools
import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from shockbook import catalog, charts, event, event_prices, study, words
from shockbook.data import DataError, exchanges
from shockbook.event import Event, EventError
from shockbook.study.rolling import possible_days, totals, usable

#: Days around the event that are not drawn as ordinary ones.
NEAR = 20
#: Fewest placebo days with which a picture of them says anything.
FEWEST = 40
#: The exchange of the book's index members and of its factors.
HOME = "XNYS"
#: The dataset whose sectors may serve as groups.
MEMBERS = "sp500-members"
#: Models that need them.
FACTORS = [model for model in study.MODELS if model not in ("mean", "market-adjusted", "market")]


@dataclass(frozen=True, repr=False)
class EventData:
    """An event with its data.  Tables of prices and returns are of dates x tickers."""

    event: Event
    #: The trading days of the benchmark.
    days: pd.DatetimeIndex
    #: Adjusted closes of the price table, and of the firm and benchmarks wherever they are from.
    closes: pd.DataFrame
    #: Their "simple" and "log" returns on the benchmark's days.
    tables: dict[str, pd.DataFrame]
    #: Returns of the index members, of the primary kind, with the benchmark's.
    members: pd.DataFrame
    #: Fama-French factors in decimals.
    factors: pd.DataFrame
    #: By ticker, as are names.
    groups: pd.Series
    names: dict[str, str]
    #: Datasets of the book that firm and benchmark are from, for source lines.
    datasets: list[str]
    #: Sentences that a reader must know: whose prices these are, what was odd in them.
    notes: list[str]
    #: Why the event cannot have "members" or "factors" at all.
    absent: dict[str, str]
    #: Traded volumes of the event's own price files.
    volumes: pd.DataFrame
    #: What stands for those files in source lines.
    files: list[pd.DataFrame]

    @property
    def spec(self) -> study.Specification:
        """The primary specification."""
        return self.event.primary

    @property
    def returns(self) -> pd.DataFrame:
        """Returns of the primary kind."""
        return self.tables[self.spec.returns]

    @property
    def own(self) -> pd.DataFrame:
        """The same for the firm and the benchmarks alone, which is quicker to work on."""
        return self.returns[list(dict.fromkeys([self.event.firm, *self.event.benchmarks]))]

    @property
    def firm(self) -> str:
        """The firm as it is written: its name with its ticker."""
        return self.named(self.event.firm)

    def named(self, ticker: str) -> str:
        """A ticker with its name, if that is known."""
        name = self.names.get(ticker, "")
        return f"{name} ({ticker})" if name and name != ticker else ticker

    def missing(self, fewest: int = 0, **needs: tuple[int, int]) -> str:
        """Say which data do not reach over the trading days that a picture needs, or nothing.

        It needs `fewest` placebo days, and of "prices", "members" or "factors" the days from the
        first to the last, relative to t = 0.
        """
        for what, (first, last) in needs.items():
            if what in self.absent:
                return self.absent[what]
            if why := self._short(what, first, last):
                return (
                    f"it needs the trading days from t = {first} to t = {last} around "
                    f"{self.event.date:%Y-%m-%d}, and {why}"
                )
        if fewest and fewest > (found := self.placebo_count()):
            return (
                f"it needs {fewest} placebo days, and the data hold {found} before "
                f"{self.event.date:%Y-%m-%d}"
            )
        return ""

    def _short(self, what: str, first: int, last: int) -> str:
        """Over which days one kind of data runs, if not over those that are needed."""
        at, have = int(self.days.get_loc(self.event.date)), self._reaches[what]
        inside = at + first >= 0 and at + last < len(self.days)
        span = self.days[[at + first, at + last]] if inside else self.days[:0]
        if have and len(span) and have[0] <= span[0] and span[1] <= have[1]:
            return ""
        return self._runs(what)

    def _runs(self, what: str) -> str:
        """Over which days one kind of data runs."""
        title = {
            "prices": f"the prices of {self.event.firm} and {self.spec.benchmark}",
            "members": "the prices of the index members",
            "factors": "the factors",
        }[what]
        if (have := self._reaches[what]) is None:
            return f"{title} are absent"
        return f"{title} run from {have[0]:%Y-%m-%d} to {have[1]:%Y-%m-%d}"

    @functools.cached_property
    def _reaches(self) -> dict[str, tuple[pd.Timestamp, pd.Timestamp] | None]:
        """First and last day of each kind of data, on the calendar of the benchmark."""
        both = self.closes.loc[self.days, [self.event.firm, self.spec.benchmark]]
        tables = {"prices": both.dropna(), "members": self.members, "factors": self.factors}
        found = {what: table.dropna(how="all").index for what, table in tables.items()}
        return {what: (i[0], i[-1]) if len(i) else None for what, i in found.items()}

    def picture(self, draw, name: str, lacking: str = "", also=(), table=None):
        """Draw a figure as :func:`shockbook.charts.figure` does, or show what :meth:`lacking` said.

        `also` names datasets that it shows beside the event's own.
        """
        if lacking:
            return LeftOut(lacking, name)
        named = [self.event.groups if d == "groups" else d for d in also if d not in self.absent]
        data = [*self.datasets, *self.files, *(d for d in named if d in catalog.names())]
        return charts.figure(draw, name, table=table, data=data)

    def lacking(self, picture: str) -> str:
        """Say what a picture of the page lacks, or nothing.

        ``picture``: one of :data:`PICTURES`; ``"size"`` is the part that counts random days.
        """
        kind = "check" if picture == "size" else "picture"
        why = self._lacking(picture)
        return f"A {kind} is left out here: {why}." if why else ""

    def _lacking(self, picture: str) -> str:
        """The same, as the reason alone."""
        first, last = self.spec.estimation[0], max(0, self.spec.event_window[1])
        spans = {
            "price": {"prices": (-NEAR, NEAR)},
            "days": {"prices": (first - NEAR - 1, NEAR)},
            "path": {"prices": (first - 1, NEAR)},
            "members": {"members": (first, last)},
        }
        fewest = FEWEST if picture in ("placebo", "groups", "curve") else 0
        if why := self.missing(fewest, **spans.get(picture, {})):
            return why
        start = -NEAR if picture == "days" else max(-5, self.spec.estimation[1] + 1)
        if picture == "curve":  # its placebo days and the event need one run without a hole
            start = min(sum(spec.estimation) for spec in self.specifications()) - FEWEST
        last = 0 if picture == "curve" else NEAR
        if picture in ("days", "path", "curve") and (why := self.gaps(self.spec, start, last)):
            return why
        if picture == "groups" and self.baskets().shape[1] < 2:
            return "the file names no group of three or more shares with prices"
        if picture == "size" and (found := len(self.ordinary_days())) < FEWEST:
            return f"it needs {FEWEST} ordinary days, and the data hold {found}"
        if picture in ("compare", "curve") and len(self.specifications()) < 2:
            return "there is no alternative that the data can carry"
        return ""

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
        days, possible = self._possible(self.spec)
        at = study.position(days, self.event.date)
        return days[possible[abs(possible - at) > apart]]

    def _possible(self, spec: study.Specification) -> tuple[pd.DatetimeIndex, np.ndarray]:
        """The days that the model has, and the places among them of those it can study."""
        offset, x = study.inputs(self.own, spec, self.factors)
        firm = self.own[self.event.firm].reindex(x.index)
        return x.index, possible_days(usable(x, offset) & firm.notna().to_numpy(), spec)

    def random_days(self, n: int = 200, seed: int = 0) -> pd.DatetimeIndex:
        """Ordinary days drawn without replacement, in order; all of them if there are fewer."""
        days = self.ordinary_days()
        rng = np.random.default_rng(seed)
        return days[np.sort(rng.choice(len(days), min(n, len(days)), replace=False))]

    def baskets(self, least: int = 3) -> pd.DataFrame:
        """Mean return of each group that can be studied on the day, and the benchmark's.

        The firm itself (a basket's firms) is left out, and so are shares that do not trade on the
        event's exchange or lack prices; a group of fewer than `least` others is no group.
        """
        table, one = self.returns, self.event
        calendars = snapshot("tickers").set_index("ticker")["calendar"]
        here = [
            ticker
            for ticker in self.groups.index
            if ticker in table
            and ticker not in (one.firm, self.spec.benchmark, *one.baskets.get(one.firm, ()))
            and calendars.get(ticker, one.exchange) == one.exchange
        ]
        good = study.eligible(table, one.date, self.spec, here, self.factors) if here else []
        sizes = self.groups[good].value_counts() if len(good) else pd.Series(dtype=int)
        kept = {
            group: table[[t for t in good if self.groups[t] == group]].mean(axis=1)
            for group in sizes.index[sizes >= least]
        }
        return pd.DataFrame(kept).assign(**{self.spec.benchmark: table[self.spec.benchmark]})

    def busy_days(self, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
        """Sessions between two days, and how far volume and return lay from the usual.

        Returns a table with a row per session: ``volume`` (times the usual of its estimation
        window; empty if not known), ``abnormal`` (decimal) and ``t``.
        """
        firm, spec = self.event.firm, self.spec.but(event_window=(0, 0))
        days, possible = self._possible(spec)
        days = days[possible]
        days = days[(days >= first) & (days <= last)]
        if not len(days):
            raise EventError(
                f"no session from {first:%Y-%m-%d} to {last:%Y-%m-%d} can be studied: the data "
                f"run from {self.days[0]:%Y-%m-%d} to {self.days[-1]:%Y-%m-%d}."
            )
        found = study.rolling(self.own, days, spec, firm, self.factors)
        out = pd.DataFrame({"abnormal": found.car[firm], "t": found.t[firm]})
        log = np.log(self._volume().reindex(self.days).where(lambda v: v > 0))
        usual = log.shift(-spec.estimation[1]).rolling(spec.days, spec.days // 2).mean()
        out["volume"] = np.exp(log - usual).reindex(days)
        return out

    def _volume(self) -> pd.Series:
        """The firm's traded volume by day, of the event's own files or the book's; maybe empty."""
        if self.event.firm in self.volumes:
            return self.volumes[self.event.firm]
        prices = catalog.load("prices")
        return prices[prices["ticker"] == self.event.firm].set_index("date")["volume"]

    def industry(self) -> pd.DataFrame:
        """A basket's firms as a group, and the event's groups, by :func:`study.industry`."""
        basket = self.event.baskets.get(self.event.firm, ())
        groups = self.groups[~self.groups.index.isin(basket)]
        groups = pd.concat([pd.Series(self.event.firm, index=list(basket)), groups])
        table = self.returns
        table = table[[t for t in groups.index if t in table] + [self.spec.benchmark]]
        table = table.loc[:, ~table.columns.duplicated()]
        table.attrs["returns"] = self.spec.returns
        return study.industry(table, self.event.date, groups, self.spec, self.factors)

    def industry_said(self) -> list[str]:
        """The industry in a paragraph and a table of Markdown; nothing if the event is one firm."""
        if self.event.firm not in self.event.baskets:
            return []
        table = self.industry()
        rows = ["| Group | Firms | Mean | Median | Rose | *p* | *p*, adjusted |",
                "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
        for group, row in table.iterrows():
            mean, median = (
                words.write(100 * row[f"{m}_car"], "{:+.1f}%") for m in ("mean", "median")
            )
            rows.append(
                f"| {group} | {row['firms']:.0f} | {mean} | {median} | {row['positive']:.0%} | "
                f"{row['BMP, corrected']:.3f} | {row['p_adjusted']:.3f} |"
            )
        said = (
            f"{self.event.firm} are {len(self.event.baskets[self.event.firm])} firms on one day, "
            "and firms of one industry move together. So the test of each group below allows for "
            "the correlation of its firms (BMP, corrected), and its p is adjusted for the number "
            "of groups. The figures are abnormal returns."
        )
        return [said, "\n".join(rows)]

    def specifications(self) -> list[study.Specification]:
        """The primary specification, then the event's alternatives that the data can serve."""
        every = dict.fromkeys([self.spec, *_grid(self.event)])
        return [spec for spec in every if not self._unserved(spec)]

    def left_out(self) -> list[str]:
        """A sentence for each reason for which alternatives are left out, and how many."""
        every = dict.fromkeys(_grid(self.event))
        why = Counter(filter(None, map(self._unserved, every)))
        return [
            f"Of the {len(every)} combinations that the file names, {n} are left out: {reason}."
            for reason, n in why.items()
        ]

    def _unserved(self, spec: study.Specification) -> str:
        """Why the data cannot serve a specification, or nothing."""
        first, last = spec.estimation[0], max(0, spec.event_window[1])
        why = self._short("prices", first - 1, last) or self.gaps(spec)
        if spec.model in FACTORS:
            why = why or self.absent.get("factors") or self._short("factors", first, last)
        if why or spec.benchmark not in self.closes:  # a factor stands in for it
            return why
        if spec.benchmark in (self.spec.benchmark, self.event.firm):
            same = spec.benchmark == self.event.firm and spec.model != "mean"
            return f"{spec.benchmark} is the firm itself" if same else ""
        at = int(self.days.get_loc(self.event.date))
        needed = self.closes[spec.benchmark].reindex(self.days[at + first - 1 : at + last + 1])
        return f"{spec.benchmark} has no price on some of the days" if needed.isna().any() else ""

    def gaps(self, spec: study.Specification, first: int = 0, last: int = 0) -> str:
        """Which days lack in the firm's prices, if a study cannot do without, or nothing.

        It needs those of the event window, or from `first` to `last`, and the day before, without
        which the first return would span two; and most of the estimation window.
        """
        at = int(self.days.get_loc(self.event.date))
        first, last = min(first, spec.event_window[0]), max(last, spec.event_window[1])
        seen = self.tables[spec.returns][self.event.firm].notna()
        part, where = seen.iloc[at + spec.estimation[0] : at + spec.estimation[1] + 1], ""
        if part.mean() >= spec.coverage:
            part = seen.iloc[max(int(seen.argmax()), at + first - 1) : at + last + 1]
        else:
            where = f" and {(~part).sum() - 1} more days of the estimation window"
        gone = part.index[~part]
        return f"{self.event.firm} has no price on {gone[0]:%Y-%m-%d}{where}" if len(gone) else ""

    def trial(self) -> list[str]:
        """Compute what the page computes, and say what it will leave out.

        Raises ``EventError`` if a part of the page cannot be computed.
        """
        lacking = {name: self.lacking(name) for name in PICTURES}
        drawn = [name for name, why in lacking.items() if not why]
        one, spec, firm = self.event, self.spec, self.event.firm
        try:
            specs = self.specifications()
            for other in specs:
                table = self.tables[other.returns][list(self.own)]
                study.event_study(table, one.date, other, firm, self.factors)
            usual = self.ordinary_days()
            if "size" in drawn:
                study.rolling(self.own, usual, spec, firm, self.factors)
            if "curve" in drawn:
                study.curve(self.tables, one.date, firm, specs, self.factors).joint(0.05)
            if "path" in drawn:
                start = max(-5, spec.estimation[1] + 1)
                whole = spec.but(event_window=(start, NEAR))
                study.event_study(self.own, one.date, whole, firm, self.factors)
            if "groups" in drawn:
                quiet = self.placebo_days()
                study.placebo(self.baskets(), one.date, spec, None, self.factors, quiet)
            if "members" in drawn:
                study.eligible(self.members, one.date, spec, None, self.factors)
            if firm in one.baskets:
                self.industry()
        except study.StudyError as error:
            raise EventError(f"{error}.") from None
        return [*(f"{name}: {why}" for name, why in lacking.items() if why), *self.left_out()]


#: The pictures of the page, by what :meth:`EventData.lacking` calls them.
PICTURES = ("price", "days", "compare", "placebo", "size", "path", "curve", "members", "groups")


@dataclass(repr=False)
class LeftOut:
    """The sentence that stands where a picture would."""

    text: str
    name: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<p class="left-out" id="{self.name}">{html.escape(self.text)}</p>'


def snapshot(name: str) -> pd.DataFrame:
    """A dataset of the snapshot, read once for each state of its file; not to be changed."""
    return _snapshot(name, catalog.describe(name)["hash"])


@functools.lru_cache(maxsize=8)
def _snapshot(name: str, key: str) -> pd.DataFrame:
    return catalog.load(name, live=False)


def known() -> dict[str, str]:
    """Every ticker of the snapshot that has prices, with its name."""
    tables = (snapshot("sp500-members"), snapshot("tickers"))
    return {t: n for table in tables for t, n in zip(table["ticker"], table["name"], strict=True)}


def load(which: Event | str | Path | None = None) -> EventData:
    """Load what an event needs, from the snapshot or, if that is asked for, live.

    ``which``: by default that of :func:`shockbook.event.chosen`.

    Raises ``EventError``: one sentence that names the fault and the nearest valid choice.
    """
    one = which if isinstance(which, Event) else event.read(which)
    with _one_sentence():
        data = _load(one)
        _check_day(data)
    return data


@contextlib.contextmanager
def _one_sentence() -> Iterator[None]:
    """Faults of a study or of data as those of the event."""
    try:
        yield
    except study.StudyError as error:
        raise EventError(f"{error}.") from None
    except DataError as error:
        raise EventError(str(error)) from None


def _load(one: Event) -> EventData:
    listed = snapshot("tickers").set_index("ticker")
    calendars, currencies = listed["calendar"].to_dict(), listed["currency"].to_dict()
    if one.exchange not in calendars.values():
        one = replace(one, exchange=exchanges.resolve(one.exchange))
    if not re.fullmatch("[A-Za-z]{3}|points", one.currency):
        raise EventError(
            f"the currency is {one.currency!r}; write its three letters, for instance USD."
        )
    brought = event_prices.read(one)
    closes, stocks, factors = tables()
    groups = _groups(one)
    wanted = one.tickers + (list(groups.index) if one.groups == MEMBERS else [])
    have = {*closes, *brought.closes}
    of_members = [t for t in dict.fromkeys(wanted) if t in stocks and t not in have]
    closes = closes.drop(columns=brought.closes.columns, errors="ignore")
    closes = closes.join(stocks[of_members], how="outer").join(brought.closes, how="outer")
    told = known()
    here = {t: one.names.get(t, told.get(t, "")) for t in closes}
    calendars |= dict.fromkeys(brought.closes, one.exchange)
    currencies |= dict.fromkeys(of_members, "USD") | dict.fromkeys(brought.closes, one.currency)
    currencies |= brought.currencies | dict(one.currencies)
    for name, tickers in one.baskets.items():
        for ticker in tickers:
            event.check_ticker(f"member of {name}", ticker, here)
        where = {calendars.get(t, HOME) for t in tickers}
        if len(where) > 1:
            raise EventError(
                f"the basket {name!r} holds shares of {' and '.join(sorted(where))}, which shut "
                "on different days: keep one market."
            )
        role, other = "benchmark", one.firm
        if name == one.firm:
            role, other = "basket", one.primary.benchmark
        if other in tickers and name in (one.firm, *one.benchmarks):
            raise EventError(f"the {role} {name!r} holds {other} itself: leave it out there.")
        closes[name], calendars[name] = basket(closes[list(tickers)]), where.pop()
        currencies[name] = currencies.get(tickers[0], one.currency)
        here[name] = name
    event.check_tickers(one, here)
    event.check_exchange(one, calendars)
    own = currencies.get(one.firm, one.currency)
    if own not in (one.currency, "points"):
        raise EventError(
            f"the prices of {one.firm} are in {own}, not in {one.currency}: write "
            f'currency = "{own}".'
        )
    days, spec = study.calendar_of(closes, one.primary.benchmark), one.primary
    _grid(one)
    of_kind = {kind: study.returns(closes, kind, days) for kind in ("simple", "log")}
    absent = {}
    if one.exchange != HOME:
        absent["factors"] = f"the factors are those of American shares, and this is {one.exchange}"
        absent["members"] = f"the index members trade on {HOME}, and this is {one.exchange}"
        factors, stocks = factors.iloc[:0], stocks.iloc[:, :0]
    if one.firm == spec.benchmark:
        absent["members"] = "the firm has no benchmark that it shares with the index members"
    both = days.intersection(stocks.index)
    if not len(both):
        run = f"run from {stocks.index[0]:%Y-%m-%d} to {stocks.index[-1]:%Y-%m-%d}"
        absent.setdefault("members", f"the prices of the index members {run}")
        both = stocks.index[:2]
    stocks = study.returns(stocks, spec.returns, both)
    used = {one.firm, one.primary.benchmark, *one.baskets.get(one.firm, ())}
    used |= {*one.baskets.get(one.primary.benchmark, ())}
    datasets = [] if used - set(one.baskets) <= set(brought.closes) else ["prices"]
    return EventData(
        event=one,
        days=days,
        closes=closes,
        tables=of_kind,
        members=stocks.drop(columns=spec.benchmark, errors="ignore")
        .copy()  # in one piece
        .assign(**{spec.benchmark: of_kind[spec.returns][spec.benchmark]}),
        factors=factors,
        groups=groups,
        names=here,
        datasets=[*datasets, *(["sp500-prices"] if of_members else [])],
        notes=[*brought.notes, *_foreign(one, currencies)],
        absent=absent,
        volumes=brought.volumes,
        files=brought.files,
    )


def load_at(draft: Event, first: pd.Timestamp, last: pd.Timestamp) -> EventData:
    """The data of an event whose day is not settled: loaded at the first day that can be."""
    with _one_sentence():
        data, spec = _load(draft), draft.primary
    days = data.days[_studied_days(data.returns[draft.firm].notna().to_numpy(), spec)]
    days = days[(days >= first) & (days <= last)]
    for day in days if len(days) else [last]:
        try:
            return load(replace(draft, date=day))
        except EventError as error:
            reason = error
    raise reason


def basket(closes: pd.DataFrame) -> pd.Series:
    """An equally weighted portfolio, rebalanced daily, as an index that begins at a hundred.

    Days on which fewer than half of its shares have a price are left out.
    """
    closes = closes[closes.notna().mean(axis=1) >= 0.5]
    return 100 * (1 + study.returns(closes).mean(axis=1).fillna(0)).cumprod()


def _foreign(one: Event, currencies: dict[str, str]) -> Iterator[str]:
    """A sentence if a benchmark is in another currency than the firm, or is the firm."""
    if one.primary.benchmark == one.firm:
        yield f"There is no benchmark but {one.firm} itself: its own average is expected."
    for ticker in one.benchmarks:
        theirs = currencies.get(ticker, one.currency)
        if theirs not in (one.currency, "points"):
            yield (
                f"{one.firm} is priced in {one.currency} and {ticker} in {theirs}: a move of the "
                "exchange rate shows as an abnormal return."
            )


def _grid(one: Event) -> list[study.Specification]:
    """The event's alternatives; a choice that it does not vary stays as in the primary one."""
    fixed = {choice: (getattr(one.primary, choice),) for choice in event.TABLES["primary"]}
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
    prices = catalog.load("prices")
    return (
        study.wide(prices.assign(adj_close=event_prices.adjusted(prices))),
        study.wide(catalog.load("sp500-prices")),
        catalog.load("factors").set_index("date") / 100,
    )


def _check_day(data: EventData) -> None:
    """The primary specification has to be possible with the prices around the event."""
    one, days, spec = data.event, data.days, data.spec
    day = f"{one.date:%Y-%m-%d} ({one.date:%A})"
    if days.empty:
        raise EventError(f"{spec.benchmark} has no trading days in the data: choose another one.")
    if data.files:
        event_prices.check_sessions(one, days)
    if one.date not in days and days[0] <= one.date <= days[-1]:
        at = int(days.searchsorted(one.date))
        raise EventError(
            f"the event date {day} is not a trading day of {one.exchange} in the data; take the "
            f"next session, {days[at]:%Y-%m-%d} ({days[at]:%A}), if the news came after the "
            f"close of {days[at - 1]:%Y-%m-%d} ({days[at - 1]:%A}), else that day."
        )
    seen = data.returns[one.firm].notna().to_numpy()
    valid = days[_studied_days(seen, spec)]
    if one.date in valid:
        if spec.model in FACTORS and (why := data.absent.get("factors")):
            raise EventError(f"the model {spec.model} cannot be used: {why}; take market.")
        study.event_study(data.own, one.date, spec, one.firm, data.factors)
        return
    if not len(valid):
        raise EventError(
            f"{one.firm} has {seen.sum()} returns on the {len(days)} days of {spec.benchmark}, "
            "fewer than the windows need: shorten them or choose another firm or benchmark."
        )
    first, last = spec.estimation[0] - 1, max(0, spec.event_window[1])
    if one.date in days and not data._short("prices", first, last):
        raise EventError(
            f"{data.gaps(spec)}, needed by the windows: complete its prices or take another day."
        )
    nearest = valid[abs(valid - one.date).argmin()]
    raise EventError(
        f"the windows around {day} reach beyond the data: {data._runs('prices')}; the nearest "
        f"event date that they allow is {nearest:%Y-%m-%d} ({nearest:%A})."
    )


def _studied_days(seen: np.ndarray, spec: study.Specification) -> np.ndarray:
    """Whether each day has enough of the firm's returns in its windows."""
    out = np.zeros(len(seen), dtype=bool)
    first, last = spec.event_window[0], max(0, spec.event_window[1])
    # one more day before the first, because a return needs the close before it
    at = np.arange(1 - spec.estimation[0], len(seen) - last)
    before, around = totals(seen, at, spec.estimation), totals(seen, at, (first - 1, last))
    out[at] = (before >= spec.coverage * spec.days) & (around == last - first + 2)
    return out


def _groups(one: Event) -> pd.Series:
    """Ticker -> group; empty if the event names no groups."""
    empty = pd.Series(dtype=str, name="group")
    if not one.groups:
        return empty
    if one.groups in catalog.names():
        table = snapshot(one.groups)
        where = f"the dataset {one.groups}"
    else:
        path = one.folder / one.groups
        path = path if path.exists() else event.ROOT / one.groups
        where = one.groups
        try:
            table = pd.read_csv(
                path, sep=None, engine="python", encoding="utf-8-sig", dtype=str, na_filter=False
            )
        except (OSError, ValueError):
            raise EventError(
                f"groups is {one.groups!r}, which is neither a dataset nor a readable CSV file; "
                'write groups = "groups" for the book\'s own, or "" for none.'
            ) from None
    table = table.rename(columns={"sector": "group"}) if one.groups == MEMBERS else table
    if not {"ticker", "group"} <= set(table):
        raise EventError(f"groups: {where} has no columns ticker and group.")
    return table.drop_duplicates("ticker").set_index("ticker")["group"]


def chance_range(n: int, p: float = 0.05, level: float = 0.95) -> tuple[int, int]:
    """The middle range of a binomial count: at most (1 - level) / 2 lies beyond either end."""
    from scipy.special import bdtr

    tail = (1 - level) / 2
    below = bdtr(np.arange(n + 1), n, p)
    return int((below <= tail).sum()), int((below < 1 - tail).sum())
