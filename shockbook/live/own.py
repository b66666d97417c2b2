"""Prices for one's own event, fetched from Yahoo into a price file like any other."""

import datetime as dt
from collections.abc import Collection
from pathlib import Path

from shockbook.data import write_whole
from shockbook.live.faults import CHAPTER, ContractError, interruptibly

#: How the first line of a fetched file begins; a file without it is somebody's own.
HEAD = "# Yahoo Finance, fetched on"


def fetch(path: Path, tickers: Collection[str], first: dt.date, last: dt.date) -> dict[str, str]:
    """Fetch daily prices into a file, which is replaced whole or not at all; returns their names.

    Raises ``LiveError`` if Yahoo does not know a ticker or does not answer, or the file there now
    was not fetched.
    """
    from shockbook.live import yahoo  # half a second, and only when live data are asked for

    if path.exists() and not path.read_bytes().startswith(HEAD.encode()):
        raise ContractError(f"{path.name} is there already and was not fetched: rename it.")
    tickers = sorted(set(tickers))
    table = interruptibly(lambda: yahoo.prices(tickers, first, last, patience=CHAPTER), CHAPTER)
    if unknown := table.attrs["unknown"]:
        raise ContractError(f"Yahoo does not know {', '.join(unknown)}.")
    listings = table.attrs["listings"]
    table["currency"] = table["ticker"].map({t: listings[t]["currency"] for t in tickers})
    note = f"{HEAD} {dt.datetime.now(dt.UTC).date()}, for your own use\n"
    write_whole(path, (note + table.to_csv(index=False, lineterminator="\n")).encode())
    return {ticker: listings[ticker]["name"] for ticker in tickers}
