"""The whole described for machines: ``ro-crate-metadata.json`` beside the pages (RO-Crate 1.1)."""

import json
from pathlib import Path

from shockbook.data import snapshot
from shockbook.data.package import FILE as PACKAGE
from shockbook.site import cite, datapage, reviews

FILE = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
NOTEBOOK = "application/x-ipynb+json"


def _files(app) -> list[dict]:
    """Every file that the description names: pages, notebooks, tables, verdicts."""
    out, env = Path(app.outdir), app.env
    found = []
    for docname in sorted(env.found_docs):
        title = env.titles[docname].astext()
        found.append({"@id": app.builder.get_target_uri(docname), "name": title,
                      "encodingFormat": "text/html"})  # fmt: skip
        source = f"_sources/{docname}.ipynb"
        if (out / source).exists():
            found.append({"@id": source, "name": f"{title}, the notebook",
                          "encodingFormat": NOTEBOOK})  # fmt: skip
    if (out / datapage.FOLDER).exists():
        package = snapshot()
        found.append({"@id": f"{datapage.FOLDER}/{PACKAGE}", "encodingFormat": "application/json",
                      "name": package.descriptor.get("title", "Data")})  # fmt: skip
        for one in package.resources:
            found.append({
                "@id": f"{datapage.FOLDER}/{one['path']}", "name": one.get("title", one["name"]),
                "encodingFormat": "application/gzip" if one["path"].endswith(".gz") else "text/csv",
                "contentSize": str(one["bytes"]), "conditionsOfAccess": one.get("licenceNote"),
            })  # fmt: skip
    if (out / reviews.FILE).exists():
        found.append({"@id": reviews.FILE, "name": "The verdicts with rules, inputs and readings",
                      "encodingFormat": "application/json"})  # fmt: skip
    return [{k: v for k, v in {"@type": "File", **one}.items() if v} for one in found]


def crate(app) -> dict:
    """Return the description of a built site as RO-Crate's JSON-LD."""
    about, files = app.shockbook_citation, _files(app)
    licences = [{"@id": f"https://spdx.org/licenses/{name}", "@type": "CreativeWork",
                 "name": name} for name in cite.licences(about)]  # fmt: skip
    authors = [
        {"@id": f"#author-{n}", "@type": "Organization" if "name" in one else "Person",
         "name": cite.authors({"authors": [one]})}
        for n, one in enumerate(about.get("authors", ()))
    ]  # fmt: skip
    root = {
        "@id": "./", "@type": "Dataset", "name": about.get("title", app.config.html_title),
        "description": "A book that can be run: its pages, notebooks, data and verdicts.",
        "version": str(about.get("version", "")),
        "license": [{"@id": one["@id"]} for one in licences],
        "datePublished": str(about.get("date-released", "")), "url": app.config.html_baseurl,
        "author": [{"@id": one["@id"]} for one in authors],
        "hasPart": [{"@id": one["@id"]} for one in files],
    }  # fmt: skip
    head = {"@id": FILE, "@type": "CreativeWork", "about": {"@id": "./"},
            "conformsTo": {"@id": SPECIFICATION}}  # fmt: skip
    root = {key: value for key, value in root.items() if value}
    return {"@context": CONTEXT, "@graph": [head, root, *authors, *licences, *files]}


def write(app, exception) -> None:
    """Write the description once all files are there."""
    if exception is None and app.builder.name == "html":
        text = json.dumps(crate(app), indent=1, ensure_ascii=False)
        Path(app.outdir, FILE).write_text(f"{text}\n", "utf-8")


def setup(app) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", write, priority=900)
