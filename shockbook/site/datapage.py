"""The page of the data, made from ``datapackage.json``: the directive ``{data-package}``."""

from __future__ import annotations

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from shockbook import catalog
from shockbook.site.evidence import sources
from shockbook.site.tables import plain_table


def anchor(name: str) -> str:
    """Return the anchor of a dataset on the page of the data."""
    return f"data-{name}"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _constraints(field: dict) -> str:
    words = []
    for key, value in (field.get("constraints") or {}).items():
        if value is True:
            words.append(key)
        elif isinstance(value, list):
            words.append(f"one of {', '.join(map(str, value))}")
        else:
            words.append(f"{key} {value}")
    return "; ".join(words)


def dataset(resource: dict) -> nodes.section:
    """Return the section of one dataset: what it is, where it comes from, its columns."""
    section = nodes.section("", ids=[anchor(resource["name"])])
    section += nodes.title("", resource.get("title", resource["name"]))
    if resource.get("description"):
        section += nodes.paragraph("", resource["description"])
    facts = nodes.definition_list("", classes=["evidence-facts"])

    def fact(term: str, *content: nodes.Node):
        facts.append(
            nodes.definition_list_item(
                "", nodes.term("", term), nodes.definition("", nodes.paragraph("", "", *content))
            )
        )

    fact("Load with", nodes.literal("", f'catalog.load("{resource["name"]}")'))
    rows = f"{resource['rows']:,} rows, " if resource.get("rows") is not None else ""
    size = _size(resource["bytes"]) if resource.get("bytes") else ""
    fact("File", nodes.literal("", f"data/{resource['path']}"), nodes.Text(f" ({rows}{size})"))
    if resource.get("asOf"):
        fact("As of", nodes.Text(resource["asOf"]))
    if resource.get("retrieved"):
        fact("Retrieved", nodes.Text(resource["retrieved"]))
    ids = ";".join(s["id"] for s in resource.get("sources", []) if s.get("id"))
    if ids:
        fact("Sources", *sources(ids))
    if resource.get("licenceNote"):
        fact("Licence", nodes.Text(resource["licenceNote"]))
    key = resource["schema"].get("primaryKey")
    if key:
        fact("One row for each", nodes.Text(", ".join([key] if isinstance(key, str) else key)))
    if resource.get("usedBy"):
        fact("Used in", nodes.Text(", ".join(resource["usedBy"])))
    section += facts
    fields = [
        (
            f["name"],
            f["type"],
            f.get("unit", ""),
            f.get("description", ""),
            _constraints(f),
        )
        for f in resource["schema"]["fields"]
    ]
    head = ["Column", "Type", "Unit", "What it holds", "Checked"]
    title = resource.get("title", resource["name"])
    section += plain_table(f"Columns of {title}", head, fields)
    return section


class DataPackageDirective(SphinxDirective):
    """``{data-package}``: every dataset with its columns, source, licence and dates."""

    def run(self):
        self.env.note_dependency(str(catalog.folder() / "datapackage.json"))
        resources = sorted(catalog.package()["resources"], key=lambda r: r["name"])
        found = [dataset(resource) for resource in resources]
        for section in found:
            self.state.document.note_explicit_target(section, section)
        return found


def setup(app):
    """Register the directive."""
    app.add_directive("data-package", DataPackageDirective)
