"""Which datasets have a live source, how it is asked, and what may differ from the snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shockbook import catalog
from shockbook.live.check import REVISION, REVISION_OF_VOLUME, Rules
from shockbook.live.net import LiveError, Patience

#: A series that ended this long before the rest is over: its ticker may be gone from the source.
OVER = pd.Timedelta(days=60)


@dataclass(frozen=True)
class Live:
    """A dataset's live source.

    Attributes
    ----------
    dataset : str
        Its name in the catalogue.
    source : str
        The source's name in sentences.
    covers : str
        What comes from it, for the table in the docs.
    rules : Rules
        What may differ from the snapshot.
    fetch : callable
        ``fetch(snapshot, patience, step)`` -> the live answer; calls ``step(name)`` on the way.
    steps : callable
        How many steps that takes, given the snapshot.
    as_of : callable
        The day that the finished table stands for.
    finish : callable
        Completes columns that the source does not give, in rows that are new.
    also : dict
        Other datasets that are made of this one: name -> function of (their snapshot, new table).
    """

    dataset: str
    source: str
    covers: str
    rules: Rules
    fetch: Callable[[pd.DataFrame, Patience, Callable[[str], None]], pd.DataFrame]
    steps: Callable[[pd.DataFrame], int] = lambda snapshot: 1
    as_of: Callable[[pd.DataFrame], dt.date] = lambda table: dt.datetime.now(dt.UTC).date()
    finish: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table
    also: dict[str, Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]] = field(
        default_factory=dict
    )


def _last(table: pd.DataFrame) -> dt.date:
    """The last day, of most series if there are several (coins and Seoul run ahead)."""
    if "ticker" not in table:
        return table["date"].max().date()
    return table.groupby("ticker")["date"].max().mode().max().date()


def over(snapshot: pd.DataFrame) -> set[str]:
    """Tickers whose series ended well before the others."""
    last = snapshot.groupby("ticker")["date"].max()
    return set(last[last < last.mode().max() - OVER].index)


# --- Yahoo


def _prices(snapshot, patience, step):
    from shockbook.live import yahoo  # half a second, and only when live data are asked for

    tickers = sorted(snapshot["ticker"].unique())
    start = snapshot["date"].min().date()
    return yahoo.prices(tickers, start, patience=patience, progress=step)


def _known_close(prices: pd.DataFrame) -> pd.DataFrame:
    """A close that came from Yahoo was read, not rebuilt."""
    read = prices["close"].notna() & prices["close_kind"].isna()
    return prices.assign(close_kind=prices["close_kind"].mask(read, "D"))


def _tickers(tickers: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """The table of instruments, with the span of the new prices."""
    span = prices.groupby("ticker").agg(
        first=("date", "min"), last=("date", "max"), days=("date", "size"), close_days=("close", "count")
    )
    return tickers.drop(columns=list(span)).join(span, on="ticker")[list(tickers)]


def _nvda(snapshot, patience, step):
    from shockbook.live import yahoo

    start = snapshot["date"].min().date()
    answer = yahoo.prices(["NVDA"], start, patience=patience, progress=step)
    return answer.drop(columns="ticker")


# --- open files


def _usdcny(snapshot, patience, step):
    from shockbook.live import files

    answer = files.usdcny(patience=patience)
    step("DEXCHUS")
    return answer[answer["date"] >= snapshot["date"].min()]


def _one_copy(rates: pd.DataFrame) -> pd.DataFrame:
    """A rate that came from FRED alone is in no second copy."""
    return rates.assign(in_second_copy=rates["in_second_copy"].fillna(False).astype(bool))


def _epoch(snapshot, patience, step):
    from shockbook.live import files

    answer = files.epoch_models(patience=patience)
    step("models")
    known = answer["id"].isin(snapshot["id"])
    newest = snapshot["publication_date"].max()
    stated = answer[["training_compute_flop", "cost_2023usd_hw_energy"]].notna().any(axis=1)
    return answer[known | (stated & (answer["publication_date"] > newest))]


def _api_prices(snapshot, patience, step):
    from shockbook.live import files

    listed = files.price_list(patience=patience)
    step("prices")
    listed = listed[listed["provider"].isin(snapshot["provider"])]
    usd = ["input_usd_per_m", "cached_input_usd_per_m", "output_usd_per_m"]
    latest = snapshot.sort_values("date_listed").drop_duplicates("model_family", keep="last")
    both = listed.merge(latest[["model_family", *usd]], on="model_family", how="left", suffixes=("", " old"))
    old, new = both[[f"{c} old" for c in usd]].to_numpy(), both[usd].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        slip = np.isclose(new[:, [0, 2]], old[:, [0, 2]] * 10) | np.isclose(new[:, [0, 2]] * 10, old[:, [0, 2]])
    if slip.all(axis=1).any():
        row = both[slip.all(axis=1)].iloc[0]
        raise LiveError(
            "contract",
            f"llm-prices has {row['model']} at {row[usd[0]]:g} USD where the snapshot has "
            f"{row[f'{usd[0]} old']:g}: ten times looks like a slip of the decimal point.",
        )
    same = (np.isclose(new, old, rtol=1e-9) | (np.isnan(new) & np.isnan(old))).all(axis=1)
    return listed[~same].assign(
        id=[f"lp_{m}_{d}" for m, d in zip(listed[~same]["model_family"], listed[~same]["date_listed"], strict=True)]
    )
