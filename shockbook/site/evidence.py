"""Numbers that lead to their evidence: links in the prose and the list at the end of a page."""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from shockbook import catalog
from shockbook.site import folds, writing
from shockbook.site.book import Book, page_of, warn
from shockbook.site.figures import chart_alt
from shockbook.site.writing import handlers
from shockbook.words import day

# The page that describes the datasets, one anchor each.
DATA_PAGE = "data"


class number(nodes.Inline, nodes.TextElement):
    """A figure in prose, until every page is read; without words of its own it shows its text."""


def entry_id(key: str, page: str = "") -> str:
    """Return the anchor of a figure's entry; a figure of another page carries that page's name."""
    return f"ev-{page}--{key}" if page else f"ev-{key}"


def _find(env, node) -> tuple[str | None, dict | None]:
    book: Book = env.get_domain("shockbook")
    docname = book.docname(node["page"])
    return docname, book.figure(docname, node["key"]) if docname else None


class ResolveNumbers(SphinxPostTransform):
    """Set each figure in its place, and list the page's figures at its end."""

    default_priority = 3

    def run(self, **kwargs):
        here = self.env.docname
        book: Book = self.env.get_domain("shockbook")
        # Anchor of the entry, to the record: first what this page says, then what it borrows.
        entries = {
            entry_id(key): record for key, record in book.data["figures"].get(here, {}).items()
        }
        shown: set[str] = set()
        for node in list(self.document.findall(number)):
            docname, record = _find(self.env, node)
            if record is None:
                told = "no number %r on page %r: record it in a cell there, or correct the key"
                warn("num", node, told, node["key"], page_of(node["page"]))
                node.replace_self(nodes.strong("", f"[no figure {node['key']}]"))
                continue
            anchor = entry_id(node["key"], "" if docname == here else page_of(docname))
            entries[anchor] = record
            words = node.children or [nodes.Text(record["text"])]
            link = nodes.reference("", "", *words, classes=["num"], refid=anchor, internal=True)
            # where the entry leads back to: who does not see a chart gets its text without anchors
            if anchor not in shown and not folds.within(node, chart_alt):
                shown.add(anchor)
                link["ids"] = [f"at-{anchor}"]
            node.replace_self(link)
        if entries:
            self._append_list(entries, shown)

    def _append_list(self, entries: dict[str, dict], shown: set[str]) -> None:
        # No number of its own, and not that of the page either, which Sphinx would print instead.
        self.env.toc_secnumbers.setdefault(self.env.docname, {})["#evidence"] = None
        section = nodes.section("", ids=["evidence"], classes=["evidence"])
        section += nodes.title("", "Evidence")
        section += nodes.paragraph(
            "",
            "Every computed figure on this page, in the order of the cells. Open one to see its "
            "value before rounding, the cell that made it and the data behind it.",
        )
        items = nodes.bullet_list("", classes=["evidence-list"])
        for anchor, record in entries.items():
            items += self._entry(anchor, record, anchor in shown)
        every = folds.fold_summary("", f"All {len(entries)} numbers of this page"
                                  if len(entries) > 1 else "The number of this page")  # fmt: skip
        section += folds.fold("", every, items, classes=["evidence-all"])
        top = next(self.document.findall(nodes.section), self.document)
        if self.app.builder.name == "singlehtml":  # one list, at the end of the whole book
            top = self.document
        top += section

    def _entry(self, anchor: str, record: dict, shown: bool) -> nodes.list_item:
        line = folds.fold_summary("", classes=["evidence-line"])
        line += nodes.strong("", record["text"])
        line += nodes.Text(" ")
        line += nodes.inline("", record["what"], classes=["evidence-what"])
        facts = nodes.definition_list("", classes=["evidence-facts"])
        facts += fact("Value", nodes.literal("", full_value(record["value"])))
        where = "this cell"
        if record["docname"] != self.env.docname:
            where = f"a cell of “{self.env.titles[record['docname']].astext()}”"
        cell = writing.link(self.env, record["docname"], record["anchor"], nodes.Text(where))
        facts += fact("Worked out in", cell)
        datasets = record.get("data") or []
        for i, name in enumerate(datasets):
            about = self._dataset(name)
            if i == 0:
                facts += fact("Data", *about)
            else:
                facts[-1] += nodes.definition("", nodes.paragraph("", "", *about))
        if record.get("row"):
            row = ", ".join(f"{k} = {v}" for k, v in record["row"].items())
            column = nodes.literal("", record["column"])
            facts += fact("Row", nodes.literal("", row), nodes.Text(", column "), column)
        if record.get("source"):
            facts += fact("Source", *sources(record["source"]))
        if shown and self.app.builder.name != "singlehtml":
            back = nodes.reference("", "Back to the text", internal=True, refid=f"at-{anchor}")
            facts += fact("In the text", back)
        more = folds.fold("", line, facts, classes=["evidence-more"])
        return nodes.list_item("", more, ids=[anchor])

    def _dataset(self, name: str) -> list[nodes.Node]:
        book: Book = self.env.get_domain("shockbook")
        try:
            about = catalog.describe(name)
        except catalog.DataError as problem:
            warn("num", self.env.docname, "a figure names a dataset: %s", problem)
            return [nodes.Text(name)]
        title, page = nodes.Text(about.get("title", name)), book.docname(DATA_PAGE)
        link = writing.link(self.env, page, f"data-{name}", title)
        facts = [about.get("shortSource"), about.get("asOf") and f"as of {day(about['asOf'])}"]
        return [link, *(nodes.Text(f", {fact}") for fact in facts if fact)]


def fact(term: str, *content: nodes.Node) -> nodes.definition_list_item:
    """Return what a list of facts says under one name."""
    body = nodes.definition("", nodes.paragraph("", "", *content))
    return nodes.definition_list_item("", nodes.term("", term), body)


def full_value(value) -> str:
    """Return a value as the record holds it, with thousands set apart."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = f"{value:,}" if abs(value) < 1e15 else f"{value:.8g}"
    return text.replace("-", "\N{MINUS SIGN}")


def sources(ids: str) -> list[nodes.Node]:
    """Return the sources named by ids in ``sources.csv``, as links, each with how it was read."""
    known = catalog.sources_by_id()
    out: list[nodes.Node] = []
    for one in (part.strip() for part in ids.split(";") if part.strip()):
        if out:
            out.append(nodes.Text("; "))
        row = known.get(one)
        if row is None:
            warn("source", None, "the source %r is not in data/sources.csv", one)
            out.append(nodes.Text(one))
            continue
        names = [row[k] for k in ("publisher", "title") if row[k] not in ("", catalog.NOT_STATED)]
        title = ": ".join(names)
        out.append(_outside(title, row["url"]))
        how = f" ({row['kind']}, {catalog.READ[row['read']]}"
        if row["original_url"] not in ("", row["url"]):
            out += [nodes.Text(f"{how}; "), _outside("the original", row["original_url"])]
            how = ""
        out.append(nodes.Text(f"{how})"))
    return out


def _outside(text: str, url: str) -> nodes.Node:
    return nodes.reference("", text, refuri=url, internal=False) if url else nodes.Text(text)


def _visit_number(self, node):
    """In a title that is shown elsewhere a figure is text alone, never a link in a link."""
    _, record = _find(self.builder.env, node)
    self.visit_Text(nodes.Text(node.astext() or (record["text"] if record else node["key"])))
    raise nodes.SkipNode


def _settle_titles(app, env):
    """Put the figures into the titles that menus and search show, before any page is written.

    After the environment is stored: there the titles keep their marks, for figures that change.
    """
    for place in (env.titles, env.longtitles, env.tocs):
        for tree in place.values():
            for node in list(tree.findall(number)):
                _, record = _find(env, node)
                if record:
                    node.replace_self(nodes.Text(node.astext() or record["text"]))


def setup(app):
    app.add_node(number, **handlers(_visit_number))
    app.add_post_transform(ResolveNumbers)
    app.connect("env-check-consistency", _settle_titles)
