"""Copies of the chapters for Colab, with a first cell that installs what is missing.

The committed notebooks stay free of it: a shell command in them would be one more thing that a
reader must understand, and nothing that the tests could run.
"""

import re
import sys
from pathlib import Path

import nbformat

from shockbook.notebooks import ROOT
from shockbook.site import launch

#: What a chapter imports, directly or through the library; versions are those of the book.
NEEDED = (
    "altair", "vl-convert-python", "pandas", "numpy", "scipy", "pillow", "platformdirs",
    "statsmodels", "exchange-calendars", "nbformat", "pyyaml",
)  # fmt: skip
#: What a class needs on its own machines.
CLASS = (*NEEDED, "otter-grader", "ipykernel", "jsonschema", "jupyterlab", "jupyterlab-myst")
FIRST = """# Fetch the book and install what is missing (a minute, once a session).
import importlib.util
import os
import subprocess
import sys

if importlib.util.find_spec("shockbook") is None:
    if not os.path.isdir("{name}"):
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", "--branch", "{branch}",
                        "{url}", "{name}"], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet",
                    {packages}], check=True)
    sys.path.insert(0, os.path.abspath("{name}"))
    os.chdir("{name}/{folder}")"""


def packages(names: tuple[str, ...] = NEEDED) -> list[str]:
    """The pins of these packages in ``requirements.txt``."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    pins = {re.split(r"[=\[]", line)[0]: line.split("#")[0].strip() for line in lines}
    return [pins[name] for name in names]


def copy(path: Path, repository: launch.Repository):
    """A chapter's notebook with the first cell before it."""
    notebook = nbformat.read(path, as_version=4)
    pins = ",\n                    ".join(f'"{p}"' for p in packages())
    source = FIRST.format(
        name=repository.name, branch=repository.branch, url=repository.url, packages=pins,
        folder=path.parent.relative_to(ROOT).as_posix(),
    )  # fmt: skip
    cell = nbformat.v4.new_code_cell(source, id="install")
    cell.metadata["cellView"] = "form"  # Colab folds it
    notebook.cells.insert(0, cell)
    return notebook


def add_parser(commands) -> None:
    """Add ``colab`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser("colab", help="write copies of the chapters that install the book")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "colab")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Write the copies; 1 and one sentence without a remote on GitHub."""
    repository = launch.find(ROOT)
    if repository is None:
        print("Colab opens notebooks from GitHub: add a remote called origin there.",
              file=sys.stderr)  # fmt: skip
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    ledgers = [p for p in ROOT.glob("ledgers/*/*.ipynb") if p.parent.name != "template"]
    for path in sorted([*ROOT.glob("chapters/*.ipynb"), *ledgers]):
        name = launch.copied(path.relative_to(ROOT).as_posix())
        nbformat.write(copy(path, repository), options.to / name)
    print(f"The copies for Colab are in {options.to}")
    return 0
