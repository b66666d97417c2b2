"""The verdicts as data: ClaimReview in the pages that judge, ``claims.json`` for all of them."""

import json
from pathlib import Path

from docutils import nodes

from shockbook.site.book import Book

FILE = "claims.json"
CONTEXT = "https://schema.org"
#: What a verdict is on schema.org's scale, worst to best; a verdict that is none has no number.
RATING = {"Wrong": 1, "Partly wrong": 2, "True, but": 3, "True": 4}


def review(record: dict, address: str, book: dict) -> dict:
    """Return one verdict, as its chapter recorded it, as schema.org's ClaimReview.

    ``book`` has ``title``, ``author``, and where known ``url`` and ``date`` of the release.
    """
    rating = {"@type": "Rating", "alternateName": record["verdict"]}
    if record["verdict"] in RATING:
        rating |= {"ratingValue": RATING[record["verdict"]], "worstRating": 1, "bestRating": 4}
    if record.get("why"):
        rating["ratingExplanation"] = record["why"]
    author = {"@type": "Organization", "name": book["author"]}
    out = {
        "@context": CONTEXT, "@type": "ClaimReview", "url": address, "name": record["claim"],
        "claimReviewed": record["paraphrase"], "author": author, "reviewRating": rating,
        # who wrote the article, and when, is not known to the book
        "itemReviewed": {"@type": "Claim", "name": record["paraphrase"], "appearance":
                         {"@type": "CreativeWork", "name": "The article that this book examines"}},
        "isPartOf": {"@type": "Book", "name": book["title"]},
    }  # fmt: skip
    if book.get("url"):
        author["url"] = book["url"]
    if book.get("date"):
        out["datePublished"] = book["date"]
    return out


def _book(app) -> dict:
    config, date = app.config, str(app.shockbook_citation.get("date-released", ""))
    return {"title": config.html_title, "author": config.author or config.html_title,
            "url": config.html_baseurl, "date": date}  # fmt: skip


def _address(app, record: dict) -> str:
    """Where a verdict stands: whole if the site's address is known, else from the site's top."""
    base = app.config.html_baseurl
    link = f"{app.builder.get_target_uri(record['docname'])}#verdict-{record['claim']}"
    return f"{base.rstrip('/')}/{link}" if base else link


def add(app, doctree, docname) -> None:
    """Put the reviews of a page at its end: data, which no browser runs and the policy ignores."""
    found = [v for v in app.env.get_domain(Book.name).verdicts() if v["docname"] == docname]
    if app.builder.name != "html" or not found:
        return
    base = app.config.html_baseurl
    told = [review(v, _address(app, v) if base else f"#verdict-{v['claim']}", _book(app))
            for v in found]  # fmt: skip
    text = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    doctree += nodes.raw("", f'<script type="application/ld+json">{text}</script>\n', format="html")


def write(app, exception) -> None:
    """Write every verdict with its rule, inputs, values and other readings."""
    found = app.env.get_domain(Book.name).verdicts()
    if exception is not None or app.builder.name != "html" or not found:
        return
    rows = [{k: v for k, v in one.items() if k not in ("docname", "anchor")} for one in found]
    for row, one in zip(rows, found, strict=True):
        row["url"] = _address(app, one)
    about = {"title": f"The verdicts of {app.config.html_title}", "license": "CC-BY-4.0"}
    text = json.dumps({**about, "claims": rows}, indent=1, ensure_ascii=False)
    Path(app.outdir, FILE).write_text(f"{text}\n", "utf-8")


def setup(app) -> None:
    app.connect("doctree-resolved", add, priority=890)
    app.connect("build-finished", write)
