"""What somebody has looked at counts for that run alone, and the report says what it was."""

from __future__ import annotations

import argparse

import pytest
from live_data import run_refresh
from test_faults import sums
from test_fresh import LAST, times

from shockbook import __main__
from shockbook import data as flat
from shockbook.live import refresh

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
