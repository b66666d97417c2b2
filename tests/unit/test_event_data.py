"""The data of any event: what is loaded, what gives way, and what each fault says."""

import dataclasses

import altair as alt
import numpy as np
import pandas as pd
import pytest

from shockbook import event, event_data, stored, study
from shockbook.event import EventError

FILES = sorted(event.ROOT.glob("events/*.toml"))
EXAMPLES = [path for path in FILES if path.stem != "deepseek"]


@pytest.fixture(scope="module")
def apple():
    return event_data.load("events/apple-2025-04-03.toml")


def changed(data, **changes):
    """The event of some data with other settings; those of the primary specification too."""
    primary = {k: changes.pop(k) for k in list(changes) if k in vars(data.event.primary)}
    one = dataclasses.replace(data.event, **changes)
    return dataclasses.replace(one, primary=dataclasses.replace(one.primary, **primary))


# ------------------------------------------------------------------ files
def test_there_are_four_examples():
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("path", [*FILES, event.ROOT / "event.toml"], ids=lambda p: p.stem)
def test_a_file_is_written_as_it_is_read(path, tmp_path):
    one = event.read(path)
    copy = tmp_path / "copy.toml"
    copy.write_text(event.text(one), "utf-8")
    assert event.read(copy) == one


def test_awkward_names_survive(tmp_path):
    shock = event.read("events/deepseek.toml")
    awkward = dataclasses.replace(shock, name='A "day" in C:\\ of $5 – [x] # y', groups="")
    (tmp_path / "e.toml").write_text(event.text(awkward), "utf-8")
    assert event.read(tmp_path / "e.toml") == awkward


def test_the_environment_may_name_another_file(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOCKBOOK_EVENT", str(EXAMPLES[0]))
    assert event.read() == event.read(EXAMPLES[0])


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("[alternatives]\nmodel = 'market'", "model is 'market'; write it like"),
        ("[alternatives]\nbenchmark = []", r"benchmark is \[\]; write it like"),
        ("[alternatives]\nestimation = [-270, -21]", "estimation is .*write it like"),
        ("[alternatives]\nevent_window = [[1, 0]]", "each two whole numbers in order"),
        ("[alternatives]\nbeta = [1]", "unknown setting 'beta'"),
        ("[news]\ntext = 'It rained.'", "source is missing"),
        (
            "[news]\ntext = 'It rained.'\nsource = 'javascript:x=1'",
            "write it like source = .https://",
        ),
    ],
)
def test_a_wrong_table_is_named(tmp_path, extra, message):
    text = event.text(event.read("events/deepseek.toml"))
    (tmp_path / "event.toml").write_text(f"{text}\n{extra}\n", "utf-8")
    with pytest.raises(EventError, match=message):
        event.read(tmp_path / "event.toml")


def test_the_placebo_day_is_the_one_that_its_seed_draws(apple):
    days = apple.days[(apple.days >= "2024-06-03") & (apple.days <= "2025-11-28")]
    drawn = np.random.default_rng(20250127).choice(days)
    assert event.read("events/placebo-day.toml").date == pd.Timestamp(drawn)


# ------------------------------------------------------------------ faults
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"firm": "APPL"}, r"the firm 'APPL' has no prices in the data; .*AAPL \(Apple\)"),
        ({"firm": "Aple"}, r"nearest tickers are AAPL \(Apple\)"),
        ({"firm": "microsoft"}, r"nearest tickers are MSFT \(Microsoft\)"),
        ({"firm": "taiwan"}, r"nearest tickers are .*Taiwan"),
        ({"firm": "ZZZZZZ"}, r"nearest tickers are Z"),
        ({"benchmark": "SPX"}, r"the benchmark 'SPX' has no prices .*SPY"),
        ({"firm": "NVDIA"}, r"the firm 'NVDIA' has no prices.*NVDA"),
        (
            {"date": "2025-01-20"},
            r"2025-01-20 \(Monday\) is not .* take the next session, 2025-01-21",
        ),
        (
            {"date": "2025-01-25"},
            r"2025-01-25 \(Saturday\) .* next session, 2025-01-27 \(Monday\).* close of 2025-01-24",
        ),
        (
            {"date": "2025-04-18"},
            r"2025-04-18 \(Friday\) is not a trading day .*, 2025-04-21 .* the close of 2025-04-17",
        ),
        ({"date": "2030-01-01"}, r"beyond the data: .*; the nearest .* they allow is 2026-08-21"),
        ({"date": "2001-09-11"}, r"beyond the data: .*; the nearest .* they allow is 2024-02-01"),
        (
            {"date": "2023-06-01"},
            r"run from 2023-01-03 to .* they allow is 2024-02-01 \(Thursday\)",
        ),
        (
            {"estimation": (-2000, -21)},
            r"911 returns on the 912 days of SPY, fewer than the windows need",
        ),
        ({"firm": "ARM", "date": "2024-06-03"}, r"of ARM and SPY .* they allow is 2024-09-06"),
        ({"groups": "none.csv"}, "neither a dataset nor a readable CSV file"),
        ({"groups": "events/deepseek.toml"}, "no columns ticker and group|readable CSV"),
        ({"firm": "SPY"}, "SPY: the model fits exactly"),
        ({"exchange": "ZZZZ"}, "the exchange 'ZZZZ' is not known; there may be .*XNYS"),
        ({"firm": "8035.T"}, "8035.T trades on XTKS, which shuts on other days than XNYS"),
        ({"exchange": "XTKS"}, "AAPL trades on XNYS, which shuts on other days than XTKS"),
        (
            {"alternatives": {"benchmark": ("SPI",)}},
            "the alternative benchmark 'SPI' has no prices",
        ),
    ],
)
def test_each_fault_is_one_sentence_with_a_way_out(apple, changes, message):
    if "date" in changes:
        changes = {**changes, "date": pd.Timestamp(changes["date"])}
    with pytest.raises(EventError, match=message) as error:
        event_data.load(changed(apple, **changes))
    assert "\n" not in str(error.value) and str(error.value).endswith(".")
    assert error.value._render_traceback_() == [f"EventError: {error.value}"]


def test_the_date_that_is_named_for_a_young_firm_is_the_first_valid_one(apple):
    arm = changed(apple, firm="ARM", date=pd.Timestamp("2024-06-03"))
    with pytest.raises(EventError, match="they allow is") as error:
        event_data.load(arm)
    named = pd.Timestamp(str(error.value).split()[-2])
    assert event_data.load(dataclasses.replace(arm, date=named)).event.firm == "ARM"
    eve = apple.days[apple.days.get_loc(named) - 1]
    with pytest.raises(EventError, match=f"{named:%Y-%m-%d}"):
        event_data.load(dataclasses.replace(arm, date=eve))


def test_the_earliest_and_the_latest_event_date_that_are_named_are_valid(apple):
    longer = changed(apple, event_window=(0, 5))
    for at, beyond in ((271, 270), (-6, -5)):
        event_data.load(dataclasses.replace(longer, date=apple.days[at]))
        with pytest.raises(EventError, match=f"they allow is {apple.days[at]:%Y-%m-%d}"):
            event_data.load(dataclasses.replace(longer, date=apple.days[beyond]))


def test_what_the_alternatives_do_not_vary_stays_as_in_the_primary_one(apple):
    one = changed(apple, alternatives={"model": ("market", "mean")})
    specs = event_data.load(one).specifications()
    assert [str(s) for s in specs] == [str(apple.spec), str(apple.spec.but(model="mean"))]


def test_a_member_of_the_index_alone_can_be_studied(apple):
    disney = event_data.load(changed(apple, firm="DIS"))
    assert "DIS" not in apple.closes and disney.datasets == ["prices", "sp500-prices"]
    assert study.event_study(disney.own, disney.event.date, disney.spec, "DIS").car["DIS"] != 0


# ------------------------------------------------------------------ spans
def test_a_picture_is_drawn_where_the_data_reach(apple):
    lacking = apple.missing(fewest=40, prices=(-300, 20), members=(-270, 0))
    table = pd.DataFrame({"a": [1]})
    drawn = apple.picture(alt.Chart(table).mark_bar().encode(x="a"), "fig-a", lacking, ["groups"])
    assert drawn.usermeta["shockbook"]["data"] == ["prices", "groups"]


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        ({"prices": (-2000, 0)}, "t = -2000 to t = 0"),
        ({"prices": (0, 2000)}, "t = 0 to t = 2000"),
        ({"members": (0, 250)}, "the prices of the index members run from"),
        ({"factors": (0, 300)}, "the factors run from"),
        ({"fewest": 10_000}, "it needs 10000 placebo days"),
    ],
)
def test_a_picture_gives_way_to_one_sentence(apple, needs, words):
    shown = apple.picture(pytest.fail, "fig-a", apple.missing(**needs))
    assert words in repr(shown) and "\n" not in repr(shown)
    output = {"data": {"text/html": shown._repr_html_()}}
    assert stored.left_out({"cells": [{"outputs": [output]}]}) == {"fig-a"}


def test_specifications_that_the_data_cannot_serve_are_left_out(apple):
    whole = apple.specifications()
    assert whole[0] == apple.spec and len(whole) == len(set(whole))
    late = dataclasses.replace(
        apple, event=dataclasses.replace(apple.event, date=pd.Timestamp("2026-08-19"))
    )
    fewer = late.specifications()
    assert {s.model for s in fewer} == {"mean", "market", "market-adjusted"}
    assert max(s.event_window[1] for s in whole) == 4 > max(s.event_window[1] for s in fewer)


def test_placebo_days_are_those_of_the_study(apple):
    expected = study.placebo_days(apple.own, apple.event.date, apple.spec)
    assert apple.placebo_days().equals(expected) and apple.placebo_count() == len(expected)


def test_baskets_leave_the_firm_and_other_exchanges_out(tmp_path, apple):
    groups = tmp_path / "groups.csv"
    rows = ["AAPL", "MSFT", "KO", "PG", "8035.T", "NOSUCH"]
    groups.write_text("ticker,group\n" + "".join(f"{t},mine\n" for t in rows) + "JPM,two\n")
    data = event_data.load(changed(apple, groups=str(groups)))
    found = data.baskets()
    assert list(found) == ["mine", "SPY"]  # "two" has too few members
    mean = data.returns[["MSFT", "KO", "PG"]].mean(axis=1)
    assert np.allclose(found["mine"], mean, equal_nan=True)
    none = event_data.load(changed(apple, groups=""))
    assert list(none.baskets()) == ["SPY"]


# ------------------------------------------------------------------ how often the test rejects
def test_random_days_are_drawn_once_each_and_far_from_the_event(apple):
    days = apple.random_days(200, seed=1)
    assert days.equals(apple.random_days(200, seed=1))
    assert not days.equals(apple.random_days(200, seed=2))
    assert len(days) == len(set(days)) == 200 and days.is_monotonic_increasing
    at = apple.days.get_loc(apple.event.date)
    assert abs(apple.days.get_indexer(days) - at).min() > event_data.NEAR
    assert len(apple.random_days(10_000)) == len(apple.ordinary_days())


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_over_random_days_the_primary_test_rejects_about_as_often_as_it_should(path):
    """Within what a binomial count of 200 at 5% gives in 999 cases of 1,000, for several firms."""
    data = event_data.load(path)
    low, high = event_data.chance_range(200, 0.05, 0.999)
    assert 1 <= low <= 3 and 20 <= high <= 23
    days = data.random_days(200, seed=1)
    firms = list(dict.fromkeys([data.event.firm, "JPM", "AMD", "WMT", "ORCL", "LLY"]))
    found = study.rolling(data.returns, days, data.spec, firms, data.factors)
    limit = study.abnormal.t_quantile(0.95, found.dof)
    counts = (found.t.abs() > limit).sum()
    assert counts.between(low, high).all(), counts.to_dict()


@pytest.mark.parametrize(("n", "p", "level"), [(200, 0.05, 0.95), (50, 0.3, 0.9), (7, 0.5, 0.99)])
def test_the_range_of_chance_is_that_of_scipy(n, p, level):
    from scipy.stats import binom

    tail = (1 - level) / 2
    expected = (int(binom.ppf(tail, n, p)), int(binom.ppf(1 - tail, n, p)))
    assert event_data.chance_range(n, p, level) == expected


# ------------------------------------------------------------------ the commands
def test_the_commands_find_nothing_or_say_one_sentence(tmp_path, capsys, monkeypatch):
    from shockbook import check
    from shockbook.__main__ import main

    monkeypatch.setenv("SHOCKBOOK_EVENT", "")
    monkeypatch.setenv("SHOCKBOOK_LIVE", "0")
    assert list(check.event_faults(check.event_files())) == []
    text = EXAMPLES[0].read_text("utf-8").replace("2025-04-03", "2025-04-19")
    (tmp_path / "event.toml").write_text(text, "utf-8")
    assert main(["event-book", str(tmp_path / "event.toml")]) == 1
    out = capsys.readouterr()
    assert out.out == "" and out.err.count("\n") == 1 and "2025-04-17" in out.err
