"""Checks at the door: what has one meaning is taken, the rest is refused in one sentence."""

import datetime as dt
import re

import numpy as np
import pandas as pd

from .errors import StudyError, listed
from .spec import Specification

ISO = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?|\d{8}")
#: A date, or a midnight with or without the offset of its time zone, as files hold them.
MIDNIGHT = r"\d{4}-\d\d-\d\d([T ]00:00:00(\.0+)?([+-]\d\d:?\d\d|Z)?)?"
CLOSES = ("Adj Close", "Close")  # as yfinance calls them, the better first
LARGE = 0.2  # no share, fund or coin moves by this much on a typical day


def dated(table: pd.DataFrame | pd.Series, what="the table", wanted=CLOSES) -> pd.DataFrame:
    """A table of numbers, dates x tickers.

    Taken: a named Series; columns in two levels as ``yfinance.download`` makes them (the first
    of `wanted` that there is); dates as text like 2025-01-27, as a column called date, or as
    midnights of the exchange's own time zone.  A table that is right already is returned itself.

    Raises ``StudyError`` if it can be read in no way or in several.
    """
    if isinstance(table, pd.Series):
        if table.name is None:
            raise StudyError(f"{what} is a Series without a name: name it, `s.rename('NVDA')`")
        table = table.to_frame()
    if not isinstance(table, pd.DataFrame):
        kind = type(table).__name__
        raise StudyError(f"{what} is of type {kind}: pass a DataFrame, dates x tickers")
    if table.columns.nlevels > 1:
        table = _one_of(wanted, table, what)
    if not table.columns.is_unique:
        double = table.columns[table.columns.duplicated()]
        raise StudyError(f"{what} has two columns {listed(double.unique())}: keep one")
    low = {str(name).lower(): name for name in table.columns}
    if {"date", "ticker"} <= set(low):
        raise StudyError(f"{what} is long, a row per date and ticker: pass `study.wide(table)`")
    if "date" in low and not isinstance(table.index, pd.DatetimeIndex):
        table = table.set_index(low["date"])
    if {"open", "high", "low", "close"} <= set(low):
        one = low.get(wanted[-1].lower(), wanted[-1])
        raise StudyError(
            f"{what} holds one ticker's open, high, low and close: pass one column under the "
            f"ticker's name, `table[['{one}']].set_axis(['NVDA'], axis=1)`"
        )
    dates = naive(table.index, what)
    if dates is not table.index:
        table = table.set_axis(dates, axis=0)
    for twice in dates[dates.duplicated()][:1]:
        raise StudyError(f"{what} has two rows for {twice:%Y-%m-%d}: keep one")
    if _texts(table):
        table = table.infer_objects()  # numbers that pandas holds as objects
    if text := _texts(table):
        raise StudyError(
            f"{what} holds text in {listed(text)}: keep numbers only, dates x tickers "
            "(`study.wide` turns a long table, `pd.read_csv(..., decimal=',')` reads 1,5)"
        )
    if any(isinstance(kind, pd.api.extensions.ExtensionDtype) for kind in table.dtypes):
        return table.astype(float)  # numbers that may be pd.NA, with which numpy cannot reckon
    return table


def _texts(table: pd.DataFrame) -> list:
    return [c for c, kind in table.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]


def _one_of(wanted: tuple[str, ...], table: pd.DataFrame, what: str) -> pd.DataFrame:
    """The first that there is, of columns in two levels: what is quoted, and ticker."""
    for level in range(table.columns.nlevels):
        for name in wanted:
            if table.columns.nlevels == 2 and name in table.columns.get_level_values(level):
                return table.xs(name, axis=1, level=level)
    raise StudyError(f"{what} has columns in several levels: choose one, `table['{wanted[0]}']`")


def naive(index: pd.Index, what: str = "the table") -> pd.DatetimeIndex:
    """Dates without time zone; the same object if nothing has to be changed.

    Raises ``StudyError`` if the labels are no dates, or carry times of day: 23:00 in London is the
    next day's date in Tokyo, so only midnights of the exchange's own time zone say which day is
    meant.
    """
    if not isinstance(index, pd.DatetimeIndex):
        text = index.astype(str)
        good = text.str.fullmatch(MIDNIGHT)
        if not good.all():
            raise StudyError(
                f"{what} has rows labelled {text[~good][0]!r}, which is no date that reads in one "
                "way only: make them dates like 2025-01-27"
            )
        try:
            return pd.DatetimeIndex(pd.to_datetime(text.str[:10], format="%Y-%m-%d"), name="date")
        except ValueError:
            raise StudyError(f"{what} has a row labelled with a day that is in no year") from None
    if index.hasnans:
        raise StudyError(f"{what} has a row without a date: drop it")
    local = index if index.tz is None else index.tz_localize(None)
    late = local[local != local.normalize()]
    if len(late):
        raise StudyError(
            f"{what} has times of day ({late[0]:%Y-%m-%d %H:%M}): use the dates of the exchange, "
            "`index.tz_convert('America/New_York').normalize()` or `index.normalize()`"
        )
    return local


def day(event) -> pd.Timestamp:
    """The date of an event, without time zone.

    Raises ``StudyError`` if it is no date, reads in several ways, or has a time of day.
    """
    if isinstance(event, str) and not ISO.fullmatch(event):
        raise StudyError(f"the date {event!r} can be read in several ways: write it 2025-01-27")
    if not isinstance(event, str | dt.date | np.datetime64):
        raise StudyError(f"{event!r} is no date: write it like '2025-01-27'")
    try:
        stamp = pd.Timestamp(event)
    except ValueError:
        raise StudyError(f"{event!r} is no date: write it like '2025-01-27'") from None
    if stamp is pd.NaT:
        raise StudyError("the event has no date: write it like '2025-01-27'")
    stamp = stamp.tz_localize(None)
    if stamp != stamp.normalize():
        raise StudyError(
            f"the event {stamp:%Y-%m-%d %H:%M} has a time of day, and a session is a date: give "
            f"{stamp:%Y-%m-%d} if the news came before that day's close on the exchange, the next "
            "session if after"
        )
    return stamp


def days_of(events) -> pd.DatetimeIndex:
    """The dates of one event or many; errors as for one."""
    if isinstance(events, pd.DatetimeIndex):
        return naive(events, "the list of events")
    return pd.DatetimeIndex([day(each) for each in several(events)])


def usable_returns(table: pd.DataFrame | pd.Series, spec: Specification) -> pd.DataFrame:
    """A table of returns that a specification can be applied to.

    Raises ``StudyError`` as :func:`dated`; or if the figures are infinite, prices or per cent.
    """
    if not isinstance(spec, Specification):
        raise StudyError(f"{spec!r} is no specification: pass `study.Specification(model=...)`")
    table = dated(table, "the table of returns")
    # pandas hands the tag of returns on to what is computed from them, so it proves nothing.
    if "measure" in table.attrs:
        return table
    values = table.to_numpy(dtype=float)
    size, seen = np.abs(values), (~np.isnan(values)).sum(axis=0)
    if np.isinf(size).any():
        bad = table.columns[np.isinf(size).any(axis=0)]
        raise StudyError(f"{listed(bad)}: a return is infinite; look for a price of zero")
    # A median is above a bound if more than half are; to count them takes a tenth of the time.
    moves, wild = (2 * (size > bound).sum(axis=0) > seen for bound in (LARGE / 10, LARGE))
    price = moves & (seen >= 20) & ((values > 0).sum(axis=0) == seen)
    if price.any():
        raise StudyError(
            f"{listed(table.columns[price])}: these look like prices, they never fall below zero: "
            "take returns first, `study.returns(prices)`"
        )
    wild &= seen >= spec.regressors + 3  # a column with fewer is never studied
    if wild.any():
        typical = np.nanmedian(size[:, wild], axis=0).max()
        raise StudyError(
            f"{listed(table.columns[wild])}: typically {typical:.2g} a day, too "
            "much for a return; divide per cent by 100, a return is a decimal"
        )
    return table


def counted(what: str, value) -> int:
    """A number of draws, at least one; StudyError if it is none."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise StudyError(f"{what} must be a whole number, at least 1, but is {value}")
    return value


def several(names) -> list:
    """One name or many as a list; a text is a name, not its letters."""
    return [names] if pd.api.types.is_scalar(names) else list(names)


def chosen(table: pd.DataFrame, firms, benchmark: str | None = None) -> list[str]:
    """The firms as a list; by default all columns but the benchmark.

    Raises ``StudyError`` if one has no column, or is named twice.
    """
    if firms is None:
        return [c for c in table.columns if c != benchmark]
    firms = several(firms)
    absent = [f for f in firms if f not in table]
    if absent:
        alike = [f", {c!r} and not {absent[0]!r}" for c in table if str(c) == str(absent[0])]
        spelt = "is the ticker spelt as in the data" + "".join(alike)
        raise StudyError(f"no returns of {listed(absent)}: {spelt}?")
    if len(set(firms)) < len(firms):
        raise StudyError(f"{listed({f for f in firms if firms.count(f) > 1})}: named twice")
    if not firms:
        raise StudyError("no firm is named: pass a ticker or a list of tickers")
    return firms
