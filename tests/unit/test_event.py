"""Event files: what can be wrong with one is said in one sentence that names the way out."""

import dataclasses

import pandas as pd
import pytest

from shockbook import catalog, event

GOOD = """
[event]
name = "A test"
date = 2025-01-27
firm = "NVDA"
exchange = "XNYS"
currency = "USD"

[primary]
model = "market"
benchmark = "SPY"
returns = "simple"
estimation = [-270, -21]
event_window = [0, 0]

[milestones]
release = 2025-01-20
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "event.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture(scope="module")
def days():
    prices = catalog.load("prices")
    return pd.DatetimeIndex(prices.loc[prices["ticker"] == "SPY", "date"])


def test_the_frozen_event():
    shock = event.read("events/deepseek.toml")
    assert shock.date == pd.Timestamp("2025-01-27")
    assert (shock.firm, shock.primary.benchmark) == ("NVDA", "SPY")
    assert shock.primary.estimation == (-270, -21)
    assert shock.milestones["release"] == pd.Timestamp("2025-01-20")
    with pytest.raises(dataclasses.FrozenInstanceError):
        shock.firm = "AMD"


def test_the_frozen_event_fits_the_data(days):
    event.check(event.read("events/deepseek.toml"), days, {"NVDA", "SPY"})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('firm = "NVDA"', "", r"firm is missing; write it like firm = \"NVDA\""),
        ('firm = "NVDA"', 'firm = " "', "firm is ' '; write it like"),
        ("date = 2025-01-27", 'date = "2025-01-27"', "date is '2025-01-27'.*no quotes"),
        ("[0, 0]", "[1, 0]", "event_window is .* the earlier first"),
        ("[0, 0]", "[0.5, 1]", "two whole numbers"),
        ("[-270, -21]", "[-270, 0]", "estimation window .* has to end before the event"),
        ("[0, 0]", "[-30, 0]", "before the event window"),
        ('"simple"', '"gross"', "returns of kind 'gross' are not known: simple or log"),
        ("firm =", "frim =", "unknown setting 'frim'"),
        ("[primary]", "[second]", "unknown table 'second'"),
        ("[event]", "[event", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_named(written, old, new, message):
    with pytest.raises(event.EventError, match=message) as error:
        event.read(written(GOOD.replace(old, new)))
    assert "event.toml" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("moment", ["2025-01-26T18:30", "2025-01-26 18:30-05:00"])
def test_a_moment_needs_no_seconds(written, moment):
    one = event.read(written(GOOD.replace("date = 2025-01-27", f"announced = {moment}")))
    assert f"{one.announced:%H:%M}" == "18:30" and one.date == pd.Timestamp("2025-01-27")


def test_the_mean_model_needs_no_benchmark(written):
    text = GOOD.replace('benchmark = "SPY"\n', "")
    with pytest.raises(event.EventError, match="benchmark is missing"):
        event.read(written(text))
    one = event.read(written(text.replace('model = "market"', 'model = "mean"')))
    assert one.primary.benchmark == one.firm


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(event.EventError, match="no event file none.toml"):
        event.read(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"date": "2025-01-20"},
            r"2025-01-20 \(Monday\) is not .* take the next session, 2025-01-21",
        ),
        (
            {"date": "2025-01-25"},
            r"2025-01-25 \(Saturday\) .* next session, 2025-01-27 \(Monday\).* close of 2025-01-24",
        ),
        ({"date": "1987-10-19"}, r"outside the data.* nearest valid one is 2024-02-01"),
        ({"firm": "NVDIA"}, r"the firm 'NVDIA' has no prices.*NVDA"),
        ({"date": "2023-06-01"}, r"begin only 103 before it; the earliest .* is 2024-02-01"),
    ],
)
def test_an_event_outside_the_data_names_the_nearest(days, change, message):
    changes = {k: pd.Timestamp(v) if k == "date" else v for k, v in change.items()}
    wrong = dataclasses.replace(event.read("events/deepseek.toml"), **changes)
    with pytest.raises(event.EventError, match=message):
        event.check(wrong, days, {"NVDA", "SPY"})


def test_the_earliest_event_date_that_is_named_is_valid(days):
    first = dataclasses.replace(event.read("events/deepseek.toml"), date=days[271])
    event.check(first, days, {"NVDA", "SPY"})
    with pytest.raises(event.EventError, match=f"{days[271]:%Y-%m-%d}"):
        event.check(dataclasses.replace(first, date=days[270]), days, {"NVDA", "SPY"})


def test_an_event_window_beyond_the_data_names_the_latest_date(days):
    shock = event.read("events/deepseek.toml")
    longer = dataclasses.replace(shock.primary, event_window=(0, 5))
    late = dataclasses.replace(shock, date=days[-5], primary=longer)
    with pytest.raises(event.EventError, match=rf"latest .* is {days[-6]:%Y-%m-%d}"):
        event.check(late, days, {"NVDA", "SPY"})
    event.check(dataclasses.replace(late, date=days[-6]), days, {"NVDA", "SPY"})
