"""The chapters on a refreshed folder: three newer days, a split, a delisting, a renamed ticker."""

from __future__ import annotations

import ast
import os
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from live_data import QUICK
from live_server import Server

from shockbook import data, notebooks
from shockbook.charts import render
from shockbook.data import validate
from shockbook.live import fill, fresh, registry, session, yahoo
from shockbook.live.registry import LIVE

#: 187 series of the snapshot end on 31 July 2026; the sources know three days more of each.
SPLIT, DELISTED, RENAMED = "AMD", "KO", "CAT"
CHAPTERS = sorted((notebooks.ROOT / "chapters").glob("*.ipynb"))
if not os.environ.get("SOAK"):  # those with most live data, and one with none
    CHAPTERS = [p for p in CHAPTERS if p.stem in ("capex", "nvidia", "sequel", "verdicts")]


def newer(prices: pd.DataFrame, calendars: pd.Series) -> pd.DataFrame:
    """What Yahoo knows: every close, three newer days of each series, one split restated."""
    ratio = (prices["close"] / prices["adj_close"]).groupby(prices["ticker"])
    ratio = ratio.bfill().groupby(prices["ticker"]).ffill().fillna(1)  # what the dividends were
    prices = prices.assign(
        close=prices["close"].fillna(prices["adj_close"] * ratio),
        volume=prices["volume"].where(prices["volume"] > 0),
    )
    dice, parts = np.random.default_rng(27), [prices]
    recent = prices["date"].max() - pd.Timedelta(days=60)
    known = {name: fresh.sessions(name, recent) for name in calendars.unique()}
    for ticker, series in prices.groupby("ticker"):
        last = series.iloc[-1]
        days = known[calendars[ticker]]
        days = days[days > last["date"]][:3].as_unit("us")
        moves = np.exp(np.cumsum(dice.normal(0, 0.005, len(days))))
        tail = pd.DataFrame({"date": days, "ticker": ticker})
        for column in ("close", "adj_close"):
            tail[column] = last[column] * moves
        tail["volume"] = series["volume"].dropna().iloc[-1] if series["volume"].any() else np.nan
        parts.append(tail)
    table = pd.concat(parts).sort_values(["ticker", "date"], ignore_index=True)
    split = table["ticker"] == SPLIT
    table.loc[split, ["close", "adj_close"]] /= 2
    table.loc[split, "volume"] *= 2
    return table[~table["ticker"].isin([DELISTED, RENAMED])]


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory):
    """The cache of somebody who has refreshed the whole of the data; the environment names it."""
    cache, snapshot = tmp_path_factory.mktemp("cache"), data.snapshot()
    old = snapshot.load("prices")
    calendars = snapshot.load("tickers").set_index("ticker")["calendar"]
    known = newer(old, calendars)
    events = known.loc[known["ticker"] == SPLIT, "date"]

    def prices(tickers, start, **_):
        answer = known[known["ticker"].isin(tickers) & (known["date"] >= pd.Timestamp(start))]
        if list(tickers) == ["NVDA"]:  # since 1999
            own = snapshot.load("nvda-since-1999").assign(ticker="NVDA")
            own["close"] = own["close"].fillna(own["adj_close"])
            later = answer[answer["date"] > own["date"].max()]
            answer = pd.concat([own, later])
        answer = answer[["date", "ticker", "close", "adj_close", "volume"]]
        answer = answer.reset_index(drop=True)
        missing = sorted(set(tickers) - set(answer["ticker"]))
        day = events.iloc[-3].date()
        splits = [(SPLIT, day, 2.0)] if SPLIT in set(tickers) else []
        answer.attrs = {"unknown": missing, "splits": splits}
        return answer

    truth = {name: snapshot.load(name) for name in LIVE}
    with pytest.MonkeyPatch.context() as patch, Server(truth) as server:
        patch.setattr(yahoo, "prices", prices)
        # frictionless row by row takes most of a minute here; test_fresh.py has it do so
        patch.setattr(validate, "_row_faults", lambda *_: [])
        patch.setenv("SHOCKBOOK_CACHE", str(cache))
        patch.setenv("SHOCKBOOK_LOOPBACK", server.base)
        patch.setenv("SHOCKBOOK_CONTACT", "A Reader reader@example.org")
        names = [name for name in LIVE if name in snapshot.names()]
        entries = fill.fill(fill.cached(), snapshot, names, QUICK, revisions=True)
        assert not entries["prices"].get("failed"), entries["prices"]
        yield cache, entries
    session.forget()


def test_the_folder_holds_what_was_asked_of_it(refreshed):
    cache, entries = refreshed
    change = entries["prices"]["change"]
    assert change["failed"] == sorted([DELISTED, RENAMED])
    assert any(f"{SPLIT} was split (2 for 1" in line for line in change["consent"])
    assert change["added"] > 500 and len(change["refused"]) < 40, change["refused"]
    package, old = fill.at(cache / "data"), data.snapshot().load("prices")
    table = package.load("prices")
    assert not list(package.changed()) and not list(package.strays())
    last = table.groupby("ticker")["date"].max() - old.groupby("ticker")["date"].max()
    assert (last[[DELISTED, RENAMED]] == pd.Timedelta(0)).all()
    assert last.drop([DELISTED, RENAMED]).gt(pd.Timedelta(0)).mean() > 0.9
    one, before = (
        t[(t["ticker"] == SPLIT) & (t["date"] == pd.Timestamp("2025-01-27"))].iloc[0]
        for t in (table, old)
    )
    assert one["adj_close"] == pytest.approx(before["adj_close"] / 2)


def execute(path) -> None:
    """A chapter's cells in this process: all that a kernel does, but for drawing the pictures."""
    space = {"__name__": "__main__"}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            code = ast.parse(cell.source, f"{path.stem}: {cell.id}")
            last = code.body.pop() if code.body and isinstance(code.body[-1], ast.Expr) else None
            exec(compile(code, path.stem, "exec"), space)
            value = last and eval(compile(ast.Expression(last.value), path.stem, "eval"), space)
            if hasattr(value, "_repr_mimebundle_"):
                value._repr_mimebundle_()
            elif isinstance(value, session.Banner):
                print(value)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_on_it(refreshed, path, monkeypatch, capsys):
    monkeypatch.setenv("SHOCKBOOK_LIVE", "1")
    monkeypatch.setattr(render, "picture", lambda spec: b"")
    monkeypatch.chdir(path.parent)
    session.forget()
    execute(path)
    live = registry.of_chapter(path.stem, data.snapshot())
    said = "Data: (live|partly live) \\(" if live else "Data: the snapshot. Nothing here has a live"
    assert re.search(said, capsys.readouterr().out)


def test_a_kernel_reads_it_too(refreshed):
    """One whole run, as in JupyterLab: the environment reaches it, the banner is kept."""
    book = notebooks.run(notebooks.ROOT / "chapters" / "enterprise.ipynb", live=True)
    assert notebooks.banner(book).startswith(("Data: live (", "Data: partly live ("))
