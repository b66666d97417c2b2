"""The pages of the book as the tests see them: cells and charts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat

from shockbook import charts

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/fixtures/chapter.ipynb"
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
PROSE = [*ROOT.glob("index.md"), *sorted((ROOT / "chapters").glob("*.md"))]


@dataclass
class Page:
    """One notebook or prose page; ``notebook`` may be changed in memory by a test."""

    name: str
    notebook: nbformat.NotebookNode

    @classmethod
    def read(cls, path: Path) -> Page:
        """A page from an ``.ipynb`` or ``.md`` file."""
        if path.suffix == ".ipynb":
            return cls(path.stem, nbformat.read(path, as_version=4))
        cell = nbformat.v4.new_markdown_cell(path.read_text("utf-8"), id=path.stem)
        return cls(path.stem, nbformat.v4.new_notebook(cells=[cell]))

    @property
    def code(self) -> list:
        return [c for c in self.notebook.cells if c.cell_type == "code"]

    def outputs(self, mime: str) -> list[tuple[str, object]]:
        """(cell id, content) of every output of one mime type."""
        return [
            (cell.id, output.data[mime])
            for cell in self.code
            for output in cell.outputs
            if mime in output.get("data", {})
        ]

    @property
    def charts(self) -> list[tuple[str, dict]]:
        return self.outputs(charts.MIME)
