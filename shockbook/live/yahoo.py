"""Daily prices, volumes, exchange rates, crypto and indices from Yahoo, through yfinance."""

import contextlib
import datetime as dt
import functools
import logging
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from shockbook.live.faults import (
    UNATTENDED,
    ContractError,
    LiveError,
    Patience,
    Unknown,
    side_by_side,
)
from shockbook.live.net import Session

#: Currency and time zones that belong to the end of a Yahoo symbol.  A listing that answers with
#: others is another listing, or its bars fall on other days than the snapshot's.
EXCHANGES = {
    "": ("USD", {"America/New_York", "America/Chicago"}),
    "-USD": ("USD", {"UTC"}),
    ".DE": ("EUR", {"Europe/Berlin"}),
    ".HK": ("HKD", {"Asia/Hong_Kong"}),
    ".KS": ("KRW", {"Asia/Seoul"}),
    ".L": ("GBp", {"Europe/London"}),
    ".PA": ("EUR", {"Europe/Paris"}),
    ".T": ("JPY", {"Asia/Tokyo"}),
}
#: Indices whose days are New York's or Chicago's.
AMERICAN = {"^DJI", "^GSPC", "^IXIC", "^VIX"}
#: What pays no dividend has no adjusted close, as in the snapshot.
NO_DIVIDEND = {"INDEX", "CRYPTOCURRENCY", "CURRENCY"}
#: A jump this close to a split's ratio, on its day, says that older closes were not restated.
NEAR_SPLIT = 0.2
#: Requests under way at once.
WORKERS = 8


class _InTurn(Session):
    """A session whose threads wait for Yahoo together and work on its answers one by one.

    pandas switches warnings off and on for the whole process; threads that do so at once can
    leave them switched on.  A thread holds ``turn`` but for the time of its request.
    """

    turn = threading.Lock()

    def request(self, method, url, *args, **kwargs):
        if not self.data(url):  # yfinance holds a lock of its own while it gets its cookie
            return super().request(method, url, *args, **kwargs)
        self.turn.release()
        try:
            return super().request(method, url, *args, **kwargs)
        finally:
            self.turn.acquire()


def significant(values: pd.Series) -> pd.Series:
    """Round to eight digits; Yahoo's prices are single-precision, about seven of them."""
    return values.astype("float64").map(lambda value: float(f"{value:.8g}"))


def prices(
    tickers: Iterable[str],
    start: dt.date,
    end: dt.date | None = None,
    *,
    patience: Patience = UNATTENDED,
    progress: Callable[[str], None] = lambda ticker: None,
) -> pd.DataFrame:
    """Daily closes from Yahoo, in the schema of the dataset ``prices``.

    The tickers are Yahoo's symbols (``NVDA``, ``^VIX``, ``BTC-USD``, ``6857.T``, ``CNY=X``), the
    days those of the exchange, both inclusive; the last is by default yesterday in UTC: by then
    every exchange has closed, so that no bar is half a day's.  ``progress`` is called with each
    ticker that is done.

    Returns a table of ``date`` (naive day of the exchange), ``ticker``, ``close``
    (split-adjusted, not dividend-adjusted), ``adj_close`` (both; empty for what pays no dividend),
    ``volume``, by ticker and date.  ``attrs["unknown"]`` lists tickers that Yahoo does not know,
    and ``attrs["splits"]`` (ticker, day, new shares per old one); ``attrs["listings"]`` holds name
    and currency of each.

    Raises ``LiveError``: one sentence.  A ticker that Yahoo does not know does not raise; if it
    knows none, it does.
    """
    tickers = list(dict.fromkeys(tickers))
    end = end or dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    charts: dict[str, dict] = {}

    def look(path, params, response):
        """Keep what the chart says beside the bars (currency, zone, splits)."""
        if "period1" in params:
            charts[path.rsplit("/", 1)[1]] = response.json()["chart"]

    stale: set[str] = set()

    def mends(path, response):
        """yfinance gets another crumb for one that is refused, and agrees to the consent form."""
        if response.status_code == 401 and path not in stale:
            stale.add(path)
            return True
        return (urlsplit(response.url).hostname or "").endswith("consent.yahoo.com")

    with _quiet_yfinance() as yf:
        session = _InTurn(
            "Yahoo",
            patience,
            data=lambda url: "/v8/finance/chart/" in url,
            look=look,
            mends=mends,
            impersonate="chrome",
        )

        def one(ticker):
            with session.turn:
                try:
                    frame = _one(yf, session, charts, ticker, start, end)
                except Unknown:
                    frame = None
                progress(ticker)
                return frame

        try:
            found = side_by_side(one, tickers, WORKERS, patience.stop)
        finally:
            session.close()
    frames = dict(zip(tickers, found, strict=True))
    unknown = [ticker for ticker, frame in frames.items() if frame is None]
    if len(unknown) == len(tickers):
        raise ContractError(f"Yahoo knows none of the {len(tickers)} tickers asked for.")
    known = [frame for frame in frames.values() if frame is not None]
    result = pd.concat(known, ignore_index=True).sort_values(["ticker", "date"], ignore_index=True)
    result.attrs = {
        "unknown": unknown,
        "splits": [s for f in known for s in f.attrs["splits"]],
        "listings": {f["ticker"][0]: f.attrs["listing"] for f in known},
    }
    return result


@contextlib.contextmanager
def _quiet_yfinance():
    """yfinance without its messages, its own swallowing of errors, and its memory of answers."""
    import yfinance as yf
    from yfinance import data

    logger = logging.getLogger("yfinance")
    level, hide = logger.level, yf.config.debug.hide_exceptions
    logger.setLevel(logging.CRITICAL + 1)
    yf.config.debug.hide_exceptions = False
    # a singleton and a cache of answers (bad ones too) outlive a call; not here
    yf.set_tz_cache_location(_scratch().name)
    data.SingletonMeta._instances.clear()
    data.YfData.cache_get.cache_clear()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # yfinance is behind pandas
            yield yf
    finally:
        logger.setLevel(level)
        yf.config.debug.hide_exceptions = hide
        data.SingletonMeta._instances.clear()
        data.YfData.cache_get.cache_clear()


@functools.cache
def _scratch() -> tempfile.TemporaryDirectory:
    """Where yfinance keeps its own files, as long as this process lasts."""
    return tempfile.TemporaryDirectory(ignore_cleanup_errors=True)


def _one(yf, session, charts, ticker, start, end) -> pd.DataFrame:
    """One ticker's rows, checked against what the chart says of itself."""
    try:
        bars = yf.Ticker(ticker, session=session).history(
            start=start.isoformat(),
            end=(end + dt.timedelta(days=1)).isoformat(),  # yfinance leaves its end out
            auto_adjust=False,
            actions=True,
        )
    except LiveError:
        raise
    except yf.exceptions.YFPricesMissingError:
        bars = None
    except KeyError as error:
        raise ContractError(
            f"Yahoo's answer for {ticker} has no {error}: its form has changed."
        ) from None
    except Exception as error:  # whatever else the client makes of a strange answer
        raise ContractError(
            f"Yahoo's answer for {ticker} cannot be read ({type(error).__name__})."
        ) from None
    if bars is None or bars.empty:
        raise ContractError(f"Yahoo has no prices of {ticker} from {start} to {end}.")
    if bars.columns.nlevels > 1:  # (price, ticker) in some versions of yfinance
        bars = bars.droplevel(1, axis=1)
    chart = charts[ticker]["result"][0]
    kind = _check_listing(ticker, chart)
    frame = pd.DataFrame(
        {
            "date": bars.index.tz_localize(None).normalize().as_unit("us"),
            "ticker": ticker,
            "close": significant(bars["Close"]).to_numpy(),
            "adj_close": significant(bars["Adj Close"]).to_numpy(),
            "volume": bars["Volume"].to_numpy(dtype="float64"),
        }
    )
    if kind in NO_DIVIDEND:
        frame["adj_close"] = np.nan
    if not frame["volume"].any():  # Yahoo writes zeros where there is no volume
        frame["volume"] = np.nan
    _check_duplicates(ticker, chart, end)
    splits = bars["Stock Splits"]
    frame.attrs["splits"] = [
        (ticker, day.date(), float(ratio)) for day, ratio in splits[splits > 0].items()
    ]
    meta = chart["meta"]
    currency = "points" if kind == "INDEX" else meta.get("currency", "")
    frame.attrs["listing"] = {"name": meta.get("longName") or ticker, "currency": currency}
    _check_splits(ticker, frame)
    return frame


def _check_listing(ticker: str, chart: dict) -> str:
    """Currency, time zone and adjusted close as they should be; returns the instrument type."""
    meta = chart["meta"]
    kind = meta.get("instrumentType", "")
    suffix = next((s for s in EXCHANGES if s and ticker.endswith(s)), "")
    odd = "." in ticker or "=" in ticker or (ticker[:1] == "^" and ticker not in AMERICAN)
    currency, zones = (None, None) if odd and not suffix else EXCHANGES[suffix]
    if currency and kind != "INDEX" and meta.get("currency") != currency:
        raise ContractError(
            f"Yahoo quotes {ticker} in {meta.get('currency')}, the snapshot in {currency}."
        )
    if zones and meta.get("exchangeTimezoneName") not in zones:
        raise ContractError(
            f"Yahoo puts {ticker} in the time zone {meta.get('exchangeTimezoneName')}, not "
            f"{' or '.join(sorted(zones))}: its dates would shift."
        )
    if kind not in NO_DIVIDEND and "adjclose" not in chart["indicators"]:
        raise ContractError(f"Yahoo's answer for {ticker} has no 'adjclose': its form has changed.")
    return kind


def _check_duplicates(ticker: str, chart: dict, end: dt.date) -> None:
    """Two bars of one day may stand only if they agree (yfinance would keep one unasked)."""
    zone = chart["meta"]["exchangeTimezoneName"]
    days = pd.to_datetime(chart["timestamp"], unit="s", utc=True).tz_convert(zone).date
    close = pd.Series(chart["indicators"]["quote"][0]["close"], index=days, dtype="float64")
    close = close[close.index <= end].dropna()
    spread = close.groupby(level=0).agg(lambda c: c.max() / c.min() - 1)
    if (spread > 1e-6).any():
        raise ContractError(f"Yahoo gives two different closes of {ticker} on {spread.idxmax()}.")


def _check_splits(ticker: str, frame: pd.DataFrame) -> None:
    """Closes before a split must be restated: no jump by the split's ratio on its day."""
    close = frame.set_index("date")["close"]
    for _, day, ratio in frame.attrs["splits"]:
        before, after = close[: pd.Timestamp(day)].iloc[:-1].tail(1), close[pd.Timestamp(day) :]
        if len(before) and len(after) and abs(ratio - 1) > NEAR_SPLIT:
            jump = before.iloc[0] / after.iloc[0] / ratio
            if abs(jump - 1) < NEAR_SPLIT:
                raise ContractError(
                    f"Yahoo's closes of {ticker} jump by the split of {day} ({ratio:g} for 1): "
                    "older closes are not restated."
                )
