"""Public reports on yfinance (by their number) and on prices in general, played again here.

Missing sessions and bars without a close are in test_fresh.py, the unwritable cache (1700) in
test_session.py, consent pages in test_sources.py.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from live_data import QUICK, run_refresh
from live_faults import chart, facts
from live_server import Reply, unknown

from shockbook import data as flat
from shockbook.live import LiveError, compare, edgar, yahoo

WINDOW = (dt.date(2025, 1, 24), dt.date(2025, 1, 28))


def meta(ticker: str, **values):
    """What the chart of a ticker says of itself."""
    return chart(ticker, lambda body: body["meta"].update(values), whole=False)


@pytest.mark.parametrize(
    ("currency", "report"), [("GBp", "280, pence for pounds"), ("EUR", "2866, converted")]
)
def test_another_currency(data, truth, serve, capsys, currency, report):
    serve(truth, meta("NVDA", currency=currency))
    assert run_refresh("prices") == 2
    said = capsys.readouterr().err
    assert f"Yahoo quotes NVDA in {currency}, the snapshot in USD." in said
    assert "the snapshot stands as it was" in said


def test_london_is_quoted_in_pence(data, truth, serve):
    """A London share in pounds is another quotation, a hundred times smaller."""
    rows = truth["prices"].query("ticker == 'NVDA'").assign(ticker="VOD.L")
    known = truth | {"prices": pd.concat([truth["prices"], rows])}
    serve(known)
    assert len(yahoo.prices(["VOD.L"], *WINDOW, patience=QUICK)) == 3
    serve(known, meta("VOD.L", currency="GBP"))
    with pytest.raises(LiveError, match=r"VOD\.L in GBP, the snapshot in GBp"):
        yahoo.prices(["VOD.L"], *WINDOW, patience=QUICK)


@pytest.mark.parametrize("path", ["/v8/finance/chart/", "getcrumb"])
def test_429_for_the_data_or_for_the_crumb_only(data, truth, serve, capfd, path):
    """2411, 2567: the data are refused, or only the crumb, without which it goes as well."""

    def busy(request, reply):
        full = Reply(429, "text/plain", "Too Many Requests")
        return full if path in request.path else reply

    serve(truth, busy)
    if path == "getcrumb":
        assert len(yahoo.prices(["SPY"], *WINDOW, patience=QUICK)) == 3
    else:
        with pytest.raises(LiveError, match=r"'too many requests' \(429\) after 5 tries"):
            yahoo.prices(["SPY"], *WINDOW, patience=QUICK)
    assert capfd.readouterr() == ("", "")


def test_401_for_ever_leaves_no_stray_line(data, truth, serve, capfd):
    refused = Reply(401, text='{"finance": {"error": {"description": "Invalid Crumb"}}}')
    serve(truth, lambda request, reply: refused if "/v8/" in request.path else reply)
    with pytest.raises(LiveError, match=r"refused the request \(answer 401\)"):
        yahoo.prices(["SPY", "NVDA"], *WINDOW, patience=QUICK)
    assert capfd.readouterr() == ("", "")


def test_delisted_keeps_its_rows(data, truth, serve, capsys):
    before = flat.snapshot().load("prices")
    serve(truth, lambda request, reply: unknown() if request.path.endswith("/^VIX") else reply)
    assert run_refresh("prices") == 0
    assert "the source does not know ^VIX; their rows stay as they were." in capsys.readouterr().out
    after = flat.snapshot().load("prices")
    old, new = (
        table[table["ticker"] == "^VIX"].reset_index(drop=True) for table in (before, after)
    )
    pd.testing.assert_frame_equal(old, new)
    assert len(after) > len(before)


def test_frames_with_two_rows_of_labels(data, truth, serve, monkeypatch):
    """2308: columns are (Price, Ticker) in one version and (Price) in another."""
    import yfinance

    serve(truth)
    plain = yahoo.prices(["SPY"], *WINDOW, patience=QUICK)
    history = yfinance.Ticker.history

    def doubled(self, **options):
        frame = history(self, **options)
        frame.columns = pd.MultiIndex.from_product([frame.columns, [self.ticker]])
        return frame

    monkeypatch.setattr(yfinance.Ticker, "history", doubled)
    pd.testing.assert_frame_equal(yahoo.prices(["SPY"], *WINDOW, patience=QUICK), plain)


# --- what stood unseen before


def test_the_tolerance_is_one_part_in_a_hundred_thousand():
    """What differs by less keeps the snapshot's digits; what differs by more is a revision."""
    days = pd.bdate_range("2025-01-06", periods=4)
    old = pd.DataFrame({"date": days, "close": [100.0, 100.0, 100.0, 100.0]})
    new = old.assign(close=[100.0, 100.0009, 100.002, 100.09])
    rules = compare.Rules(key=("date",), values={"close": 0.005})
    change = compare.compare("t", old, new, rules)
    assert change.frame["close"].tolist() == [100.0, 100.0, 100.002, 100.09]
    assert change.revised == 2 and not change.consent


def test_a_quarter_that_is_stated_is_taken_before_a_difference():
    """The filer's own figure of a quarter, not what is left between two sums of a year."""
    filer = next(filer for filer in edgar.FILERS if filer.ticker == "META")
    entry = {"filed": "2024-08-01", "form": "10-Q"}
    known = [
        entry | {"start": "2024-01-01", "end": "2024-03-31", "val": 6_000_000_000},
        entry | {"start": "2024-01-01", "end": "2024-06-30", "val": 14_000_000_000},
        entry | {"start": "2024-04-01", "end": "2024-06-30", "val": 8_173_000_000},
    ]
    answer = {"facts": {"us-gaap": {edgar.PPE: {"units": {"USD": known}}}}}
    got = edgar.quarters(answer, filer).set_index("id")
    assert got.at["META-2024Q2", "capex_usd_millions"] == 8173
    assert got.at["META-2024Q2", "how_obtained"] == "reported quarter"
    del known[2]
    got = edgar.quarters(answer, filer).set_index("id")
    assert got.at["META-2024Q2", "capex_usd_millions"] == 8000
    assert got.at["META-2024Q2", "how_obtained"] == "ytd difference"


def test_units_come_from_the_source_s_own_words(data, truth, serve, capsys):
    def thousands(concepts, tag):
        concepts[tag]["units"] = {"USD thousands": concepts[tag]["units"]["USD"]}

    serve(truth, facts(thousands))
    assert run_refresh("capex-quarterly") == 2
    assert "gives the capex of Microsoft in USD thousands, not USD" in capsys.readouterr().err


def test_a_refresh_keeps_going_and_goes_on_where_it_was(data, truth, serve, capsys):
    def broken(request, reply):
        dead = "fredgraph" in request.path
        return dataclasses.replace(reply, code=500) if dead else reply

    server = serve(truth, broken)
    assert run_refresh("usdcny", "api-prices", "prices") == 1
    said = capsys.readouterr()
    assert "about 1 min" in said.out and "usdcny: failed" in said.out and "prices: done" in said.out
    assert "FRED is out of order" in said.err and "the snapshot stands as it was" in said.err
    asked = [request.path for request in server.seen if "fredgraph" not in request.path]
    server.fault = lambda request, reply: reply
    assert run_refresh("usdcny", "api-prices", "prices") == 0
    assert "prices: had before" in capsys.readouterr().out
    again = [request.path for request in server.seen if "fredgraph" not in request.path]
    assert again == asked, "nothing is fetched a second time"
    assert flat.snapshot().load("prices")["date"].max() == pd.Timestamp("2025-03-28")


def test_another_folder(data, truth, serve, capsys, tmp_path):
    from shockbook import data as flat

    serve(truth)
    before = (data / "datapackage.json").read_bytes()
    assert run_refresh("usdcny", to=str(tmp_path / "new")) == 0
    assert (data / "datapackage.json").read_bytes() == before
    made = flat.Package(tmp_path / "new")
    assert made.load("usdcny")["date"].max() == pd.Timestamp("2025-03-28")
    assert not list(made.changed()) and not list(made.strays())
    capsys.readouterr()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    for folder, why in (("mine", "holds other files"), ("data", "is not another folder")):
        assert run_refresh("usdcny", to=str(tmp_path / folder)) == 2
        assert why in capsys.readouterr().err
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "all of it"
