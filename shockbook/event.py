"""An event to study: the day, the firm, the benchmark and the windows, read from a TOML file.

The file says everything that has to be settled before a result is looked at.  :func:`read` checks
its form; :func:`shockbook.event_data.load` checks it against the prices.
"""

import datetime as dt
import difflib
import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from shockbook import study
from shockbook.data import DataError, exchanges

ROOT = Path(__file__).parents[1]
#: Table to setting to its kind, one of :data:`KINDS`; with a ? it may be left out, * is any name.
TABLES = {
    "event": {"name": "text", "date": "day?", "announced": "moment?", "when": "hour?",
              "firm": "ticker", "exchange": "exchange", "currency": "currency",
              "prices": "files?", "groups": "groups?"},
    "prices": {"*": "file"},
    "primary": {"model": "model", "benchmark": "benchmark?", "returns": "returns",
                "estimation": "window", "event_window": "window"},
    "alternatives": {"model": "models?", "benchmark": "tickers?", "returns": "kinds?",
                     "estimation": "windows?", "event_window": "windows?"},
    "names": {"*": "text"},
    "currencies": {"*": "currency"},
    "baskets": {"*": "tickers"},
    "milestones": {"*": "day"},
    "news": {"text": "text", "source": "address"},
}  # fmt: skip
_MINUTES = re.compile(r"^(\s*announced\s*=\s*[\d-]+[T ]\d\d:\d\d)(?![:\d])", re.M)


class EventError(ValueError):
    """An event file that cannot be used.  One sentence that names the setting and a valid one."""

    def _render_traceback_(self) -> list[str]:
        """In a notebook the sentence alone is shown, without the lines that led to it."""
        return [f"EventError: {self}"]


@dataclass(frozen=True)
class News:
    """What is known to have happened, in a sentence, and the address where it can be read."""

    text: str
    source: str


@dataclass(frozen=True)
class Event:
    """One event.  ``date`` is t = 0; ``milestones`` are dates to be marked, of any weekday.

    ``groups`` is a dataset or a CSV file with columns ``ticker`` and ``group``, or nothing.
    ``alternatives`` holds what the specification curve tries, for each choice that it varies.
    ``announced`` and ``when`` say when the news came, if ``date`` follows from that, and ``why``
    says how.  ``prices`` are (ticker or "", file), relative to ``folder``, where the event's own
    file is.  ``baskets`` are names of equally weighted portfolios and their tickers.
    """

    name: str
    date: pd.Timestamp
    firm: str
    exchange: str
    currency: str
    primary: study.Specification
    milestones: Mapping[str, pd.Timestamp] = field(default_factory=dict)
    groups: str = "groups"
    alternatives: Mapping[str, tuple] = field(default_factory=dict)
    news: News | None = None
    announced: pd.Timestamp | None = None
    when: str = ""
    why: str = field(default="", compare=False)
    prices: tuple[tuple[str, str], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
    baskets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folder: Path = field(default=ROOT, compare=False)

    @property
    def benchmarks(self) -> list[str]:
        """The primary one, then the alternatives."""
        others = self.alternatives.get("benchmark", ())
        return list(dict.fromkeys([self.primary.benchmark, *others]))

    @property
    def tickers(self) -> list[str]:
        """Firm, benchmarks and the members of baskets; a basket's own name may be among them."""
        members = sum(self.baskets.values(), ())
        return list(dict.fromkeys([self.firm, *self.benchmarks, *members]))


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

    tables = _checked(content, where)
    one, primary, news = tables["event"], tables["primary"], tables["news"]
    if "prices" in one and tables["prices"]:
        raise EventError(f"{where}: prices stands twice, in [event] and as a table: keep one.")
    if primary["model"] == "mean":  # needs no benchmark
        primary.setdefault("benchmark", one["firm"])
    elif "benchmark" not in primary:
        raise EventError(f'{where}: benchmark is missing; write it like benchmark = "SPY".')
    if primary["estimation"][1] >= 0:
        raise EventError(
            f"{where}: the estimation window {primary['estimation']} has to end before the event."
        )
    for name, tickers in tables["baskets"].items():
        if len(set(tickers)) < 2:
            raise EventError(f"{where}: the basket {name!r} needs two tickers or more.")
    try:
        specification = study.Specification(**primary)
    except study.StudyError as error:
        raise EventError(f"{where}: {error}.") from None
    date, announced, when, why = settle(one, one["exchange"], f"{where}: ")
    marked = {key: pd.Timestamp(day) for key, day in tables["milestones"].items()}
    if announced is not None and announced.tz_localize(None).normalize() != date:
        marked.setdefault("announced", announced.tz_localize(None).normalize())
    return Event(
        name=" ".join(one["name"].split()),
        date=date,
        firm=one["firm"],
        exchange=one["exchange"],
        currency=one["currency"],
        primary=specification,
        milestones=marked,
        groups=one.get("groups", "groups"),
        alternatives=_without_doubles(tables["alternatives"]),
        news=News(**news) if news else None,
        announced=announced,
        when=when,
        why=why,
        prices=_files(tables["prices"] or one.get("prices", [])),
        names=tables["names"],
        currencies=tables["currencies"],
        baskets=_without_doubles(tables["baskets"]),
        folder=path.parent,
    )


def _checked(content: dict, where: str) -> dict[str, dict]:
    """Every table of :data:`TABLES`, empty if it was left out, each setting of its kind."""
    if unknown := content.keys() - TABLES.keys():
        raise EventError(
            f"{where}: unknown table {min(unknown)!r}; there may be {', '.join(TABLES)}."
        )
    for name in ("event", "primary"):
        if not isinstance(content.get(name), dict):
            raise EventError(f"{where}: the table [{name}] is missing.")
    for name, table in content.items():
        if not isinstance(table, dict):
            raise EventError(
                f"{where}: {name} is {table!r}; make it a table, below a line [{name}]."
            )
        settings = TABLES[name]
        if "*" in settings:
            settings = dict.fromkeys(table, settings["*"])
        if unknown := table.keys() - settings.keys():
            raise EventError(
                f"{where}: unknown setting {min(unknown)!r}; there may be {', '.join(settings)}."
            )
        for key, kind in settings.items():
            good, example = KINDS[kind.rstrip("?")]
            if key in table and not good(table[key]):
                found = f"is {table[key]!r}"
            elif key not in table and not kind.endswith("?"):
                found = "is missing"
            else:
                continue
            raise EventError(f"{where}: {key} {found}; write it like {key} = {example}.")
    return {name: content.get(name, {}) for name in TABLES}


def _is_text(value) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_window(value) -> bool:
    # a bool is an int to Python, so the types are compared exactly
    whole = isinstance(value, list) and [type(v) for v in value] == [int, int]
    return whole and value[0] <= value[1]


def _is_address(value) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _list_of(good: Callable) -> Callable:
    return lambda value: isinstance(value, list) and bool(value) and all(map(good, value))


def _files(given: str | list | dict) -> tuple[tuple[str, str], ...]:
    """Ticker, or nothing, and file: of one file, of several, or of one for each ticker."""
    given = [given] if isinstance(given, str) else given
    return tuple(given.items() if isinstance(given, dict) else (("", file) for file in given))


def _are_files(value) -> bool:
    return isinstance(value, str | list | dict) and all(_is_text(f) for _, f in _files(value))


#: What each kind of setting has to be, and how one is written.
KINDS = {
    "text": (_is_text, '"some words"'),
    "ticker": (_is_text, '"NVDA"'),
    "tickers": (_list_of(_is_text), '["SPY", "RSP"]'),
    "benchmark": (_is_text, '"SPY"'),
    "model": (_is_text, '"market"'),
    "models": (_list_of(_is_text), '["market", "mean"]'),
    "returns": (_is_text, '"simple"'),
    "kinds": (_list_of(_is_text), '["simple", "log"]'),
    "exchange": (_is_text, '"XNYS"'),
    "currency": (_is_text, '"USD"'),
    "groups": (lambda value: isinstance(value, str), '"groups"'),
    "address": (_is_address, '"https://example.org/news"'),
    "file": (_is_text, '"my.csv"'),
    "files": (_are_files, '"my.csv", or prices = { SAP = "sap.csv" }'),
    # a datetime is a date to Python
    "day": (lambda value: type(value) is dt.date, "2025-01-27 (no quotes)"),
    "moment": (lambda value: type(value) in (dt.date, dt.datetime), "2025-04-05 (no quotes)"),
    "hour": (
        lambda value: value in exchanges.WHEN,
        f'"unknown"; it may be {", ".join(exchanges.WHEN)}',
    ),
    "window": (_is_window, "[-1, 1], two whole numbers, the earlier first"),
    "windows": (_list_of(_is_window), "[[0, 0], [-1, 1]], each two whole numbers in order"),
}


def _without_doubles(table: dict[str, list]) -> dict[str, tuple]:
    """Each list as a tuple, windows in it too, with what stands in it twice once."""
    plain = {key: [tuple(v) if isinstance(v, list) else v for v in table[key]] for key in table}
    return {key: tuple(dict.fromkeys(values)) for key, values in plain.items()}


def settle(given: Mapping, exchange: str, where: str = "") -> tuple[pd.Timestamp, ...]:
    """t = 0, when the news came, if that is given, and how the day follows from it.

    ``given`` has ``date``, or ``announced`` and perhaps ``when``; ``where`` begins a sentence.
    """
    if "announced" in given and "date" in given:
        raise EventError(
            f"{where}date and announced are both given; give announced to have the session "
            "worked out, or date alone."
        )
    if "when" in given and "announced" not in given:
        raise EventError(f"{where}when says when the news came: give announced, not date.")
    if not given.keys() & {"announced", "date"}:
        raise EventError(f"{where}date is missing; write it like date = {KINDS['day'][1]}.")
    day = pd.Timestamp(given.get("announced") or given["date"])
    if not 1900 <= day.year <= 2100:
        raise EventError(f"{where}{day.date()} is no day with prices.")
    if "announced" not in given:
        return day, None, "", ""
    exact = day.tz is not None or day != day.normalize()
    if exact and "when" in given:
        raise EventError(f"{where}announced has a time of day, so leave when out.")
    when = "" if exact else given.get("when", "unknown")
    try:
        date, why = exchanges.first_session(exchange, day, when)
    except DataError as error:
        raise EventError(f"{where}{error}") from None
    return date, day, when, why


def check_tickers(event: Event, names: Mapping[str, str]) -> None:
    """Check that firm and benchmarks have prices; the sentence names the nearest tickers."""
    check_ticker("firm", event.firm, names)
    check_ticker("benchmark", event.primary.benchmark, names)
    for other in event.benchmarks[1:]:
        check_ticker("alternative benchmark", other, names)


def check_exchange(event: Event, calendars: Mapping[str, str]) -> None:
    """Check that the exchange is that of firm and benchmarks, or that they trade at all times."""
    for ticker in (event.firm, *event.benchmarks):
        at = calendars.get(ticker, event.exchange)
        if at not in (event.exchange, "24/7"):
            way = f"name firm, benchmark and exchange of one market, as a firm of {event.exchange}"
            if event.exchange == "24/7":
                way = f"name the exchange {at}, and a coin's closes on its sessions are taken"
            raise EventError(
                f"{ticker} trades on {at}, which shuts on other days than {event.exchange}: {way}."
            )


def check_ticker(role: str, ticker: str, names: Mapping[str, str]) -> None:
    """Check one ticker in the role that the sentence gives it."""
    if ticker not in names:
        raise EventError(
            f"the {role} {ticker!r} has no prices in the data; "
            f"the nearest tickers are {', '.join(nearest_tickers(ticker, names))}; or bring "
            'prices: a file (prices = "my.csv"), or new-event --fetch.'
        )


def nearest_tickers(wanted: str, names: Mapping[str, str], most: int = 5) -> list[str]:
    """The tickers most like a wrong one or a firm's name, the likeliest first, with their names."""
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
        "prices": "price files beside this one: your own, or one that new-event --fetch wrote",
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
ALTERNATIVES = {
    "model": ("market", "market-adjusted", "mean", "capm", "ff3", "carhart"),
    "benchmark": ("SPY", "RSP", "QQQ"),
    "estimation": ((-270, -21), (-146, -21), (-83, -21)),
    "event_window": ((0, 0), (0, 1), (-1, 1), (0, 4)),
    "returns": ("simple", "log"),
}
#: Those that need no factors and no other benchmark.
ANYWHERE = {**ALTERNATIVES, "model": ("market", "market-adjusted", "mean"), "benchmark": ()}


def text(event: Event) -> str:
    """An event as the commented TOML file that :func:`read` reads back to the same event."""
    tables = {
        "event": {k: v for k in TABLES["event"] if (v := getattr(event, k)) or k == "groups"},
        "prices": {},
        "primary": {k: getattr(event.primary, k) for k in TABLES["primary"]},
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
