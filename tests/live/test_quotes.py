"""Prices of any ticker: the snapshot's schema, kept for a day, one sentence for a failure."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from live_data import QUICK

from shockbook import catalog, live
from shockbook.live import yahoo

WINDOW = ("2025-01-24", "2025-01-28")


def test_any_tickers_in_the_snapshot_s_schema(data, truth, serve):
    serve(truth)
    got = live.prices(["SPY", "ZZZZ", "NVDA", "^VIX"], *WINDOW, patience=QUICK)
    ours = catalog.load("prices", live=False)[list(got)]
    assert (got.dtypes == ours.dtypes).all()
    same = ours[ours["ticker"].isin(["SPY", "NVDA", "^VIX"]) & ours["date"].between(*WINDOW)]
    same = same.sort_values(["ticker", "date"], ignore_index=True)
    pd.testing.assert_frame_equal(got, same, check_like=True)
    assert got.attrs["unknown"] == ["ZZZZ"] and got.attrs["as_of"] == "2025-01-28"
    assert got.attrs["live"] and got.attrs["splits"] == []


def test_a_second_call_asks_nobody(data, truth, serve, tmp_path):
    server = serve(truth)
    first = live.prices(["NVDA", "SPY"], *WINDOW, patience=QUICK)
    asked = len(server.seen)
    again = live.prices(["SPY", "NVDA"], *WINDOW, patience=QUICK)
    pd.testing.assert_frame_equal(first, again)
    assert first.attrs == again.attrs and len(server.seen) == asked
    live.prices(["SPY", "NVDA"], WINDOW[0], "2025-01-27", patience=QUICK)
    assert len(server.seen) > asked, "other days are another question"
    note = json.loads(next((tmp_path / "cache").glob("quotes-*.json")).read_text())
    old = json.dumps(note | {"retrieved": "2026-01-01T00:00:00+00:00"})
    for spoilt in ("{", json.dumps({"retrieved": note["retrieved"]}), old):
        for stored in (tmp_path / "cache").glob("quotes-*.json"):
            stored.write_text(spoilt)
        asked = len(server.seen)
        live.prices(["NVDA", "SPY"], *WINDOW, patience=QUICK)
        assert len(server.seen) > asked, "damaged or old"


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


def test_nothing_is_kept_of_a_failure(data, truth, serve, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise live.LiveError("fetch", "Yahoo could not be reached.")

    serve(truth)
    with monkeypatch.context() as patch:
        patch.setattr(yahoo, "prices", fail)
        with pytest.raises(live.LiveError, match="could not be reached"):
            live.prices("NVDA", *WINDOW)
    assert not list((tmp_path / "cache").glob("quotes-*"))
    assert len(live.prices("NVDA", *WINDOW, patience=QUICK)) == 3
