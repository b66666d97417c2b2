"""A page that moves leaves a redirect, so that a link to it never dies.

``shockbook_moved`` in ``_config.yml`` maps the old address to the new one, both without
``.html``: ``chapters/old-name: chapters/new-name``.
"""

from __future__ import annotations

from html import escape
from posixpath import dirname, relpath

from sphinx.errors import ExtensionError

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url={to}">
<link rel="canonical" href="{to}">
<title>{title}: this page has moved</title>
</head>
<body>
<main><h1>This page has moved</h1><p>It is now <a href="{to}">{title}</a>.</p></main>
</body>
</html>
"""


def write(app, error) -> None:
    """Write one small page at each old address.

    Raises
    ------
    ExtensionError
        If the new page does not exist, or the old address is a page of the book.
    """
    if error or app.builder.format != "html":
        return
    for old, new in app.config.shockbook_moved.items():
        if new not in app.env.found_docs:
            raise ExtensionError(f"shockbook_moved: {old} leads to {new}, which is no page.")
        if old in app.env.found_docs:
            raise ExtensionError(f"shockbook_moved: {old} is a page of the book; nothing moved.")
        to = relpath(f"{new}.html", dirname(old) or ".")
        target = app.outdir / f"{old}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        title = app.env.titles[new].astext()
        target.write_text(PAGE.format(to=escape(to), title=escape(title)), "utf-8")


def setup(app) -> None:
    """Register with Sphinx."""
    app.add_config_value("shockbook_moved", {}, "html", [dict])
    app.connect("build-finished", write)
