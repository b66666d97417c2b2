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
    """Lines of a cell, blank ones included."""
    return len(cell.source.splitlines())


def has_chart(cell) -> bool:
    """Whether a cell's output holds a chart."""
    return any(MIME in output.get("data", {}) for output in cell.get("outputs", []))


def draws(cell) -> bool:
    """Whether a cell draws a chart, or would if an event had the data for it."""
    return has_chart(cell) or "data.picture(" in cell.source


INNER = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _names(part: ast.AST) -> tuple[set[str], set[str], set[str]]:
    """Names that a statement uses, makes anew, and whose things it changes."""
    used, made, changed, own = set(), set(), set(), set()
    for node in ast.walk(part):
        if isinstance(node, INNER):  # names of a function or comprehension are its own
            inner = ast.walk(node)
            own |= {n.arg for n in inner if isinstance(n, ast.arg)}
            own |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _stores(n)}
    for node in ast.walk(part):
        if isinstance(node, ast.Name):
            (made if _stores(node) else used).add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            made |= {(a.asname or a.name).split(".")[0] for a in node.names}
        elif isinstance(node, ast.Subscript | ast.Attribute) and _stores(node):
            while isinstance(node, ast.Subscript | ast.Attribute):
                node = node.value
            changed |= {node.id} if isinstance(node, ast.Name) else set()
    made = made - own | ({part.name} if isinstance(part, ast.FunctionDef | ast.ClassDef) else set())
    return used - own, made, changed


def _stores(node) -> bool:
    return isinstance(node.ctx, ast.Store)


def _cell_names(source: str) -> tuple[set[str], set[str], set[str]]:
    """As :func:`_names`, of a cell: what it uses is what it does not make itself before."""
    used, made, changed = set(), set(), set()
    for part in ast.parse(source).body:
        its, anew, things = _names(part)
        used |= its - made
        made |= anew
        changed |= things - made
    return used, made, changed


def needed(notebook, cell) -> list:
    """The cells that have to be copied with a cell so that it runs alone, itself the last."""
    cells = code(notebook)
    wanted, kept = _cell_names(cell.source)[0], [cell]
    for other in reversed(cells[: cells.index(cell)]):
        used, made, changed = _cell_names(other.source)
        if (made | changed) & wanted:
            wanted = (wanted - made) | used  # what stood under these names before is gone
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
            kind = "drawing" if _names(part)[0] & DRAWING else "analysis"
        found[kind] += size
    return found


def measure(notebook) -> dict[str, float]:
    """The numbers of one chapter, by the names of :data:`LIMITS`."""
    return pooled([notebook])


def pooled(notebooks: list) -> dict[str, float]:
    """The numbers of several chapters, their cells and charts taken together."""
    cells = [(notebook, cell) for notebook in notebooks for cell in code(notebook)]
    lengths = sorted(length(cell) for _, cell in cells)
    slices = [needed(n, cell)[1:] or [cell] for n, cell in cells if draws(cell)]
    hidden = [c for _, c in cells if any(t.startswith(("hide-", "remove-"))
                                         for t in c.metadata.get("tags", []))]  # fmt: skip
    by_kind = [kinds(cell) for _, cell in cells]
    prose = [c.source for n in notebooks for c in n.cells if c.cell_type == "markdown"]
    total = sum(sum(k.values()) for k in by_kind)
    return {
        "median": statistics.median(lengths),
        "most": lengths[int(0.9 * (len(lengths) - 1))],
        "longest": lengths[-1],
        "cells": statistics.median(map(len, slices)) if slices else 0,
        "lines": statistics.median(sum(map(length, s)) for s in slices) if slices else 0,
        "hidden": len(hidden) / len(cells),
        "analysis": sum(k["analysis"] for k in by_kind) / total,
        "roles": len(ROLE.findall("\n".join(prose))),
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
    everything = [nbformat.read(path, as_version=4) for path in find(names, ROOT / "chapters")]
    print(line.format("together", **pooled(everything)))
    print(line.format("at most (analysis: at least)"[:20], **LIMITS))
    print(f"library: {library():,} lines of Python, at most {LIMITS['library']:,}")


if __name__ == "__main__":
    main(sys.argv[1:])
