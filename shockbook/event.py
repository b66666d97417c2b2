"""An event to study: the day, the firm, the benchmark and the windows, read from a TOML file.

The file says everything that has to be settled before a result is looked at.  :func:`read` checks
its form; :func:`check` checks it against the trading days and the tickers of the price data.
"""

import datetime as dt
import difflib
import json
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from shockbook.data import DataError, exchanges

ROOT = Path(__file__).parents[1]
RETURNS = ("simple", "log")
#: How a setting may be written, for a sentence on one that lacks.
EXAMPLES = {"firm": "NVDA", "benchmark": "SPY", "model": "market", "returns": "simple",
            "exchange": "XNYS", "currency": "USD"}  # fmt: skip
#: What the specification curve may vary, and the kind of one value of each.
CHOICES = {
    "model": "text",
    "benchmark": "text",
    "returns": "text",
    "estimation": "window",
    "event_window": "window",
}


#: What [event] may hold, and the tables besides [event] and [primary].
SETTINGS = {"name", "date", "announced", "when", "firm", "exchange", "currency", "groups", "prices"}
TABLES = ("milestones", "alternatives", "names", "currencies", "baskets", "news", "prices")
_MINUTES = re.compile(r"^(\s*announced\s*=\s*[\d-]+[T ]\d\d:\d\d)(?![:\d])", re.M)


class EventError(ValueError):
    """An event file that cannot be used.  One sentence that names the setting and a valid one."""

    def _render_traceback_(self) -> list[str]:
        """In a notebook the sentence alone is shown, without the lines that led to it."""
        return [f"EventError: {self}"]


@dataclass(frozen=True)
class Specification:
    """What the primary result is computed with.  Windows are trading days relative to t = 0."""

    model: str
    benchmark: str
    returns: str
    estimation: tuple[int, int]
    event_window: tuple[int, int]


@dataclass(frozen=True)
class News:
    """What is known to have happened, in a sentence, and the address where it can be read."""

    text: str
    source: str


@dataclass(frozen=True)
class Event:
    """One event.  ``date`` is t = 0; ``milestones`` are dates to be marked, of any weekday.

    ``groups`` is a dataset or a CSV file with columns ``ticker`` and ``group``, or nothing.
    ``alternatives`` holds for each of :data:`CHOICES` the values that the specification curve
    tries.  ``announced`` and ``when`` say when the news came, if ``date`` follows from that, and
    ``why`` says how.  ``prices`` are (ticker or "", file or folder), relative to ``folder``, where
    the event's file is.  ``baskets`` are names of equally weighted portfolios and their tickers.
    """

    name: str
    date: pd.Timestamp
    firm: str
    exchange: str
    currency: str
    primary: Specification
    milestones: Mapping[str, pd.Timestamp]
    groups: str = "groups"
    alternatives: Mapping[str, tuple] = field(default_factory=lambda: MappingProxyType({}))
    news: News | None = None
    announced: pd.Timestamp | None = None
    when: str = ""
    why: str = field(default="", compare=False)
    prices: tuple[tuple[str, str], ...] = ()
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    currencies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    baskets: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    folder: Path = field(default=ROOT, compare=False)


def chosen() -> Path:
    """The file of the reader's own event: ``event.toml``, or what ``SHOCKBOOK_EVENT`` names."""
    return ROOT / (os.environ.get("SHOCKBOOK_EVENT") or "event.toml")


def read(path: str | Path | None = None) -> Event:
    """Read an event file.

    ``path``: the TOML file; a relative path counts from the root of the book.  Default:
    :func:`chosen`.

    Raises ``EventError`` if the file is missing, is not TOML, or a setting is missing, unknown or
    of a wrong kind.
    """
    path = chosen() if path is None else ROOT / path
    try:
        return parse(path.read_bytes(), path)
    except OSError:
        raise EventError(f"there is no event file {path.name} in {path.parent}.") from None


def parse(content: bytes, path: Path) -> Event:
    """The event that a file of this content is, or would be; faults as of :func:`read`."""
    where = path.name
    try:
        text = re.sub("\r\n?", "\n", content.decode())
        # TOML asks for the seconds of a time, people do not write them
        content = tomllib.loads(_MINUTES.sub(r"\1:00", text))
    except ValueError as error:
        raise EventError(f"{where} is not valid TOML: {error}.") from None

    _only(content, {"event", "primary", *TABLES}, "table", where)
    event, primary = _table(content, "event", where), _table(content, "primary", where)
    milestones, alternatives, names, currencies, baskets = (
        _table(content, key, where) if key in content else {} for key in TABLES[:5]
    )
    news = _table(content, "news", where) if "news" in content else None
    _only(event, SETTINGS, "setting", where)
    _only(alternatives, set(CHOICES), "setting", where)
    _only(news or {}, {"text", "source"}, "setting", where)
    if news and not _text(news, "source", where).startswith(("https://", "http://")):
        raise EventError(f"{where}: source is {news['source']!r}; write an address: https://...")
    _only(primary, set(Specification.__dataclass_fields__), "setting", where)

    if primary.get("model") == "mean":  # needs no benchmark
        primary.setdefault("benchmark", event.get("firm"))
    specification = Specification(
        model=_text(primary, "model", where),
        benchmark=_text(primary, "benchmark", where),
        returns=_text(primary, "returns", where),
        estimation=_window(primary, "estimation", where),
        event_window=_window(primary, "event_window", where),
    )
    if specification.returns not in RETURNS:
        raise EventError(
            f"{where}: returns is {specification.returns!r}; it may be {' or '.join(RETURNS)}."
        )
    if specification.estimation[1] >= min(0, specification.event_window[0]):
        raise EventError(
            f"{where}: the estimation window {list(specification.estimation)} has to end before "
            f"the event and before the event window {list(specification.event_window)} begins."
        )
    exchange = _text(event, "exchange", where)
    date, announced, when, why = _when(event, exchange, where)
    marked = {key: _date(milestones, key, where) for key in milestones}
    if announced is not None and announced.tz_localize(None).normalize() != date:
        marked.setdefault("announced", announced.tz_localize(None).normalize())
    return Event(
        name=_text(event, "name", where),
        date=date,
        firm=_text(event, "firm", where),
        exchange=exchange,
        currency=_text(event, "currency", where),
        primary=specification,
        milestones=MappingProxyType(marked),
        groups=_groups(event, where),
        alternatives=MappingProxyType(
            {key: _choices(alternatives, key, where) for key in alternatives}
        ),
        news=news and News(_text(news, "text", where), _text(news, "source", where)),
        announced=announced,
        when=when,
        why=why,
        prices=_prices(event, content, where),
        names=MappingProxyType({key: _text(names, key, where) for key in names}),
        currencies=MappingProxyType({key: _text(currencies, key, where) for key in currencies}),
        baskets=MappingProxyType({key: _basket(baskets, key, where) for key in baskets}),
        folder=path.parent,
    )


def _when(event: dict, exchange: str, where: str) -> tuple[pd.Timestamp, ...]:
    """t = 0, and from what it follows: the day as it is given, or the session after the news."""
    if "announced" not in event:
        if "when" in event:
            raise EventError(f"{where}: when says when the news came: give announced, not date.")
        return _date(event, "date", where), None, "", ""
    if "date" in event:
        raise EventError(
            f"{where}: date and announced are both given; give announced to have the session "
            "worked out, or date alone."
        )
    announced = event["announced"]
    if type(announced) not in (dt.date, dt.datetime):
        _get(event, "announced", dt.date, "2025-04-05 (no quotes)", where)
    announced = pd.Timestamp(announced)
    exact = announced.tz is not None or announced != announced.normalize()
    if exact and "when" in event:
        raise EventError(f"{where}: announced has a time of day, so leave when out.")
    when = "" if exact else event.get("when", "unknown")
    if not exact and when not in exchanges.WHEN:
        raise EventError(f"{where}: when is {when!r}; it may be {', '.join(exchanges.WHEN)}.")
    if not 1900 <= announced.year <= 2100:
        raise EventError(f"{where}: announced is {announced:%Y-%m-%d}, no day with prices.")
    try:
        date, why = exchanges.first_session(exchange, announced, when)
    except DataError as error:
        raise EventError(f"{where}: {error}") from None
    return date, announced, when, why


def _prices(event: dict, content: dict, where: str) -> tuple[tuple[str, str], ...]:
    """The price files: one, several, or one for each ticker."""
    if "prices" in event and "prices" in content:
        raise EventError(f"{where}: prices stands twice, in [event] and as a table: keep one.")
    given = content.get("prices", event.get("prices", []))
    if isinstance(given, str):
        given = [given]
    good = isinstance(given, list | dict)
    files = given if good else []
    pairs = list(files.items()) if isinstance(files, dict) else [("", file) for file in files]
    if not good or any(not isinstance(f, str) or not f.strip() for _, f in pairs):
        raise EventError(
            f'{where}: prices is {given!r}; write it like prices = "my.csv", '
            'or prices = { SAP = "sap.csv" }.'
        )
    return tuple(pairs)


def _basket(baskets: dict, key: str, where: str) -> tuple[str, ...]:
    """The tickers of an equally weighted portfolio, two or more."""
    found = baskets[key]
    if not isinstance(found, list) or any(type(t) is not str or not t.strip() for t in found):
        raise EventError(f'{where}: {key} is {found!r}; write it like {key} = ["JPM", "BAC"].')
    if len(set(found)) < 2:
        raise EventError(f"{where}: the basket {key!r} needs two tickers or more.")
    return tuple(dict.fromkeys(found))


def check(event: Event, days: pd.DatetimeIndex, tickers: Collection[str]) -> None:
    """Check an event against what the price data hold.

    Parameters
    ----------
    event : Event
    days : DatetimeIndex
        The trading days of the event's exchange that the data hold, in order; for instance the
        dates of the benchmark's rows.
    tickers : collection of str
        The tickers that have prices; if it maps them to names, names are searched too.

    Raises ``EventError`` if the firm or a benchmark has no prices (the sentence names the nearest
    tickers), the event is not one of the trading days (it names the next session), or a window
    reaches beyond the days that there are.
    """
    check_tickers(event, tickers)
    # one more day before the first, because a return needs the close before it
    first = event.primary.estimation[0] - 1
    last = max(0, event.primary.event_window[1])
    valid = days[-first : len(days) - last]
    if not len(valid):
        raise EventError(
            f"the data hold {len(days)} trading days of {event.primary.benchmark}, fewer than the "
            f"{last - first + 1} that the windows need: shorten the estimation window."
        )
    nearest = valid[abs(valid - event.date).argmin()]
    day = f"{event.date:%Y-%m-%d} ({event.date:%A})"
    if not days[0] <= event.date <= days[-1]:
        raise EventError(
            f"the event date {day} lies outside the data, which run from {days[0]:%Y-%m-%d} to "
            f"{days[-1]:%Y-%m-%d}; the nearest valid one is {nearest:%Y-%m-%d} ({nearest:%A})."
        )
    if event.date not in days:
        at = int(days.searchsorted(event.date))
        raise EventError(
            f"the event date {day} is not a trading day of {event.exchange} in the data; take the "
            f"next session, {days[at]:%Y-%m-%d} ({days[at]:%A}), if the news came after the "
            f"close of {days[at - 1]:%Y-%m-%d} ({days[at - 1]:%A}), else that day."
        )
    position = int(days.get_loc(event.date))
    if position + first < 0:
        raise EventError(
            f"the estimation window begins {-first} trading days before {event.date:%Y-%m-%d}, "
            f"but the data begin only {position} before it; the earliest event date for this "
            f"window is {valid[0]:%Y-%m-%d}."
        )
    if position + last >= len(days):
        raise EventError(
            f"the event window ends {last} trading days after {event.date:%Y-%m-%d}, but the data "
            f"end on {days[-1]:%Y-%m-%d}; the latest event date for this window is "
            f"{valid[-1]:%Y-%m-%d}."
        )


def check_tickers(event: Event, tickers: Collection[str]) -> None:
    """Check that firm and benchmarks have prices; the sentence names the nearest tickers."""
    check_ticker("firm", event.firm, tickers)
    check_ticker("benchmark", event.primary.benchmark, tickers)
    for other in event.alternatives.get("benchmark", ()):
        check_ticker("alternative benchmark", other, tickers)


def check_exchange(event: Event, calendars: Mapping[str, str]) -> None:
    """Check that the exchange is known, and is that of firm and benchmarks.

    Parameters
    ----------
    calendars : mapping of ticker to the code of its exchange, or "24/7"
    """
    if event.exchange not in calendars.values():
        try:
            exchanges.resolve(event.exchange)
        except DataError as error:
            raise EventError(str(error)) from None
    others = event.alternatives.get("benchmark", ())
    for ticker in (event.firm, event.primary.benchmark, *others):
        at = calendars.get(ticker, event.exchange)
        if at not in (event.exchange, "24/7"):
            way = f"name firm, benchmark and exchange of one market, as a firm of {event.exchange}"
            if event.exchange == "24/7":
                way = f"name the exchange {at}, and a coin's closes on its sessions are taken"
            raise EventError(
                f"{ticker} trades on {at}, which shuts on other days than {event.exchange}: {way}."
            )


def check_ticker(role: str, ticker: str, tickers: Collection[str]) -> None:
    """Check one ticker in the role that the sentence gives it."""
    if ticker not in tickers:
        raise EventError(
            f"the {role} {ticker!r} has no prices in the data; "
            f"the nearest tickers are {', '.join(nearest_tickers(ticker, tickers))}; or bring "
            'prices: a file (prices = "my.csv"), or new-event --fetch.'
        )


def nearest_tickers(wanted: str, tickers: Collection[str], most: int = 5) -> list[str]:
    """The tickers most like a wrong one, the likeliest first, with their names if there are any.

    Parameters
    ----------
    wanted : str
        A ticker, or a name that stands in its place.
    tickers : collection of str
        Those that exist; a mapping gives their names.
    """
    names = dict(tickers) if isinstance(tickers, Mapping) else dict.fromkeys(tickers, "")
    low = wanted.strip().lower()
    words = {t: name.lower().replace(".", " ").split() for t, name in names.items() if name}
    by_name = [t for t in words if len(low) > 2 and low in words[t]]
    first = {words[t][0]: t for t in reversed(words)}
    by_name += [first[w] for w in difflib.get_close_matches(low, first, 2, 0.8)]
    swapped = [t for t in names if sorted(t) == sorted(low.upper())]  # letters out of order
    spelt = [*swapped, *difflib.get_close_matches(low.upper(), names, most, 0.5)]
    letter = sorted(t for t in names if t[:1] == low[:1].upper()) or sorted(names)
    found = list(dict.fromkeys([*by_name, *spelt] or letter))[:most]
    return [f"{t} ({names[t]})" if names[t] else t for t in found]


def _only(table: dict, known: set[str], kind: str, where: str) -> None:
    for key in table:
        if key not in known:
            raise EventError(
                f"{where}: unknown {kind} {key!r}; there may be {', '.join(sorted(known))}."
            )


def _table(content: dict, key: str, where: str) -> dict:
    if not isinstance(content.get(key), dict):
        raise EventError(f"{where}: the table [{key}] is missing.")
    return content[key]


def _get(table: dict, key: str, kind: type, example: str, where: str):
    value = table.get(key)
    # a bool is an int and a datetime is a date to Python, so the types are compared exactly
    if type(value) is not kind:
        found = "is missing" if key not in table else f"is {value!r}"
        raise EventError(f"{where}: {key} {found}; write it like {key} = {example}.")
    return value


def _text(table: dict, key: str, where: str) -> str:
    value = _get(table, key, str, f'"{EXAMPLES.get(key, "some words")}"', where)
    if not value.strip():
        raise EventError(f"{where}: {key} is empty.")
    return value


def _date(table: dict, key: str, where: str) -> pd.Timestamp:
    return pd.Timestamp(_get(table, key, dt.date, "2025-01-27 (no quotes)", where))


def _window(table: dict, key: str, where: str) -> tuple[int, int]:
    value = _get(table, key, list, "[-1, 1]", where)
    if len(value) != 2 or any(type(v) is not int for v in value) or value[0] > value[1]:
        raise EventError(
            f"{where}: {key} is {value}; it has to be two whole numbers, the earlier first."
        )
    return value[0], value[1]


def _choices(table: dict, key: str, where: str) -> tuple:
    """A list of models, benchmarks, kinds of return or windows."""
    kind = CHOICES[key]
    example = '["SPY", "RSP"]' if kind == "text" else "[[0, 0], [-1, 1]]"
    values = _get(table, key, list, example, where)
    if kind == "window":
        good = all(type(v) is list for v in values)
        found = [_window({key: v}, key, where) for v in values] if good else []
    else:
        good = all(type(v) is str and v.strip() for v in values)
        found = values
    if not values or not good:
        raise EventError(f"{where}: {key} is {values}; write it like {key} = {example}.")
    return tuple(dict.fromkeys(found))


def _groups(event: dict, where: str) -> str:
    if event.get("groups") == "":
        return ""  # no groups
    return _text(event, "groups", where) if "groups" in event else "groups"


#: The head of an event file.
HEAD = """\
# The event that the page "Run your own event" studies (chapters/your-event.ipynb).
# Change a line, then run
#     make notebooks              (runs the page again and stores its outputs)
#     make book BOOK=event        (builds a small site with this page alone)
# `python -m shockbook new-event` asks for everything and writes this file for you.
# Decide, and write down, before you look at any result: that is what makes the test fair.
"""
#: Setting to what a teacher has to know of it.
COMMENTS = {
    "event": {
        "name": "the title of the page and of the small site",
        "date": "t = 0, a trading day, without quotes",
        "announced": "the day of the news by the exchange's clock; t = 0 follows from it",
        "when": "before open, during, after close or unknown",
        "firm": "its ticker, here or in a price file of your own, or the name of a basket",
        "exchange": "whose trading days count: XNYS New York, XETR Frankfurt, XTKS Tokyo, 24/7",
        "currency": "of the firm's prices",
        "prices": "files of your own beside this one, or a folder that new-event --fetch filled",
        "groups": 'who else moved: a dataset or CSV file with ticker and group, or ""',
    },
    "primary": {
        "model": "market, market-adjusted, mean, capm, ff3, carhart, ff5 or ff6",
        "benchmark": "what the firm is compared with",
        "returns": "simple or log, of closes adjusted for splits and dividends",
        "estimation": "the ordinary days the model learns from, in trading days from t = 0",
        "event_window": "the days whose abnormal returns are added up",
    },
}
TITLES = {
    "event": "",
    "primary": "the one specification that decides; all others are alternatives",
    "alternatives": "what the specification curve tries as well",
    "prices": "whose prices each file of your own holds",
    "names": "of tickers that the book does not know",
    "currencies": "of prices that are in another currency than the firm's",
    "baskets": "equally weighted portfolios, to study or to compare with",
    "milestones": "days to be marked in the pictures, of any weekday",
    "news": "what is known to have happened, and where it can be read",
}
#: Alternatives that are of use for most US shares.
ALTERNATIVES = MappingProxyType(
    {
        "model": ("market", "market-adjusted", "mean", "capm", "ff3", "carhart"),
        "benchmark": ("SPY", "RSP", "QQQ"),
        "estimation": ((-270, -21), (-146, -21), (-83, -21)),
        "event_window": ((0, 0), (0, 1), (-1, 1), (0, 4)),
        "returns": ("simple", "log"),
    }
)
#: Those that need no factors and no other benchmark.
ANYWHERE = MappingProxyType(
    {**ALTERNATIVES, "model": ("market", "market-adjusted", "mean"), "benchmark": ()}
)


def text(event: Event) -> str:
    """An event as the commented TOML file that :func:`read` reads back to the same event."""
    tables = {
        "event": {k: v for k in COMMENTS["event"] if (v := getattr(event, k)) or k == "groups"},
        "prices": {},
        "primary": vars(event.primary),
        "alternatives": event.alternatives,
        "names": event.names,
        "currencies": event.currencies,
        "baskets": event.baskets,
        "milestones": event.milestones,
        "news": vars(event.news) if event.news else {},
    }
    files = dict(event.prices)
    if all(files):
        tables["event"].pop("prices", None)
        tables["prices"] = files
    else:
        tables["event"]["prices"] = [file for _, file in event.prices]
    if event.announced is not None:
        del tables["event"]["date"]
    parts = [HEAD]
    for title, table in tables.items():
        if table:
            lines = [_line(f"[{title}]", TITLES[title])]
            comments = COMMENTS.get(title, {})
            for key, value in table.items():
                lines.append(_line(f"{_key(key)} = {_toml(value)}", comments.get(key, "")))
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _line(setting: str, comment: str) -> str:
    return f"{setting:<32} # {comment}" if comment else setting


def _key(key: str) -> str:
    return key if re.fullmatch(r"[\w-]+", key, re.ASCII) else json.dumps(key, ensure_ascii=False)


def _toml(value) -> str:
    """A day, a moment, a text, or nested sequences of texts and whole numbers, in TOML."""
    if isinstance(value, pd.Timestamp):
        exact = value.tz is not None or value != value.normalize()
        return value.isoformat() if exact else f"{value:%Y-%m-%d}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
