"""What a card shows for a link to another place: a term, a source, a claim, a figure elsewhere.

The texts stand once at the end of the page, hidden; the page's script puts them beside a link.
Without scripts the links lead where they always did.
"""

import functools
from html import escape
from posixpath import dirname, join, normpath

from docutils import nodes
from sphinx import addnodes

from shockbook.site.book import Book
from shockbook.site.figures import chart_figure

#: What the link inside a card says.
GO = {"term": "In the glossary", "source": "In the references", "figure": "Go to the figure",
      "claim": "In the list of claims"}  # fmt: skip


def plain(node) -> nodes.Element:
    """A copy without links, ids and marks of its own."""
    copy = node.deepcopy()
    # what is read from another page's document has links that are not resolved there
    for kind in (nodes.reference, addnodes.pending_xref):
        for link in list(copy.findall(kind)):
            link.replace_self(link.children)
    for inner in copy.findall(nodes.Element):
        inner["ids"] = []
    return copy


def _texts(node) -> tuple[str, list[nodes.Node]] | None:
    """The kind of thing that a target is, and what a card says of it."""
    if isinstance(node, nodes.term):
        item = node.parent
        definition = next(iter(item.findall(nodes.definition)), None)
        head = nodes.strong("", node.astext())
        inside = definition.children if definition is not None else []
        return "term", [nodes.paragraph("", "", head), *(plain(c) for c in inside)]
    if isinstance(node, nodes.citation):
        inside = [c for c in node.children if not isinstance(c, nodes.label)]
        return "source", [plain(c) for c in inside]
    if isinstance(node, chart_figure):
        return "figure", [nodes.paragraph("", "", nodes.strong("", node["title"]))]
    return None


def _claim(book: Book, anchor: str) -> tuple[str, list[nodes.Node]] | None:
    record = next((v for v in book.verdicts() if f"claim-{v['claim']}" == anchor), None)
    if record is None:
        return None
    verdict = nodes.paragraph("", "", nodes.strong("", record["verdict"] + ". "))
    verdict += nodes.Text(record.get("why") or "")
    return "claim", [nodes.paragraph("", record["paraphrase"]), verdict]


@functools.lru_cache
def _anchors(env, docname: str) -> dict[str, nodes.Element]:
    """The things on a page that links lead to, by their anchors."""
    tree = env.get_doctree(docname)
    return {name: node for node in tree.findall(nodes.Element) for name in node.get("ids", ())}


def add(app, doctree, docname) -> None:
    """Write the texts of all cards of a page at its end."""
    if app.builder.name != "html":
        return
    book: Book = app.env.get_domain("shockbook")
    found = {}
    for link in doctree.findall(nodes.reference):
        address = link.get("refuri", "")
        page, _, anchor = address.partition("#")
        if not anchor or ":" in page or address in found:
            continue
        there = normpath(join(dirname(docname), page.removesuffix(".html")))
        told = _claim(book, anchor)
        if told is None and there in app.env.found_docs:
            told = _texts(_anchors(app.env, there).get(anchor))
        if told:
            found[address] = told
    if not found:
        return
    parts = []
    for address, (kind, content) in found.items():
        body = nodes.container("", *content)
        html = app.builder.render_partial(body)["fragment"].strip()
        start = html.index(">") + 1
        inner = html[start : html.rindex("</div>")]
        head = f'<div data-for="{escape(address)}" data-go="{GO[kind]}">'
        parts.append(f"{head}{inner}</div>")
    texts = "".join(parts)
    doctree += nodes.raw("", f'<div class="card-texts" hidden>{texts}</div>\n', format="html")


def setup(app):
    app.connect("doctree-resolved", add, priority=880)  # once every link of the page is set
