"""The rules that nbval does not hold: it passes cells that were never run or are tagged so."""

import ast
import copy
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pages
import pytest
import rules

import shockbook
from shockbook import catalog, charts

EVERY = [pages.SAMPLE, *pages.CHAPTERS]
by_page = pytest.mark.parametrize("path", EVERY, ids=lambda p: p.stem)


@by_page
def test_rules(path):
    found = rules.faults(pages.Page.read(path))
    assert not found, "\n".join([path.name, *found])


@by_page
def test_drawings(path):
    found = rules.drawing_faults(pages.Page.read(path))
    assert not found, "\n".join([path.name, *found])


def test_plain_pytest_runs_every_cell_of_every_chapter():
    """Whatever switches nbval off, or a chapter or cell out of it, is seen here."""
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only"]
    done = subprocess.run(command, cwd=pages.ROOT, capture_output=True, text=True, check=True)
    found = Counter(re.findall(r"^chapters/(\w[\w-]*)\.ipynb::", done.stdout, flags=re.M))
    assert found == {p.stem: len(pages.Page.read(p).code) for p in pages.CHAPTERS}
    order = list(dict.fromkeys(re.findall(r"^(tests/\w+|chapters)/", done.stdout, flags=re.M)))
    assert order[-2:] == ["tests/site", "tests/browser"] and order[0] == "tests/unit"


def test_the_readme_sets_parameters_that_the_chapters_have():
    told = (pages.ROOT / "README.md").read_text("utf-8")
    lines = re.findall(r"papermill chapters/([\w-]+)\.ipynb \S+ -p (\w+)", told)
    assert {name for name, _ in lines} == {"nvidia", "your-event"}
    for name, parameter in lines:
        code = pages.Page.read(pages.ROOT / "chapters" / f"{name}.ipynb").code
        (cell,) = [c for c in code if "parameters" in c.metadata.get("tags", [])]
        assert parameter in [part.targets[0].id for part in ast.parse(cell.source).body]


def test_chart_names_are_unique_over_the_book():
    names = Counter(
        charts.meta(spec)["name"]
        for path in pages.CHAPTERS
        for _, spec in pages.Page.read(path).charts
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("path", sorted(Path(shockbook.__file__).parent.rglob("*.py")), ids=str)
def test_the_library_breaks_ties_by_rule(path):
    assert rules.unsettled_sorts(path.read_text("utf-8")) == []


def verdict_faults(chapters):
    every = catalog.load("claims").set_index("id")["chapter"].to_dict()
    assert {f"C{number:02d}" for number in range(1, 34)} <= set(every)
    return rules.verdict_faults(chapters, every)


def test_every_claim_has_its_verdict_cell():
    chapters = [pages.Page.read(path) for path in pages.CHAPTERS]
    assert verdict_faults(chapters) == []
    home = next(page for page in chapters if page.name == "nvidia")
    home.notebook.cells = [c for c in home.notebook.cells if c.id != "verdict-c12"]
    assert verdict_faults(chapters) == ["C12: no cell of nvidia shows its verdict"]


# ------------------------------------------------------------------ each rule finds its fault
def cell(notebook, name):
    return next(c for c in notebook.cells if c.id == name)


def chart(notebook):
    return cell(notebook, "line").outputs[0].data


def stream(name, text):
    return nbformat.v4.new_output("stream", name=name, text=text)


FAULTS = {
    "never run": (lambda n: cell(n, "load-prices").update(execution_count=None), "ran as"),
    "out of order": (lambda n: cell(n, "load-prices").update(execution_count=9), "ran as"),
    "skip comment": (lambda n: cell(n, "load-prices").update(source="# NBVAL_SKIP\n1"), "compared"),
    "removed output": (
        lambda n: cell(n, "line").metadata.update(tags=["remove-output"]), "keeps what"
    ),
    "removed output, with an underscore": (
        lambda n: cell(n, "line").metadata.update(tags=["remove_output"]), "keeps what"
    ),
    "removed by metadata": (
        lambda n: cell(n, "line").metadata.update(mystnb={"remove_code_outputs": True}), "may keep"
    ),
    "hidden cell": (
        lambda n: cell(n, "load-prices").metadata.update(tags=["hide-input"]), "is hidden"
    ),
    "skip tag": (lambda n: cell(n, "load-prices").metadata.update(tags=["nbval-skip"]), "compared"),
    "raises tag": (
        lambda n: cell(n, "load-prices").metadata.update(tags=["raises-exception"]), "compared"
    ),
    "stderr": (lambda n: cell(n, "load-prices").outputs.append(stream("stderr", "x")), "stderr"),
    "error": (
        lambda n: cell(n, "load-prices").outputs.append(nbformat.v4.new_output("error")), "error"
    ),
    "magic": (lambda n: cell(n, "load-prices").update(source="%time 1"), "magic"),
    "shell": (lambda n: cell(n, "load-prices").update(source="!ls"), "magic"),
    "timing": (lambda n: cell(n, "load-prices").metadata.update(execution={}), "tidy"),
    "metadata": (lambda n: n.metadata.update(toc={}), "tidy"),
    "trailing blank": (lambda n: cell(n, "load-prices").update(source="x = 1  "), "tidy"),
    "random id": (lambda n: cell(n, "load-prices").update(id="3f2a9c1d"), "cell id"),
    "id with a letter first": (lambda n: cell(n, "load-prices").update(id="a3f2c91d"), "cell id"),
    "long cell": (lambda n: cell(n, "load-prices").update(source="x = 1\n" * 26), "lines, more"),
    "long cells": (
        lambda n: [c.update(source="x = 1\n" * 13) for c in n.cells if c.cell_type == "code"],
        "median",
    ),
    "long line": (
        lambda n: cell(n, "load-prices").update(source=f"x = '{'a' * 88}'"), "characters"
    ),
    "ties": (lambda n: cell(n, "load-prices").update(source="x.sort_values('a')"), "stable"),
    "empty": (lambda n: cell(n, "load-prices").update(source=""), "empty"),
    "address": (
        lambda n: cell(n, "load-prices").outputs.append(stream("stdout", "<f at 0x7f12ab34>")),
        "address",
    ),
    "path": (lambda n: cell(n, "load-prices").update(source="open('/home/me/x')"), "address"),
    "too large": (
        lambda n: cell(n, "load-prices").outputs.append(stream("stdout", "a" * rules.LARGEST)),
        "bytes",
    ),
    "bare chart": (lambda n: chart(n)[charts.MIME].pop("usermeta"), "charts.figure"),
    "no picture": (lambda n: chart(n).pop("image/png"), "picture"),
    "picture of another chart": (
        lambda n: chart(n)[charts.MIME]["usermeta"]["shockbook"].update(wide=True),
        "not that of the chart",
    ),
    "no words": (lambda n: n.cells.remove(cell(n, "line-words")), "no Markdown cell begins with"),
    "unknown directive": (
        lambda n: n.cells.append(nbformat.v4.new_markdown_cell("```{ledger}\n```", id="all")),
        "does not know {ledger}",
    ),
    "parameter that is computed": (
        lambda n: cell(n, "choose-the-day").update(source="DAY = pd.Timestamp('2025-01-27')"),
        "plain value",
    ),
    "parameter of a type that cannot be set": (
        lambda n: cell(n, "choose-the-day").update(source="DAYS = ('2025-01-27',)"), "plain value"
    ),
    "more than parameters": (
        lambda n: cell(n, "choose-the-day").update(source="DAY = '2025-01-27'\nprint(DAY)"),
        "plain value",
    ),
    "parameters twice": (
        lambda n: cell(n, "load-prices").metadata.update(tags=["parameters"]), "second cell"
    ),
    "pixels": (
        lambda n: cell(n, "line").update(source="charts.note(1, 2, 'a', dx=4)"), "dx="
    ),
    "hand-set ticks": (
        lambda n: cell(n, "line").update(source="alt.Axis(values=[1, 2])"), "values=["
    ),
    "no data": (lambda n: chart(n)[charts.MIME].update(datasets={}), "no data"),
    "same name twice": (
        lambda n: cell(n, "line").outputs.append(cell(n, "line").outputs[0]),
        "is taken",
    ),
    "script": (
        lambda n: cell(n, "verdict-c14").outputs[0].data.update({"text/html": "<script>"}), "script"
    ),
    "bare table": (
        lambda n: cell(n, "verdict-c14").outputs[0].data.update({"text/html": "<table>"}), "bare"
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_rule_finds_its_fault(fault):
    page = pages.Page.read(pages.SAMPLE)
    page.notebook = copy.deepcopy(page.notebook)
    change, message = FAULTS[fault]
    change(page.notebook)
    assert any(message in f for f in rules.faults(page)), rules.faults(page)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s["config"]["axis"].update(labelFontSize=9), "under 11 px"),
        (lambda s: s["usermeta"]["shockbook"].update(fluid=False), "px wide"),
    ],
)
def test_poor_drawings_are_found(change, message):
    page = pages.Page.read(pages.SAMPLE)
    spec = page.charts[0][1]
    change(spec)
    spec["width"] = 800
    assert any(message in f for f in rules.drawing_faults(page))
