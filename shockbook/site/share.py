"""What a figure takes along: a description of its data, and a page that other sites can embed."""

import hashlib
import json
from collections import Counter
from pathlib import Path

from shockbook import catalog
from shockbook.site import pages, tables
from shockbook.site.cards import plain
from shockbook.site.figures import EMBED, FOLDER, chart_figure, chart_note, chart_subtitle

#: A dataset with more sources names only how many there are; its own description lists them.
MOST_SOURCES = 12
LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0, for the selection and arrangement; the figures "
    "themselves are facts from the sources named",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}


def _type(values: list[str]) -> str:
    """The Frictionless type of a column of texts."""
    filled = [v for v in values if v != ""]
    if filled and all(tables.ISO.fullmatch(v) and len(v) == 10 for v in filled):
        return "date"
    try:
        return "number" if [float(v) for v in filled] else "string"
    except ValueError:
        return "string"


def _source(name: str | dict) -> dict:
    """One dataset as a source: where it lies, until when it runs, how its own sources were read.

    Of a table that is no dataset of ours, only who published it and when are known.
    """
    if isinstance(name, dict):
        return {"title": name["shortSource"], "asOf": name["asOf"]}
    about, known = catalog.describe(name), catalog.sources_by_id()
    rows = [known[s["id"]] for s in about.get("sources", ()) if s.get("id") in known]
    out = {"title": about.get("title", name), "path": f"../data/{about['path']}"}
    out |= {k: about[k] for k in ("asOf", "retrieved", "licenceNote") if about.get(k)}
    out["howRead"] = dict(Counter(catalog.READ[row["read"]] for row in rows))
    if len(rows) <= MOST_SOURCES:
        out["sources"] = [
            {"title": row["title"], "publisher": row["publisher"], "path": row["url"],
             "kind": row["kind"], "read": catalog.READ[row["read"]]} for row in rows]  # fmt: skip
    return out


def description(figure: chart_figure, address: str = "") -> dict:
    """Return the Data Package that describes the CSV file of a chart.

    Parameters
    ----------
    figure : chart_figure
        With its words.
    address : str
        Of the figure on its page.

    Returns a dictionary: title, measure, sources and licence; its one resource is the file, with
    the type of each column, and unit and meaning where the chart or a dataset behind it names them.
    """
    name, told = figure["name"], {}
    for dataset in figure.get("data") or ():
        known = [] if isinstance(dataset, dict) else catalog.describe(dataset)["schema"]["fields"]
        for field in known:
            told.setdefault(field["name"], field)
    header, rows = tables.read_csv(figure["csv"])
    fields = []
    for i, column in enumerate(header):
        own = told.get(column, {})
        field = {"name": column, "type": _type([row[i] for row in rows if i < len(row)])}
        field |= {k: own[k] for k in ("unit", "description") if own.get(k)}
        if title := figure.get("axes", {}).get(column):
            field["title"] = title
        fields.append(field)
    content = figure["csv"].encode()
    resource = {
        "name": name, "path": f"{name}.csv", "profile": "tabular-data-resource", "format": "csv",
        "mediatype": "text/csv", "encoding": "utf-8", "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "rows": len(rows),
        "schema": {"fields": fields, "missingValues": [""]},
    }  # fmt: skip
    notes = [plain(n).astext() for n in figure.findall(chart_note)]
    measure = next((plain(n).astext() for n in figure.findall(chart_subtitle)), "")
    package = {"profile": "tabular-data-package", "name": name, "title": figure["title"],
               "measure": measure, "description": " ".join(notes), "homepage": address,
               "licenses": [LICENCE], "sources": [_source(d) for d in figure.get("data") or ()],
               "resources": [resource]}  # fmt: skip
    return {key: value for key, value in package.items() if value}


def embedded(app, figure: chart_figure, docname: str) -> str:
    """Return the page that shows one figure alone, for a frame in another site."""
    shown, base = plain(figure), app.config.html_baseurl.rstrip("/")
    shown["ids"], shown["repeats"] = [figure["name"]], True
    here, app.builder.current_docname = app.builder.current_docname, f"{EMBED}/{figure['name']}"
    body = app.builder.render_partial(shown)["fragment"]
    app.builder.current_docname = here
    link = f"{app.builder.get_target_uri(docname)}#{figure['name']}"
    context = {
        "title": figure["title"], "book": app.config.html_title, "link": f"../{link}",
        "canonical": f"{base}/{link}" if base else "", "page": app.env.titles[docname].astext(),
        "language": app.config.language or "en", "policy": pages.policy(),
        "style": app.shockbook_style, "theme": pages.theme_script(),
        "figure": body,
    }  # fmt: skip
    return app.builder.templates.render("embed.html", context)


def write(app, exception) -> None:
    """Write the description and the embedded page of every figure."""
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir, EMBED)
    folder.mkdir(exist_ok=True)
    base = app.config.html_baseurl.rstrip("/")
    for docname in sorted(app.env.found_docs):
        for figure in app.env.get_doctree(docname).findall(chart_figure):
            name = figure["name"]
            (folder / f"{name}.html").write_text(embedded(app, figure, docname), "utf-8")
            if figure["csv"]:
                link = f"{app.builder.get_target_uri(docname)}#{name}"
                text = json.dumps(description(figure, f"{base}/{link}" if base else ""), indent=1,
                                  ensure_ascii=False)  # fmt: skip
                Path(app.outdir, FOLDER, f"{name}.json").write_text(f"{text}\n", "utf-8")


def setup(app) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", write)
