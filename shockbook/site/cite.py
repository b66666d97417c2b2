"""The directive ``{citation}``: how to cite the book, from the repository's ``CITATION.cff``.

The same for machines is ``codemeta.json`` beside the pages (CodeMeta 3.0).

Also the order of the bibliography: one alphabet for people and for bodies.

A fork that changes the file has its own title, authors and version on the page.
"""

import json
import os
import shutil
from pathlib import Path

import yaml
from docutils import nodes
from pybtex.plugin import register_plugin
from pybtex.style.formatting.alpha import Style as Alpha
from pybtex.style.sorting.author_year_title import SortingStyle
from sphinx.util.docutils import SphinxDirective

from shockbook.references import LATEX
from shockbook.words import day

FILE = "CITATION.cff"
CODEMETA = "codemeta.json"
#: What the book is called as one file.
VOLUME = "the-deepseek-shock"
WANTED = ("title", "authors", "version", "date-released")


class CitationError(ValueError):
    """The file lacks something, said in one sentence."""


def read(path: Path) -> dict:
    """Return what ``CITATION.cff`` holds.

    Raises ``CitationError`` if the file is missing, is no YAML, or lacks a title, authors, a
    version or a date.
    """
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CitationError(f"{path.name} is missing: put it back, or leave the page out") from None
    except yaml.YAMLError as problem:
        line = problem.problem_mark.line + 1 if getattr(problem, "problem_mark", None) else 1
        raise CitationError(f"{path.name} is no YAML, from line {line} on: correct it") from None
    for key in WANTED:
        if not isinstance(found, dict) or not found.get(key):
            raise CitationError(f"{path.name} has no {key}: add it")
    return found


def authors(about: dict) -> str:
    """The authors in a row, people as family name and given names."""
    names = []
    for one in about["authors"]:
        family, given = one.get("family-names"), one.get("given-names")
        names.append(", ".join(filter(None, (family, given))) or one.get("name", ""))
    return " and ".join(names)


def licences(about: dict) -> list[str]:
    """The names of the licences, of which the file may give one or several."""
    found = about.get("license") or []
    return [found] if isinstance(found, str) else found


def sentence(about: dict, address: str = "") -> tuple[str, str, str]:
    """What stands before the title, the title, and what stands after it."""
    rest = f". Version {about['version']}, {day(str(about['date-released']))}."
    return f"{authors(about)}. ", about["title"], f"{rest} {address}".rstrip()


def bibtex(about: dict, address: str = "") -> str:
    """The entry for BibTeX; no escapes but those that its readers know."""
    year, month = str(about["date-released"]).split("-")[:2]
    title = about["title"].translate(LATEX)
    fields = {
        "title": f"{{{title}}}", "author": f"{{{authors(about)}}}", "version": about["version"],
        "year": year, "month": int(month), "url": address,
    }  # fmt: skip
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value != ""]
    return "@misc{deepseekshock,\n" + ",\n".join(lines) + "\n}"


def volumes(folder: Path) -> list[Path]:
    """Return the book as one file, PDF and EPUB, where ``VOLUMES`` asks the site to carry it."""
    made = [folder / "_build" / f"{VOLUME}.{kind}" for kind in ("pdf", "epub")]
    return [path for path in made if os.environ.get("VOLUMES") and path.exists()]


def codemeta(app) -> dict:
    """Return the book's description as CodeMeta, without what is not known."""
    about, repository = app.shockbook_citation, app.shockbook_repository
    found = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": about.get("title", app.config.html_title),
        "description": "A book that can be run: its pages, notebooks, data and verdicts.",
        "version": str(about.get("version", "")),
        "datePublished": str(about.get("date-released", "")),
        "author": [
            {"@type": "Organization" if "name" in one else "Person",
             "name": authors({"authors": [one]})}
            for one in about.get("authors", ())
        ],
        "license": [f"https://spdx.org/licenses/{name}" for name in licences(about)],
        "url": app.config.html_baseurl,
        "codeRepository": repository.url if repository else "",
        "programmingLanguage": "Python",
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def carry(app, exception) -> None:
    """Lay the book's description, and the book as one file, beside the pages."""
    if exception is None and app.builder.name == "html":
        text = json.dumps(codemeta(app), indent=1, ensure_ascii=False)
        Path(app.outdir, CODEMETA).write_text(f"{text}\n", "utf-8")
        for path in volumes(Path(app.srcdir)):
            shutil.copyfile(path, Path(app.outdir, path.name))


class CitationDirective(SphinxDirective):
    """``{citation}``, without options: the sentence and the BibTeX entry."""

    def run(self):
        path = Path(self.env.srcdir, FILE)
        self.env.note_reread()  # the address of the site, from the configuration, stands in it too
        try:
            about = read(path)
        except CitationError as problem:
            raise self.error(str(problem)) from None
        address = self.config.html_baseurl
        before, title, after = sentence(about, address)
        words = nodes.paragraph("", before, nodes.emphasis("", title), nodes.Text(after))
        entry = bibtex(about, address)
        return [words, *self.volumes(), nodes.literal_block(entry, entry, language="none")]

    def volumes(self) -> list[nodes.Node]:
        """Return links to the book as one file, where the build was told to carry it."""
        line = nodes.paragraph("", "To read from end to end, without code: ")
        up = "../" * self.env.docname.count("/")
        for path in volumes(Path(self.env.srcdir)):
            text = f"{path.suffix[1:].upper()} ({path.stat().st_size / 1e6:.1f} MB)"
            line += [nodes.reference("", text, refuri=f"{up}{path.name}"), nodes.Text(" ")]
        return [line] if len(line) > 1 else []


def start(app) -> None:
    """Read the file once for all pages; a book without one has no version to cite."""
    try:
        app.shockbook_citation = read(Path(app.srcdir, FILE))
    except CitationError:
        app.shockbook_citation = {}


def frame(app, pagename, templatename, context, doctree) -> None:
    """Tell the page's script how the book is cited, and its foot whose it is and on what terms."""
    about = app.shockbook_citation
    if about:
        context["author"], context["shockbook_licences"] = authors(about), licences(about)
    context["shockbook_citation"] = "".join(sentence(about)) if about else ""


class OneAlphabet(SortingStyle):
    """By author, year and title; the braces that keep a body's name whole do not count."""

    def person_key(self, person):
        """Return what a name is sorted by."""
        return super().person_key(person).replace("{", "").replace("}", "")


class References(Alpha):
    """The style of the bibliography."""

    default_sorting_style = "shockbook"


def setup(app) -> None:
    register_plugin("pybtex.style.sorting", "shockbook", OneAlphabet)
    register_plugin("pybtex.style.formatting", "shockbook", References)
    app.add_directive("citation", CitationDirective)
    app.connect("builder-inited", start)
    app.connect("build-finished", carry)
    app.connect("html-page-context", frame)
