"""Numbers that can be traced: the text, the record, and what is refused."""

import datetime as dt

import nbformat
import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from shockbook import evidence


@pytest.fixture
def shown(monkeypatch):
    """The mime bundles that were displayed."""
    bundles = []
    monkeypatch.setattr(evidence, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


@pytest.mark.parametrize(
    ("value", "fmt", "text", "stored"),
    [
        (592.65812345678, "${:.1f} billion", "$592.7 billion", 592.65812),
        (-0.16968, "{:.1%}", "−17.0%", -0.16968),
        (np.float64(1.5), "{:.1f}", "1.5", 1.5),
        (np.int64(9), "{}", "9", 9),
        (np.int64(0), "{:words}", "none", 0),
        (10, "{:words} plans", "ten plans", 10),
        (1100, "{:words}", "1,100", 1100),
        (pd.Timestamp("2025-01-27"), "{}", "27 January 2025", "2025-01-27"),
        (dt.date(2025, 6, 9), "{:%B %Y}", "June 2025", "2025-06-09"),
        ("first-quarter", "{}", "first-quarter", "first-quarter"),
    ],
)
def test_a_figure_is_said(shown, value, fmt, text, stored):
    said = evidence.say("key", value, fmt, "what it is", data="prices")
    assert said == text and said.value is value
    record = shown[0][evidence.MIME]
    assert record == {
        "key": "key", "text": text, "value": stored, "what": "what it is", "data": ["prices"]
    }  # fmt: skip
    assert type(record["value"]) is type(stored)
    assert shown[0]["text/plain"] == f"key = {text}   (what it is)"


@pytest.mark.parametrize("value", [float("nan"), np.nan])
def test_a_gap_cannot_be_said(shown, value):
    with pytest.raises(ValueError, match="may not be nan"):
        evidence.say("key", value, "{}", "what")


def test_a_list_cannot_be_said(shown):
    with pytest.raises(TypeError, match="not list"):
        evidence.say("key", [1], "{}", "what")


@pytest.fixture
def table():
    frame = pd.DataFrame({"id": ["a", "b", "b"], "n": [1.5, 2, 3], "source_ids": ["S1;S2", "", ""]})
    frame.attrs["dataset"] = "counts"
    return frame


def test_a_row_is_cited_with_its_source(shown, table):
    said = evidence.cite("key", table, {"id": "a"}, "n", "{:.1f}", "a count")
    record = shown[0][evidence.MIME]
    assert said == "1.5"
    assert record["data"] == ["counts"]
    assert (record["row"], record["column"]) == ({"id": "a"}, "n")
    assert record["source"] == "S1;S2"


@pytest.mark.parametrize(("row", "count"), [({"id": "b"}, 2), ({"id": "c"}, 0)])
def test_a_citation_picks_exactly_one_row(shown, table, row, count):
    with pytest.raises(LookupError, match=f"{count} rows of counts have id = {row['id']}, not one"):
        evidence.cite("key", table, row, "n", "{}", "a count")


@pytest.mark.parametrize("keep", [True, False])  # nbval runs cells without history
def test_as_the_last_line_it_shows_nothing_more(keep):
    shell = InteractiveShell.instance()
    code = "from shockbook.evidence import say\nsay('key', 1, '{}', 'one');"
    with capture_output() as captured:
        shell.run_cell(code, store_history=keep)
    InteractiveShell.clear_instance()
    assert "'1'" not in captured.stdout
    assert len(captured.outputs) == 1


def test_a_figure_of_another_page(tmp_path):
    cell = nbformat.v4.new_code_cell("say(...)", id="said")
    data = {evidence.MIME: {"key": "loss", "value": 592.658}, "text/plain": "loss"}
    cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "one.ipynb")
    assert evidence.recorded("one", "loss", tmp_path) == 592.658
    for page, key in (("one", "gain"), ("two", "loss")):
        with pytest.raises(LookupError, match=f"'{key}'.*'{page}'"):
            evidence.recorded(page, key, tmp_path)
