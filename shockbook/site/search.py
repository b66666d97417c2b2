"""Search by section, chart and claim: an index that a script reads, from disk too.

Sphinx's own search finds pages, and fetches each of them to show a line of it, which a page that
was opened from disk may not do.  This index holds the text itself, piece by piece.
"""

import json
from pathlib import Path

from docutils import nodes

from shockbook.site.figures import chart_data, chart_figure, chart_picture
from shockbook.site.folds import fold
from shockbook.site.writer import WITHIN

# What a reader searches for is not in code, in formulas or in tables of values.
LEFT_OUT = (
    nodes.literal_block, nodes.math_block, nodes.raw, nodes.label, chart_picture, chart_data,
)  # fmt: skip


def words(node: nodes.Node, inside: tuple = ()) -> str:
    """Return the text of a node without code, tables of values, and the pieces named inside."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, (*LEFT_OUT, *inside)):
        return ""
    if isinstance(node, fold) and "hide" in node["classes"]:  # a cell's code, under its name
        return ""
    if isinstance(node, nodes.TextElement):
        return "".join(words(child, inside) for child in node.children)
    return " ".join(filter(None, (words(child, inside).strip() for child in node.children)))


def pieces(doctree: nodes.document) -> list[tuple[str, str, str, str]]:
    """Return anchor, kind, title and text of every section, chart and verdict of a page."""
    found = []
    for section in doctree.findall(nodes.section):
        if "evidence" in section["ids"]:
            continue
        title = next((c for c in section.children if isinstance(c, nodes.title)), None)
        if title is None:
            continue
        rest = [c for c in section.children if c is not title]
        text = " ".join(words(c, (nodes.section, chart_figure)) for c in rest)
        found.append((section["ids"][0], "", words(title), " ".join(text.split())))
    for figure in doctree.findall(chart_figure):
        notes = [words(n) for n in figure.children if isinstance(n, nodes.paragraph)]
        alt = next(iter(figure.findall(chart_picture))).astext()
        found.append((figure["ids"][0], "chart", figure["title"], " ".join([alt, *notes])))
    for block in doctree.findall(nodes.container):
        if "verdict" in block["classes"]:
            head, claim, *rest = block.children
            text = " ".join([words(head), *(words(r) for r in rest)])
            found.append((block["ids"][0], "claim", words(claim), " ".join(text.split())))
    return found


def start(app):
    """Begin an index; Sphinx's own is not made, and neither is the page that would show it."""
    app.shockbook_search = {}
    app.builder.search = False


def collect(app, doctree, docname):
    """Keep a page's pieces until the end of this build, which writes every page."""
    app.shockbook_search[docname] = pieces(doctree)


def write_index(app, exception):
    """Write the index as a script."""
    if exception is not None or app.builder.format != "html":
        return
    found = []
    for docname, parts in sorted(app.shockbook_search.items()):
        page = app.env.titles[docname].astext()
        address = app.builder.get_target_uri(docname)
        parts = [(anchor, *(WITHIN.sub("’", text) for text in rest)) for anchor, *rest in parts]
        found += [[f"{address}#{anchor}", page, *rest] for anchor, *rest in parts]
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    target = Path(app.outdir, "_static", "shockbook", "search-index.js")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"window.shockbookIndex={text};\n", "utf-8")


def setup(app):
    app.connect("builder-inited", start)
    app.connect("doctree-resolved", collect, priority=800)
    app.connect("build-finished", write_index)
