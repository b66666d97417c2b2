"""Which datasets have a live source, how it is asked, and what may differ from the snapshot."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shockbook.data import Package
from shockbook.live.compare import Rules
from shockbook.live.faults import SOURCES, ContractError, Patience

#: Quarters that the SEC may lack: press releases come weeks before the filing.
BEHIND = 2


@dataclass(frozen=True)
class Live:
    """A dataset's live source; sources.toml has the plain parts of it."""

    dataset: str
    name: str  # the source's name in sentences
    source: dict[str, str]  # its row of sources.csv
    covers: str  # what comes from it, for the docs
    rules: Rules  # what may differ from the snapshot
    #: ``fetch(snapshot, patience, step)`` -> the answer; calls ``step(name)`` on the way.
    fetch: Callable[[pd.DataFrame, Patience, Callable[[str], None]], pd.DataFrame]
    #: How many steps that takes, given the snapshot.
    steps: Callable[[pd.DataFrame], int] = lambda snapshot: 1
    #: The day that the finished table stands for.
    as_of: Callable[[pd.DataFrame], dt.date] = lambda table: dt.datetime.now(dt.UTC).date()
    new: dict[str, str | bool] = field(default_factory=dict)  # what no source gives of a new row
    #: Completes other columns that the source does not give.
    finish: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table
    #: Other datasets made of this one: name -> function of (the other's table, the new table).
    also: dict[str, Callable] = field(default_factory=dict)

    def completed(self, table: pd.DataFrame, fresh: pd.Series) -> pd.DataFrame:
        """The table with what the source does not give; ``fresh`` says which rows are new."""
        for column, value in self.new.items():
            cells = table[column].mask(fresh, value)
            table[column] = cells.astype(bool) if isinstance(value, bool) else cells
        return self.finish(table)


def _last(table: pd.DataFrame) -> dt.date:
    """The last day, of most series if there are several (coins and Seoul run ahead)."""
    if "ticker" not in table:
        return table["date"].max().date()
    return table.groupby("ticker")["date"].max().mode().max().date()


# --- Yahoo


def _prices(snapshot, patience, step):
    from shockbook.live import yahoo  # half a second, and only when live data are asked for

    tickers = snapshot.get("ticker", pd.Series(["NVDA"])).unique()
    start = snapshot["date"].min().date()
    answer = yahoo.prices(sorted(tickers), start, patience=patience, progress=step)
    return answer if "ticker" in snapshot else answer.drop(columns="ticker")


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


# --- SEC EDGAR


def _capex(snapshot, patience, step):
    from shockbook.live import edgar

    asked = [f for f in edgar.FILERS if f.ticker in set(snapshot["ticker"])]
    answer = edgar.capex(asked, patience=patience, progress=step)
    for filer in asked:
        ours = snapshot.loc[snapshot["ticker"] == filer.ticker, "id"]
        behind = ours[~ours.isin(answer["id"])]
        if len(behind) > BEHIND:
            raise ContractError(
                f"SEC EDGAR lacks {len(behind)} of the snapshot's {len(ours)} quarters of "
                f"{filer.company} (for instance {behind.iloc[0]})."
            )
    # the snapshot says where each company's series begins; earlier years are not its matter
    first = snapshot.groupby("ticker")["fiscal_quarter_end"].min()
    return answer[answer["fiscal_quarter_end"] >= answer["ticker"].map(first)]


def _defined(capex: pd.DataFrame) -> pd.DataFrame:
    """The company's usual definition for the quarters that are new."""
    usual = capex.dropna(subset=["definition", "capex_usd_millions"]).drop_duplicates("ticker")
    names = capex["ticker"].map(usual.set_index("ticker")["definition"])
    return capex.assign(definition=capex["definition"].fillna(names))


# --- open files


def _usdcny(snapshot, patience, step):
    from shockbook.live import files

    answer = files.usdcny(patience=patience)
    step("DEXCHUS")
    return answer[answer["date"] >= snapshot["date"].min()]


def _epoch(snapshot, patience, step):
    from shockbook.live import files

    answer = files.epoch_models(patience=patience)
    step("models")
    known = answer["id"].isin(snapshot["id"])
    newest = snapshot["publication_date"].max()
    stated = answer[["training_compute_flop", "cost_2023usd_hw_energy"]].notna().any(axis=1)
    return answer[known | (stated & (answer["publication_date"] > newest))]


def _api_prices(snapshot, patience, step):
    """Prices that are not the last ones in the snapshot: each becomes a row of its own."""
    from shockbook.live import files

    listed = files.price_list(patience=patience)
    step("prices")
    listed = listed[listed["provider"].isin(snapshot["provider"])].reset_index(drop=True)
    usd = ["input_usd_per_m", "output_usd_per_m"]
    before = snapshot.sort_values("date", kind="stable")
    before = before.drop_duplicates("model_family", keep="last")
    old = listed[["model_family"]].merge(before, on="model_family", how="left")[usd]
    same = np.isclose(listed[usd], old[usd], rtol=1e-9).all(axis=1)
    fresh = listed[~same]
    return fresh.assign(
        id="lp_" + fresh["model_family"] + "_" + fresh["date_listed"].dt.strftime("%Y%m%d"),
        date=fresh["date_listed"],
    )


_EVERY = {"kept": lambda both: pd.Series(True, index=both.index)}  # all old rows may stay
#: What sources.toml cannot say of a dataset: the functions of :class:`Live`, and ``Rules.kept``.
HOW = {
    "prices": {
        "fetch": _prices,
        "steps": lambda snapshot: snapshot["ticker"].nunique(),
        "as_of": _last,
        "finish": _known_close,
        "also": {"tickers": _tickers},
    },
    "nvda-since-1999": {"fetch": _prices, "as_of": _last},
    "capex-quarterly": {"fetch": _capex, "steps": lambda snapshot: 7, "finish": _defined},
    "usdcny": {"fetch": _usdcny, "as_of": _last},
    "epoch-models": {"fetch": _epoch},
    "api-prices": {"fetch": _api_prices},
}
KEPT = {
    "capex-quarterly": _EVERY,
    "api-prices": _EVERY,
    "epoch-models": {"kept": lambda both: ~both["source_ids"].eq("epoch_notable")},
}


def _live(dataset: str, source: str, rules: dict, **plain) -> Live:
    """A dataset's entry of sources.toml, with its functions."""
    row = {"id": source, **SOURCES["sources"][source]}
    row["author"] = row["publisher"]
    rules = {key: tuple(x) if isinstance(x, list) else x for key, x in rules.items()}
    rules = Rules(**rules, **KEPT.get(dataset, {}))
    return Live(dataset, source=row, rules=rules, **plain, **HOW[dataset])


LIVE = {dataset: _live(dataset, **entry) for dataset, entry in SOURCES["datasets"].items()}


def of_chapter(chapter: str, package: Package) -> list[Live]:
    """The live sources of one chapter's datasets, in the order of :data:`LIVE`."""
    used = {r["name"] for r in package.resources if chapter in r.get("usedBy", ())}
    return [live for live in LIVE.values() if live.dataset in used]
