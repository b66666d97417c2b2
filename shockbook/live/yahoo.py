"""Daily prices, volumes, exchange rates, crypto and indices from Yahoo, through yfinance."""

import datetime as dt
import logging
from collections.abc import Iterable

import numpy as np
import pandas as pd

from shockbook.live import faults
from shockbook.live.faults import ContractError, LiveError, Unknown
from shockbook.live.net import Session

CHART = "https://query2.finance.yahoo.com/v8/finance/chart/"
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


def significant(values: pd.Series) -> pd.Series:
    """Round to eight digits; Yahoo's prices are single-precision, about seven of them."""
    return values.astype("float64").map(lambda value: float(f"{value:.8g}"))


def prices(
    tickers: Iterable[str],
    start: dt.date,
    end: dt.date | None = None,
    *,
    patience: faults.Patience = faults.UNATTENDED,
) -> pd.DataFrame:
    """Daily closes from Yahoo, in the schema of the dataset ``prices``.

    The tickers are Yahoo's symbols (``NVDA``, ``^VIX``, ``BTC-USD``, ``6857.T``, ``CNY=X``), the
    days those of the exchange, both inclusive; the last is by default yesterday in UTC: by then
    every exchange has closed, so that no bar is half a day's.

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
    logger = logging.getLogger("yfinance")  # its messages would be lines on stderr
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with Session("Yahoo", patience, lambda url: CHART in url, impersonate="chrome") as session:
            client = _client(session)

            def one(ticker: str) -> pd.DataFrame | None:
                try:
                    return _one(session, client, ticker, start, end)
                except Unknown:
                    return None

            found = faults.side_by_side(one, tickers, WORKERS, patience.stop)
    finally:
        logger.setLevel(level)
    known = [frame for frame in found if frame is not None]
    if not known:
        raise ContractError(f"Yahoo knows none of the {len(tickers)} tickers asked for.")
    result = pd.concat(known, ignore_index=True).sort_values(["ticker", "date"], ignore_index=True)
    result.attrs = {
        "unknown": [t for t, frame in zip(tickers, found, strict=True) if frame is None],
        "splits": [split for frame in known for split in frame.attrs["splits"]],
        "listings": {frame["ticker"][0]: frame.attrs["listing"] for frame in known},
    }
    return result


def _client(session: Session):
    """yfinance's way to an answer: it gets a cookie and a crumb and agrees to a consent form."""
    from yfinance.data import YfData

    client = type.__call__(YfData, session)  # of our own, not the one that the process shares
    client._load_cookie_curlCffi = client._save_cookie_curlCffi = lambda: False  # in no file
    return client


def _one(session: Session, client, ticker: str, start: dt.date, end: dt.date) -> pd.DataFrame:
    """One ticker's rows, checked against what the chart says of itself."""
    zones = _quoted(ticker)[1]
    zone, margin = (max(zones), 0) if zones else ("UTC", 1)  # days more, where it is not known
    after = end + dt.timedelta(days=1 + margin)
    period = [pd.Timestamp(d, tz=zone) for d in (start - dt.timedelta(days=margin), after)]
    params = {f"period{place}": int(t.timestamp()) for place, t in enumerate(period, 1)}
    params |= {"interval": "1d", "includePrePost": False, "events": "div,splits,capitalGains"}
    answer = session.data(CHART + ticker, client.get, params=params)
    try:
        chart = (answer.json()["chart"]["result"] or [{}])[0]
        if not chart.get("timestamp"):
            raise ContractError(f"Yahoo has no prices of {ticker} from {start} to {end}.")
        kind = _check_listing(ticker, chart["meta"])
        frame = _bars(ticker, chart, start, end, kind)
        frame.attrs["splits"] = _splits(ticker, chart, start, end)
    except LiveError:
        raise
    except KeyError as error:
        raise ContractError(
            f"Yahoo's answer for {ticker} has no {error}: its form has changed."
        ) from None
    except Exception as error:  # whatever else a strange answer leads to
        raise ContractError(
            f"Yahoo's answer for {ticker} cannot be read ({type(error).__name__})."
        ) from None
    if frame.empty:
        raise ContractError(f"Yahoo has no prices of {ticker} from {start} to {end}.")
    meta = chart["meta"]
    currency = "points" if kind == "INDEX" else meta.get("currency", "")
    frame.attrs["listing"] = {"name": meta.get("longName") or ticker, "currency": currency}
    _check_splits(ticker, frame)
    return frame


def _quoted(ticker: str) -> tuple[str | None, set[str]]:
    """Currency and time zones of a ticker by its end, as far as they are known."""
    suffix = next((s for s in EXCHANGES if s and ticker.endswith(s)), "")
    odd = "." in ticker or "=" in ticker or (ticker[:1] == "^" and ticker not in AMERICAN)
    return (None, set()) if odd and not suffix else EXCHANGES[suffix]


def _check_listing(ticker: str, meta: dict) -> str:
    """Currency and time zone as they should be; returns the instrument type."""
    kind = meta.get("instrumentType", "")
    currency, zones = _quoted(ticker)
    if currency and kind != "INDEX" and meta.get("currency") != currency:
        raise ContractError(
            f"Yahoo quotes {ticker} in {meta.get('currency')}, the snapshot in {currency}."
        )
    if zones and meta.get("exchangeTimezoneName") not in zones:
        raise ContractError(
            f"Yahoo puts {ticker} in the time zone {meta.get('exchangeTimezoneName')}, not "
            f"{' or '.join(sorted(zones))}: its dates would shift."
        )
    return kind


def _days(stamps: Iterable[int], chart: dict) -> pd.DatetimeIndex:
    """The exchange's days of Yahoo's seconds, naive."""
    times = pd.to_datetime(list(stamps), unit="s", utc=True)
    times = times.tz_convert(chart["meta"]["exchangeTimezoneName"]).tz_localize(None)
    # where clocks have changed since, some days begin an hour or two before midnight
    return (times + pd.Timedelta(hours=2)).normalize().as_unit("us")


def _bars(ticker: str, chart: dict, start: dt.date, end: dt.date, kind: str) -> pd.DataFrame:
    """The days on which anything was traded; two bars of one day may stand if they agree."""
    quote, indicators = chart["indicators"]["quote"][0], chart["indicators"]
    adjusted = np.nan if kind in NO_DIVIDEND else indicators["adjclose"][0]["adjclose"]
    cells = {"close": quote["close"], "adj_close": adjusted, "volume": quote["volume"]}
    bars = pd.DataFrame(cells, index=_days(chart["timestamp"], chart), dtype="float64")
    bars = bars[bars.fillna(0).any(axis=1)].sort_index(kind="stable").loc[str(start) : str(end)]
    by_day = bars.groupby(level=0)
    spread = by_day["close"].max() / by_day["close"].min() - 1
    if (spread > 1e-6).any():
        day = spread.idxmax().date()
        raise ContractError(f"Yahoo gives two different closes of {ticker} on {day}.")
    bars = by_day.last().rename_axis("date").reset_index()
    bars[["close", "adj_close"]] = bars[["close", "adj_close"]].apply(significant)
    if not bars["volume"].any():  # Yahoo writes zeros where there is no volume
        bars["volume"] = np.nan
    bars.insert(1, "ticker", ticker)
    return bars


def _splits(ticker: str, chart: dict, start: dt.date, end: dt.date) -> list[tuple]:
    """Ticker, day and new shares per old one of each split."""
    splits = chart.get("events", {}).get("splits", {}).values()
    days = _days([split["date"] for split in splits], chart).date
    ratios = [split["numerator"] / split["denominator"] for split in splits]
    found = sorted(zip(days, ratios, strict=True))
    return [(ticker, day, ratio) for day, ratio in found if start <= day <= end]


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
