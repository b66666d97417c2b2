"""An event to study: the day, the firm, the benchmark and the windows, read from a TOML file.

The file says everything that has to be settled before a result is looked at.  :func:`read` checks
its form; :func:`check` checks it against the trading days and the tickers of the price data.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

ROOT = Path(__file__).parents[1]
RETURNS = ("simple", "log")


class EventError(ValueError):
    """An event file that cannot be used.  One sentence that names the setting and a valid one."""


@dataclass(frozen=True)
class Specification:
    """What the primary result is computed with.  Windows are trading days relative to t = 0."""

    model: str
    benchmark: str
    returns: str
    estimation: tuple[int, int]
    event_window: tuple[int, int]


@dataclass(frozen=True)
class Event:
    """One event.  ``date`` is t = 0; ``milestones`` are dates to be marked, of any weekday."""

    name: str
    date: pd.Timestamp
    firm: str
    exchange: str
    currency: str
    primary: Specification
    milestones: Mapping[str, pd.Timestamp]
    groups: str = "groups"


def read(path: str | Path) -> Event:
    """Read an event file.

    Parameters
    ----------
    path : str or Path
        The TOML file; a relative path counts from the root of the book.

    Returns
    -------
    Event

    Raises
    ------
    EventError
        If the file is missing, is not TOML, or a setting is missing, unknown or of a wrong kind.
    """
    path = ROOT / path
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise EventError(f"there is no event file {path.name} in {path.parent}.") from None
    except ValueError as error:
        raise EventError(f"{path.name} is not valid TOML: {error}.") from None

    where = path.name
    _only(content, {"event", "primary", "milestones"}, "table", where)
    event, primary = _table(content, "event", where), _table(content, "primary", where)
    milestones = _table(content, "milestones", where) if "milestones" in content else {}
    _only(event, set(Event.__dataclass_fields__) - {"primary", "milestones"}, "setting", where)
    _only(primary, set(Specification.__dataclass_fields__), "setting", where)

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
    return Event(
        name=_text(event, "name", where),
        date=_date(event, "date", where),
        firm=_text(event, "firm", where),
        exchange=_text(event, "exchange", where),
        currency=_text(event, "currency", where),
        primary=specification,
        milestones=MappingProxyType({key: _date(milestones, key, where) for key in milestones}),
        groups=_text(event, "groups", where) if "groups" in event else "groups",
    )


def check(event: Event, days: pd.DatetimeIndex, tickers: Collection[str]) -> None:
    """Check an event against what the price data hold.

    Parameters
    ----------
    event : Event
    days : DatetimeIndex
        The trading days of the event's exchange that the data hold, in order; for instance the
        dates of the benchmark's rows.
    tickers : collection of str
        The tickers that have prices.

    Raises
    ------
    EventError
        If the firm or the benchmark has no prices, the event is not one of the trading days (the
        sentence names the nearest one), or a window reaches beyond the days that there are.
    """
    for role, ticker in (("firm", event.firm), ("benchmark", event.primary.benchmark)):
        if ticker not in tickers:
            near = ", ".join(sorted(t for t in tickers if t[:1] == ticker[:1])[:12])
            raise EventError(
                f"the {role} {ticker!r} has no prices in the data; "
                f"tickers that begin with the same letter: {near or 'none'}."
            )
    if event.date not in days:
        nearest = days[abs(days - event.date).argmin()]
        raise EventError(
            f"the event date {event.date:%Y-%m-%d} ({event.date:%A}) is not a trading day of "
            f"{event.exchange} in the data; the nearest one is {nearest:%Y-%m-%d} ({nearest:%A})."
        )
    # one more day before the first, because a return needs the close before it
    position = int(days.get_loc(event.date))
    first = event.primary.estimation[0] - 1
    last = max(0, event.primary.event_window[1])
    if position + first < 0:
        raise EventError(
            f"the estimation window begins {-first} trading days before {event.date:%Y-%m-%d}, "
            f"but the data begin only {position} before it; the earliest event date for this "
            f"window is {days[min(-first, len(days) - 1)]:%Y-%m-%d}."
        )
    if position + last >= len(days):
        raise EventError(
            f"the event window ends {last} trading days after {event.date:%Y-%m-%d}, but the data "
            f"end on {days[-1]:%Y-%m-%d}; the latest event date for this window is "
            f"{days[len(days) - 1 - last]:%Y-%m-%d}."
        )


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
    value = _get(table, key, str, '"NVDA"', where)
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
