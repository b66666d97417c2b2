"""The price files of one's own event: read, checked against its exchange, and told of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from shockbook import event, study, words
from shockbook.data import DataError, exchanges, pricefiles
from shockbook.event import Event, EventError

#: Splits and changes of unit leave prices that are not adjusted for them a jump by just this.
SPLITS = (1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100, 1000)
#: A move in a day by more than the first is said; by more than the second, and back, is no price.
LARGE, FAULT = 4, 9


@dataclass(frozen=True)
class Brought:
    """Prices that are not the book's: closes, dates x tickers, and what is known of them."""

    closes: pd.DataFrame = field(default_factory=pd.DataFrame)
    volumes: pd.DataFrame = field(default_factory=pd.DataFrame)
    currencies: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files: list[pd.DataFrame] = field(default_factory=list)


def read(one: Event) -> Brought:
    """The prices of the event's own files, checked against its exchange."""
    wanted, parts, notes, currencies, files = one.tickers, [], [], {}, []
    for ticker, file in one.prices:
        places = (one.folder / file, event.ROOT / file)
        path = next((place for place in places if place.exists()), places[0])
        if path.is_dir():
            raise EventError(f"prices names {file}, which is a folder: name a file in it.")
        who = ticker or _whose(path, wanted, len(one.prices) == 1)
        table = pricefiles.read(path, who, [ticker] if ticker else wanted)
        if ticker and table["ticker"].nunique() == 1:
            table["ticker"] = ticker
        elif ticker:
            table = table[table["ticker"] == ticker]
        if table.empty:
            raise EventError(f"{path.name} holds no prices of {ticker}.")
        if "currency" in table:
            currencies |= table.groupby("ticker")["currency"].first().to_dict()
        source = f"the file {path.name}"
        if table.attrs.get("note"):
            source += f', which says of itself: "{table.attrs["note"].rstrip(".")}"'
        whose = [t for t in table["ticker"].unique() if t in wanted]
        if not whose:
            some = ", ".join(table["ticker"].unique()[:5])
            raise EventError(f"{path.name} holds {some}, none of which the event names.")
        notes.append(f"The prices of {' and '.join(whose[:5])} are from {source.rstrip('.')}.")
        parts.append(table)
        files.append(pd.DataFrame())
        files[-1].attrs = {
            "source": path.name,
            "as_of": f"{table['date'].max():%Y-%m-%d}",
        }
    if not parts:
        return Brought()
    table = pd.concat(parts, ignore_index=True)
    if (double := table.duplicated(["date", "ticker"])).any():
        raise EventError(f"{table['ticker'][int(double.argmax())]} stands in two price files.")
    table["price"] = adjusted(table)
    table, found = _on_sessions(one, table.dropna(subset="price"), wanted)
    return Brought(
        study.wide(table, "price"),
        study.wide(table.assign(volume=table["volume"].fillna(0)), "volume"),
        currencies,
        # they are shown as Markdown
        [re.sub(r"[][<>{}`*$|\\\\]", "", note) for note in [*notes, *found]],
        files,
    )


def adjusted(prices: pd.DataFrame) -> pd.Series:
    """Adjusted closes; plain ones of what has none, as coins and indices, which pay no dividend."""
    any_of_ticker = prices["adj_close"].notna().groupby(prices["ticker"]).transform("any")
    return prices["adj_close"].where(any_of_ticker, prices["close"])


def _whose(path: Path, wanted: list[str], alone: bool) -> str:
    """The ticker of a file with one series: by the file's name, or the firm's if it is alone."""
    stem = re.sub(r"(_us)?_d$|\.us$", "", path.stem.casefold())
    same = [t for t in wanted if t.casefold().lstrip("^") == stem.lstrip("^")]
    return same[0] if same else wanted[0] if alone else ""


def _on_sessions(one: Event, table: pd.DataFrame, wanted: list[str]) -> tuple:
    """The rows that stand on sessions of the exchange, and sentences on what is odd."""
    notes, first, last = [], table["date"].min(), table["date"].max()
    try:
        known = exchanges.sessions(one.exchange, first, last)
    except DataError as error:
        jumps = (j for t, rows in table.groupby("ticker") if t in wanted for j in _jumps(t, rows))
        return table, [f"The days of the prices could not be checked: {error}", *jumps]
    # until 1952 New York traded on Saturdays, which the calendars do not know
    saturday = (table["date"].dt.day_of_week == 5) & (table["date"] < "1952-10")
    known = known.union(pd.DatetimeIndex(table["date"][saturday].unique()))
    off = ~table["date"].isin(known)
    for ticker, rows in table.groupby("ticker"):
        if ticker not in wanted:
            continue
        shut = rows["date"][off[rows.index]]
        inside = known[(known >= rows["date"].min()) & (known <= rows["date"].max())]
        gaps = inside.difference(pd.DatetimeIndex(rows["date"]))
        some = ", ".join(shut[:3].dt.strftime("%Y-%m-%d"))
        each = len(rows) > 0.9 * (rows["date"].max() - rows["date"].min()).days
        coin = each and rows["price"].diff()[shut.index].ne(0).mean() > 0.5  # no filled days
        if len(shut) > max(3, 0.02 * len(rows)) and not coin:
            raise EventError(
                f"{ticker}: {len(shut)} of {len(rows)} days ({some}, ...) are no sessions of "
                f"{one.exchange}: name the exchange that these prices are from, or leave them out."
            )
        if len(gaps) > 0.5 * len(inside):
            raise EventError(
                f"{ticker} has {len(rows)} prices on {len(inside)} sessions of {one.exchange}: "
                "daily closes are needed, not weekly or monthly ones, and the right exchange."
            )
        if len(shut):
            notes.append(
                f"{len(shut)} of the rows of {ticker} are left out: {one.exchange} was shut "
                f"({some})."
            )
        if len(gaps):
            some = ", ".join(gaps[:3].strftime("%Y-%m-%d"))
            notes.append(
                f"{ticker} has no price on {len(gaps)} of {len(inside)} sessions of {one.exchange} "
                f"({some}); the return after each covers more than one day."
            )
        notes += _jumps(ticker, rows[~off[rows.index]])
    return table[~off], notes


def _jumps(ticker: str, rows: pd.DataFrame) -> Iterator[str]:
    """A sentence if a price jumps as it does by a split for which it was not adjusted, or far."""
    price = rows["price"]
    ratio, both = price / price.shift(), price.shift(-1) / price.shift()
    for day, jump, after in zip(rows["date"], ratio, both, strict=True):
        by = max(jump, 1 / jump) if jump > 0 else 0
        # nobody joins three shares to two
        n = min(SPLITS[1 if jump > 1 else 0 :], key=lambda n: abs(by / n - 1))
        move = words.write(100 * (jump - 1), "{:+.0f}%" if by < 1000 else "{:+.0e}%")
        if by > FAULT and 0.5 < after < 2:
            raise EventError(
                f"the price of {ticker} moves by {move} on {day:%Y-%m-%d} and back on the next "
                "day, which no price does: mend that row, or leave it out."
            )
        if abs(by / n - 1) < 0.05:
            old, new = n.as_integer_ratio()[:: 1 if jump < 1 else -1]
            unit = " or a change of unit" * (n >= 100)
            yield (
                f"The price of {ticker} moves by {move} on {day:%Y-%m-%d}, as a split into "
                f"{old} for {new}{unit} would move it: if it is one, adjust the prices."
            )
        elif by > LARGE:
            yield f"The price of {ticker} moves by {move} on {day:%Y-%m-%d}: check both prices."


def check_sessions(one: Event, days: pd.DatetimeIndex) -> None:
    """No session may be missing in the event window or just before it."""
    if not days[0] <= one.date <= days[-1]:
        return
    try:
        known = exchanges.sessions(one.exchange, days[0], days[-1])
    except DataError:
        return
    at = int(known.searchsorted(one.date))
    first, last = one.primary.event_window
    window = known[max(0, at + first - 1) : at + max(0, last) + 1]
    gaps = window[~window.isin(days)]
    if at < len(known) and known[at] == one.date and len(gaps):
        raise EventError(
            f"the prices of {one.primary.benchmark} have no row for {gaps[0]:%Y-%m-%d}, a session "
            f"of {one.exchange} in the event window or just before it: complete the file."
        )
