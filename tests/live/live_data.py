"""A small data folder of real rows, and what the sources know a little later.

The descriptors are the real ones, so that the tests hold the live sources to the real schemas.
The folder ends some days before the truth, so that a refresh has rows to add.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from shockbook import data
from shockbook.data import files
from shockbook.live import refresh
from shockbook.live.faults import Patience

#: As patient as a refresh, with no waiting between the tries and short time limits.
QUICK = Patience(connect=1, whole=5, sleep=lambda seconds: None)
TICKERS = ("NVDA", "SPY", "^VIX", "BTC-USD")
COMPANIES = ("MSFT", "META", "AAPL", "BABA")
#: The snapshot ends here; the truth goes on to ``LATER``.
END, LATER = pd.Timestamp("2025-03-21"), pd.Timestamp("2025-03-28")
SINCE = pd.Timestamp("2023-11-01")  # a year and a quarter before the event, for its window
DATASETS = (
    "prices",
    "nvda-since-1999",
    "capex-quarterly",
    "usdcny",
    "epoch-models",
    "api-prices",
    "tickers",
    "sources",
)


def truth() -> dict[str, pd.DataFrame]:
    """What the sources know, by dataset."""
    full = {name: data.snapshot().load(name) for name in DATASETS}
    prices = full["prices"]
    here = prices["ticker"].isin(TICKERS) & prices["date"].between(SINCE, LATER)
    models = full["epoch-models"]
    return full | {
        "prices": prices[here],
        "nvda-since-1999": prices[here & (prices["ticker"] == "NVDA")],
        "capex-quarterly": full["capex-quarterly"].query("ticker in @COMPANIES"),
        "usdcny": full["usdcny"].query("date >= @SINCE and date <= @LATER"),
        "epoch-models": models[models["source_ids"] == "epoch_notable"].tail(20),
    }


def snapshot(known: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of the small folder: the truth, cut off some days earlier."""
    tables = dict(known)
    for name in ("prices", "nvda-since-1999", "usdcny"):
        tables[name] = known[name][known[name]["date"] <= END]
    capex = known["capex-quarterly"]
    newest = capex.groupby("ticker")["fiscal_quarter_end"].transform("max")
    kept = (capex["fiscal_quarter_end"] < newest) | capex["capex_usd_millions"].isna()
    tables["capex-quarterly"] = capex[kept]
    tables["epoch-models"] = known["epoch-models"].iloc[:-2]
    prices = known["api-prices"]
    tables["api-prices"] = prices[prices["date"] < prices["date"].max() - pd.Timedelta(days=120)]
    tables["tickers"] = known["tickers"].query("ticker in @TICKERS")
    return tables


def write(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write the tables with the real descriptors, as a data folder of its own."""
    resources = []
    for name, table in tables.items():
        resource = data.snapshot().describe(name)
        if name == "nvda-since-1999":
            table = table[["date", "close", "adj_close", "volume"]]
        content = files.content(table.reset_index(drop=True), resource)
        (folder / resource["path"]).write_bytes(content)
        resources.append(files.stamped(resource, content))
    described = {**data.snapshot().descriptor, "resources": resources}
    (folder / "datapackage.json").write_text(files.text(described), encoding="utf-8")


def run_refresh(*names, patience=QUICK, **options) -> int:
    """``python -m shockbook refresh`` in this process, without waiting."""
    given = {"names": list(names), "to": None, "dry_run": False, "report": None}
    given |= {"accept_revisions": False, "accept_rows": []}
    return refresh.run(argparse.Namespace(**given | options), patience)
