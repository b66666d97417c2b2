"""Price files that people bring: several forms read as one table, or refused in one sentence.

Taken are the downloads of Yahoo, Stooq, Nasdaq and Investing.com, what ``yfinance`` writes, a
long table (date, ticker, close) and a wide one (date, then a column for each ticker); with commas,
semicolons or tabs, decimal points or commas, and dates in the usual forms.
"""

import contextlib
import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from shockbook.data.package import DataError

#: What a column is, by its name without case and signs.
KINDS = {
    "date": "date data datum fecha day timestamp datetime tradedate exchangedate",
    "ticker": "ticker symbol",
    "close": "close closelast last price zamkniecie schluss schlusskurs closeprice zuletzt dernier "
    "último ultimo pxlast",
    "adj_close": "adjclose adjustedclose adjusted adjclosinglevel",
    "volume": "volume vol wolumen volumen pxvolume",
    "currency": "currency",
    "": "open high low otwarcie najwyzszy najnizszy eroffnung eröffnung hoch tief changepercent "
    "change per time openint dividends stocksplits capitalgains repaired",
}
KIND = {name: kind for kind, names in KINDS.items() for name in names.split()}
#: Forms of a day: what it looks like, and how it is read.  ``a/b/year`` is settled by its rows.
DAYS = (
    (r"\d{4}-\d\d-\d\d", "%Y-%m-%d"),
    (r"\d{4}/\d\d/\d\d", "%Y/%m/%d"),
    (r"\d{8}", "%Y%m%d"),
    (r"\d\d?\.\d\d?\.\d{4}", "%d.%m.%Y"),
    (r"[A-Z][a-z]{2} \d\d?, \d{4}", "%b %d, %Y"),
    (r"\d\d?[ -][A-Z][a-z]{2}[ -]\d{4}", "%d %b %Y"),
    (r"\d\d?/\d\d?/\d{4}", "/"),
)
#: A time that is midnight by the clock of the exchange, as yfinance writes it.
MIDNIGHT = re.compile(r"[ T]00:00(:00)?(\.0+)?\s*([+-]\d\d:?\d\d|Z)?$")
GAPS = {"", "null", "nan", "n/a", "na", "-", ".", "none", "n/d"}
UNITS = {"K": 1e3, "M": 1e6, "B": 1e9}
FIRST, LARGEST = pd.Timestamp("1900-01-01"), 50_000_000


def read(path: str | Path, ticker: str = "", wanted: Sequence[str] = ()) -> pd.DataFrame:
    """Read a price file: a text of at most 50 MB, whose first lines with ``#`` are its own note.

    ``ticker`` says whose prices they are, if the file holds one series and does not say.  Of a
    wide table that has any of the tickers ``wanted`` no other column is read.

    Returns a table of date, ticker, close, adj_close, volume (the last two may be empty, and
    volumes that cannot be read are) and, if the file has it, currency; by ticker and date.
    ``attrs["note"]`` is the file's own note.

    Raises ``DataError``: one sentence that names the file, the row and what is wrong with it.
    """
    path = Path(path)
    try:
        note, names, cells = _cells(path)
        two = _plain(names[0]) in ("price", "ticker") and len(cells) > 2
        if two and cells.iloc[1, 0] == "Date":
            table = _two_levels(names, cells)
        else:
            table = _one_level(path.name, names, cells, ticker, wanted)
        table = table.dropna(subset="close").sort_values(["ticker", "date"], ignore_index=True)
        table = table.drop_duplicates(ignore_index=True)
        _check(table)
    except _Fault as fault:
        what, *row = fault.args
        raise DataError(f"{path.name}{f', row {row[0]}' if row else ''}: {what}.") from None
    table.attrs["note"] = note
    return table


class _Fault(Exception):
    """What is wrong with a file, and in which row if it is one."""


def _plain(name: str) -> str:
    return re.sub(r"[^\w]", "", name.replace("%", "percent").replace("_", "")).casefold()


def _cells(path: Path) -> tuple[str, list[str], pd.DataFrame]:
    """The note at the head, the names of the columns, and the cells by number of row."""
    try:
        if path.stat().st_size > LARGEST:
            raise _Fault("it is larger than 50 MB: cut it to the years that you need")
        content = path.read_bytes()
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise _Fault(f"it cannot be read ({why} in {path.parent.name or '.'})") from None
    if content[:2] in (b"PK", b"\xd0\xcf"):
        raise _Fault("it is a workbook or an archive: save it as CSV first")
    if content[:2] == b"\x1f\x8b":
        raise _Fault("it is compressed: unpack it first")
    code = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(code)
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise _Fault("it is no text: save it as CSV first")
    if re.match(r"\s*(<!doctype|<html|\{|\[)", text[:200], re.I):
        raise _Fault("it is a web page or JSON, not a table: download it as CSV")
    lines = text.splitlines()
    head = next((i for i, line in enumerate(lines) if line.strip() and line[:1] != "#"), None)
    if head is None:
        raise _Fault("it is empty")
    note = " ".join(line.strip("# ") for line in lines[:head] if line.strip())
    sign = max(",;\t", key=lines[head].count)
    try:
        found = list(csv.reader(io.StringIO("\n".join(lines[head:])), delimiter=sign, strict=True))
    except csv.Error as error:
        raise _Fault(f"it cannot be read as a table ({error})") from None
    stripped = ([cell.strip() for cell in row] for row in found)
    rows = [(head + i, row) for i, row in enumerate(stripped, 1) if any(row)]
    if not rows:
        raise _Fault("it is empty")
    (_, names), *rows = rows
    if len(names) < 2:
        raise _Fault("it has one column: a date and a close are needed, apart by commas")
    for number, row in rows:
        while len(row) > len(names) and not row[-1]:
            row.pop()
        if len(row) != len(names):
            raise _Fault(f"it has {len(row)} cells where the header has {len(names)}", number)
    if not rows:
        raise _Fault("it has a header and no rows")
    numbers, cells = zip(*rows, strict=True)
    return note, names, pd.DataFrame(cells, index=numbers)


def _one_level(file: str, names: list[str], cells: pd.DataFrame, ticker, wanted) -> pd.DataFrame:
    """A table with one line of names: of one series, long, or wide."""
    kinds = [KIND.get(_plain(name), "other") for name in names]
    if "date" not in kinds:
        if all(re.fullmatch(r"[\d.,/:-]*", name) for name in names):
            raise _Fault("its first row holds numbers: name the columns, Date and Close", 1)
        raise _Fault(f"it has no column of dates among {', '.join(names[:6])}: call it Date")
    for kind in ("date", "ticker", "close", "adj_close"):
        if kinds.count(kind) > 1:
            raise _Fault(f"it has two columns that say {kind.replace('_', ' ')}: keep one")
    column = {kind: i for i, kind in enumerate(kinds)}
    days = _days(cells[column["date"]])

    def values(kind: str) -> pd.Series | float:
        return _numbers(cells[column[kind]], names[column[kind]]) if kind in column else np.nan

    if "close" in column or "adj_close" in column:
        who = cells[column["ticker"]] if "ticker" in column else ticker
        if isinstance(who, str) and not who:
            raise _Fault(
                f"it holds one series and does not say whose: give --prices TICKER={file}, or in "
                f'the event\'s file prices = {{ "TICKER" = "{file}" }}'
            )
        if not isinstance(who, str) and (who == "").any():
            raise _Fault("it names no ticker", (who == "").idxmax())
        close = values("close" if "close" in column else "adj_close")
        out = {"date": days, "ticker": who, "close": close, "adj_close": values("adj_close")}
        out["volume"] = np.nan
        with contextlib.suppress(_Fault):  # no study needs them
            out["volume"] = pd.Series(values("volume"), cells.index).where(lambda v: v >= 0)
        if "currency" in column:
            out["currency"] = cells[column["currency"]]
        return pd.DataFrame(out)
    others = [i for i, kind in enumerate(kinds) if kind == "other" and names[i]]
    if not others or "ticker" in column:
        raise _Fault(f"it has no column of closes among {', '.join(names[:6])}")
    low = {ticker.casefold() for ticker in wanted}
    needed = [i for i in others if names[i].casefold() in low]
    if wanted and not needed and len(others) > 1:
        some = f"it holds {', '.join(names[i] for i in others[:5])}, none of which the event"
        raise _Fault(f"{some} names: call the column of closes Close")
    others = needed or others  # what is not needed refuses no file
    if len({names[i] for i in others}) < len(others):
        raise _Fault("two of its columns have the same name: keep one")
    wide = pd.DataFrame({names[i]: _numbers(cells[i], names[i]) for i in others}).assign(date=days)
    long = wide.melt("date", var_name="ticker", value_name="close")
    return long.assign(adj_close=np.nan, volume=np.nan)


def _two_levels(names: list[str], cells: pd.DataFrame) -> pd.DataFrame:
    """What yfinance writes: a line of prices and one of tickers, either way round."""
    prices, tickers = names[1:], list(cells.iloc[0, 1:])
    if _plain(names[0]) == "ticker":
        prices, tickers = tickers, prices
    cells = cells[2:]
    none = dict.fromkeys(("close", "adj_close", "volume"), np.nan)
    parts = {who: {"date": _days(cells[0]), "ticker": who, **none} for who in tickers}
    for i, (price, who) in enumerate(zip(prices, tickers, strict=True), 1):
        if (kind := KIND.get(_plain(price))) in none:
            parts[who][kind] = _numbers(cells[i], price)
    return pd.concat(map(pd.DataFrame, parts.values()), ignore_index=True)


def _days(cells: pd.Series) -> pd.Series:
    """The cells of a column as days."""
    text = cells.str.replace(MIDNIGHT, "", regex=True)
    bare = text.str.replace(r"[ T]\d\d?:\d\d(:\d\d)?( [AP]M)?$", "", regex=True)
    text = bare if (bare != text).all() and bare.is_unique else text  # an hour, once a day
    for pattern, form in DAYS:
        good = text.str.fullmatch(pattern)
        if not good.any():
            continue
        if not good.all():
            bad = good.idxmin()
            if re.search(r"\d:\d\d", text[bad]):
                break
            raise _Fault(f"{cells[bad]!r} is no day like {text[good.idxmax()]}", bad)
        if form == "/":
            form = _order(text)
        if form == "%d %b %Y":
            text = text.str.replace("-", " ")
        days = pd.to_datetime(text, format=form, errors="coerce")
        if days.isna().any():
            bad = days.isna().idxmax()
            raise _Fault(f"{cells[bad]!r} is no day of the calendar", bad)
        return days.astype("datetime64[us]")
    bad = text.str.contains(r"\d:\d\d").idxmax()
    if re.search(r"\d:\d\d", text[bad]):
        why = "has a time of day: daily closes are needed, one for each session"
        raise _Fault(f"{cells[bad]!r} {why}", bad)
    raise _Fault(f"{cells.iloc[0]!r} is no day: write days like 2025-01-27", cells.index[0])


def _order(text: pd.Series) -> str:
    """Whether ``3/4/2025`` is in March or in April, by the rows that read in one way only."""
    first, second = (text.str.split("/").str[i].astype(int) for i in (0, 1))
    if (first > 12).any() and (second > 12).any():
        raise _Fault("some of its days put the month first and some the day: use 2025-01-27")
    if not (first > 12).any() and not (second > 12).any():
        raise _Fault(f"{text.iloc[0]} can be read in two ways: write days like 2025-01-27")
    return "%d/%m/%Y" if (first > 12).any() else "%m/%d/%Y"


def _numbers(cells: pd.Series, name: str) -> pd.Series:
    """The cells of a column as numbers; what stands for nothing is NaN."""
    text = cells.str.replace(r"[$€£¥\s\u202f'’]", "", regex=True)
    text = text.mask(text.str.casefold().isin(GAPS), "")
    unit = text.str[-1:].str.upper().map(UNITS).fillna(1.0)
    text = text.where(unit == 1, text.str[:-1])
    group = {s: text.str.fullmatch(rf"[1-9]\d{{0,2}}(?:\{s}\d{{3}})+") for s in ",."}
    decimal = {s: text.str.contains(rf"\{s}\d*$") & ~group[s] for s in ",."}
    if not (decimal[","] | decimal["."]).any():
        both = group[","].any() and group["."].any()
        decimal = {s: group[s] & (both or not _thousands(text, s, unit)) for s in ",."}
    comma, point = decimal[","], decimal["."]
    if comma.any() and point.any():
        bad = (comma if comma.sum() < point.sum() else point).idxmax()
        raise _Fault(f"{name} is {cells[bad]!r}, with another decimal sign than other rows", bad)
    sign = "," if comma.any() or (group["."].any() and not point.any()) else "."
    text = text.str.replace("." if sign == "," else ",", "").str.replace(sign, ".")
    value = pd.to_numeric(text.where(text != "", None), errors="coerce") * unit
    wrong = (text != "") & ~np.isfinite(value)
    if wrong.any():
        bad = wrong.idxmax()
        raise _Fault(f"{name} is {cells[bad]!r}, which is no number", bad)
    return value.astype("float64")


def _thousands(text: pd.Series, sign: str, unit: pd.Series) -> bool:
    """Whether a sign that only stands before groups of three digits sets thousands apart.

    It does if a number has two, or if the numbers follow each other more closely that way: 995
    and 1.325 are whole numbers, 1 and 1.325 are dollars to the euro.  Where every number has one,
    both readings give the same returns, and a point is a decimal one.
    """
    if (text.str.count(re.escape(sign)) > 1).any():
        return True
    both = (pd.to_numeric(text.str.replace(sign, by), errors="coerce") * unit for by in ("", "."))
    whole, parts = (np.log(value[value > 0]).diff().abs().sum() for value in both)
    return whole < parts - 1e-6 or (sign == "," and whole < parts + 1e-6)


def _check(table: pd.DataFrame) -> None:
    """Days and closes that no series of prices has."""
    if len(table) < 2:
        raise _Fault("it holds fewer than two closes")
    first, last = table["date"].min(), table["date"].max()
    if last > pd.Timestamp.now().normalize() + pd.Timedelta(days=1):
        raise _Fault(f"{last:%Y-%m-%d} lies in the future")
    if first < FIRST:
        raise _Fault(f"{first:%Y-%m-%d} lies before 1900")
    for column in ("close", "adj_close"):
        if (bad := table[column] <= 0).any():
            row = table.loc[bad.idxmax()]
            where = f"{row['ticker']} on {row['date']:%Y-%m-%d}"
            raise _Fault(f"the price of {where} is {row[column]:g}, not above zero")
    if (double := table.duplicated(["date", "ticker"])).any():
        row = table[double].iloc[0]
        raise _Fault(f"{row['ticker']} has two closes on {row['date']:%Y-%m-%d}: keep one")
