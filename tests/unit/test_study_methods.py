"""*Methods* reads well for another event too: without the cells about this book's own."""

import re
import subprocess
import sys

import nbformat
import pytest

from shockbook.notebooks import ROOT

TAG = "this-book"
NUMBERS = "application/vnd.shockbook.numbers+json"


@pytest.fixture(scope="module")
def neutral():
    notebook = nbformat.read(ROOT / "chapters" / "methods.ipynb", as_version=4)
    cells = [c for c in notebook.cells if TAG not in c.metadata.get("tags", [])]
    assert 20 < len(cells) < len(notebook.cells)
    return cells


def test_it_does_not_name_this_event_or_other_chapters(neutral):
    for cell in neutral:
        shown = [o.get("data", o) for o in cell.get("outputs", [])]
        outputs = "".join(str(v) for d in shown for k, v in d.items() if k != "image/png")
        assert not re.search("nvidia|nvda|deepseek", cell.source + outputs, re.I), cell.id
        assert not re.search(r"#claim-|\.ipynb|events/", cell.source), cell.id


def test_it_needs_no_figure_of_the_cells_left_out(neutral):
    shown = [o["data"] for c in neutral for o in c.get("outputs", []) if "data" in o]
    said = {n["key"] for d in shown if NUMBERS in d for n in d[NUMBERS]["numbers"]}
    charts = {
        spec["usermeta"]["shockbook"]["name"]
        for d in shown
        for spec in d.values()
        if isinstance(spec, dict) and "usermeta" in spec
    }
    prose = "\n".join(c.source for c in neutral if c.cell_type == "markdown")
    assert said
    assert set(re.findall(r"\(#num-([\w-]+)\)", prose)) <= said
    assert set(re.findall(r"\(#(fig-[\w-]+)\)", prose)) <= charts


def test_its_code_needs_no_name_of_the_cells_left_out(neutral):
    code = "\n".join(c.source for c in neutral if c.cell_type == "code")
    check = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821", "-q", "-"]
    done = subprocess.run(check, input=code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
