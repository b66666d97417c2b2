"""How the chapters read as notebooks: cells, charts, what is hidden, what is analysis.

Run: python benchmarks/bench_notebooks.py [--html] [NAME ...], from the book's folder.  With
``--html`` each chapter also runs under nbconvert, and the charts that its page shows are counted.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from shockbook.charts import MIME
from shockbook.notebooks import ROOT, find

#: What a chapter may have at most, and the share of analysis that it has at least.
LIMITS = {"median": 5, "most": 15, "longest": 25, "cells": 3, "lines": 30, "hidden": 0.1,
          "analysis": 0.55, "roles": 0, "library": 16_000}  # fmt: skip
ROLE = re.compile(r"\{[a-z][\w:-]*\}`")
WORDS = {"say", "cite", "record", "judge", "tell", "banner", "open", "enable"}
DRAWING = {"alt", "charts"}


def code(notebook) -> list:
    """The code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def length(cell) -> int:
    """Lines of a cell that hold something."""
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def has_chart(cell) -> bool:
    """Whether a cell's output holds a chart."""
    return any(MIME in output.get("data", {}) for output in cell.get("outputs", []))


def _made(tree: ast.Module) -> set[str]:
    """Names that a cell makes or changes."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(a.asname or a.name).split(".")[0] for a in node.names}
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            while isinstance(node, ast.Subscript | ast.Attribute):
                node = node.value
            found |= {node.id} if isinstance(node, ast.Name) else set()
    return found


def _used(tree: ast.Module) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}


def needed(notebook, cell) -> list:
    """The cells that have to be copied with a cell so that it runs alone, itself the last."""
    cells = code(notebook)
    before = cells[: cells.index(cell)]
    wanted, kept = _used(ast.parse(cell.source)), [cell]
    for other in reversed(before):
        tree = ast.parse(other.source)
        if _made(tree) & wanted:
            wanted |= _used(tree)
            kept.insert(0, other)
    return kept


def kinds(cell) -> dict[str, int]:
    """Lines of a cell by what they do: imports, words (numbers, verdicts), drawing, analysis."""
    found = dict.fromkeys(("imports", "words", "drawing", "analysis"), 0)
    lines = cell.source.splitlines()
    for part in ast.parse(cell.source).body:
        size = sum(bool(x.strip()) for x in lines[part.lineno - 1 : part.end_lineno])
        calls = {getattr(n.func, "attr", getattr(n.func, "id", "")) for n in ast.walk(part)
                 if isinstance(n, ast.Call)}  # fmt: skip
        if isinstance(part, ast.Import | ast.ImportFrom):
            kind = "imports"
        elif calls & WORDS:
            kind = "words"
        else:
            kind = "drawing" if _used(part) & DRAWING else "analysis"
        found[kind] += size
    return found


def measure(notebook) -> dict[str, float]:
    """The numbers of one chapter, by the names of :data:`LIMITS`."""
    cells = code(notebook)
    lengths = sorted(map(length, cells))
    slices = [needed(notebook, cell)[1:] for cell in cells if has_chart(cell)]
    slices = [own or [cell] for own, cell in zip(slices, filter(has_chart, cells), strict=True)]
    hidden = [c for c in cells if any(t.startswith(("hide-", "remove-"))
                                      for t in c.metadata.get("tags", []))]  # fmt: skip
    by_kind = [kinds(cell) for cell in cells]
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    total = sum(sum(k.values()) for k in by_kind)
    return {
        "median": statistics.median(lengths),
        "most": lengths[int(0.9 * (len(lengths) - 1))],
        "longest": lengths[-1],
        "cells": statistics.median(map(len, slices)) if slices else 0,
        "lines": statistics.median(sum(map(length, s)) for s in slices) if slices else 0,
        "hidden": len(hidden) / len(cells),
        "analysis": sum(k["analysis"] for k in by_kind) / total,
        "roles": len(ROLE.findall(prose)),
    }


def library() -> int:
    """Lines of Python in the library."""
    return sum(len(p.read_text("utf-8").splitlines()) for p in ROOT.glob("shockbook/**/*.py"))


def shown_as_html(path: Path) -> tuple[int, int]:
    """Charts of a chapter, and pictures on the page that nbconvert makes by running it."""
    charts = sum(map(has_chart, code(nbformat.read(path, as_version=4))))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(path),
                   "--output-dir", folder, "--log-level", "ERROR"]  # fmt: skip
        subprocess.run(command, check=True)
        page = Path(folder, f"{path.stem}.html").read_text("utf-8")
    return charts, len(re.findall(r'<img[^>]*src="data:image/png', page, flags=re.S))


def main(arguments: list[str] = ()) -> None:
    """Print a line for each chapter, the limits last."""
    names = [a for a in arguments if not a.startswith("-")]
    print("chapter       cells: median  90 %  longest   a chart: cells  lines   hidden  analysis"
          "  roles" + ("   charts as HTML" if "--html" in arguments else ""))  # fmt: skip
    line = "{:<21}{median:>6g}{most:>6g}{longest:>9g}{cells:>17g}{lines:>7g}{hidden:>9.0%}"
    line += "{analysis:>10.0%}{roles:>7g}"
    for path in find(names, ROOT / "chapters"):
        shown = "   {1} of {0}".format(*shown_as_html(path)) if "--html" in arguments else ""
        print(line.format(path.stem, **measure(nbformat.read(path, as_version=4))) + shown)
    print(line.format("at most (analysis: at least)"[:20], **LIMITS))
    print(f"library: {library():,} lines of Python, at most {LIMITS['library']:,}")


if __name__ == "__main__":
    main(sys.argv[1:])
