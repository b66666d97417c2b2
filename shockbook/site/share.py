"""The files of each figure: its data with a description, its live chart, a page to embed."""

import json
from collections import Counter
from pathlib import Path

import frictionless
from docutils import nodes

from shockbook import catalog
from shockbook.site import live, pages
from shockbook.site.cards import plain
from shockbook.site.figures import EMBED, FOLDER, chart_figure

#: What a column of a chart's file may be.
TYPES = ("date", "datetime", "integer", "number", "boolean", "string")
#: A dataset with more sources names only how many there are; its own description lists them.
MOST_SOURCES = 12
LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0, for the selection and arrangement; the figures "
    "themselves are facts from the sources named",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}


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


def description(figure: chart_figure, folder: Path, address: str = "") -> dict:
    """Return the Data Package that describes the CSV file of a chart, which lies in a folder.

    Its one resource is the file, with the type of each column, and unit and meaning where the chart
    or a dataset behind it names them.  ``address`` is that of the figure on its page.
    """
    name, told = figure["name"], {}
    for dataset in figure.get("data") or ():
        known = [] if isinstance(dataset, dict) else catalog.describe(dataset)["schema"]["fields"]
        for field in known:
            told.setdefault(field["name"], field)
    whole = frictionless.Detector(field_confidence=1, sample_size=100_000)  # no row is left out
    resource = frictionless.Resource(
        path=f"{name}.csv", basepath=str(folder), encoding="utf-8", detector=whole
    )
    resource.infer(stats=True)
    resource = {**resource.to_descriptor(), "profile": "tabular-data-resource"}
    for field in resource["schema"]["fields"]:
        if field["type"] not in TYPES:  # a guess at months or places, or an empty column
            field["type"] = "string"
        own = told.get(field["name"], {})
        field |= {k: own[k] for k in ("unit", "description") if own.get(k)}
        if title := figure.get("axes", {}).get(field["name"]):
            field["title"] = title
    measure, notes = (
        " ".join(plain(n).astext() for n in part.children if isinstance(n, nodes.paragraph))
        for part in (figure[0], figure)
    )
    package = {"profile": "tabular-data-package", "name": name, "title": figure["title"],
               "measure": measure, "description": notes, "homepage": address,
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
    """Write the files of every figure: its page, its data, their description, its live chart."""
    if exception is not None or app.builder.name != "html":
        return
    alone, folder = Path(app.outdir, EMBED), Path(app.outdir, FOLDER)
    alone.mkdir(exist_ok=True)
    folder.mkdir(exist_ok=True)
    base = app.config.html_baseurl.rstrip("/")
    for docname in sorted(app.env.found_docs):
        for figure in app.env.get_doctree(docname).findall(chart_figure):
            name = figure["name"]
            (alone / f"{name}.html").write_text(embedded(app, figure, docname), "utf-8")
            if figure["live"]:
                (folder / f"{name}.js").write_text(live.script(name, figure["live"]), "utf-8")
            if figure["csv"]:
                (folder / f"{name}.csv").write_text(figure["csv"], "utf-8")
                link = f"{app.builder.get_target_uri(docname)}#{name}"
                about = description(figure, folder, f"{base}/{link}" if base else "")
                text = json.dumps(about, indent=1, ensure_ascii=False)
                (folder / f"{name}.json").write_text(f"{text}\n", "utf-8")


def setup(app) -> None:
    app.connect("build-finished", write)
