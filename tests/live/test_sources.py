"""Each source's function, with the real client library, against exact values."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from live_data import QUICK
from live_faults import lines_of
from live_server import Reply

from shockbook import catalog
from shockbook.live import edgar, files, yahoo
from shockbook.live.faults import LiveError, Patience
from shockbook.live.net import Session
from shockbook.live.registry import LIVE

DAY = dt.date


def patient(waits: list, **kwargs) -> Patience:
    """Patience that writes its waits down; the dice always show the middle."""
    return Patience(sleep=waits.append, chance=lambda: 0.5, **kwargs)


# --- Yahoo


def test_prices_are_the_snapshot_s(data, truth, serve):
    server = serve(truth)
    got = yahoo.prices(["NVDA", "^VIX"], DAY(2025, 1, 24), DAY(2025, 1, 28), patience=QUICK)
    assert list(got) == ["date", "ticker", "close", "adj_close", "volume"]
    nvda = got[got["ticker"] == "NVDA"].reset_index(drop=True)
    assert nvda["date"].tolist() == [pd.Timestamp(f"2025-01-{d}") for d in (24, 27, 28)]
    assert nvda["date"].dt.tz is None
    assert nvda["close"].tolist() == [142.62, 118.42, 128.99]
    known = truth["prices"].query("ticker == 'NVDA' and date in @nvda.date")
    assert nvda["volume"].tolist() == known["volume"].tolist()
    vix = got[got["ticker"] == "^VIX"]
    assert vix["adj_close"].isna().all() and vix["volume"].isna().all()
    asked = next(r for r in server.seen if r.path.endswith("/NVDA") and "period1" in r.query)
    assert asked.host == "query2.finance.yahoo.com" and asked.query["crumb"] == "crumb"
    midnight = int(pd.Timestamp("2025-01-29", tz="America/New_York").timestamp())
    assert int(asked.query["period2"]) == midnight, "the end is inclusive"


def test_coins_have_every_day_and_no_adjusted_close(data, truth, serve):
    serve(truth)
    got = yahoo.prices(["BTC-USD"], DAY(2025, 1, 24), DAY(2025, 1, 28), patience=QUICK)
    assert got["date"].dt.day.tolist() == [24, 25, 26, 27, 28]
    assert got["adj_close"].isna().all() and got["volume"].notna().all()


def test_one_unknown_ticker_is_told_all_unknown_is_an_error(data, truth, serve):
    serve(truth)
    got = yahoo.prices(["SPY", "ZZZZ"], DAY(2025, 1, 24), DAY(2025, 1, 28), patience=QUICK)
    assert got.attrs["unknown"] == ["ZZZZ"] and set(got["ticker"]) == {"SPY"}
    with pytest.raises(LiveError, match="knows none of the 1 tickers"):
        yahoo.prices(["ZZZZ"], DAY(2025, 1, 24), DAY(2025, 1, 28), patience=QUICK)


CONSENT = "<!doctype html><form action='/v2/collectConsent?sessionId=1'><input name='csrfToken'>"


def consent(signed: bool):
    """A fault: Yahoo leads from the data to its consent page, and back once that is signed."""
    asked = {}

    def fault(request, reply):
        if request.path.startswith("/v8/") and "period1" in request.query:
            if request.path in asked and signed:
                return reply
            asked["/v8"] = asked[request.path] = f"{request.path}?{urlencode(request.query)}"
            return Reply(200, "text/html", CONSENT, {"X-Now": "consent.yahoo.com"})
        if request.path == "/v2/collectConsent" and request.query.get("sessionId") == "1":
            return Reply(302, "text/plain", "", {"Location": asked["/v8"]})
        return reply

    return fault


def test_the_consent_form_is_agreed_to(data, truth, serve):
    """In some countries Yahoo asks first; yfinance sends the form, and is led on to the data."""
    server = serve(truth, consent(signed=True))
    got = yahoo.prices(["^VIX"], DAY(2025, 1, 24), DAY(2025, 1, 28), patience=QUICK)
    assert got["close"].tolist() == [14.85, 17.9, 16.41]
    assert "/v2/collectConsent" in [r.path for r in server.seen]


def test_a_consent_form_that_leads_nowhere(data, truth, serve):
    serve(truth, consent(signed=False))
    with pytest.raises(LiveError, match="Yahoo sent a web page") as told:
        yahoo.prices(["SPY"], DAY(2025, 1, 24), DAY(2025, 1, 28), patience=QUICK)
    assert told.value.reason == "contract"


@pytest.mark.parametrize("lasts", [False, True])
def test_a_crumb_that_is_refused_is_got_again(lasts, data, truth, serve):
    def stale(request, reply):
        if request.path.startswith("/v8/") and (lasts or not request.count):
            return Reply(401, text='{"finance": {"error": {"description": "Invalid Crumb"}}}')
        return reply

    server = serve(truth, stale)
    ask = functools.partial(yahoo.prices, ["SPY"], DAY(2025, 1, 24), DAY(2025, 1, 28))
    if lasts:
        with pytest.raises(LiveError, match=r"Yahoo refused the request \(answer 401\)"):
            ask(patience=QUICK)
    else:
        assert len(ask(patience=QUICK)) == 3
    assert len([r for r in server.seen if r.path.startswith("/v8/")]) <= 3


def test_a_busy_crumb_does_not_matter(data, truth, serve):
    def busy(request, reply):
        crumb = "getcrumb" in request.path
        return Reply(429, "text/plain", "Too Many Requests") if crumb else reply

    server = serve(truth, busy)
    assert len(yahoo.prices(["SPY"], DAY(2025, 1, 24), DAY(2025, 1, 28), patience=QUICK)) == 3
    assert not [r for r in server.seen if "crumb" in r.query]


def test_significant_digits():
    raw = pd.Series([118.41999816894531, 0.0410156, 73625.4453, float("nan"), 0.0])
    rounded = yahoo.significant(raw)
    assert rounded[0] == 118.42 and rounded[2] == 73625.445 and rounded[4] == 0.0
    assert rounded.isna().tolist() == [False, False, False, True, False]


# --- SEC EDGAR


def meta() -> dict:
    """Company facts of Meta, with what the real ones hold beside (here another tag)."""
    path = Path(__file__).with_name("meta_capex_facts.json")
    names = ("start", "end", "val", "filed", "form")
    facts = [dict(zip(names, row, strict=True)) for row in json.loads(path.read_text())["facts"]]
    proxy = {**facts[0], "form": "DEF 14A", "val": 1}
    tags = {edgar.PPE: {"units": {"USD": [*facts, proxy]}}, "Assets": {"units": {}}}
    return {"facts": {"us-gaap": tags}}


def test_quarters_of_real_facts_are_the_snapshot_s():
    filer = next(f for f in edgar.FILERS if f.ticker == "META")
    got = edgar.quarters(meta(), filer).set_index("id")
    ours = catalog.load("capex-quarterly").set_index("id").loc[got.index]
    assert len(got) == 13
    assert (got["capex_usd_millions"] - ours["capex_usd_millions"]).abs().max() <= 1
    for column in ("company", "fiscal_period", "fiscal_quarter_end", "calendar_quarter"):
        assert (got[column] == ours[column]).all(), column
    assert got.at["META-2023Q2", "capex_usd_millions"] == 13058 - 6842, "as first reported"
    assert got["how_obtained"].value_counts().to_dict() == {
        "ytd difference": 9,
        "reported quarter": 4,
    }


def test_a_quarter_is_not_filed_before_its_end():
    """Such a fact is no first report, and a start two days off is no other quarter."""
    entry = {"start": "2024-04-01", "end": "2024-06-30", "form": "10-Q"}
    facts = [
        entry | {"filed": "2019-01-01", "val": 9_000_000_000},
        entry | {"filed": "2024-08-01", "val": 8_000_000_000},
        entry | {"filed": "2025-08-01", "start": "2024-04-03", "val": 7_000_000_000},
    ]
    answer = {"facts": {"us-gaap": {edgar.PPE: {"units": {"USD": facts}}}}}
    filer = next(filer for filer in edgar.FILERS if filer.ticker == "META")
    assert edgar.quarters(answer, filer)["capex_usd_millions"].tolist() == [8000]


@pytest.mark.parametrize(
    ("end", "ends", "period"),
    [
        ("2019-03-31", 6, "FY2019Q3"),
        ("2024-09-30", 6, "FY2025Q1"),
        ("2019-02-28", 5, "FY2019Q3"),
        ("2023-08-31", 5, "FY2024Q1"),
        ("2023-04-01", 9, "FY2023Q2"),
        ("2024-12-28", 9, "FY2025Q1"),
        ("2025-12-31", 12, "FY2025Q4"),
    ],
)
def test_fiscal_periods(end, ends, period):
    assert edgar._fiscal(pd.Timestamp(end), ends) == period


def test_every_fiscal_period_of_the_snapshot():
    ours = catalog.load("capex-quarterly")
    ends = {f.ticker: f.ends for f in edgar.FILERS}
    for row in ours[ours["ticker"].isin(ends)].itertuples():
        assert edgar._fiscal(row.fiscal_quarter_end, ends[row.ticker]) == row.fiscal_period


def test_the_sec_is_told_who_asks(data, truth, serve, monkeypatch):
    server = serve(truth)
    edgar.capex(edgar.FILERS[:1], patience=QUICK)
    assert {r.headers["User-Agent"] for r in server.seen} == {"A Reader reader@example.org"}
    for missing in ("", "nobody"):
        monkeypatch.setenv("SHOCKBOOK_CONTACT", missing)
        with pytest.raises(LiveError, match="set SHOCKBOOK_CONTACT") as told:
            edgar.capex(patience=QUICK)
        assert told.value.reason == "fetch"


# --- open files


def test_every_model_of_the_snapshot_has_the_id_of_its_name():
    models = catalog.load("epoch-models")
    assert [files.slug(name) for name in models["model"]] == models["id"].tolist()


def test_open_files_are_the_snapshot_s(data, truth, serve):
    serve(truth)
    rates = files.usdcny(patience=QUICK)
    assert rates.set_index("date").at[pd.Timestamp("2025-01-27"), "cny_per_usd"] == 7.2507
    models = files.epoch_models(patience=QUICK).set_index("id")
    assert models.at["ep_glm_5", "training_compute_flop"] == 6.84e24
    assert models.at["ep_glm_5", "publication_date"] == pd.Timestamp("2026-02-17")
    listed = files.price_list(patience=QUICK)
    assert listed["model_family"].is_unique
    assert set(listed["tier"].dropna()) <= set(catalog.load("api-prices")["tier"].dropna())


@pytest.mark.parametrize("name", [name for name, live in LIVE.items() if live.new])
def test_a_new_row_gets_what_no_source_says(name):
    live, old = LIVE[name], catalog.load(name, live=False).tail(4).reset_index(drop=True)
    table = old.copy()
    for column in live.new:
        table[column] = table[column].astype(object).where(table.index < 3)
    done = live.completed(table, pd.Series([False, False, False, True]))
    assert {column: done[column][3] for column in live.new} == live.new
    for column in live.new:
        assert done[column][:3].tolist() == old[column][:3].tolist(), column


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2025-03-28,many", '"many" in row "354" and field "DEXCHUS" at position "2": type is "'),
        ("28 March 2025,7.25", '"28 March 2025" in row "354" and field "observation_date" at '),
        ('2025-03-28,"so\n many"', '"so many" in row "354"'),
    ],
)
def test_a_cell_of_another_type_is_a_sentence(data, truth, serve, line, said):
    serve(truth, lines_of("usdcny", lambda lines: [*lines, line]))
    with pytest.raises(LiveError) as caught:
        files.usdcny(patience=QUICK)
    assert said in str(caught.value) and caught.value.reason == "contract"
    assert len(str(caught.value).splitlines()) == 1


# --- patience


def test_the_wait_doubles_up_to_a_limit_and_is_shaken():
    waits: list[float] = []
    patience = patient(waits, wait=2, cap=10)
    for failed in (1, 2, 3, 4):
        patience.pause(failed)
    assert waits == [1.5, 3.0, 6.0, 7.5]
    patience.pause(1, asked=5)
    patience.pause(1, asked=500)
    assert waits[4:] == [5.0, 10.0]
    low = Patience(chance=lambda: 0.0, sleep=lambda s: None).pause(1)
    high = Patience(chance=lambda: 1.0, sleep=lambda s: None).pause(1)
    assert (low, high) == (1.0, 2.0)


@pytest.mark.parametrize(("said", "waited"), [("7", [7.0, 7.0]), ("\xb2", [0.75, 1.5])])
def test_a_busy_server_is_asked_again_as_it_says(data, truth, serve, said, waited):
    def busy(request, reply):
        if request.count < 2:
            reply.code, reply.headers = 429, {"Retry-After": said}
        return reply

    server, waits = serve(truth, busy), []
    assert len(files.usdcny(patience=patient(waits, wait=1)))
    assert waits == waited and len(server.seen) == 3


@pytest.mark.parametrize("host", ["evil.example.com", "evilstlouisfed.org", "files.stlouisfed.org"])
def test_another_host_is_not_the_source(data, truth, serve, host):
    def fault(request, reply):
        if request.path != "/elsewhere":
            return Reply(302, "text/plain", "", {"Location": "/elsewhere"})
        answer = server.answer(dataclasses.replace(request, path="/graph/fredgraph.csv"))
        return dataclasses.replace(answer, headers={"X-Now": host})

    server = serve(truth, fault)
    if host == "files.stlouisfed.org":
        assert len(files.usdcny(patience=QUICK))
        return
    with pytest.raises(LiveError, match=r"FRED led on to another host, evil") as told:
        files.usdcny(patience=QUICK)
    assert told.value.reason == "contract"


def test_a_refusal_is_not_asked_again(data, truth, serve):
    def refuse(request, reply):
        reply.code = 403
        return reply

    server, waits = serve(truth, refuse), []
    with pytest.raises(LiveError, match=r"FRED refused the request \(answer 403\)"):
        files.usdcny(patience=patient(waits))
    assert waits == [] and len(server.seen) == 1


def test_the_loopback_is_for_loopback_only(monkeypatch):
    monkeypatch.setenv("SHOCKBOOK_LOOPBACK", "http://example.org:80")
    with pytest.raises(LiveError, match="only http://127.0.0.1"), Session("X", QUICK) as session:
        session.get("https://example.org/")


def test_nothing_of_the_network_is_imported_unasked():
    code = (
        "import sys; from shockbook import catalog, live, __main__; catalog.load('usdcny'); "
        "live.banner('nvidia'); "
        "print([m for m in ('yfinance', 'curl_cffi', 'requests') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=_without_live()
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def _without_live() -> dict:
    import os

    here = str(Path(__file__).parents[2])
    return {**os.environ, "SHOCKBOOK_LIVE": "0", "PYTHONPATH": here}
