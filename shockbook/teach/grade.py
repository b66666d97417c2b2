"""Mark a folder of handed-in notebooks: one table of points, and a sentence for each mistake.

A notebook is run from top to bottom in a copy of its own, then Otter runs the tests of *our*
edition on what it left behind, so a changed test file or a forged output does not count.  It does
run what students wrote, with your rights on this machine: mark in a container if that matters.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from shockbook.notebooks import ENVIRONMENT, ROOT, TIMEOUT

COLUMNS = ("notebook", "exercise", "points", "of", "feedback")
LAST = """
import json as _json

from otter.test_files import ExceptionTestFile as _File

_marks = []
for _label in {labels}:
    _test = _File.from_file("tests/" + _label + ".py")
    _test.run(globals())
    _marks.append([_label, sum(r.passed for r in _test.test_case_results),
                   len(_test.test_case_results),
                   [r.message.split("NotYet: ", 1)[-1] for r in _test.test_case_results
                    if not r.passed]])
print(_json.dumps(_marks))
"""


def mark(path: Path, labels: list[str], tests: Path) -> list[list]:
    """Run one notebook and test what it leaves.

    Returns
    -------
    list of [exercise, points, of, sentences]
        No points and one sentence if it cannot be run to its end; a cell that raises does not
        stop the others.
    """
    folder = Path(tempfile.mkdtemp(prefix="marking-"))
    try:
        shutil.copytree(tests, folder / "tests")
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.append(nbformat.v4.new_code_cell(LAST.format(labels=labels)))
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)})
        said = [o.text for o in notebook.cells[-1].outputs if o.output_type == "stream"]
        return json.loads(said[-1].splitlines()[-1])
    except (CellTimeoutError, DeadKernelError, IndexError, ValueError, nbformat.ValidationError):
        return [[label, 0, 1, ["the notebook could not be run to its end."]] for label in labels]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def labels_of(edition: Path, name: str) -> list[str]:
    """The graded exercises of a notebook of the edition, in order; none if it has no such name.

    A name may carry the student's before it: ``kim_3-nvidia.ipynb``.
    """
    for page in sorted(edition.glob("*.ipynb")):
        if name.endswith(page.name):
            cells = nbformat.read(page, as_version=4).cells
            return [c.id.removesuffix("-check") for c in cells if c.id.endswith("-check")]
    return []


def add_parser(commands) -> None:
    """Add ``grade`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser("grade", help="mark a folder of handed-in notebooks")
    parser.add_argument("folder", type=Path, help="notebooks named like kim_3-nvidia.ipynb")
    parser.add_argument("--edition", type=Path, default=ROOT / "_build" / "student")
    parser.add_argument("--to", type=Path, help="CSV file; marks.csv in the folder if not given")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Mark every notebook; 1 and one sentence if there is nothing to mark or no edition."""
    papers = sorted(options.folder.rglob("*.ipynb"))
    if not (options.edition / "tests").is_dir():
        print(f"there is no edition in {options.edition}: run `make student`.", file=sys.stderr)
        return 1
    if not papers:
        print(f"there is no notebook in {options.folder}.", file=sys.stderr)
        return 1
    rows, unknown = [], []
    for paper in papers:
        labels = labels_of(options.edition, paper.name)
        if not labels:
            unknown.append(paper.name)
            continue
        name = paper.relative_to(options.folder).as_posix()
        marks = mark(paper, labels, options.edition / "tests")
        rows += [(name, label, got, of, " ".join(said)) for label, got, of, said in marks]
        print(f"{name}: {sum(m[1] for m in marks)} of {sum(m[2] for m in marks)}", flush=True)
    target = options.to or options.folder / "marks.csv"
    with target.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS, *rows])
    for name in unknown:
        print(f"{name}: no notebook of the edition has that name; not marked", file=sys.stderr)
    return 1 if unknown else 0
