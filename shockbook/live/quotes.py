"""Prices of any ticker: for events that the snapshot does not hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from shockbook.live.faults import CHAPTER, LiveError, Patience, interruptibly


def prices(
    tickers: Iterable[str],
    start: dt.date | str,
    end: dt.date | str | None = None,
    *,
    patience: Patience = CHAPTER,
) -> pd.DataFrame:
    """Daily prices of any tickers from Yahoo.

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
        ``volume``; sorted by ticker and date.  ``attrs``: ``source``, ``retrieved`` (UTC, ISO),
        ``as_of`` (ISO day of the last row), ``unknown`` (tickers without an answer) and
        ``splits`` (ticker, day, new shares per old one).

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
    from shockbook.live import yahoo  # half a second, and only when live data are asked for

    table = interruptibly(
        lambda: yahoo.prices(tickers, start, end and last, patience=patience), patience
    )
    table.attrs |= {
        "source": "Yahoo, live",
        "retrieved": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "as_of": table["date"].max().date().isoformat(),
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
