"""Disclosures: anything that folds is a ``<details>`` element, so that it works with no script."""

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

from shockbook.site.notebooks import is_cell, is_output
from shockbook.site.writing import handlers


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


def _visit_summary(self, node):
    self.body.append(f"<summary{_attributes(node)}>")


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
    fold_code(doctree)


def _shows(node) -> bool:
    return isinstance(node, nodes.image | nodes.table | nodes.raw | nodes.Part)


def _inputs(cell) -> list[nodes.Node]:
    """The code of a cell, taken out of it, whether or not its author hid it."""
    found = []
    for child in list(cell.children):
        if isinstance(child, HideCodeCellNode):
            found += [c for c in child.children if c.get("nb_element") == "cell_code_source"]
            hidden = [c for c in child.children if c not in found]
            place = cell.index(child)
            cell.remove(child)
            if hidden:
                line = fold_summary("", "Show output")
                cell.insert(place, fold("", line, *hidden, classes=["hide"]))
        elif child.get("nb_element") == "cell_code_source":
            found.append(child)
            cell.remove(child)
    return found


def fold_code(doctree) -> None:
    """Close the code of a page: a reader comes to what it makes first.

    Cells that only prepare join the fold of the next cell that shows something, unless prose
    stands between.  In a solution, which the reader has opened, code stays open.
    """
    for raw in list(doctree.findall(nodes.raw)):
        if "live-banner-snapshot" in raw.astext():  # as-of dates stand under each figure
            raw.parent.remove(raw)
    for output in list(doctree.findall(is_output)):
        if not output.astext().strip() and not list(output.findall(_shows)):
            output.parent.remove(output)
    for parent in {id(c.parent): c.parent for c in doctree.findall(is_cell)}.values():
        if within(parent, fold):
            continue
        waiting: list[nodes.container] = []
        for node in list(parent.children):
            if not is_cell(node):
                if not isinstance(node, nodes.comment | nodes.target | fold):
                    _close(waiting)
                    waiting = []
                continue
            waiting.append(node)
            if any(map(is_output, node.children)):
                _close(waiting)
                waiting = []
        _close(waiting)


def within(node, kind) -> bool:
    """Whether a node is of a kind, or stands in one that is."""
    while node is not None and not isinstance(node, kind):
        node = node.parent
    return node is not None


def _close(cells: list[nodes.container]) -> None:
    """Put the code of some neighbouring cells into one fold at the end of the last."""
    if not cells:
        return
    names, parts = [], []
    for cell in cells:
        anchors = [i for i in cell["ids"] if i.startswith("cell-")]
        names += [i.removeprefix("cell-").replace("-", " ") for i in anchors[:1]]
        inputs = _inputs(cell)
        if cell is not cells[-1]:
            cell.parent.remove(cell)
            inputs = [nodes.container("", *inputs, ids=cell["ids"], classes=["cell_code"])]
        parts += inputs
    if parts:
        names = [n for n in names if n.removeprefix("record ") not in {*names} - {n}]
        summary = fold_summary("", "Show code", nodes.inline("", f": {', '.join(names)}"))
        # the code of a verdict stands with its rule and its parts
        held = (f for f in cells[-1].findall(fold) if "verdict-more" in f["classes"])
        place = next(held, cells[-1])
        place += fold("", summary, *parts, classes=["hide"])


def setup(app):
    app.add_node(fold, **handlers(_visit_fold, "</details>\n"))
    app.add_node(fold_summary, **handlers(_visit_summary, "</summary>\n"))
    app.connect("doctree-resolved", fold_dropdowns)
