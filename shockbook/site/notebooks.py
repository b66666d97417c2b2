"""What a page takes from its notebook: ids of cells, and the records that cells leave behind."""

import json
from pathlib import Path

from docutils import nodes

from shockbook.site.book import Book


class record_node(nodes.Element):
    """A record of one ``kind`` in a cell's output, until :func:`read` has taken its ``content``."""


def cell_ids(path: str | Path) -> list[str]:
    """Return the ids of a notebook's cells, in order; an empty list for other files."""
    path = Path(path)
    if path.suffix != ".ipynb":
        return []
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [cell.get("id", f"{i}") for i, cell in enumerate(cells)]


def is_cell(node) -> bool:
    """Whether a node is a cell of code."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def is_output(node) -> bool:
    """Whether a node is what a cell of code put out."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code_output"


def read(app, doctree):
    """Give every code cell its anchor, and move the records from the page into the book."""
    env = app.env
    book: Book = env.get_domain("shockbook")
    ids = cell_ids(env.doc2path(env.docname))
    for cell in list(doctree.findall(is_cell)):
        index = cell["cell_index"]
        anchor = f"cell-{ids[index]}" if index < len(ids) else f"cell-{index}"
        if anchor not in cell["ids"]:
            cell["ids"].insert(0, anchor)
        for mark in list(cell.findall(record_node)):
            place = {"anchor": anchor, "docname": env.docname}
            if mark["kind"] == "numbers":
                for one in mark["content"]["numbers"]:
                    book.add_figure({**one, **place}, cell)
                bundle = mark.parent.parent  # the mime container, then the bundle of mime types
                bundle.parent.remove(bundle)
            else:
                book.add_verdict({**mark["content"], **place}, cell)
        for output in [o for o in cell.findall(is_output) if not o.children]:
            output.parent.remove(output)


def setup(app):
    app.add_domain(Book)
    # Before the collectors of titles and figures look at the document.
    app.connect("doctree-read", read, priority=100)
