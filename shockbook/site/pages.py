"""The frame of a page: what the template needs to know, and the files that pages share."""

import base64
import functools
import hashlib
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import vl_convert
from docutils import nodes
from sphinx import addnodes

from shockbook.site import preview
from shockbook.site.book import warn
from shockbook.site.pictures import dark_rules, ink_rules
from shockbook.site.rooms import rules
from shockbook.site.writing import handlers

STATIC = Path(__file__).parent / "static"
# Scripts of this site only, never from a string; the drawings carry their own styles.
POLICY = (
    "default-src 'none'; script-src 'self' 'sha256-{theme}'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
_TABLE = re.compile(r"<table\b.*?</table>", re.S)


class scroll_region(nodes.General, nodes.Element):
    """A box that scrolls sideways, with a name and a stop for the keyboard."""


def _visit_region(self, node):
    self.body.append(_region_start(node["label"]))


def _region_start(label: str) -> str:
    label = escape(label, {'"': "&quot;"})
    return f'<div class="table-wrap" role="group" tabindex="0" aria-label="{label}">'


def safe_links(app, doctree, docname):
    """Take the address from a link, of a bibliography for instance, that would run a script."""
    for link in list(doctree.findall(nodes.reference)):
        scheme = urlsplit(link.get("refuri", "").strip()).scheme
        if scheme not in ("", "http", "https", "mailto"):
            told = "the link to %s is left out: only http, https and mailto lead out of the book"
            warn("link", docname, told, link["refuri"])
            link.replace_self(link.children)


def wrap_tables(app, doctree, docname):
    """Let every table scroll in its own box, so that no page scrolls sideways."""
    for number, table in enumerate(list(doctree.findall(nodes.table)), start=1):
        title = next(iter(table.findall(nodes.title)), None)
        label = title.astext() if title is not None else f"Table {number}"
        region = scroll_region("", label=label)
        table.replace_self(region)
        region += table
    for raw in list(doctree.findall(nodes.raw)):
        if "html" in raw.get("format", "").split() and "<table" in raw.astext():
            wrapped = _TABLE.sub(_wrapped, raw.astext())
            raw.replace_self(nodes.raw("", wrapped, format="html", classes=raw["classes"]))


def _wrapped(match: re.Match) -> str:
    caption = re.search(r"<caption[^>]*>(.*?)</caption>", match[0], re.S)
    words = re.sub(r"<[^>]+>", "", caption[1]).strip() if caption else "Table"
    return f"{_region_start(words)}{match[0]}</div>"


def navigation(app, pagename: str) -> list[dict]:
    """Return the parts of the book with their pages, in order, for the menu."""
    env, builder = app.env, app.builder
    root = app.config.root_doc

    def item(docname: str, title: str = "") -> dict:
        number = env.toc_secnumbers.get(docname, {}).get("")
        words = nodes.inline("", "", *(c.deepcopy() for c in env.titles[docname].children))
        return {
            "title": title or builder.render_partial(words)["fragment"].strip(),
            "number": number[0] if number else "",
            "link": builder.get_relative_uri(pagename, docname),
            "current": docname == pagename,
        }

    parts = [{"caption": "", "items": [item(root, "Start")]}]
    for tree in app.shockbook_toctrees:
        items = [item(docname) for _, docname in tree["entries"] if docname in env.titles]
        parts.append({"caption": tree.get("caption") or "", "items": items})
    return parts


def sections(app, pagename: str, evidence: bool) -> list[dict]:
    """Return the main sections of a page for the short list beside it."""
    toc = app.env.tocs.get(pagename)
    found = []
    if toc is not None:
        top = next(iter(toc.findall(nodes.list_item)), None)
        inner = (
            next((c for c in top.children if isinstance(c, nodes.bullet_list)), ()) if top else ()
        )
        for entry in inner:
            link = next(iter(entry.findall(nodes.reference)), None)
            if link is None or not link.get("anchorname"):
                continue
            title = nodes.inline("", "", *(c.deepcopy() for c in link.children))
            title = app.builder.render_partial(title)["fragment"]
            found.append({"anchor": link["anchorname"].lstrip("#"), "title": title})
    if evidence:
        found.append({"anchor": "evidence", "title": "Evidence"})
    return found


def about(doctree) -> str:
    """Return the first whole sentences of a page, as many as a preview shows."""
    found = doctree.findall(nodes.paragraph) if doctree is not None else ()
    first = next((p.astext() for p in found if isinstance(p.parent, nodes.section)), "")
    told, *others = re.split(r"(?<=[.?!]) (?=[A-Z\W])", " ".join(first.split()))
    for sentence in others:
        if len(told) + len(sentence) > 220:
            break
        told += f" {sentence}"
    return told


def policy() -> str:
    """Return the Content-Security-Policy of every page: our own scripts, whatever a page holds."""
    digest = hashlib.sha256(theme_script().encode()).digest()
    return POLICY.format(theme=base64.b64encode(digest).decode())


@functools.lru_cache
def theme_script() -> str:
    """Return the one script that stands in a page itself: it sets the theme at once."""
    code = (STATIC / "theme.js").read_text("utf-8")
    return re.sub(r"\s*\n\s*", "", re.sub(r"/\*.*?\*/", "", code, flags=re.S))


def style() -> str:
    """Return the whole style of a page: small enough to stand in its head, so nothing waits."""
    text = (STATIC / "shockbook.css").read_text("utf-8").replace("/*dark-charts*/", dark_rules())
    text = text.replace("/*inks*/", ink_rules())
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r"\s*\n\s*", "", text)


def frame(app, pagename, templatename, context, doctree):
    """Give the template its menu, style and the facts about the page."""
    evidence = doctree is not None and any(
        "evidence" in s["ids"] for s in doctree.findall(nodes.section)
    )
    source = context.get("sourcename") or ""
    # the builder of one page gives none
    context["docstitle"] = context.get("docstitle") or app.config.html_title
    context["shockbook_parts"] = navigation(app, pagename)
    context["shockbook_here"] = sections(app, pagename, evidence)
    context["shockbook_style"] = app.shockbook_style + rules(doctree)
    context["shockbook_theme"] = theme_script()
    context["shockbook_evidence"] = evidence
    context["shockbook_about"] = about(doctree)
    if base := app.config.html_baseurl:  # such a picture needs a whole address
        context["shockbook_card"] = preview.address(base, pagename)
    context["shockbook_policy"] = policy()
    if source.endswith(".ipynb"):
        context["shockbook_source"] = context["pathto"](f"_sources/{source}", 1)


def start(app, env):
    """Read the style and the order of pages once for all pages."""
    app.shockbook_style = style()
    root = env.get_doctree(app.config.root_doc)
    app.shockbook_toctrees = list(root.findall(addnodes.toctree))


def extra_pages(app):
    """Add the search, and the page for an address that does not exist."""
    if app.builder.name == "html":
        yield "search", {"title": "Search"}, "search.html"
        yield "404", {"title": "No such page"}, "404.html"


def live_bundle() -> str:
    """Return Vega with all it needs as one script, in a scope of its own."""
    code = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    note = (
        "Vega, Vega-Lite, Vega-Embed and their dependencies: BSD-3-Clause and ISC, vega.github.io"
    )
    return f"/* {note} */\n(() => {{{code}\n}})();\n"


def write_static(app, exception):
    """Write the files that pages share."""
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir, "_static", "shockbook")
    (folder / "live").mkdir(parents=True, exist_ok=True)
    for name in ("shockbook.js", "steps.js", "ledger.js", "share.js", "search.js", "favicon.svg"):
        shutil.copyfile(STATIC / name, folder / name)
    (folder / "live" / "vega.js").write_text(live_bundle(), "utf-8")
    Path(app.outdir, ".nojekyll").touch()  # or GitHub Pages leaves the folders with _ out
    base = app.config.html_baseurl
    if base:
        urls = "".join(
            f"<url><loc>{escape(base.rstrip('/'))}/{escape(app.builder.get_target_uri(d))}</loc></url>\n"
            for d in sorted(app.env.found_docs)
        )
        text = '<?xml version="1.0" encoding="UTF-8"?>\n'
        text += f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
        Path(app.outdir, "sitemap.xml").write_text(text, "utf-8")


def setup(app):
    app.add_node(scroll_region, **handlers(_visit_region, "</div>\n"))
    app.connect("env-check-consistency", start)
    app.connect("doctree-resolved", safe_links, priority=890)
    app.connect("doctree-resolved", wrap_tables, priority=900)
    app.connect("html-page-context", frame)
    app.connect("html-collect-pages", extra_pages)
    app.connect("build-finished", write_static)
