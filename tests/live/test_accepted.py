"""What somebody has looked at counts for that run alone, and the report says what it was."""

from __future__ import annotations

import argparse

import pandas as pd
import pytest
from live_data import run_refresh
from live_faults import bar, chart, of_day, separate, split
from test_faults import sums
from test_fresh import LAST, drop, times

from shockbook import __main__, live
from shockbook import data as flat
from shockbook.live import fill, refresh, session
from shockbook.live.registry import LIVE

ROW = f"NVDA:{LAST}"


@pytest.mark.parametrize("name", ["NVDA:2025-3-28", "nonsense", "XNYS:2025-03-29", "usdcny"])
def test_a_name_of_no_row_is_an_error(data, truth, serve, capsys, name):
    serve(truth, times("close", 3))
    before = sums(data)
    assert run_refresh("prices", accept_rows=[ROW, name]) == 2
    said = capsys.readouterr().err
    assert f"--accept-rows names no new row of prices: {name}; the snapshot stands" in said
    assert sums(data) == before


def test_a_dataset_after_a_row_is_a_dataset(data, truth, serve, capsys):
    serve(truth, times("close", 3))
    assert __main__.main(["refresh", "--accept-rows", ROW, "prices"]) == 0
    said = capsys.readouterr().out
    assert "for 1 datasets" in said
    assert f"{ROW} was let in by --accept-rows: its close moves by" in said
    last = flat.snapshot().load("prices").query("ticker == 'NVDA'")["date"].max()
    assert f"{last:%Y-%m-%d}" == LAST


def test_rows_are_named_with_commas_or_one_by_one(capsys):
    parser = argparse.ArgumentParser()
    refresh.add_parser(parser.add_subparsers())
    given = ["refresh", "--accept-rows", "A:1,B:2", "--accept-rows", "C:3"]
    assert parser.parse_args(given).accept_rows == ["A:1", "B:2", "C:3"]
    assert parser.parse_args(["refresh"]).accept_rows == [], "one call leaves nothing to the next"


GREATER = of_day("2025-01-27", bar(close=lambda v: v * 1.4, adjclose=lambda v: v * 1.4))
REVISED = chart("NVDA", lambda body: (separate(body), GREATER(body)))


@pytest.mark.parametrize(
    ("breaks", "given"),
    [(REVISED, {"accept_revisions": True}), (times("close", 3), {"accept_rows": [ROW]})],
)
def test_a_plain_run_inherits_nothing(data, truth, serve, capsys, monkeypatch, breaks, given):
    serve(truth, breaks)
    before = sums(data)
    assert run_refresh("prices", dry_run=True, **given) == 0
    monkeypatch.setenv("SHOCKBOOK_LIVE", "1")
    monkeypatch.setattr(session, "LIVE", {"prices": LIVE["prices"]})
    monkeypatch.setattr(session, "of_chapter", lambda chapter, package: [LIVE["prices"]])
    assert "UTC, with what somebody accepted)" in live.banner("any").text
    capsys.readouterr()
    assert run_refresh("prices") == (2 if breaks is REVISED else 0)
    said = capsys.readouterr()
    assert "had before" not in said.out and "was let in" not in said.out
    old, now = flat.Package(data), fill.cached()
    if breaks is REVISED:
        assert "would revise a value of close" in said.err and sums(data) == before
        for name in ("prices", "tickers"):
            assert now.describe(name)["hash"] == old.describe(name)["hash"], "as the banner says"
        live.forget()
        assert live.banner("any").state == "failed"
    else:
        assert f"{ROW} was left out" in said.out
        assert old.load("prices").query("ticker == 'NVDA'")["date"].max() < pd.Timestamp(LAST)
    assert run_refresh("prices", dry_run=True, **given) == 0
    assert run_refresh("prices", **given) == 0
    assert "had before" in capsys.readouterr().out, "accepted in both"
    assert sums(data) != before


def test_all_that_would_be_accepted_is_shown(data, truth, serve, capsys, tmp_path):
    """Not the first doubt alone, since one option accepts them all."""

    def spy(body):
        separate(body)
        of_day("2025-01-27", bar(close=lambda v: v * 1.4, adjclose=lambda v: v * 1.4))(body)
        of_day("2025-01-28", bar(volume=0))(body)
        drop(body, "2025-01-29")

    both = chart("NVDA", lambda body: split(body, restated=True)), chart("SPY", spy)
    serve(truth, lambda request, reply: both[1](request, both[0](request, reply)))
    report = tmp_path / "report.md"
    assert run_refresh("prices", report=str(report)) == 2
    said = capsys.readouterr().err
    for doubt in (
        "NVDA was split (10 for 1",
        "would lose a row: SPY, 2025-01-29",
        "would revise a value of close by more than 0.5%, the most for close of SPY, 2025-01-27",
        "would revise a value of adj_close",
        "would revise a value of volume by more than 50.0%",
    ):
        assert doubt in said and doubt in report.read_text(), doubt


def closes(body: dict) -> None:
    """The adjusted closes in the place of the closes: each lower by less than half a per cent."""
    separate(body)
    quote = body["indicators"]["quote"][0]
    quote["close"] = list(body["indicators"]["adjclose"][0]["adjclose"])


def lower(body: dict) -> None:
    """All adjusted closes as if there had been a dividend of a fifth, and none is the close."""
    adjusted = body["indicators"]["adjclose"][0]
    adjusted["adjclose"] = [value * 0.78 for value in adjusted["adjclose"]]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (closes, "prices would revise close of NVDA in one direction."),
        (lower, "prices: the newest adj_close of NVDA is 0.78 of its close."),
    ],
)
def test_another_series_asks_for_consent(data, truth, serve, capsys, change, why):
    serve(truth, chart("NVDA", change))
    before = sums(data)
    assert run_refresh("prices") == 2
    assert why in capsys.readouterr().err and sums(data) == before
    assert run_refresh("prices", accept_revisions=True) == 0
