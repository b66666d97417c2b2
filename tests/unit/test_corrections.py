"""No silent change: the first edition, today's chapters and the page of corrections agree."""

import pandas as pd
import pytest

from shockbook import catalog, corrections, study
from shockbook.site import cite


@pytest.fixture(scope="module")
def found():
    return corrections.changes()


def test_every_change_since_the_first_edition_is_told(found):
    assert corrections.silent(found) == []


def test_the_record_is_frozen():
    frozen = catalog.load("first-edition")
    assert dict(frozen["kind"].value_counts()) == {"number": 629, "part": 55, "verdict": 33}
    assert catalog.describe("first-edition")["hash"].endswith("3971784d66af5556648abd16")


def test_the_page_is_made_from_the_table():
    text = (corrections.CHAPTERS / corrections.PAGE).read_text("utf-8")
    assert corrections.PAGE in (corrections.CHAPTERS / "corrections.md").read_text("utf-8")
    table = catalog.load("corrections")
    assert corrections.page(table, cite.read(corrections.CHAPTERS.parent / cite.FILE)) == text
    assert all(corrections._cell(why) in text for why in table["why"])


def test_the_event_study_gives_the_first_edition_s_digits():
    """The library of today on today's prices, which go on longer: all eight recorded digits."""
    frozen = catalog.load("first-edition").set_index("id")["value"]
    prices = catalog.load("prices", live=False)
    prices = prices[prices["ticker"].isin(["NVDA", "SPY", "SMH"])]
    table = study.returns(prices.pivot(index="date", columns="ticker", values="adj_close"))
    one = study.event_study(table, "2025-01-27", firms=["NVDA", "SMH"]).to_frame()
    nvidia, smh = one.loc["NVDA"], one.loc["SMH"]
    found = {
        "abnormal": 100 * nvidia["car"], "expected": 100 * nvidia["expected"], "t": nvidia["t"],
        "expected-low": 100 * nvidia["expected_low"], "chips": 100 * smh["car"],
        "expected-high": 100 * nvidia["expected_high"],
        "first-session": 100 * study.event_study(table, "2025-01-21", firms=["NVDA"]).car["NVDA"],
    }  # fmt: skip
    days = study.placebo(table, "2025-01-27", firms=["NVDA"]).to_frame().loc["NVDA"]
    found |= {"placebo-days": days["placebo_days"], "placebo-p": days["p_placebo_t"]}
    for key, value in found.items():
        assert f"{value:.8g}" == f"{float(frozen[f'nvidia:{key}']):.8g}", key


def test_editions_hold_what_was_corrected_before_their_day():
    table = pd.DataFrame({"date": ["2026-11-28"] * 3 + ["2026-12-24"],
                          "kind": ["verdict", "verdict", "rule", "figure"]})  # fmt: skip
    first = {"version": "0.1.0", "date-released": "2026-11-23"}
    second = {"version": "1.0.0", "date-released": "2026-11-29", "references": [first]}
    told = corrections.editions(table, second).splitlines()[4:]
    assert told == [
        "| Third edition | not released yet | figures: 1 |",
        "| Second edition, version 1.0.0 | 29 November 2026 | verdicts: 2; rules and tests: 1 |",
        "| First edition, version 0.1.0 | 23 November 2026 | the first |",
    ]
    assert "Second edition | not released yet" in corrections.editions(table, first)


def test_a_silent_change_is_found(found):
    table = catalog.load("corrections")
    for item, said in [("C20", "C20 was 'Partly wrong'"), ("verdicts:standing", "was '14'")]:
        (sentence,) = [s for s in corrections.silent(found, table[table["item"] != item])
                       if s.startswith(f"{item} ")]  # fmt: skip
        assert said in sentence
    # another number on a page, and a row of the table that tells another story
    moved = found.copy()
    moved.loc[moved["id"] == "nvidia:loss", ["new", "value", "state"]] = ["$600", 600, "changed"]
    assert any("nvidia:loss" in s for s in corrections.silent(moved, table))
    table.loc[table["item"] == "C32", "new"] = "True"
    assert any("says 'Wrong' to 'True'" in s for s in corrections.silent(found, table))


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("-16.968167", -16.968167, True),
        ("0.70", 70.0, True),  # a share told in per cent
        ("5.576", 5576000, True),
        ("-3.6", 3.6, True),
        ("592.658", 593, False),
        ("supported", "True", True),
        ("2025-01-27", "2025-01-28", False),
    ],
)
def test_the_same_number_in_another_unit(old, new, same):
    assert corrections._same(old, new) is same
