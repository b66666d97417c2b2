"""Chapters keep to short cells; their charts can be copied out."""

import importlib.util
import random

import nbformat
import pages
import pytest
from nbclient import NotebookClient

from shockbook import charts
from shockbook.notebooks import ROOT

spec = importlib.util.spec_from_file_location("bench", ROOT / "benchmarks/bench_notebooks.py")
bench = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bench)

FORMED = pages.CHAPTERS
SEED, COPIED = 15, 5
#: Lines of Python in the library that nothing may pass; the aim is what the bench has as limit.
LIBRARY = 20_738
#: Over one chapter; over all of them the medians hold as well.
EACH = ("most", "longest", "hidden", "roles")


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", FORMED, ids=lambda p: p.stem)
def test_a_chapter_keeps_its_limits(path):
    found = bench.measure(read(path))
    over = {k: v for k, v in found.items() if k in EACH and v > bench.LIMITS[k]}
    assert not over


def test_all_chapters_together_keep_the_limits():
    found = bench.pooled([read(path) for path in FORMED])
    over = {k: v for k, v in found.items() if k != "analysis" and v > bench.LIMITS[k]}
    assert not over
    assert found["analysis"] >= bench.LIMITS["analysis"]


def test_the_library_grows_no_further():
    assert bench.library() <= LIBRARY


def test_measures_count_what_they_say():
    sources = [
        "import altair as alt\nfrom shockbook import book\n\nchapter = book.open('x')",
        "table = load()\ntable['a'] = 1",
        "other = 2",
        "chapter.record(a=table)",
        "bars = alt.Chart(table)\nbars",
    ]
    cells = [nbformat.v4.new_code_cell(s, id=f"c{i}") for i, s in enumerate(sources)]
    cells[-1].outputs = [nbformat.v4.new_output("display_data", {charts.MIME: {}})]
    cells[2].metadata["tags"] = ["hide-input"]
    prose = nbformat.v4.new_markdown_cell("A {num}`role`.")
    found = bench.measure(nbformat.v4.new_notebook(cells=[*cells, prose]))
    assert found == {"median": 2, "most": 2, "longest": 4, "cells": 2, "lines": 4, "hidden": 0.2,
                     "analysis": 4 / 9, "roles": 1}  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert [c.id for c in bench.needed(notebook, cells[4])] == ["c0", "c1", "c4"]


def chosen():
    """Five chart cells of the book, by a seed; those that are tagged as set-up left out."""
    every = [(p, c.id) for p in FORMED for c in bench.code(read(p)) if bench.has_chart(c)]
    return random.Random(SEED).sample(every, min(COPIED, len(every)))


@pytest.mark.parametrize(("path", "name"), chosen(), ids=lambda v: getattr(v, "stem", v))
def test_a_student_copies_a_chart_into_an_empty_notebook(path, name, tmp_path, monkeypatch):
    """With the cells that it needs it draws the same chart, in a folder with nothing in it."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = read(path)
    cell = next(c for c in notebook.cells if c.id == name)
    copied = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c.source) for c in bench.needed(notebook, cell)]
    )
    NotebookClient(copied, kernel_name="python3", timeout=120,
                   resources={"metadata": {"path": str(tmp_path)}}).execute()  # fmt: skip
    drawn = [
        o.data[charts.MIME] for o in copied.cells[-1].outputs if charts.MIME in o.get("data", {})
    ]
    stored = [o.data[charts.MIME] for o in cell.outputs if charts.MIME in o.get("data", {})]
    assert drawn == stored
