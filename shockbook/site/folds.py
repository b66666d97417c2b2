"""Disclosures: anything that folds is a ``<details>`` element, so that it works with no script."""

from __future__ import annotations

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

from shockbook.site.figures import chart_figure
from shockbook.site.writing import handlers

# What a reader sees instead of code or output that an author hid.
HIDDEN = {
    "source": "Code",
    "content": "Code and output",
    "output": "The output",
    "outputs": "The output",
}


class fold(nodes.Element):
    """A ``<details>``; its first child is a :class:`fold_summary`."""


class fold_summary(nodes.TextElement):
    """The line of a fold that always shows."""


def _attributes(node) -> str:
    ids = f' id="{node["ids"][0]}"' if node["ids"] else ""
    classes = f' class="{" ".join(node["classes"])}"' if node["classes"] else ""
    return ids + classes


def _visit_fold(self, node):
    self.body.append(f"<details{_attributes(node)}{' open' if node.get('open') else ''}>\n")


def _depart_fold(self, node):
    self.body.append("</details>\n")


def _visit_summary(self, node):
    self.body.append(f"<summary{_attributes(node)}>")


def _depart_summary(self, node):
    self.body.append("</summary>\n")


def fold_dropdowns(app, doctree, docname):
    """Turn everything that is to fold into folds.

    Admonitions and solutions with ``:class: dropdown`` would need a script, and show everything
    without it; hidden cells would come as paragraphs inside a summary, which is not valid HTML.
    """
    for section in list(doctree.findall(nodes.section)):
        # sphinx-exercise gives every exercise the same id, and a section without a title
        if {"exercise-content", "solution-content"} & set(section["ids"]):
            section["ids"] = []
            section.replace_self(section.children)
    for node in list(doctree.findall(nodes.Admonition)):
        if "dropdown" not in node.get("classes", []):
            continue
        title = next((c for c in node.children if isinstance(c, nodes.title)), None)
        if title is None:
            summary = fold_summary("", "More")
        else:
            node.remove(title)
            for link in list(title.findall(nodes.reference)):
                link.replace_self(link.children)  # a link inside a button could not be reached
            summary = fold_summary("", "", *title.children)
        kinds = [c for c in node["classes"] if c != "dropdown"]
        new = fold("", summary, *node.children, classes=["admonition", *kinds], ids=node["ids"])
        node.replace_self(new)
    for node in list(doctree.findall(HideCodeCellNode)):
        summary = fold_summary("", HIDDEN.get(node["prompt_show"].split()[-1], "More"))
        for name in [i for i in node.parent["ids"] if i.startswith("cell-")][:1]:
            # A page has dozens: who hears them one after the other is told which is which.
            words = f", {name.removeprefix('cell-').replace('-', ' ')}"
            summary += nodes.inline("", words, classes=["visually-hidden"])
        hidden = fold("", summary, *node.children, classes=["hide", *node["classes"]])
        node.replace_self(hidden)
        cell = hidden.parent
        if next(cell.findall(chart_figure), None) is not None:
            cell.remove(hidden)  # a reader comes to the figure first
            cell += hidden


def setup(app):
    """Register the nodes."""
    app.add_node(fold, **handlers(_visit_fold, _depart_fold))
    app.add_node(fold_summary, **handlers(_visit_summary, _depart_summary))
    app.connect("doctree-resolved", fold_dropdowns)
