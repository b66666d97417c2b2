"""Disclosures: anything that folds is a ``<details>`` element, so that it works with no script."""

from __future__ import annotations

from docutils import nodes


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


def nothing(self, node):
    """A visitor that prints nothing of its own."""


def skip(self, node):
    """A visitor that leaves the node out."""
    raise nodes.SkipNode


def fold_dropdowns(app, doctree, docname):
    """Turn admonitions and solutions with ``:class: dropdown`` into folds.

    The theme's usual way needs a script, and shows everything without it.
    """
    found = [
        n
        for n in doctree.findall(nodes.Admonition)
        if "dropdown" in n.get("classes", []) and isinstance(n, nodes.Element)
    ]
    for node in found:
        title = next((c for c in node.children if isinstance(c, nodes.title)), None)
        summary = fold_summary("", "", *(title.children if title is not None else []))
        if title is None:
            summary += nodes.Text("More")
        else:
            node.remove(title)
        kinds = [c for c in node["classes"] if c != "dropdown"]
        new = fold("", summary, *node.children, classes=["admonition", *kinds], ids=node["ids"])
        node.replace_self(new)


def setup(app):
    """Register the nodes."""
    plain = (nothing, nothing)
    app.add_node(
        fold, html=(_visit_fold, _depart_fold), latex=plain, text=plain, texinfo=plain, man=plain
    )
    app.add_node(
        fold_summary,
        html=(_visit_summary, _depart_summary),
        latex=plain,
        text=plain,
        texinfo=plain,
        man=plain,
    )
    app.connect("doctree-resolved", fold_dropdowns)
