"""Run every chapter as installed now and say which outputs differ from the committed ones.

Writes a Markdown report to the path given.  Exit 1 if anything differs or fails.
"""

import sys
from importlib.metadata import version
from pathlib import Path

import nbformat

from shockbook import notebooks

WATCHED = ("jupyter-book", "pandas", "numpy", "scipy", "altair", "vl-convert-python", "yfinance")


def shown(cell) -> list:
    """What a reader sees of a cell: outputs without pictures, which differ in a bit."""
    found = []
    for output in cell.get("outputs", []):
        data = {k: v for k, v in output.get("data", {}).items() if k != "image/png"}
        found.append((output.output_type, output.get("text", ""), data))
    return found


def differences(path: Path, run=notebooks.run) -> list[str]:
    """Lines on one chapter; none if all its cells show what is committed."""
    try:
        now = run(path)
    except notebooks.NotebookError as error:
        return [f"- **does not run**: {error}"]
    old = {c.id: shown(c) for c in nbformat.read(path, as_version=4).cells}
    changed = [c.id for c in now.cells if shown(c) != old.get(c.id, [])]
    return [f"- `{name}`" for name in changed]


def report(folder: Path) -> tuple[str, bool]:
    """The whole report, and whether all is as committed."""
    lines = ["| package | version |", "| --- | --- |"]
    lines += [f"| {name} | {version(name)} |" for name in WATCHED]
    fine = True
    for path in sorted(folder.glob("*.ipynb")):
        found = differences(path)
        fine &= not found
        lines += ["", f"## {path.stem}", "", *(found or ["As committed."])]
    return "\n".join(lines) + "\n", fine


if __name__ == "__main__":
    text, fine = report(notebooks.ROOT / "chapters")
    Path(sys.argv[1]).write_text(text, "utf-8")
    print(text)
    sys.exit(not fine)
