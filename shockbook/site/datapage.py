"""The page of the data, made from ``datapackage.json``: the directive ``{data-package}``."""

import datetime as dt
import re
import shutil
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from shockbook.data import snapshot
from shockbook.data.package import FILE
from shockbook.site.evidence import DATA_PAGE, fact, sources
from shockbook.site.folds import fold, fold_summary
from shockbook.site.tables import make_table
from shockbook.words import day

FEW_SOURCES = 3
#: Where the data package lies in the built site.
FOLDER = "data"


def anchor(name: str) -> str:
    """Return the anchor of a dataset on the page of the data."""
    return f"data-{name}"


def _inline(text: str) -> list[nodes.Node]:
    """Text with names between backticks, as nodes."""
    parts = text.split("`")
    return [
        nodes.literal("", part) if i % 2 else nodes.Text(part)
        for i, part in enumerate(parts)
        if part
    ]


def named(text: str, fields: list[str]) -> str:
    """Put backticks round the names of columns: those with a line in them, and at a beginning."""
    for name in sorted(fields, key=len, reverse=True):
        at = r"(?<![`\w])" if "_" in name else r"(?:(?<=\. )|^)"
        text = re.sub(rf"{at}{re.escape(name)}(?![`\w])", f"`{name}`", text)
    return text


def _size(count: int) -> str:
    text = f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _constraints(field: dict) -> str:
    words = []
    for key, value in (field.get("constraints") or {}).items():
        if value is True:
            words.append(key)
        elif isinstance(value, list):
            words.append(f"one of {', '.join(map(str, value))}")
        else:
            words.append(f"{key} `{value}`" if key == "pattern" else f"{key} {value}")
    return "; ".join(words)


def overview(resources: list[dict]) -> nodes.table:
    """Return the table that stands first: every dataset in one line, with a link to its section."""
    rows = []
    for resource in resources:
        name = resource["name"]
        link = nodes.reference("", name, refid=anchor(name), internal=True)
        words = (resource.get("title", ""), _rows(resource), _day(resource.get("asOf", "")))
        rows.append([[link], *([nodes.Text(word)] for word in words)])
    return make_table(["Dataset", "What it holds", "Rows", "As of"], rows, "All datasets")


def _rows(resource: dict) -> str:
    return f"{resource['rows']:,}" if resource.get("rows") is not None else ""


def _day(date: str) -> str:
    """A date as it stands in a narrow cell: 27 Jan 2025, never broken."""
    try:
        when = dt.date.fromisoformat(date)
    except ValueError:
        return day(date)
    return f"{when.day} {when:%b %Y}".replace(" ", "\N{NO-BREAK SPACE}")


def _pages(stems: list[str], docnames, here: str) -> list[nodes.Node]:
    """The pages that use a dataset, by their titles and with links where the book holds them."""
    found: list[nodes.Node] = []
    for stem in stems:
        target = stem if stem in docnames else f"chapters/{stem}"
        if found:
            found.append(nodes.Text("; "))
        if target not in docnames:
            found.append(nodes.Text(stem))
            continue
        link = addnodes.pending_xref(
            "", refdomain="std", reftype="doc", refdoc=here, reftarget=f"/{target}",
            refexplicit=False, refwarn=True,
        )  # fmt: skip
        link += nodes.inline("", stem)
        found.append(link)
    return found


def dataset(resource: dict, docnames=(), here: str = "", files: str = "") -> nodes.section:
    """Return the section of one dataset: what it is, where it comes from, its columns.

    ``files`` is the address, from the page, of the folder with the files; "" for none.
    """
    section = nodes.section("", ids=[anchor(resource["name"])])
    section += nodes.title("", resource.get("title", resource["name"]))
    if resource.get("description"):
        fields = [f["name"] for f in resource["schema"]["fields"]]
        section += nodes.paragraph("", "", *_inline(named(resource["description"], fields)))
    facts = nodes.definition_list("", classes=["evidence-facts"])
    facts += fact("Load with", nodes.literal("", f'catalog.load("{resource["name"]}")'))
    rows = f"{_rows(resource)} rows, " if _rows(resource) else ""
    size = _size(resource["bytes"]) if resource.get("bytes") else ""
    path = nodes.literal("", f"data/{resource['path']}")
    if files:
        path = nodes.reference("", "", path, refuri=f"{files}/{resource['path']}", internal=True)
    facts += fact("File", path, nodes.Text(f" ({rows}{size})"))
    if resource.get("asOf"):
        facts += fact("As of", nodes.Text(day(resource["asOf"])))
    if resource.get("retrieved"):
        facts += fact("Retrieved", nodes.Text(day(resource["retrieved"])))
    ids = [s["id"] for s in resource.get("sources", []) if s.get("id")]
    if 0 < len(ids) <= FEW_SOURCES:
        facts += fact("Sources", *sources(";".join(ids)))
    if resource.get("licenceNote"):
        facts += fact("Licence", *_inline(resource["licenceNote"]))
    key = resource["schema"].get("primaryKey")
    if key:
        names = [key] if isinstance(key, str) else key
        facts += fact("One row for each", *_inline(", ".join(f"`{name}`" for name in names)))
    for relation in resource["schema"].get("foreignKeys", []):
        there = relation["reference"]["resource"]
        names = ", ".join(f"`{name}`" for name in relation["fields"])
        facts += fact("Checked against", *_inline(f"{names} is in `{there}`"))
    if resource.get("usedBy"):
        facts += fact("Used in", *_pages(resource["usedBy"], docnames, here))
    section += facts
    fields = [
        [
            [nodes.literal("", f["name"])],
            [nodes.Text(f["type"])],
            [nodes.Text(f.get("unit", ""))],
            _inline(f.get("description", "")),
            _inline(_constraints(f)),
        ]
        for f in resource["schema"]["fields"]
    ]
    head = ["Column", "Type", "Unit", "What it holds", "Checked"]
    title = resource.get("title", resource["name"])
    line = fold_summary("", f"The columns of {resource['name']} ({len(fields)})")
    section += fold("", line, make_table(head, fields, f"Columns of {title}"))
    if len(ids) > FEW_SOURCES:
        items = [nodes.list_item("", nodes.paragraph("", "", *sources(i))) for i in ids]
        line = fold_summary("", f"The {len(ids)} sources of {resource['name']}")
        section += fold("", line, nodes.bullet_list("", *items))
    return section


class DataPackageDirective(SphinxDirective):
    """``{data-package}``: every dataset with its columns, source, licence and dates."""

    def run(self):
        self.env.note_reread()  # descriptor, sources and the book's pages all stand in it
        resources = snapshot().resources
        known, here = self.env.found_docs, self.env.docname
        files = f"{'../' * here.count('/')}{FOLDER}"
        found = [dataset(resource, known, here, files) for resource in resources]
        for section in found:
            self.state.document.note_explicit_target(section, section)
        return [overview(resources), *found]


def without_files(app, doctree, docname):
    """Where the pages do not stand beside the files, name them without a link."""
    if app.builder.name != "html":
        for link in list(doctree.findall(nodes.reference)):
            if link.get("refuri", "").startswith(f"../{FOLDER}/"):
                link.replace_self(link.children)


def write_files(app, exception):
    """Lay the data package beside the pages of a book that has the page of the data."""
    page = app.env.get_domain("shockbook").docname(DATA_PAGE)
    if exception is not None or app.builder.name != "html" or page is None:
        return
    package, folder = snapshot(), Path(app.outdir, FOLDER)
    folder.mkdir()
    for name in (FILE, *(resource["path"] for resource in package.resources)):
        shutil.copyfile(package.folder / name, folder / name)


def setup(app):
    app.add_directive("data-package", DataPackageDirective)
    app.connect("doctree-resolved", without_files)
    app.connect("build-finished", write_files)
