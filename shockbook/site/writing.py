"""How the site's own nodes are written: as HTML by every builder of pages, plainly by others."""

from __future__ import annotations

from docutils import nodes

OTHERS = ("latex", "text", "texinfo", "man")


def nothing(self, node):
    """A visitor that prints nothing of its own."""


def skip(self, node):
    """A visitor that leaves the node out."""
    raise nodes.SkipNode


def handlers(visit, depart=None, other=(nothing, nothing)) -> dict:
    """Return what ``app.add_node`` wants: one pair of visitors for pages, one for all else."""
    return {"html": (visit, depart)} | {name: other for name in OTHERS}


def one_page_as_many(app):
    """Let the builder of a single page write every node as the builder of pages does.

    Sphinx looks for visitors under a builder's name, and looks under its format only when nothing
    at all is registered under the name; one extension that does so hides all others.
    """
    found = app.registry.translation_handlers
    if app.builder.format == "html" and app.builder.name != "html":
        found[app.builder.name] = {**found.get("html", {}), **found.get(app.builder.name, {})}


def ids_once(app, doctree, docname):
    """Let each id stand once where all pages are one: cells of two notebooks may share a name."""
    if app.builder.name != "singlehtml":
        return
    seen = set()
    for node in doctree.findall(nodes.Element):
        node["ids"] = [i for i in node["ids"] if i not in seen and not seen.add(i)]


def setup(app):
    """Register the steps."""
    app.connect("builder-inited", one_page_as_many)
    app.connect("doctree-resolved", ids_once, priority=950)
