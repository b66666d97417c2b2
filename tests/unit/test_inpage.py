"""A chapter's cells outside Jupyter: what they show, what follows from one, words and numbers."""

import json
from pathlib import Path

import pandas as pd
import pytest

from shockbook import book, charts, inpage, stored, study

CHAPTERS = Path(__file__).parents[2] / "chapters"


@pytest.fixture(autouse=True)
def fresh():
    inpage.forget()
    yield
    inpage.forget()


def test_a_cell_shows_its_last_value_and_what_it_prints():
    done = inpage.run("a", "x = 2\nprint('so')\nx + 1")
    assert done == {"outputs": [{"text": "so\n"}, {"data": {"text/plain": "3"}}], "error": None}
    assert inpage.run("b", "x;")["outputs"] == []  # the space is shared, a semicolon is silent
    inpage.space["frame"] = pd.DataFrame({"a": [1]})
    assert "<table" in inpage.run("c", "frame")["outputs"][0]["data"]["text/html"]


@pytest.mark.parametrize(
    ("source", "said", "line"),
    [
        ("x = 1\ny = x / 0", "ZeroDivisionError: division by zero", 2),
        ("x = (", "SyntaxError: '(' was never closed", 1),
        ("\nraise SystemExit(3)", "SystemExit: 3", 2),
    ],
)
def test_an_error_is_pythons_last_line_and_where_it_was(source, said, line):
    assert inpage.run("a", source)["error"] == {"said": said, "line": line}


CELLS = [
    ("data", "rows = load()"),
    ("table", "table = rows[0]"),
    ("other", "aside = 1"),
    ("sorted", "table = sorted(table)"),
    ("shown", "def f(k):\n    return k + len(table)\nf(1)"),
    ("again", "table = aside"),
    ("grown", "rows.append(3)"),
    ("last", "[k for k in rows]"),
]


def test_what_reads_a_changed_name_follows_and_what_was_set_anew_is_made_again():
    ids = ["data", "table", "sorted", "shown", "grown", "last"]
    assert inpage.following(["shown"], CELLS) == ids
    assert inpage.following(["last"], CELLS) == ["last"]
    assert inpage.following(["other"], CELLS)[0] == "other"
    assert "again" in inpage.following(["other"], CELLS)
    assert inpage.following(["x"], [("x", "broken ("), ("y", "1")]) == ["x"]


def test_a_benchmark_moves_its_study_and_not_the_records():
    notebook = json.loads((CHAPTERS / "nvidia.ipynb").read_text("utf-8"))
    cells = [(c["id"], "".join(c["source"])) for c in notebook["cells"] if c["cell_type"] == "code"]
    modules = {"book": book, "charts": charts, "study": study}
    inpage.space |= {"chapter": book.Chapter("nvidia"), **modules}
    ids = inpage.following(["choose-the-benchmark"], cells)
    assert {"abnormal-return", "market-model-chart", "verdict-c10"} <= set(ids)
    assert not {"open-the-chapter", "record-bars", "road-chart", "verdict-c13"} & set(ids)


def test_words_follow_their_numbers_or_say_that_they_cannot():
    chapter = inpage.space["chapter"] = book.Chapter("nvidia")
    record = {"key": "loss", "form": "${:.1f} billion", "what": "loss"}
    chapter.numbers["loss"] = {**record, "value": 480.06, "text": "$480.1 billion"}, 480.06
    link = {"key": "loss", "before": "It lost ", "after": " in a day."}
    texts = ["$592.7 billion", "nearly\N{NO-BREAK SPACE}$600 billion", "a fortune"]
    said = inpage.say([{**link, "text": text} for text in texts])
    assert [(one["text"], one["fits"]) for one in said] == [
        ("$480.1 billion", True), ("nearly $480 billion", False), ("a fortune", False)]  # fmt: skip
    assert said[1]["now"] == "$480.1 billion"
    assert inpage.say([{**link, "key": "gone", "text": "x"}])[0]["now"] == "not computed"


def test_a_stored_chart_becomes_views_with_rows_and_no_csv():
    notebook = json.loads((CHAPTERS / "nvidia.ipynb").read_text("utf-8"))
    spec = next(iter(stored.outputs(notebook, "application/vnd.vegalite.v5+json")))[1]
    views = json.loads(inpage.answer(json.dumps({"do": "views", "spec": spec})))
    assert views["mode"] == "vega-lite" and {"wide", "narrow"} <= set(views)
    tables = views["wide"]["datasets"].values()
    assert all(isinstance(rows, list) for rows in tables) and '"csv"' not in json.dumps(views)
