"""The pages of the book as the tests see them: cells, records, charts, and the plain prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from shockbook import charts, stored
from shockbook.book import prose as links

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/fixtures/sample.ipynb"
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
PROSE = [*ROOT.glob("index.md"), *sorted((ROOT / "chapters").glob("*.md"))]

#: Directives whose body is not prose, or whose title is a name; roles whose text is a name.
NOT_PROSE = {"math", "code", "code-block", "code-cell", "raw", "bibliography", "toctree", "include"}
NO_TITLE = {"chart", "ledger", "solution-start", "solution", "figure", "image"}
NO_TEXT = re.compile(r"num|claim|numref|eq|math|download|cite.*|glue.*")
#: Stands for a number or a reference in the plain prose.
MARK = "\N{OBJECT REPLACEMENT CHARACTER}"

_PARSER = create_md_parser(
    MdParserConfig(enable_extensions={"colon_fence", "dollarmath", "deflist"}), RendererHTML
)


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
    def records(self) -> list[tuple[str, dict]]:
        return list(stored.numbers(self.notebook))

    @property
    def charts(self) -> list[tuple[str, dict]]:
        return self.outputs(charts.MIME)

    @cached_property
    def prose(self) -> list[tuple[str, Prose]]:
        """Of the cells that are prose, and of the prose that cells of code write."""
        typed = [(c.id, c.source) for c in self.notebook.cells if c.cell_type != "code"]
        told = [(i, told["text"]) for i, told in self.outputs(stored.PROSE) if not told["given"]]
        return [(i, read_prose(text)) for i, text in [*typed, *told]]


@dataclass
class Prose:
    """Typed text of some Markdown, one string a block; its ``{num}`` keys; its inline maths."""

    texts: list[str]
    numbers: list[str]
    maths: list[str]


def read_prose(source: str) -> Prose:
    """Take Markdown apart; code, roles, maths and link targets are left out of the texts."""
    prose = Prose([], [], [])
    _blocks(source, prose)
    return prose


def _blocks(source: str, prose: Prose) -> None:
    for token in _PARSER.parse(source):
        if token.type in ("fence", "colon_fence"):
            directive = re.match(r"\{([\w:-]+)\}\s*(.*)", token.info.strip())
            if directive and directive[1] not in NOT_PROSE:
                body = re.sub(
                    r"\A(?:---\n.*?\n---\n|(?::[\w-]+:[^\n]*(?:\n|\Z))+)",
                    "",
                    token.content,
                    flags=re.S,
                )
                alt = re.findall(r"^:(?:alt|caption|title):\s*(.*)", token.content, flags=re.M)
                title = "" if directive[1] in NO_TITLE else directive[2]
                _blocks("\n\n".join([title, *alt, body]), prose)
        elif token.type == "inline":
            prose.texts.append(_inline(token.children, prose))
        elif token.type == "html_block":
            text = re.sub(r"<!--.*?-->", "", token.content, flags=re.S)
            prose.texts.append(re.sub(r"<[^>]*>", " ", text))


def _inline(tokens, prose: Prose) -> str:
    text, hidden = "", False
    for token in tokens:
        if token.type in ("link_open", "link_close"):  # words that are checked where they lead
            ours = links.OURS.fullmatch(token.attrGet("href") or "")
            hidden = token.type == "link_open" and ours is not None
            text += MARK if hidden else ""
        elif hidden:
            continue
        elif token.type in ("text", "softbreak", "hardbreak"):
            text += token.content if token.type == "text" else " "
        elif token.type == "image":
            text += _inline(token.children, prose)
        elif token.type == "math_inline":
            prose.maths.append(token.content)
            text += MARK
        elif token.type == "myst_role":
            name, content = token.meta["name"], token.content
            if name == "num":
                prose.numbers.append(content)
            titled = re.fullmatch(r"(.*?)\s*<[^<>]*>", content, flags=re.S)
            reference = name in ("ref", "doc") and not titled
            keep = not (NO_TEXT.fullmatch(name) or reference)
            text += (titled[1] if titled else content) if keep else MARK
        elif token.type == "code_inline":
            text += MARK
    return text
