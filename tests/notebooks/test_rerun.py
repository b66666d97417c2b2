"""``python -m shockbook notebooks``: the same bytes twice, one sentence for a fault."""

import os
import shutil
from pathlib import Path

import nbformat
import pages
import pytest
from nbclient import NotebookClient

from shockbook import notebooks
from shockbook.__main__ import main


@pytest.fixture
def sample(tmp_path):
    shutil.copy(pages.SAMPLE.with_suffix(".toml"), tmp_path)
    return Path(shutil.copy(pages.SAMPLE, tmp_path))


def rewrite(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def small(path, source, **more):
    """A notebook of one cell, much quicker to run than the sample."""
    cell = nbformat.v4.new_code_cell(source, id="only-cell", **more)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def test_the_sample_comes_out_as_it_is_stored(sample, capsys):
    before = sample.read_bytes()
    assert main(["notebooks", str(sample), "--check"]) == 0
    assert main(["notebooks", str(sample)]) == 0
    assert capsys.readouterr().out.count("chapter: unchanged") == 2
    assert sample.read_bytes() == before


def test_what_tools_leave_behind_is_tidied_and_ids_and_tags_stay(tmp_path):
    timing = {"execution": {"iopub.execute_input": "now"}, "tags": ["hide-input"]}
    path = small(tmp_path / "a.ipynb", "x = 1   \nx\n\n", metadata=timing, execution_count=7)
    rewrite(path, lambda n: n.metadata.update(toc={"a": 1}))
    assert main(["notebooks", str(path)]) == 0
    notebook = nbformat.read(path, as_version=4)
    (cell,) = notebook.cells
    assert (cell.id, cell.source, cell.execution_count) == ("only-cell", "x = 1\nx", 1)
    assert cell.metadata == {"tags": ["hide-input"]}
    assert notebook.metadata == notebooks.METADATA
    assert [p.name for p in tmp_path.iterdir()] == ["a.ipynb"]
    first = path.read_bytes()
    assert main(["notebooks", str(path)]) == 0
    assert path.read_bytes() == first


def test_a_line_that_arrives_in_two_pieces_is_stored_as_one(tmp_path):
    pieces = "print('a line', end='', flush=True)\nprint()\nprint('and more', flush=True)"
    path = small(tmp_path / "a.ipynb", pieces)
    assert main(["notebooks", str(path)]) == 0
    (cell,) = nbformat.read(path, as_version=4).cells
    assert [output.text for output in cell.outputs] == ["a line\nand more\n"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0", "bad.ipynb: the cell 'only-cell' stopped with ZeroDivisionError"),
        ("import sys\nprint('oh', file=sys.stderr)", "'only-cell' wrote to stderr: oh"),
        ("import os\nos._exit(3)", "bad.ipynb: the cell 'only-cell' stopped with"),
    ],
)
def test_a_cell_that_fails_leaves_the_file_and_says_so(tmp_path, capsys, source, said):
    path = small(tmp_path / "bad.ipynb", source)
    before = path.read_bytes()
    assert main(["notebooks", str(path)]) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert path.read_bytes() == before


def test_a_cell_that_takes_too_long_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(notebooks, "TIMEOUT", 1)
    path = small(tmp_path / "slow.ipynb", "import time\ntime.sleep(30)")
    assert main(["notebooks", str(path)]) == 1
    assert "slow.ipynb: the cell 'only-cell' stopped with" in capsys.readouterr().err


def test_check_sees_a_difference_and_writes_nothing(tmp_path):
    path = small(tmp_path / "a.ipynb", "2 + 2")
    before = path.read_bytes()
    assert main(["notebooks", str(path), "--check"]) == 1
    assert path.read_bytes() == before


def test_an_unknown_name_is_one_sentence(capsys):
    assert main(["notebooks", "no-such-chapter"]) == 1
    assert "there is no notebook 'no-such-chapter'; there are:" in capsys.readouterr().err


#: What the first cells of chapters offer to change.  The first is run always: the fund that the
#: chapter also studies as a share; all in the long run.
CHOICES = [
    ("nvidia", 'BENCHMARK = "SPY"', 'BENCHMARK = "SMH"'),
    ("nvidia", 'BENCHMARK = "SPY"', 'BENCHMARK = "RSP"'),
    ("nvidia", 'BENCHMARK = "SPY"', 'BENCHMARK = "QQQ"'),
    ("sequel", 'FIRM = "NVDA"', 'FIRM = "AVGO"'),
    ("dots", '"2025-01-27"', '"2025-04-03"'),
    ("your-event", 'EVENT = ""', 'EVENT = "events/placebo-day.toml"'),
]


@pytest.mark.parametrize(
    ("name", "printed", "other"), CHOICES if os.environ.get("SOAK") else CHOICES[:1]
)
def test_a_chapter_runs_on_what_its_first_cells_offer(name, printed, other):
    path = pages.ROOT / "chapters" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    assert printed in cell.source
    cell.source = cell.source.replace(printed, other)
    NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}).execute()
