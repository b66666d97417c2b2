"""Prices of any ticker: for events that the snapshot does not hold."""

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from shockbook.live.faults import CHAPTER, ContractError, Patience, interruptibly


def prices(
    tickers: Iterable[str],
    start: dt.date | str,
    end: dt.date | str | None = None,
    *,
    patience: Patience = CHAPTER,
) -> pd.DataFrame:
    """Daily prices of any tickers from Yahoo: :func:`shockbook.live.yahoo.prices` for people.

    ``start`` and ``end`` may be ISO texts; ``attrs`` also holds ``source``, ``retrieved`` (UTC,
    ISO) and ``as_of`` (ISO day of the last row).  A :class:`LiveError` is one sentence.
    """
    tickers = sorted({tickers} if isinstance(tickers, str) else set(tickers))
    start, last = _day(start), _day(end) if end else dt.datetime.now(dt.UTC).date()
    if not tickers:
        raise ContractError("No ticker was named to ask Yahoo for.")
    if start > last:
        raise ContractError(f"The first day, {start}, comes after the last, {last}.")
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
        raise ContractError(f"{text!r} is not a day: write it as 2025-01-27.") from None
