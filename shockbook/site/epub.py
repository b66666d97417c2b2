"""The book as an EPUB (``make epub``): Sphinx's own builder, its pages without code and tools."""

import re
import uuid
from pathlib import Path
from posixpath import dirname, join, normpath

from sphinx.builders.epub3 import Epub3Builder

from shockbook.site import volume
from shockbook.site.book import page_of
from shockbook.site.cite import VOLUME
from shockbook.site.markup import fill
from shockbook.site.pictures import ink_rules

#: Names in SVG that the parser of HTML writes small.
CAPITALS = ("viewBox", "clipPath", "preserveAspectRatio", "markerWidth", "markerHeight", "refX",
            "refY", "textLength", "linearGradient", "gradientUnits", "markerUnits")  # fmt: skip
SPELLED = {name.lower(): name for name in CAPITALS}
LANGUAGE = '<html xml:lang="en" lang="en" xmlns="http://www.w3.org/1999/xhtml"'


def _spelled(tag: re.Match) -> str:
    text = re.sub(r"[a-z]{4,}", lambda m: SPELLED.get(m[0], m[0]), tag[0]) if "<" in tag[0] else ""
    return text.replace(' focusable="false"', "")


def written(page) -> str:
    """Return a page as XHTML: names of SVG and namespaces as XML wants them."""
    for kind, space in (("svg", "2000/svg"), ("math", "1998/Math/MathML")):
        for element in page.select(kind):
            element["xmlns"] = f"http://www.w3.org/{space}"
    page.html.attrs = {}
    text = str(page).replace("<html", LANGUAGE, 1)
    text = re.sub(r"<!DOCTYPE[^>]*>|<\?xml[^>]*>", "", text).lstrip()
    text = re.sub(r"<(?:svg|/?clippath|marker|lineargradient|text|use)\b[^>]*>", _spelled, text)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n{text}'


class Epub(Epub3Builder):
    """Sphinx's builder, with pages for reading, one style sheet and nothing else."""

    def handle_finish(self) -> None:
        """Clean the pages that were written, then pack them."""
        out = Path(self.outdir)
        suffix = self.out_suffix
        left = [n for n in self.env.found_docs if page_of(n) in volume.LEFT_OUT]
        kept = {f"{n}{suffix}" for n in self.env.found_docs if n not in left}
        self.config.epub_exclude_files = [f"{n}{suffix}" for n in left]
        for path in [p for p in out.rglob("*") if p.is_file()]:
            if path.relative_to(out).as_posix() not in kept and not path.name.startswith("."):
                path.unlink()
        inks = ink_rules().replace("var(--paper)", "#fff")
        (out / "book.css").write_text(fill("epub.css", inks=inks), "utf-8")
        read = {name: volume.read(out / name) for name in sorted(kept)}
        for name, page in read.items():
            self._clean(name, page)
        ids = {name: {e["id"] for e in page.select("[id]")} for name, page in read.items()}
        for name, page in read.items():
            for link in page.select("a[href]"):
                there, _, anchor = link["href"].partition("#")
                target = normpath(join(dirname(name), there)) if there else name
                if ":" not in there and (
                    target not in kept or (anchor and anchor not in ids[target])
                ):
                    link.unwrap()
            (out / name).write_text(written(page), "utf-8")
        super().handle_finish()

    def _clean(self, name: str, page) -> None:
        volume.prune(page)
        for extra in page.select("head link, head meta, head style"):
            extra.decompose()
        sheet = page.new_tag("link", rel="stylesheet", type="text/css")
        sheet["href"] = "../" * name.count("/") + "book.css"
        page.head.append(sheet)
        for shown in page.select(".chart-picture"):  # told by its alt text, as in the site
            shown["role"] = "img"

    def build_content(self) -> None:
        """Write the list of files, and say which of them hold drawings or formulas."""
        super().build_content()
        path = Path(self.outdir, "content.opf")

        def told(item: re.Match) -> str:
            text = Path(self.outdir, item[1]).read_text("utf-8")
            kinds = {"svg": "<svg ", "mathml": "<math "}
            found = " ".join(kind for kind, mark in kinds.items() if mark in text)
            return item[0].replace(" />", f' properties="{found}" />') if found else item[0]

        listed = re.sub(r'<item id="epub-\d+" href="([^"]+\.xhtml)"[^>]*/>', told,
                        path.read_text("utf-8"))  # fmt: skip
        path.write_text(listed, "utf-8")


def name(app, config) -> None:
    """Give the builder the book's title, version and number."""
    if "project" not in config:  # Jupyter Book knows the title alone
        config.project = config.html_title
    config.epub_title = config.html_title or config.project
    config.epub_basename, config.epub_tocscope = VOLUME, "includehidden"
    config.epub_tocdepth, config.epub_show_urls = 2, "no"
    config.version = config.version or "1"
    # one for both: the list of contents names the first, the list of files the second
    config.epub_uid = f"book-{uuid.uuid5(uuid.NAMESPACE_URL, config.epub_title)}"
    config.epub_identifier = config.epub_uid
    config.epub_description = config.epub_title
    config.epub_contributor = config.author


def setup(app) -> None:
    app.add_builder(Epub, override=True)
    app.connect("config-inited", name)
