"""New rows have nothing to stand against: each in doubt is left out by name, the rest goes in."""

from __future__ import annotations

import datetime as dt
import math

import live_data
import pandas as pd
import pytest
from live_data import END, run_refresh
from live_faults import bar, chart, json_of, lines_of, of_day, separate
from live_server import edited

from shockbook import data as flat
from shockbook.live import fresh, registry
from shockbook.live.compare import Change, Rules

LAST = "2025-03-28"


def times(column: str, factor: float, day: str = LAST):
    """One cell of NVIDIA's newest bars multiplied."""
    cell = of_day(day, bar(**{column: lambda value: value * factor}))
    return chart("NVDA", lambda body: (separate(body), cell(body)))


def empty(**values):
    cell = of_day("2025-03-26", bar(**values))
    return chart("NVDA", lambda body: (separate(body), cell(body)))


def drop(body: dict, day: str) -> None:
    """No bar of one day."""
    days = [dt.datetime.fromtimestamp(s, dt.UTC).date().isoformat() for s in body["timestamp"]]
    place = days.index(day)
    columns = [*body["indicators"]["quote"][0].values()]
    columns += [body["indicators"]["adjclose"][0]["adjclose"], body["timestamp"]]
    for cells in {id(cells): cells for cells in columns}.values():
        del cells[place]


def without(day: str, *tickers: str):
    """A fault: the source has no bar of a session."""

    def fault(request, reply):
        if request.path.rsplit("/", 1)[-1] not in tickers or "period1" not in request.query:
            return reply
        return edited(reply, lambda body: drop(body["chart"]["result"][0], day))

    return fault


def moved(day: str):
    """NVIDIA's newest bar on another day."""
    stamp = int(pd.Timestamp(f"{day} 09:30", tz="America/New_York").timestamp())
    return chart("NVDA", lambda body: body["timestamp"].__setitem__(-1, stamp))


def rate(factor: float):
    """FRED's newest rate, another one."""

    def change(lines):
        day, value = lines[-1].split(",")
        return [*lines[:-1], f"{day},{factor * float(value) if factor > 0 else 1 / float(value)}"]

    return lines_of("usdcny", change)


MOVES = "moves by .* of its value, and never did by more than"
FAULTS = {
    "a close ten times too large": (times("close", 10), "NVDA", LAST, f"its close {MOVES}"),
    "a close three times too large": (times("close", 3), "NVDA", LAST, f"its close {MOVES}"),
    "a close of 1e300": (times("close", 1e298), "NVDA", LAST, f"its close {MOVES}"),
    "a close a hundred times too small": (times("close", 0.01), "NVDA", LAST, f"its close {MOVES}"),
    "an adjusted close five times off": (times("adjclose", 5), "NVDA", LAST, f"adj_close {MOVES}"),
    "an adjusted close a little off": (
        times("adjclose", 0.97),
        "NVDA",
        LAST,
        "its adjusted close does not move with its close",
    ),
    "an adjusted close above the close": (
        times("adjclose", 1.03),
        "NVDA",
        LAST,
        "its adjusted close lies above its close",
    ),
    "a bar without a close but with a volume (yfinance 2895, 2925)": (
        empty(close=None),
        "NVDA",
        "2025-03-26",
        "it has no close, which its series always has",
    ),
    "a volume of ten thousand days": (
        times("volume", 100_000),
        "NVDA",
        LAST,
        "its volume lies far from all that were there before",
    ),
    "no volume": (empty(volume=0), "NVDA", "2025-03-26", "it has no volume"),
    "a session missing for one ticker (yfinance 2964, 2930)": (
        without("2025-03-26", "NVDA"),
        "NVDA",
        "2025-03-27",
        "lacks 1 sessions of XNYS before it .2025-03-26; if there was none, "
        "`--accept-rows XNYS:2025-03-26`",
    ),
    "a session missing for all": (
        without("2025-03-26", "NVDA", "SPY", "^VIX"),
        "SPY",
        "2025-03-27",
        "lacks 1 sessions of XNYS before it",
    ),
    "a Saturday": (moved("2025-03-29"), "NVDA", "2025-03-29", "it is not on a session of XNYS"),
}


def newest() -> pd.Series:
    """The last day of each series of the prices in use."""
    return flat.snapshot().load("prices").groupby("ticker")["date"].max()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_price_in_doubt_is_left_out_by_name(data, truth, serve, capsys, fault):
    breaks, ticker, day, why = FAULTS[fault]
    serve(truth, breaks)
    assert run_refresh("prices") == 0
    said = capsys.readouterr().out
    assert pd.Series([said]).str.contains(f"{ticker}:{day} was left out: .*{why}").all(), said
    assert f"`--accept-rows {ticker}:{day}` lets it in" in said
    last, known = newest(), truth["prices"].query("ticker == @ticker")["date"]
    table = flat.snapshot().load("prices")
    kept = table.loc[table["ticker"] == ticker, "date"]
    assert END <= last[ticker] < pd.Timestamp(day)
    assert kept.tolist() == known[known <= last[ticker]].tolist(), "no gap"
    assert last["BTC-USD"] == pd.Timestamp(LAST), "the rest goes through"
    if "for all" not in fault:
        assert last["SPY"] == pd.Timestamp(LAST)
    assert table.groupby("ticker")["date"].apply(lambda day: day.is_monotonic_increasing).all()


def test_somebody_may_let_it_in(data, truth, serve, capsys):
    serve(truth, times("close", 3))
    assert run_refresh("prices", accept_rows=[f"NVDA:{LAST}"]) == 0
    assert newest()["NVDA"] == pd.Timestamp(LAST)
    assert "was left out" not in capsys.readouterr().out


def test_a_day_without_trade_that_the_calendar_does_not_know(data, truth, serve, capsys):
    serve(truth, without("2025-03-26", "NVDA", "SPY", "^VIX"))
    assert run_refresh("prices", dry_run=True) == 0
    assert capsys.readouterr().out.count("was left out") == 6
    assert run_refresh("prices", accept_rows=["XNYS:2025-03-26"]) == 0
    assert "was left out" not in capsys.readouterr().out
    assert (newest() == pd.Timestamp(LAST)).all()


def test_no_day_after_today(data, truth, serve, capsys):
    """A bar in 2199: yfinance is asked for days up to yesterday, and believes any answer."""
    serve(truth, moved("2199-03-28"))
    assert run_refresh("prices") == 0
    said = capsys.readouterr().out
    assert "1 series end before 2025-03-28, the last day of most on XNYS: NVDA." in said
    assert newest()["NVDA"] == pd.Timestamp("2025-03-27")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (rate(10), f"its cny_per_usd {MOVES}"),
        (rate(0.1), f"its cny_per_usd {MOVES}"),
        (rate(-1), f"its cny_per_usd {MOVES}"),
        (rate(1.2), f"its cny_per_usd {MOVES}"),
        (rate(math.inf), "its cny_per_usd is not a finite number"),
        (lines_of("usdcny", lambda lines: [*lines, "2199-01-02,7.2"]), "after the last session"),
        (lines_of("usdcny", lambda lines: [*lines, "2025-03-29,7.2"]), "not on a session of H.10"),
        (lines_of("usdcny", lambda lines: [*lines[:-2], lines[-1]]), "lacks 1 sessions of H.10"),
    ],
)
def test_a_rate_in_doubt(data, truth, serve, capsys, fault, why):
    serve(truth, fault)
    assert run_refresh("usdcny") == 0
    said = capsys.readouterr().out
    assert pd.Series([said]).str.contains(f"usdcny:.* was left out: .*{why}").all(), said
    rates = flat.snapshot().load("usdcny")
    assert rates["date"].is_monotonic_increasing and rates["date"].max() <= pd.Timestamp(LAST)
    assert rates["cny_per_usd"].between(6, 8).all() and len(rates) > len(truth["usdcny"]) - 6


def test_a_quarter_ten_times_too_large(data, truth, serve, capsys):
    rows = truth["capex-quarterly"].query("ticker == 'META'").dropna(subset=["capex_usd_millions"])
    newest = rows.sort_values("fiscal_quarter_end").iloc[-1]

    def slip(body):
        (tag,) = body["facts"]["us-gaap"].values()
        for fact in tag["units"]["USD"]:
            if fact["end"] == newest["fiscal_quarter_end"].date().isoformat():
                fact["val"] *= 10

    def meta(request, reply):
        return edited(reply, slip) if request.path.endswith("CIK0001326801.json") else reply

    serve(truth, meta)
    assert run_refresh("capex-quarterly") == 0
    said = capsys.readouterr().out
    assert f"capex-quarterly:{newest['id']} was left out: its capex_usd_millions moves by" in said
    assert newest["id"] not in set(flat.snapshot().load("capex-quarterly")["id"])


def test_a_quarter_left_out(data, truth, serve, capsys):
    """The one after it would make a growth of two quarters."""
    capex = truth["capex-quarterly"].query("ticker == 'META'").dropna(subset=["capex_usd_millions"])
    last, end = capex.iloc[-1], capex["fiscal_quarter_end"].iloc[-1]
    known = flat.snapshot().load("capex-quarterly")["id"]

    def skips(body):
        (tag,) = body["facts"]["us-gaap"].values()
        facts = [f for f in tag["units"]["USD"] if f["end"] != f"{end:%Y-%m-%d}"]
        later = [(end + pd.Timedelta(days=days)).strftime("%Y-%m-%d") for days in (1, 91, 120)]
        new = dict(zip(("start", "end", "filed"), later, strict=True))
        new |= {"form": "10-Q", "val": last["capex_usd_millions"] * 1e6, "fy": 0}
        tag["units"]["USD"] = [*facts, new]

    def meta(request, reply):
        return edited(reply, skips) if request.path.endswith("CIK0001326801.json") else reply

    serve(truth, meta)
    assert run_refresh("capex-quarterly") == 0
    assert "was left out: its series lacks what comes before it" in capsys.readouterr().out
    now = flat.snapshot().load("capex-quarterly")
    assert now.query("ticker == 'META'")["id"].isin(known).all() and len(now) > len(known)


def test_a_price_of_a_model_far_from_all_others(data, truth, serve, capsys):
    new = {"id": "brand-new", "vendor": "openai", "name": "Brand New", "output": 9.0}
    for place, value in enumerate((1e6, 1e-9, -1.0)):
        row = new | {"input": value, "id": f"brand-new-{place}"}
        serve(truth, json_of("api-prices", lambda body, row=row: body["prices"].append(row)))
        run_refresh("api-prices")
        assert "was left out: its input_usd_per_m lies far from all" in capsys.readouterr().out
        assert not flat.snapshot().load("api-prices")["model"].eq("Brand New").any()


def test_the_checks_let_real_rows_through():
    """Each series' newest quarter of a year, as if it were new, against all that was before."""
    snapshot = flat.snapshot()
    calendars = snapshot.load("tickers").set_index("ticker")["calendar"]
    rules = registry.LIVE["prices"].rules
    table = snapshot.load("prices").dropna(subset=["close", "volume"])
    table = table[table["ticker"].map(calendars).isin(["XNYS", "XHKG", "XTKS", "XPAR", "24/7"])]
    table = table[table["date"] < "2026-04-01"].reset_index(drop=True)
    new = table.groupby("ticker").cumcount(ascending=False) < 60
    gaps = pd.DataFrame(index=table.index)
    change = Change("prices", table, fresh=new, gaps=gaps, added=int(new.sum()))
    fresh.refuse(change, rules, calendars)
    told = [why for why in change.refused.values() if "after a row in doubt" not in why]
    assert len(told) < 0.002 * new.sum(), told


def test_the_margin_is_the_series_own():
    """A step that one series has made is no doubt in it, and is one in a calmer series."""
    days = pd.bdate_range("2025-01-06", periods=6).as_unit("us")
    calm, wild = [10, 10.1, 10.0, 10.1, 10.0, 14.0], [10, 14.0, 10, 14.0, 10, 14.0]
    table = pd.concat(
        pd.DataFrame({"date": days, "ticker": name, "close": close})
        for name, close in (("A", calm), ("B", wild))
    ).reset_index(drop=True)
    rules = Rules(key=("date", "ticker"), group="ticker", moves=("close",))
    gaps = pd.DataFrame(index=table.index)
    change = Change("t", table, fresh=table["date"] == days[-1], gaps=gaps, added=2)
    fresh.refuse(change, rules)
    assert list(change.refused) == ["A:2025-01-13"] and change.added == 1


def emptied(data, truth, since: str) -> pd.DataFrame:
    """The small folder again, without NVIDIA's closes from a day on; the prices as they are."""
    tables = live_data.snapshot(truth)
    mine = (tables["prices"]["ticker"] == "NVDA") & (tables["prices"]["date"] >= since)
    tables["prices"] = tables["prices"].assign(
        close=tables["prices"]["close"].mask(mine), close_kind=tables["prices"]["close_kind"]
    )
    tables["prices"]["close_kind"] = tables["prices"]["close_kind"].mask(mine)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SHOCKBOOK_DATA")
        live_data.write(data, tables)
    return tables["prices"]


def since(day: str, factor: float, *columns: str):
    """NVIDIA's bars from a day on, columns multiplied."""

    def change(body):
        separate(body)
        for place, stamp in enumerate(body["timestamp"]):
            if stamp >= pd.Timestamp(day).timestamp():
                bar(**{name: lambda value: value * factor for name in columns})(body, place)

    return chart("NVDA", change)


@pytest.mark.parametrize(
    ("breaks", "why"),
    [
        (times("close", 10, "2025-03-20"), "its close moves by 9"),
        (since("2025-03-10", 10, "close"), "its close moves by"),
        (since("2025-03-10", 1.04, "close"), "its adjusted close does not move with its close"),
    ],
)
def test_a_cell_that_was_empty_is_as_new(data, truth, serve, capsys, breaks, why):
    """In doubt it stays empty with the others of its series, and no new row goes on from it."""
    old = emptied(data, truth, "2025-03-10")
    serve(truth, breaks)
    assert run_refresh("prices") == 0
    said = capsys.readouterr().out
    assert f" was left out: its empty cells stay empty, as {why}" in said
    assert "NVDA:2025-03-14 was left out: its empty cells stay empty, as it stands with" in said
    table = flat.snapshot().load("prices").query("ticker == 'NVDA'").reset_index(drop=True)
    pd.testing.assert_frame_equal(table, old.query("ticker == 'NVDA'").reset_index(drop=True))
    assert newest()["SPY"] == pd.Timestamp(LAST), "the rest goes through"


def test_empty_cells_are_filled_and_let_new_rows_follow(data, truth, serve, capsys):
    emptied(data, truth, "2025-03-10")
    serve(truth)
    assert run_refresh("prices") == 0
    said = capsys.readouterr().out
    assert "left out" not in said and "| prices | 22 | 0 | 10 | 0 |" in said
    table = flat.snapshot().load("prices").query("ticker == 'NVDA'")
    known = truth["prices"].query("ticker == 'NVDA'")
    assert table["close"].tolist() == known["close"].tolist()


def test_a_filled_cell_is_no_measure_of_a_move():
    """What somebody let in does not allow the same to the next."""
    days = pd.bdate_range("2025-01-06", periods=6).as_unit("us")
    table = pd.DataFrame({"date": days, "close": [10.0, 10.1, 10.0, 14.0, 10.1, 14.0]})
    gaps = pd.DataFrame({"close": days == days[3]})
    rules = Rules(key=("date",), moves=("close",))
    change = Change("t", table, fresh=table["date"] == days[-1], gaps=gaps, added=1, filled=1)
    fresh.refuse(change, rules, accepted=["t:2025-01-09"])
    assert list(change.refused) == ["t:2025-01-13"] and list(change.accepted) == ["t:2025-01-09"]
    assert (change.added, change.filled) == (0, 1) and change.frame["close"].tolist()[3] == 14


def test_an_estimate_that_was_empty_is_as_new(data, truth, serve, capsys):
    models = flat.snapshot().load("epoch-models").set_index("id")
    bare = models[models["cost_2023usd_hw_energy"].isna()].iloc[0]
    known = truth["epoch-models"].copy()
    known.loc[known["id"] == bare.name, "cost_2023usd_hw_energy"] = 1e15
    serve(truth | {"epoch-models": known})
    assert run_refresh("epoch-models") == 0
    said = capsys.readouterr().out
    assert f"epoch-models:{bare.name} was left out: its empty cells stay empty, as its" in said
    after = flat.snapshot().load("epoch-models").set_index("id")
    assert pd.isna(after.at[bare.name, "cost_2023usd_hw_energy"]) and len(after) > len(models)


def test_history_that_comes_in_before_is_judged_by_its_last_step(data, truth, serve, capsys):
    """Earlier rows at ten times: none of them is large a step, but the one into the old rows."""
    tables = live_data.snapshot(truth)
    first = pd.Timestamp("2024-06-03")
    tables["prices"] = tables["prices"].query("ticker != 'NVDA' or date >= @first")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SHOCKBOOK_DATA")
        live_data.write(data, tables)

    def before(body):
        separate(body)
        for place, stamp in enumerate(body["timestamp"]):
            if stamp < first.timestamp():
                bar(close=lambda value: value * 10, adjclose=lambda value: value * 10)(body, place)

    serve(truth, chart("NVDA", before))
    assert run_refresh("prices") == 0
    said = capsys.readouterr().out
    assert "NVDA:2024-05-31 was left out: its close moves by" in said
    assert "NVDA:2023-11-01 was left out: it stands with a row in doubt" in said
    days = flat.snapshot().load("prices").query("ticker == 'NVDA'")["date"]
    assert days.min() == first and days.max() == pd.Timestamp(LAST)


def listed(**values):
    """The list's price of one known model; a callable is applied to the value there."""

    def change(body):
        body["updated_at"] = values.get("updated_at", body["updated_at"])
        row = next(row for row in body["prices"] if row["id"] == "gpt-4o")
        for name, value in values.items():
            if name in ("input", "output", "input_cached"):
                row[name] = value(row[name]) if callable(value) else value

    return json_of("api-prices", change)


def as_much(factor: float):
    return listed(input=lambda v: v * factor, output=lambda v: v * factor)


@pytest.mark.parametrize(
    ("breaks", "why"),
    [
        (as_much(100), "its input_usd_per_m is 100 times the same model's last"),
        (as_much(11), "its input_usd_per_m is 11 times the same model's last"),
        (as_much(0.01), "its input_usd_per_m is 0.01 times the same model's last"),
        (as_much(0.001), "its input_usd_per_m lies far from all"),
        (as_much(0.15), "times the same model's last"),
        (as_much(0), "its input_usd_per_m is not positive"),
        (listed(input=10.0, output=2.5), "its output costs less than its input, which was the"),
        (listed(input=2.4, input_cached=1e9), "its cached input is not below its input"),
        (listed(input=2.4, updated_at="2020-01-01"), "it is dated before the same model's last"),
    ],
)
def test_a_price_of_a_known_model_in_doubt(data, truth, serve, capsys, breaks, why):
    serve(truth, breaks)
    before = flat.snapshot().load("api-prices")
    assert run_refresh("api-prices") == 0
    said = capsys.readouterr().out
    assert why in said and "api-prices:lp_gpt-4o_20" in said
    after = flat.snapshot().load("api-prices").query("model_family == 'gpt-4o'")
    assert after["id"].tolist() == before.query("model_family == 'gpt-4o'")["id"].tolist()


def test_every_change_of_a_price_in_the_snapshot_would_pass():
    """But for families that hold several models."""
    table = flat.snapshot().load("api-prices").sort_values("date", kind="stable")
    table = table[table["source_ids"].str.contains("llm_prices")].reset_index(drop=True)
    doubts = []
    for place in range(len(table)):
        part, new = table[: place + 1], pd.Series(range(place + 1)) == place
        fresh._priced(part, new, lambda wrong, why, place=place: doubts.append(bool(wrong[place])))
    assert len(doubts) == 7 * len(table) and not any(doubts)
