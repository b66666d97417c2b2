"""Prices for one's own event, fetched from Yahoo into a price file like any other."""

import datetime as dt
import zlib
from collections.abc import Collection
from pathlib import Path

from shockbook.data import write_whole
from shockbook.live.faults import CHAPTER, ContractError, interruptibly

#: How the first line of a fetched file begins.
HEAD = "# Yahoo Finance, fetched on"


def fetch(path: Path, tickers: Collection[str], first: dt.date, last: dt.date) -> dict[str, str]:
    """Fetch daily prices into a file, which is replaced whole or not at all; returns their names.

    Raises ``LiveError`` if Yahoo does not know a ticker or does not answer, or the file there now
    is not one that was fetched and left alone.
    """
    from shockbook.live import yahoo  # half a second, and only when live data are asked for

    if path.exists() and not _fetched(path):
        raise ContractError(
            f"{path.name} is there already and was not fetched, or was changed since: rename it."
        )
    tickers = sorted(set(tickers))
    table = interruptibly(lambda: yahoo.prices(tickers, first, last, patience=CHAPTER), CHAPTER)
    if unknown := table.attrs["unknown"]:
        raise ContractError(f"Yahoo does not know {', '.join(unknown)}.")
    listings = table.attrs["listings"]
    table["currency"] = table["ticker"].map({t: listings[t]["currency"] for t in tickers})
    rows = table.to_csv(index=False, lineterminator="\n").encode()
    today = dt.datetime.now(dt.UTC).date()
    head = f"{HEAD} {today}, for your own use (rows {zlib.crc32(rows):08x})\n"
    write_whole(path, head.encode() + rows)
    return {ticker: listings[ticker]["name"] for ticker in tickers}


def _fetched(path: Path) -> bool:
    """Whether a file was fetched and its rows stand as they came."""
    if not path.is_file():
        return False
    head, _, rows = path.read_bytes().partition(b"\n")
    return head.startswith(HEAD.encode()) and head.endswith(b"%08x)" % zlib.crc32(rows))
