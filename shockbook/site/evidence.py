"""Numbers that lead to their evidence: the role ``{num}`` and the list at the end of a page."""

from __future__ import annotations

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from shockbook import catalog
from shockbook.site import folds
from shockbook.site.book import Book, page_of

logger = logging.getLogger(__name__)

# The page that describes the datasets, one anchor each.
DATA_PAGE = "data"


class number(nodes.Inline, nodes.TextElement):
    """A figure in prose, until every page is read."""


class NumberRole(SphinxRole):
    """``{num}`key``` or ``{num}`page:key```."""

    def run(self):
        page, _, key = self.text.rpartition(":")
        node = number("", "", page=page, key=key)
        self.set_source_info(node)
        return [node], []


def entry_id(key: str) -> str:
    """Return the anchor of a figure's entry on its page."""
    return f"ev-{key}"


def _find(env, node, docname: str) -> tuple[str | None, dict | None]:
    book: Book = env.get_domain("shockbook")
    page = book.docname(node["page"]) if node["page"] else docname
    return page, book.figure(page, node["key"]) if page else None


class ResolveNumbers(SphinxPostTransform):
    """Set each figure in its place, and list the page's figures at its end."""

    default_priority = 3

    def run(self, **kwargs):
        for node in list(self.document.findall(number)):
            docname, record = _find(self.env, node, self.env.docname)
            if record is None:
                where = node["page"] or page_of(self.env.docname)
                logger.warning(
                    "no figure %r on page %r: say() or cite() it in a cell there, or correct the "
                    "key",
                    node["key"],
                    where,
                    location=node,
                    type="shockbook",
                    subtype="num",
                )
                node.replace_self(nodes.strong("", f"[no figure {node['key']}]"))
                continue
            link = nodes.reference("", record["text"], classes=["num"], internal=True)
            if docname == self.env.docname:
                link["refid"] = entry_id(node["key"])
            else:
                uri = self.app.builder.get_relative_uri(self.env.docname, docname)
                link["refuri"] = f"{uri}#{entry_id(node['key'])}"
            node.replace_self(link)
        self._append_list()

    def _append_list(self):
        book: Book = self.env.get_domain("shockbook")
        records = book.data["figures"].get(self.env.docname)
        if not records:
            return
        section = nodes.section("", ids=["evidence"], classes=["evidence"])
        section += nodes.title("", "Evidence")
        section += nodes.paragraph(
            "",
            "Every computed figure on this page: what it is, its value before rounding, the cell "
            "that made it and the data behind it.",
        )
        items = nodes.bullet_list("", classes=["evidence-list"])
        for record in records.values():
            items += self._entry(record)
        section += items
        top = next(self.document.findall(nodes.section), self.document)
        top += section

    def _entry(self, record: dict) -> nodes.list_item:
        line = nodes.paragraph("", "", classes=["evidence-line"])
        line += nodes.strong("", record["text"])
        line += nodes.Text(" ")
        line += nodes.inline("", record["what"], classes=["evidence-what"])
        facts = nodes.definition_list("", classes=["evidence-facts"])

        def fact(term: str, *content: nodes.Node):
            facts.append(
                nodes.definition_list_item(
                    "",
                    nodes.term("", term),
                    nodes.definition("", nodes.paragraph("", "", *content)),
                )
            )

        fact("Value", nodes.literal("", full_value(record["value"])))
        cell = nodes.reference("", "the cell that made it", refid=record["anchor"], internal=True)
        fact("Worked out in", cell)
        for name in record.get("data") or []:
            fact("Data", *self._dataset(name))
        if record.get("row"):
            row = ", ".join(f"{k} = {v}" for k, v in record["row"].items())
            fact("Row", nodes.literal("", row), nodes.Text(", column "),
                 nodes.literal("", record["column"]))
        if record.get("source"):
            fact("Source", *sources(record["source"]))
        more = folds.fold(
            "", folds.fold_summary("", "Where it comes from"), facts, classes=["evidence-more"]
        )
        return nodes.list_item("", line, more, ids=[entry_id(record["key"])])

    def _dataset(self, name: str) -> list[nodes.Node]:
        book: Book = self.env.get_domain("shockbook")
        docname = book.docname(DATA_PAGE)
        try:
            about = catalog.describe(name)
        except (KeyError, catalog.DataError):
            logger.warning(
                "a figure names the dataset %r, which data/datapackage.json does not know",
                name,
                location=self.env.docname,
                type="shockbook",
                subtype="num",
            )
            return [nodes.Text(name)]
        label = nodes.Text(about.get("title", name))
        if docname is not None:
            uri = self.app.builder.get_relative_uri(self.env.docname, docname)
            label = nodes.reference("", label, refuri=f"{uri}#data-{name}", internal=True)
        parts: list[nodes.Node] = [label]
        if about.get("shortSource"):
            parts.append(nodes.Text(f". {about['shortSource']}"))
        if about.get("asOf"):
            parts.append(nodes.Text(f". As of {about['asOf']}"))
        return parts


def full_value(value) -> str:
    """Return a value as the record holds it, with thousands set apart."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    text = f"{value:,}" if abs(value) < 1e15 else f"{value:.8g}"
    return text.replace("-", "\N{MINUS SIGN}")


def sources(ids: str) -> list[nodes.Node]:
    """Return the sources named by ids in ``sources.csv``, as links."""
    known = catalog.sources().fillna("").set_index("id")
    out: list[nodes.Node] = []
    for one in (part.strip() for part in ids.split(";") if part.strip()):
        if out:
            out.append(nodes.Text("; "))
        if one not in known.index:
            out.append(nodes.Text(one))
            continue
        row = known.loc[one]
        title = f"{row['publisher']}: {row['title']}" if row["publisher"] else row["title"]
        url = row["url"]
        if isinstance(url, str) and url.startswith("http"):
            out.append(nodes.reference("", title, refuri=url, internal=False))
        else:
            out.append(nodes.Text(title))
    return out


def _visit_number(self, node):
    """In a title that is shown elsewhere a figure is text alone, never a link in a link."""
    env = self.builder.env
    docname = getattr(self.builder, "current_docname", None) or env.docname
    _, record = _find(env, node, docname)
    self.body.append(self.encode(record["text"] if record else node["key"]))
    raise nodes.SkipNode


def _note_uses(app, doctree):
    book: Book = app.env.get_domain("shockbook")
    for node in doctree.findall(number):
        docname = book.docname(node["page"]) if node["page"] else None
        if docname:
            book.note_use(app.env.docname, docname)


def _rewrite(app, env):
    """Write the pages again that show what a changed page says."""
    book: Book = env.get_domain("shockbook")
    changed = set(app.builder.env.shockbook_read) if hasattr(env, "shockbook_read") else set()
    return book.dependents(changed) if changed else []


def _note_read(app, env, docnames):
    env.shockbook_read = list(docnames)


def setup(app):
    """Register role, node and transform."""
    text = {"latex": (_visit_number, None), "text": (folds.skip, None)}
    app.add_node(number, html=(_visit_number, None), **text)
    app.add_role("num", NumberRole())
    app.add_post_transform(ResolveNumbers)
    app.connect("doctree-read", _note_uses)
    app.connect("env-before-read-docs", _note_read)
    app.connect("env-updated", _rewrite)
