"""The words of a figure or a table, written as Markdown above the cell that draws it.

A paragraph ``**[Figure](#fig-name). Title**`` opens them; the measure, ``*Caption:*``,
``*In words:*`` and ``*Source:*`` follow, each a paragraph, and for a chart in steps a numbered
list.  A last paragraph that is a picture, ``![](drawings/name.svg)``, makes a figure of a drawing.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.transforms import SphinxTransform

from shockbook import catalog
from shockbook.charts.figure import LEAST_ALT
from shockbook.site import drawings, figures, tables
from shockbook.site.book import warn
from shockbook.site.notebooks import cell_ids
from shockbook.stored import left_out
from shockbook.words import day as day_in_words

LABELS = {"caption:": "caption", "in words:": "alt", "source:": "source"}
NOTHING = "none"  # the dataset of what is computed from nothing but the text


class Words:
    """The paragraphs of one words cell, taken out of the page."""

    def __init__(self, first: nodes.paragraph):
        (strong,) = _filled(first)
        mark, *rest = _filled(strong)
        self.kind, self.name = mark.astext(), mark["refuri"][1:]
        self.line = first.line or 0
        self.title = _without(rest, r"\.?\s*")
        self.parts: dict[str, list[nodes.Node]] = {}
        self.steps: nodes.Element | None = None
        self.drawing: str | None = None
        self.taken = [first]
        while (node := first.next_node(descend=False, siblings=True)) and self._take(node):
            self.taken.append(node)
            first = node

    def _take(self, node: nodes.Node) -> bool:
        """Take a node that belongs to the words; False at the first that does not."""
        if isinstance(node, nodes.enumerated_list):
            if self.steps is None and self.parts:
                self.steps = node
                return True
            return False
        if not isinstance(node, nodes.paragraph) or opens(node):
            return False
        lead, *rest = _filled(node) or [None]
        if isinstance(lead, nodes.image) and not rest:
            self.drawing = lead["uri"]
            return True
        label = LABELS.get(lead.astext().lower()) if isinstance(lead, nodes.emphasis) else None
        if label is None and len(self.taken) == 1 and self.kind == "Figure":
            self.parts["subtitle"] = list(node.children)
            return True
        if label is None or label in self.parts:
            return False
        self.parts[label] = _without(rest, r"\s*")
        return True

    def take_out(self) -> None:
        """Remove the paragraphs from where they stood."""
        for node in self.taken:
            node.parent.remove(node)

    def text(self, part: str) -> str:
        """One part as plain text."""
        return "".join(node.astext() for node in self.parts.get(part, ())).strip()


def _filled(node: nodes.Node) -> list[nodes.Node]:
    """The children of a node without the empty texts that the parser leaves."""
    return [c for c in node.children if not isinstance(c, nodes.Text) or c != ""]


def _without(children: list[nodes.Node], lead: str) -> list[nodes.Node]:
    """Nodes without what the first of them, if it is text, begins with."""
    if children and isinstance(children[0], nodes.Text):
        rest = re.sub(rf"\A{lead}", "", children[0])
        return [nodes.Text(rest), *children[1:]] if rest else list(children[1:])
    return list(children)


def opens(node: nodes.Node) -> bool:
    """Whether a paragraph is the title of a figure or a table."""
    inside = _filled(node)
    if len(inside) != 1 or not isinstance(inside[0], nodes.strong):
        return False
    mark = (_filled(inside[0]) or [None])[0]
    return (
        isinstance(mark, nodes.reference)
        and mark.get("refuri", "").startswith({"Figure": "#fig-", "Table": "#tab-"}.get(
            mark.astext(), "\n"))
    )  # fmt: skip


def datasets(nodes_: list[nodes.Node]) -> list[tuple[str, str]]:
    """The datasets of a source: links ``[name](#data-name)``, and what stands in brackets behind.

    The words in brackets say which of a dataset's publishers are meant.
    """
    found = []
    for node, behind in zip(nodes_, [*nodes_[1:], None], strict=True):
        if isinstance(node, nodes.reference):
            own = re.match(r"\s*\(([^)]+)\)", behind) if isinstance(behind, nodes.Text) else None
            found.append((node.get("refuri", "").removeprefix("#data-"), own[1] if own else ""))
    return found


def source_line(named: list[tuple[str, str]]) -> str:
    """The line that says who published the data, and when it stood so.

    Raises ``ValueError`` if no dataset is named, or there is none of that name.
    """
    if not named:
        raise ValueError("its source names no dataset: write [name](#data-name)")
    dates: dict[str, list[str]] = {}
    for name, own in named:
        if name == NOTHING:
            continue
        try:
            about = name if isinstance(name, dict) else catalog.describe(name)
        except catalog.DataError as problem:
            raise ValueError(str(problem)) from None
        days = dates.setdefault(own or about["shortSource"], [])
        if (day := day_in_words(about["asOf"])) not in days:
            days.append(day)
    told = "; ".join(f"{source} (as of {', '.join(days)})" for source, days in dates.items())
    return f"Source: {told}." if told else "Made for this chapter."


class JoinWords(SphinxTransform):
    """Give each chart and each table its words; a figure without, or words without one, is told."""

    # Before Sphinx's domains note what is labelled (850), so that they find the titles.
    default_priority = 500

    def apply(self, **kwargs):
        path = Path(self.env.doc2path(self.env.docname))
        self.cells = cell_ids(path)
        gone = left_out(json.loads(path.read_text("utf-8"))) if self.cells else set()
        found: dict[str, nodes.Element] = {}
        for node in self.document.findall(_is_exhibit):
            if node["name"] in found:
                self.warn(node, f"{node['name']} is drawn twice on this page: rename one")
            found[node["name"]] = node
        told = set()
        for first in [n for n in self.document.findall(nodes.paragraph) if opens(n)]:
            words = Words(first)
            if words.name in told:
                self.warn(first, f"the words of {words.name} stand twice: keep one cell of them")
                continue
            told.add(words.name)
            if words.drawing:
                if words.name in found:
                    self.warn(first, f"{words.name} is a chart and a drawing: rename one")
                found[words.name] = self.drawing(words)
            exhibit = found.get(words.name)
            if exhibit is None and words.name in gone:
                words.take_out()
                continue
            if exhibit is None:
                self.warn(first, f"no cell draws {words.name}: check the name in charts.figure() "
                          "or charts.table()")  # fmt: skip
                continue
            words.take_out()
            try:
                (tables.caption if words.kind == "Table" else self.fill)(exhibit, words)
            except ValueError as problem:
                self.warn(first, f"{words.name}: {problem}")
        for name, node in found.items():
            if name not in told and not node.get("title"):
                self.warn(node, f"{name} has no words: put a Markdown cell above it that begins "
                          f"with **[Figure](#{name}). Title**")  # fmt: skip
                node["title"] = name

    def fill(self, figure: figures.chart_figure, words: Words) -> None:
        """Set the words of a chart."""
        figures.give_words(figure, words.title, words.parts, words.steps)
        own = figure.get("data") or []
        for part, what in (("subtitle", "a measure under the title"), ("source", "*Source:*"),
                           ("alt", "*In words:*")):  # fmt: skip
            if part not in words.parts and not (part == "source" and own):
                raise ValueError(f"it lacks {what}")
        if len(words.text("alt")) < LEAST_ALT:
            raise ValueError(f"*In words:* needs {LEAST_ALT} characters or more")
        named = datasets(words.parts["source"]) if "source" in words.parts else [
            (name, "") for name in own]  # fmt: skip
        figure.insert(-1, nodes.paragraph("", source_line(named), classes=["chart-source"]))
        figure["data"] = [name for name, _ in named if name != NOTHING]

    def drawing(self, words: Words) -> figures.chart_figure:
        """A figure made of a drawing, in the place of its words."""
        figure = figures.chart_figure("", name=words.name, title="", live=None, csv="")
        figure.line = words.line
        path = Path(self.env.doc2path(self.env.docname)).parent / words.drawing
        self.env.note_dependency(str(path))
        try:
            drawn = drawings.read(path, words.name)
        except ValueError as problem:
            self.warn(figure, str(problem))
            drawn = drawings.EMPTY
        figure += figures.chart_picture("", **drawn)
        figure += figures.chart_data("")
        figure["names"] = [words.name]
        self.document.note_explicit_target(figure, figure)
        first = words.taken[0]
        first.parent.insert(first.parent.index(first), figure)
        return figure

    def warn(self, node: nodes.Node, text: str) -> None:
        """A warning that names the cell."""
        index = (node.line or 0) // 10_000 - 1
        while node is not None:
            if isinstance(node, nodes.Element):
                index = node.get("cell_index", index)
            node = node.parent
        cell = f"cell {self.cells[index]!r}: " if 0 <= index < len(self.cells) else ""
        warn("chart", self.env.docname, "%s%s", cell, text)


def _is_exhibit(node) -> bool:
    return isinstance(node, figures.chart_figure) or (
        isinstance(node, nodes.table) and "name" in node
    )


def setup(app):
    app.add_transform(JoinWords)
