"""Prices of any ticker, kept for a day: for events that the snapshot does not hold."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterable

import pandas as pd

from shockbook import package
from shockbook.live.cache import FRESH, cache_folder
from shockbook.live.faults import CHAPTER, LiveError, Patience

COLUMNS = ["date", "ticker", "close", "adj_close", "volume"]


def prices(
    tickers: Iterable[str],
    start: dt.date | str,
    end: dt.date | str | None = None,
    *,
    patience: Patience = CHAPTER,
) -> pd.DataFrame:
    """Daily prices of any tickers from Yahoo, from the cache if they were asked for today.

    Parameters
    ----------
    tickers : iterable of str
        Yahoo symbols (``NVDA``, ``^GSPC``, ``BTC-USD``, ``6857.T``).
    start, end : date or ISO text
        First and last day, both inclusive, of the exchange.  By default the last whole day.
    patience : Patience
        Time limits and tries; a chapter's by default.

    Returns
    -------
    DataFrame
        Columns ``date`` (naive day of the exchange), ``ticker``, ``close`` (split-adjusted),
        ``adj_close`` (also dividend-adjusted; empty for indices, currencies and coins),
        ``volume``; sorted by ticker and date.  ``attrs``: ``source``, ``live``, ``retrieved``
        (UTC, ISO), ``as_of`` (ISO day of the last row), ``unknown`` (tickers without an answer)
        and ``splits`` (ticker, ISO day, new shares per old one).

    Raises
    ------
    LiveError
        One sentence, whatever goes wrong.  A ticker that Yahoo does not know is told in
        ``attrs["unknown"]``; only if it knows none, that is an error.
    """
    tickers = sorted({tickers} if isinstance(tickers, str) else set(tickers))
    start, last = _day(start), _day(end) if end else dt.datetime.now(dt.UTC).date()
    if not tickers:
        raise LiveError("contract", "No ticker was named to ask Yahoo for.")
    if start > last:
        raise LiveError("contract", f"The first day, {start}, comes after the last, {last}.")
    wish = json.dumps([tickers, start.isoformat(), end and last.isoformat()])
    stored = cache_folder() / f"quotes-{hashlib.sha256(wish.encode()).hexdigest()[:16]}.json"
    note = _known(stored)
    if note is None:
        from shockbook.live import yahoo  # half a second, and only when live data are asked for

        answer = yahoo.prices(tickers, start, end and last, patience=patience)
        splits = [(name, day.isoformat(), ratio) for name, day, ratio in answer.attrs["splits"]]
        note = {
            "retrieved": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "unknown": answer.attrs["unknown"],
            "splits": splits,
            "rows": answer.to_csv(index=False, date_format="%Y-%m-%d"),
        }
        package.write_whole(stored, json.dumps(note).encode())
    table = _read(note["rows"])
    table.attrs = {
        "source": "Yahoo, live",
        "live": True,
        "retrieved": note["retrieved"],
        "as_of": table["date"].max().date().isoformat(),
        "unknown": note["unknown"],
        "splits": [tuple(split) for split in note["splits"]],
    }
    return table


def _day(text: dt.date | str) -> dt.date:
    """A date from a date, a time of day or ISO text."""
    if isinstance(text, dt.date):
        return text.date() if isinstance(text, dt.datetime) else text
    try:
        return dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        raise LiveError("contract", f"{text!r} is not a day: write it as 2025-01-27.") from None


def _known(stored) -> dict | None:
    """A stored answer that is less than a day old and whole, or nothing."""
    try:
        note = json.loads(stored.read_text(encoding="utf-8"))
        age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(note["retrieved"])
        whole = {"rows", "unknown", "splits"} <= note.keys()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return note if whole and age < FRESH else None


def _read(rows: str) -> pd.DataFrame:
    """The table from its text, so that a first answer and a stored one are the same."""
    kinds = {"ticker": "str", "close": "float64", "adj_close": "float64", "volume": "float64"}
    table = pd.read_csv(
        io.StringIO(rows), dtype=kinds, keep_default_na=False, na_values={c: [""] for c in kinds}
    )
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    return table[COLUMNS]
