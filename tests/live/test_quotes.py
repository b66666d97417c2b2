"""Prices of any ticker: the snapshot's schema, kept for a day, one sentence for a failure."""

from __future__ import annotations

import pandas as pd
import pytest
from live_data import QUICK

from shockbook import data as data_of
from shockbook import live

WINDOW = ("2025-01-24", "2025-01-28")


def test_any_tickers_in_the_snapshot_s_schema(data, truth, serve):
    serve(truth)
    got = live.prices(["SPY", "ZZZZ", "NVDA", "^VIX"], *WINDOW, patience=QUICK)
    ours = data_of.snapshot().load("prices")[list(got)]
    assert (got.dtypes == ours.dtypes).all()
    same = ours[ours["ticker"].isin(["SPY", "NVDA", "^VIX"]) & ours["date"].between(*WINDOW)]
    same = same.sort_values(["ticker", "date"], ignore_index=True)
    pd.testing.assert_frame_equal(got, same, check_like=True)
    assert got.attrs["unknown"] == ["ZZZZ"] and got.attrs["as_of"] == "2025-01-28"
    assert got.attrs["splits"] == []


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (([], *WINDOW), "No ticker was named"),
        ((["NVDA"], "2025-02-01", "2025-01-27"), "2025-02-01, comes after the last, 2025-01-27"),
        ((["NVDA"], "January"), "'January' is not a day"),
        ((["ZZZZ"], *WINDOW), "Yahoo knows none of the 1 tickers"),
    ],
)
def test_a_wish_that_cannot_be_met_gets_a_sentence(data, truth, serve, wish, says):
    serve(truth)
    with pytest.raises(live.LiveError, match=says):
        live.prices(*wish, patience=QUICK)
