"""A chapter's cells outside Jupyter: what they show, what follows from one, words and numbers."""

import json
from pathlib import Path

import pandas as pd
import pytest

from shockbook import book, charts, inpage, stored, study
from shockbook.teach import feedback

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


def test_an_answer_needs_what_sets_the_names_that_it_reads():
    assert inpage.needed("len(table)", CELLS) == ["data", "table", "other", "sorted", "again"]
    assert inpage.needed("aside + 1", CELLS) == ["other"]
    assert inpage.needed("broken (", CELLS) == inpage.needed("3", CELLS) == []
    assert inpage.needed("k = aside", [("x", "broken ("), *CELLS]) == ["other"]


def test_what_runs_beside_a_chapter_leaves_it_as_it_was():
    inpage.run("a", "import pandas as pd\nrows, mark = [1], 5\ntable = pd.DataFrame({'a': [1]})")
    source = "rows.append(2)\ntable['b'] = mark = found = rows[0]\nprint(len(rows), list(table))"
    for _ in "ab":  # each run starts from what the chapter has
        done = inpage.run("b", source, "solutions")
        assert done == {"outputs": [{"text": "2 ['a', 'b']\n"}], "error": None}
    assert inpage.run("c", "found + mark", "solutions")["outputs"][0]["data"]["text/plain"] == "6"
    printed = inpage.run("d", "print(rows, mark, list(table))")["outputs"]
    assert printed == [{"text": "[1] 5 ['a']\n"}]
    for beside in ("", "answers"):
        assert "'found' is not defined" in inpage.run("e", "found", beside)["error"]["said"]


def test_an_answer_is_checked_with_the_key_of_the_student_edition(tmp_path, monkeypatch):
    key = {"half": feedback.make_key("ex-half", "half", 2.5, [(10.0, "that is twice.")])}
    made = {"ex-half": {"cell": "# half of it\nhalf = ...", "key": key}}
    (tmp_path / "one.json").write_text(json.dumps(made), "utf-8")
    monkeypatch.setattr(inpage, "EXERCISES", tmp_path)
    assert inpage.exercises("one") == {"ex-half": "# half of it\nhalf = ..."}
    assert inpage.exercises("other") == {}
    inpage.run("a", "whole = 5")

    def told(source, check=True):
        asked = {"do": "attempt", "chapter": "one", "label": "ex-half", "source": source}
        return json.loads(inpage.answer(json.dumps({**asked, "check": check})))["checked"]

    assert told("half = whole / 2") == {"half": None}
    assert told("half = whole * 2") == {"half": "half: that is twice."}
    assert "three dots" in told(made["ex-half"]["cell"])["half"]
    assert "there is no half" in told("")["half"]  # what ran before does not count
    assert told("half = whole / 0") == told("half = 2.5", check=False) == {}


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


def test_a_stored_chart_in_steps_becomes_views_of_each_step():
    notebook = json.loads((CHAPTERS / "dots.ipynb").read_text("utf-8"))
    every = (spec for _, spec in stored.outputs(notebook, "application/vnd.vegalite.v5+json"))
    spec = next(spec for spec in every if "steps" in spec["usermeta"]["shockbook"])
    steps = json.loads(inpage.answer(json.dumps({"do": "views", "spec": spec})))["steps"]
    assert len(steps) > 2 and all({"wide", "narrow"} <= set(one) for one in steps)
