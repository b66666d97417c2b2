"""Event files: what can be wrong with one is said in one sentence that names the way out."""

import dataclasses

import pandas as pd
import pytest

from shockbook import event

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


def test_the_frozen_event():
    shock = event.read("events/deepseek.toml")
    assert shock.date == pd.Timestamp("2025-01-27")
    assert (shock.firm, shock.primary.benchmark) == ("NVDA", "SPY")
    assert shock.primary.estimation == (-270, -21)
    assert shock.milestones["release"] == pd.Timestamp("2025-01-20")
    with pytest.raises(dataclasses.FrozenInstanceError):
        shock.firm = "AMD"


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
