"""Which datasets have a live source, how it is asked, and what may differ from the snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shockbook.data import Package
from shockbook.live.compare import REVISION, REVISION_OF_VOLUME, Rules
from shockbook.live.faults import LiveError, Patience

#: A series that ended this long before the rest is over: its ticker may be gone from the source.
OVER = pd.Timedelta(days=60)
#: Quarters that the SEC may lack: press releases come weeks before the filing.
BEHIND = 2


@dataclass(frozen=True)
class Live:
    """A dataset's live source.

    Attributes
    ----------
    dataset : str
        Its name in the catalogue.
    name : str
        The source's name in sentences.
    source : dict
        Its row of sources.csv.
    covers : str
        What comes from it, for the docs.
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
    name: str
    source: dict[str, str]
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
    series = prices.groupby("ticker")
    span = pd.DataFrame(
        {
            "first": series["date"].min(),
            "last": series["date"].max(),
            "days": series["date"].size(),
            "close_days": series["close"].count(),
        }
    )
    return tickers.drop(columns=list(span)).join(span, on="ticker")[list(tickers)]


def _nvda(snapshot, patience, step):
    from shockbook.live import yahoo

    start = snapshot["date"].min().date()
    answer = yahoo.prices(["NVDA"], start, patience=patience, progress=step)
    return answer.drop(columns="ticker")


# --- SEC EDGAR


def _capex(snapshot, patience, step):
    from shockbook.live import edgar

    asked = [f for f in edgar.FILERS if f.ticker in set(snapshot["ticker"])]
    answer = edgar.capex(asked, patience=patience, progress=step)
    for filer in asked:
        ours = snapshot.loc[snapshot["ticker"] == filer.ticker, "id"]
        behind = ours[~ours.isin(answer["id"])]
        if len(behind) > BEHIND:
            raise LiveError(
                "contract",
                f"SEC EDGAR lacks {len(behind)} of the snapshot's {len(ours)} quarters of "
                f"{filer.company} (for instance {behind.iloc[0]}).",
            )
    # the snapshot says where each company's series begins; earlier years are not its matter
    first = snapshot.groupby("ticker")["fiscal_quarter_end"].min()
    return answer[answer["fiscal_quarter_end"] >= answer["ticker"].map(first)]


def _as_tagged(capex: pd.DataFrame) -> pd.DataFrame:
    """Definition and provenance of the quarters that are new."""
    fresh = capex["definition"].isna()
    usual = capex[~fresh & capex["capex_usd_millions"].notna()].drop_duplicates("ticker")
    names = capex["ticker"].map(usual.set_index("ticker")["definition"])
    return capex.assign(
        definition=capex["definition"].fillna(names),
        source_ids=capex["source_ids"].mask(fresh, SEC["id"]),
        conflict=capex["conflict"].mask(fresh, False).astype(bool),
    )


# --- open files


def _usdcny(snapshot, patience, step):
    from shockbook.live import files

    answer = files.usdcny(patience=patience)
    step("DEXCHUS")
    return answer[answer["date"] >= snapshot["date"].min()]


def _one_copy(rates: pd.DataFrame) -> pd.DataFrame:
    """A rate that came from FRED alone is in no second copy."""
    fresh = rates["in_second_copy"].isna()
    return rates.assign(in_second_copy=rates["in_second_copy"].mask(fresh, False).astype(bool))


def _epoch(snapshot, patience, step):
    from shockbook.live import files

    answer = files.epoch_models(patience=patience)
    step("models")
    known = answer["id"].isin(snapshot["id"])
    newest = snapshot["publication_date"].max()
    stated = answer[["training_compute_flop", "cost_2023usd_hw_energy"]].notna().any(axis=1)
    return answer[known | (stated & (answer["publication_date"] > newest))]


def _of_epoch(models: pd.DataFrame) -> pd.DataFrame:
    """Provenance of the models that are new."""
    fresh = models["source_ids"].isna()
    return models.assign(
        source_ids=models["source_ids"].mask(fresh, "epoch_notable"),
        conflict=models["conflict"].mask(fresh, False).astype(bool),
    )


def _api_prices(snapshot, patience, step):
    """Prices that are not the last ones in the snapshot: each becomes a row of its own."""
    from shockbook.live import files

    listed = files.price_list(patience=patience)
    step("prices")
    listed = listed[listed["provider"].isin(snapshot["provider"])].reset_index(drop=True)
    usd = ["input_usd_per_m", "output_usd_per_m", "cached_input_usd_per_m"]
    before = snapshot.sort_values("date", kind="stable")
    before = before.drop_duplicates("model_family", keep="last")
    old = listed[["model_family"]].merge(before, on="model_family", how="left")[usd]
    ratio = (listed[usd[:2]] / old[usd[:2]]).to_numpy()
    slip = (np.isclose(ratio, 10) | np.isclose(ratio, 0.1)).any(axis=1)
    if slip.any():
        place = int(slip.argmax())
        raise LiveError(
            "contract",
            f"llm-prices has {listed.at[place, 'model']} at {listed.at[place, usd[0]]:g} and "
            f"{listed.at[place, usd[1]]:g} USD where the snapshot has {old.at[place, usd[0]]:g} "
            f"and {old.at[place, usd[1]]:g}: looks like a slip of the decimal point.",
        )
    same = np.isclose(listed[usd[:2]], old[usd[:2]], rtol=1e-9).all(axis=1)
    fresh = listed[~same]
    return fresh.assign(
        id="lp_" + fresh["model_family"] + "_" + fresh["date_listed"].dt.strftime("%Y%m%d"),
        date=fresh["date_listed"],
    )


def _first_listed(prices: pd.DataFrame) -> pd.DataFrame:
    """What the list of prices says of its rows, for those that are new."""
    fresh = prices["source_ids"].isna()
    fixed = {
        "date_basis": "first listed",
        "date_precision": "day",
        "price_type": "list",
        "source_ids": "llm_prices",
        "note": "the day is an upper bound for the effective date",
    }
    filled = {column: prices[column].mask(fresh, value) for column, value in fixed.items()}
    truths = {
        "draw": prices["draw"].mask(fresh, True).astype(bool),
        "conflict": prices["conflict"].mask(fresh, False).astype(bool),
    }
    return prices.assign(**filled, **truths)


def _source(name, title, publisher, url, kind) -> dict[str, str]:
    """A row of sources.csv for a source that a refresh brings in."""
    return {
        "id": name,
        "title": title,
        "publisher": publisher,
        "author": publisher,
        "url": url,
        "kind": kind,
    }


YAHOO = _source(
    "yahoo_chart",
    "Daily prices, splits and dividends",
    "Yahoo Finance",
    "https://finance.yahoo.com",
    "secondary",
)
SEC = _source(
    "sec_companyfacts",
    "XBRL company facts",
    "US Securities and Exchange Commission",
    "https://data.sec.gov/api/xbrl/companyfacts/",
    "primary",
)
H10 = _source(
    "fred_dexchus",
    "Chinese yuan renminbi to one US dollar, H.10 (DEXCHUS)",
    "Federal Reserve, through FRED",
    "https://fred.stlouisfed.org/series/DEXCHUS",
    "primary",
)
EPOCH = _source(
    "epoch_notable",
    "Notable AI Models",
    "Epoch AI",
    "https://epoch.ai/data/notable_ai_models.csv",
    "secondary",
)
LLM_PRICES = _source(
    "llm_prices",
    "llm-prices",
    "Simon Willison",
    "https://www.llm-prices.com/current-v1.json",
    "secondary",
)
_OF_PRICES = {"close": REVISION, "adj_close": REVISION, "volume": REVISION_OF_VOLUME}

LIVE: dict[str, Live] = {
    live.dataset: live
    for live in (
        Live(
            "prices",
            "Yahoo",
            YAHOO,
            "closes, adjusted closes and volumes of every ticker",
            Rules(
                key=("date", "ticker"),
                group="ticker",
                values=_OF_PRICES,
                rescaled=("adj_close",),
                calendar="tickers",
                moves=("close", "adj_close"),
            ),
            _prices,
            steps=lambda snapshot: snapshot["ticker"].nunique(),
            as_of=_last,
            finish=_known_close,
            also={"tickers": _tickers},
        ),
        Live(
            "nvda-since-1999",
            "Yahoo",
            YAHOO,
            "closes, adjusted closes and volumes of NVIDIA",
            Rules(
                key=("date",),
                values=_OF_PRICES,
                rescaled=("adj_close",),
                calendar="XNYS",
                moves=("close", "adj_close"),
            ),
            _nvda,
            as_of=_last,
        ),
        Live(
            "capex-quarterly",
            "SEC EDGAR",
            SEC,
            "cash purchases of property and equipment of the seven companies that file quarterly",
            Rules(
                key=("id",),
                group="ticker",
                values={"capex_usd_millions": REVISION},
                fresh=(
                    "company",
                    "ticker",
                    "fiscal_period",
                    "fiscal_quarter_end",
                    "calendar_quarter",
                    "how_obtained",
                ),
                near=1.0,  # the snapshot is in whole millions
                order="fiscal_quarter_end",
                moves=("capex_usd_millions",),
                kept=lambda both: pd.Series(True, index=both.index),
            ),
            _capex,
            steps=lambda snapshot: 7,
            finish=_as_tagged,
        ),
        Live(
            "usdcny",
            "FRED",
            H10,
            "the daily rate",
            Rules(
                key=("date",),
                values={"cny_per_usd": REVISION},
                calendar="H.10",
                moves=("cny_per_usd",),
            ),
            _usdcny,
            as_of=_last,
            finish=_one_copy,
        ),
        Live(
            "epoch-models",
            "Epoch AI",
            EPOCH,
            "models that Epoch AI calls notable, and newer ones with a stated cost or compute",
            Rules(
                key=("id",),
                values=dict.fromkeys(
                    (
                        "parameters",
                        "training_compute_flop",
                        "training_dataset_size",
                        "training_time_hours",
                        "hardware_quantity",
                        "mfu",
                        "cost_2023usd_hw_energy",
                        "cost_2023usd_cloud",
                        "cost_2023usd_upfront",
                    ),
                    0.5,
                ),
                texts=("publication_date", "training_hardware", "confidence"),
                fresh=(
                    "model",
                    "organization",
                    "country",
                    "domain",
                    "numerical_format",
                    "base_model",
                    "model_accessibility",
                ),
                tolerance=0.01,  # the snapshot is rounded, small costs to whole dollars
                order="publication_date",
                range=("training_compute_flop", "cost_2023usd_hw_energy"),
                tens=False,  # estimates: Epoch does revise some of them tenfold
                kept=lambda both: ~both["source_ids"].eq("epoch_notable"),
            ),
            _epoch,
            finish=_of_epoch,
        ),
        Live(
            "api-prices",
            "llm-prices",
            LLM_PRICES,
            "today's list prices, a new row for each that has changed",
            Rules(
                key=("id",),
                fresh=(
                    "provider",
                    "model",
                    "model_family",
                    "date",
                    "date_listed",
                    "input_usd_per_m",
                    "cached_input_usd_per_m",
                    "output_usd_per_m",
                    "tier",
                ),
                range=("input_usd_per_m", "output_usd_per_m"),
                kept=lambda both: pd.Series(True, index=both.index),
            ),
            _api_prices,
            finish=_first_listed,
        ),
    )
}


def of_chapter(chapter: str, package: Package) -> list[Live]:
    """The live sources of one chapter's datasets, in the order of :data:`LIVE`."""
    used = {r["name"] for r in package.resources if chapter in r.get("usedBy", ())}
    return [live for live in LIVE.values() if live.dataset in used]
