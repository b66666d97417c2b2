"""What stops a build: data that are not the ones recorded, and cells that fail or complain.

A stop is one sentence and an exit status, never a traceback: it is meant for a reader who changed
something, not for a programmer.
"""

import os
from pathlib import Path
from posixpath import dirname, join, normpath

from docutils import nodes
from myst_nb.core.render import strip_ansi
from sphinx.errors import ExtensionError

from shockbook.data import DataError, snapshot


def check_data(app):
    """Stop before anything runs if the data differ; what is published is the snapshot."""
    os.environ["SHOCKBOOK_LIVE"] = "0"
    try:
        faults = list(snapshot().changed())
    except DataError as fault:
        faults = [str(fault)]
    if faults:
        raise SystemExit("\n".join(faults))
    app.shockbook_complaints = {}


def note_complaints(app, doctree):
    """Remember which cells printed to stderr."""
    for block in doctree.findall(nodes.literal_block):
        if "stderr" in block["classes"]:
            app.shockbook_complaints.setdefault(app.env.docname, block.astext().strip())


def check_runs(app, env):
    """Stop after reading if a cell raised or printed to stderr."""
    faults = []
    for docname, data in sorted(getattr(env, "nb_metadata", {}).items()):
        done = data.get("exec_data")
        if done and not done["succeeded"] and docname in env.found_docs:
            last = strip_ansi(done.get("traceback") or done.get("error") or "").strip().splitlines()
            name = Path(env.doc2path(docname)).name
            faults.append(f"{name}: a cell raised an error ({last[-1] if last else 'unknown'}).")
    for docname, text in sorted(app.shockbook_complaints.items()):
        name = Path(env.doc2path(docname)).name
        faults.append(f"{name}: a cell printed to stderr ({text.splitlines()[0]}).")
    if faults:
        raise SystemExit("\n".join(faults) + "\nCorrect the cell; the book is not built.")
    return []


def check_theme(app):
    """Refuse a configuration under which the pages would not be those of this site."""
    if app.builder.format == "html" and app.config.html_theme != "shockbook":
        raise ExtensionError(
            f"shockbook.site writes pages for html_theme: shockbook, not {app.config.html_theme}; "
            "set it under sphinx: config: in _config.yml"
        )


def check_redirects(app, env):
    """Refuse an old address that leads nowhere, or that is a page."""
    for old, to in getattr(app.config, "redirects", {}).items():
        new = normpath(join(dirname(old), to)).removesuffix(".html")
        if new not in env.found_docs or old in env.found_docs:
            raise ExtensionError(
                f"redirects in _config.yml: {old} must be no page of the book, and {new} one"
            )


def redirect_page(app, config):
    """Give sphinx-reredirects the page of this site."""
    if "redirect_html_template_file" in config:
        template = Path(__file__).parent / "templates" / "moved.html"
        config.redirect_html_template_file = str(template)


def setup(app):
    app.connect("config-inited", redirect_page)
    app.connect("env-check-consistency", check_redirects)
    app.connect("builder-inited", check_theme)
    app.connect("builder-inited", check_data)
    app.connect("doctree-read", note_complaints)
    app.connect("env-updated", check_runs)
