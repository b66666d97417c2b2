"""A chapter opens from anywhere, records what it declares, and says in words what it lacks."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from shockbook import book, claims, stored
from shockbook.book import chapter as chapters
from shockbook.book import declared

ROOT = Path(__file__).parents[2]
DECLARED = """
[numbers.loss]
what = "NVIDIA's loss"
form = "${:.1f} billion"
data = ["prices"]
[numbers.loss-rmb]
what = "The same in yuan"
form = "RMB {:.2f} trillion"
[numbers.rank]
what = "Its rank"
form = "rank {:d}"
of = "listed"
[numbers.listed]
what = "Losses listed"
form = "{:words}"
[numbers.day]
what = "The day"
form = "{}"
[numbers.claimed]
what = "The loss in the article"
form = "${:.0f} billion"
row = "claim-parts C13-loss claimed"
[numbers.close]
what = "The close"
form = "${:.2f}"
row = ["prices", "date=2025-01-27,ticker=NVDA", "close"]
[verdicts]
C14 = 'First, with [\\$592.7 billion](#num-loss), of those [listed](#num-listed).'
"""


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """What is displayed, in a folder with the declarations of a chapter ``mine``."""
    bundles = []
    monkeypatch.setattr(chapters, "display", lambda item, **_: bundles.append(item))
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(DECLARED, "utf-8")
    return bundles


def test_opening_shows_the_numbers_of_rows_as_one_output(shown):
    book.open("mine")
    _, rows = shown
    claimed, close = rows[stored.NUMBERS]["numbers"]
    assert (claimed["text"], claimed["value"]) == ("$600 billion", 600)
    assert type(claimed["value"]) is int  # as JavaScript writes it
    assert claimed["row"] == {"id": "C13-loss"} and claimed["column"] == "claimed"
    assert claimed["data"] == ["claim-parts"] and claimed["source"]
    assert close["row"] == {"date": "2025-01-27", "ticker": "NVDA"} and close["text"] == "$118.42"
    assert rows["text/plain"].splitlines()[0].split("  ")[0] == "claimed"


def test_a_row_is_found_by_a_column_that_has_gaps(shown):
    number = "[numbers.part]\nwhat = 'A part'\nform = '{}'\nrow = 'claim-parts claimed=4.3 key'\n"
    Path("mine.toml").write_text(number, "utf-8")
    book.open("mine")
    assert shown[-1][stored.NUMBERS]["numbers"][0]["text"] == "loss"


def test_recording_is_one_output_in_the_order_given(shown):
    mine = book.open("mine")
    mine.record(loss=592.658123456789, loss_rmb=np.float64(4.3), rank=np.int64(1), listed=2)
    numbers = shown[-1][stored.NUMBERS]["numbers"]
    assert [n["key"] for n in numbers] == ["loss", "loss-rmb", "rank", "listed"]
    assert [n["text"] for n in numbers] == ["$592.7 billion", "RMB 4.30 trillion", "rank 1", "two"]
    assert [n["value"] for n in numbers] == [592.65812, 4.3, 1, 2]
    assert numbers[2]["of"] == "listed" and numbers[0]["data"] == ["prices"]
    json.dumps(numbers)
    mine.record(day=pd.Timestamp("2025-01-27"))
    assert shown[-1][stored.NUMBERS]["numbers"][0]["value"] == "2025-01-27"
    assert shown[-1]["text/plain"] == "day  27 January 2025  The day"


def test_a_dataset_known_only_when_it_runs_stands_in_the_record(shown):
    mine = book.open("mine")
    mine.datasets["prices"] = ["sp500-prices", "prices"]
    mine.record(loss=1)
    assert shown[-1][stored.NUMBERS]["numbers"][0]["data"] == ["sp500-prices", "prices"]


def test_judging_takes_the_reason_from_the_declarations(shown):
    mine = book.open("mine")
    mine.record(rank=1)
    verdict = mine.judge("C14", rank=1, coverage=True)
    assert verdict.why == "First, with $592.7 billion, of those listed."
    assert [p.computed for p in verdict.parts] == ["rank 1", "yes"]
    assert verdict.parts[0].values == (1,)


def test_a_share_of_one_is_not_told_as_another_number_s_1_per_cent(shown):
    text = Path("mine.toml").read_text("utf-8")
    part = '[numbers.part]\nwhat = "A part"\nform = "{:.0f}%"\ndata = ["prices"]\n'
    Path("mine.toml").write_text(f'{text}C26 = "Weak."\n{part}', "utf-8")
    mine = book.open("mine")
    mine.record(part=1.0)
    verdict = mine.judge("C26", data=3, attacks=1.0, elsewhere=True)
    assert {p.key: p.computed for p in verdict.parts}["attacks"] == "100%"


def test_judging_takes_values_for_other_readings(shown):
    text = Path("mine.toml").read_text("utf-8")
    Path("mine.toml").write_text(f"{text}C32 = 'The sea was red.'\n", "utf-8")
    mine = book.open("mine")
    parts = {"indexes": 0.67, "members": 0.9, "sectors": 0.36}
    with pytest.raises(claims.ClaimError, match="typical-in-sector"):
        mine.judge("C32", **parts)
    for share, verdict in ((0.2, "Partly wrong"), (0.6, "True")):
        red = mine.judge("C32", readings={"typical-in-sector": {"sectors": share}}, **parts)
        (own,) = [r for r in red.readings if r["id"] == "C32-typical-in-sector"]
        assert (red.verdict, own["verdict"]) == ("Partly wrong", verdict)


def test_telling_fills_links_without_words(shown):
    mine = book.open("mine")
    mine.record(loss=592.658)
    mine.tell("Lost [](#num-loss), or [some](#num-loss).", "", "[R](#cite-P9)")
    text = "Lost [\\$592.7 billion](#num-loss), or [some](#num-loss).\n\n[R](#cite-P9)"
    assert shown[-1] == {stored.PROSE: {"text": text, "given": False}, "text/markdown": text}
    with pytest.raises(book.BookError, match="no number 'rank' was recorded"):
        mine.tell("[](#num-rank)")


def test_a_choice_is_said_if_the_text_tells_another_and_labels_follow_it(shown):
    text = Path("mine.toml").read_text("utf-8").replace("NVIDIA's loss", "{NVIDIA}'s loss")
    Path("mine.toml").write_text(text, "utf-8")
    mine, firms = book.open("mine"), {"NVDA": "NVIDIA", "AMD": "Advanced Micro"}
    before = len(shown)
    mine.choose("FIRM", "NVDA", "NVDA", firms)
    assert len(shown) == before
    for firm, label in (("AMD", "Advanced Micro's loss"), ("NVDA", "NVIDIA's loss")):
        mine.choose("FIRM", firm, "NVDA", firms)
        mine.record(loss=1)
        assert shown[-1][stored.NUMBERS]["numbers"][0]["what"] == label
    (said,) = [one[stored.PROSE]["text"] for one in shown[before:] if stored.PROSE in one]
    assert said == "**FIRM is AMD in this run.** Text and titles were written for NVIDIA."
    mine.choose("LEVEL", 0.1, 0.1, [0.05, 0.1])
    for value in ("XYZ", ["AMD"]):
        with pytest.raises(book.BookError, match=": what can be set is NVDA, AMD"):
            mine.choose("FIRM", value, "NVDA", firms)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda c: c.record(gone=1), r"declares no number 'gone': add \[numbers.gone\]"),
        (lambda c: c.record(loss=float("nan")), "'loss' of mine.toml: a number may not be nan"),
        (lambda c: c.record(rank=1.5), "'rank' of mine.toml"),
        (lambda c: c.record(loss=[1]), "'loss' of mine.toml: .*not list"),
        (lambda c: c.judge("C13", loss=1), "gives no reason for C13"),
        (lambda c: book.open("nowhere"), r"no chapter 'nowhere' \(nowhere.toml\)"),
    ],
)
def test_what_is_not_there_is_one_sentence(shown, ask, said):
    mine = book.open("mine")
    with pytest.raises(book.BookError, match=said) as error:
        ask(mine)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[numbers", "not readable TOML"), ("[more]\na = 1", "its parts are numbers, verdicts"),
        ("[numbers.A]\nwhat = 'x'\nform = '{}'", "a key is small letters"),
        ("[numbers.a]\nform = '{}'", "what is missing"), ("[numbers]\na = 1", "is not what, form"),
        ("[numbers.a]\nwhat = 'x'\nform = '{}'\nunit = 'm'", "unit is not what, form"),
        ("[numbers.a]\nwhat = 'x'\nform = 'no field'", "form needs one field"),
        ("[numbers.a]\nwhat = 'x'\nform = '{}'\nof = 'b'", "'b' of a is no number"),
        ("[numbers.a]\nwhat = 'x'\nform = '{}'\nrow = 'claims C12'", "a dataset, an id and"),
        ("[numbers.a]\nwhat = 'x'\nform = 5", "form is 5, not a text"),
        ("[numbers.a]\nwhat = 5\nform = '{}'", "what is 5, not a text"),
        ("[numbers.a]\nwhat = 'x'\nform = '{}'\ndata = 5", "data is 5, not a text"),
        ("[numbers.a]\nwhat = 'x'\nform = '{a}'", "form needs one field"),
        ("[words]\ntyped = 'a week'", "typed is 'a week', not a list"),
        ("numbers = 1", "are tables"), ("[verdicts]\nC01 = 1", "the reason of C01 is not"),
        ("[numbers.a]\nwhat = 'x'\nform = '{}'\nrow = 'claims C99 type'", "0 rows of claims"),
        ("[numbers.a]\nwhat = 'x'\nform = '{}'\nrow = 'claims C12 gone'", "no column 'gone'"),
        ("[numbers.a]\nwhat = 'x'\nform = '{}'\nrow = 'claims no=C12 type'", "has no 'no'"),
        ("[numbers.a]\nwhat = 'x'\nform = '{}'\nrow = 'claims id=C12,C13 type'", "has no 'C13'"),
    ],
)  # fmt: skip
def test_declarations_that_do_not_fit_are_one_sentence(shown, text, said):
    Path("mine.toml").write_text(text, "utf-8")
    with pytest.raises(book.BookError, match=said) as error:
        book.open("mine")
    assert "mine.toml" in str(error.value) and "\n" not in str(error.value)


def test_a_chapter_opens_from_its_folder_the_root_and_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "chapters").mkdir()
    shutil.copy(ROOT / "tests/fixtures/chapter.toml", tmp_path / "chapters/mine.toml")
    (tmp_path / "chapters/mine.ipynb").touch()
    for place in (tmp_path / "chapters", tmp_path):
        monkeypatch.chdir(place)
        assert declared.path("mine") == tmp_path / "chapters/mine.toml"
    monkeypatch.setattr(declared, "ROOT", tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert declared.path("mine") == tmp_path / "chapters/mine.toml"
    with pytest.raises(book.BookError, match="there are: mine"):
        declared.path("yours")


def test_recorded_reads_what_another_page_stored(tmp_path):
    record = {"key": "loss", "text": "5", "value": 5, "what": "x"}
    output = nbformat.v4.new_output("display_data", {stored.NUMBERS: {"numbers": [record]}})
    cell = nbformat.v4.new_code_cell("x", outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "one.ipynb")
    assert book.recorded("one", "loss", tmp_path) == 5
    for page, key in (("one", "gain"), ("two", "loss")):
        with pytest.raises(LookupError, match=f"'{key}' is recorded on the page '{page}'"):
            book.recorded(page, key, tmp_path)


def test_papermill_runs_a_chapter_for_another_day(tmp_path):
    """The parameters cell takes another day, from a folder that is not the chapter's."""
    out = tmp_path / "out.ipynb"
    shutil.copy(ROOT / "tests/fixtures/chapter.toml", tmp_path)
    command = [sys.executable, "-m", "papermill", str(ROOT / "tests/fixtures/chapter.ipynb")]
    command += [str(out), "-p", "DAY", "2024-09-03", "--no-progress-bar", "--log-level", "ERROR"]
    places = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": places})
    found = {r["key"]: r["text"] for _, r in stored.numbers(nbformat.read(out, as_version=4))}
    assert found["day"] == "3 September 2024" and found["friday"] == "30 August 2024"
    assert found["change"] == "\N{MINUS SIGN}9.5%"
