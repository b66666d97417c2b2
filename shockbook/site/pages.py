"""The frame of a page: what the template needs to know, and what is made ready for the site."""

from __future__ import annotations

from pathlib import Path

from sphinx import addnodes

from shockbook.site.pictures import dark_rules

STATIC = Path(__file__).parent / "static"


def navigation(app, pagename: str) -> list[dict]:
    """Return the parts of the book with their pages, in order, for the menu."""
    env, builder = app.env, app.builder
    root = app.config.root_doc
    parts = []
    for tree in env.get_doctree(root).findall(addnodes.toctree):
        items = []
        for _, docname in tree["entries"]:
            if docname not in env.titles:
                continue
            number = env.toc_secnumbers.get(docname, {}).get("")
            items.append(
                {
                    "title": builder.render_partial(env.titles[docname])["title"],
                    "number": number[0] if number else "",
                    "link": builder.get_relative_uri(pagename, docname),
                    "current": docname == pagename,
                }
            )
        parts.append({"caption": tree.get("caption") or "", "items": items})
    return parts


def style() -> str:
    """Return the whole style of a page: small enough to stand in its head, so nothing waits."""
    return (STATIC / "shockbook.css").read_text("utf-8").replace("/*dark-charts*/", dark_rules())


def frame(app, pagename, templatename, context, doctree):
    """Give the template its menu, style and the facts about the page."""
    context["shockbook_parts"] = navigation(app, pagename)
    context["shockbook_style"] = style()
    records = app.env.get_domain("shockbook").data["figures"]
    context["shockbook_evidence"] = bool(records.get(pagename))


def setup(app):
    """Register the frame."""
    app.connect("html-page-context", frame)
