"""The book as one PDF (``make pdf``): title page, contents with page numbers, running heads.

All pages become one, without code (:mod:`shockbook.site.volume`); Chromium prints it more
than once, since only then the pages' numbers are known and whether a chapter's last page is filled.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from bs4 import BeautifulSoup
from pypdf import PdfReader

from shockbook.site import cite, volume
from shockbook.site.markup import fill
from shockbook.words import day

# --no-sandbox: the page is our own, and a container has no rights for the sandbox.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
NAME = f"{cite.VOLUME}.pdf"
#: The head over the pages behind the last chapter.
BEHIND = "Behind the book"
#: A chapter is set a little smaller or larger until its last page is more than half full.
SIZES = (1, 0.98, 0.96, 0.94, 1.02, 1.04)
HALF = 0.55


def add_parser(commands) -> None:
    """Add the command ``pdf`` to the command line."""
    parser = commands.add_parser("pdf", help="print the whole book as one PDF")
    parser.add_argument("folder", nargs="?", default=".", type=Path, help="the book's folder")
    parser.set_defaults(run=run)


def browser() -> str | None:
    """The path of Chromium; nothing where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def printed(program: str, page: Path, target: Path) -> str:
    """Print a page of HTML as a PDF; return what the browser complained of if there is none."""
    target.unlink(missing_ok=True)  # or an old one would pass for the new
    command = [program, *FLAGS, "--no-pdf-header-footer", "--generate-pdf-document-outline"]
    command += [f"--print-to-pdf={target}", page.resolve().as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return "" if target.exists() else done.stderr.strip()[-300:] or "it said nothing"


def compose(page: BeautifulSoup, about: dict) -> None:
    """Make Sphinx's single page a book, in place: title page, contents, heads; its pages are 0.

    ``about`` is what ``CITATION.cff`` holds, empty for a book without.
    """
    title, numbered = page.title.get_text(), False
    for link in page.select('a[href^="index.html#"]'):  # this page itself
        link["href"] = link["href"].removeprefix("index.html")
    found = volume.chapters(page)
    volume.prune(page)
    for part in reversed(found[0].select(".toctree-wrapper")):  # the start page holds all others
        found[0].insert_after(part.extract())
    heads, rows = [("behind", BEHIND)], []
    for place, section in enumerate(found):
        parts = volume.contents(section)
        numbered = numbered or len(parts) > 1
        if numbered and len(parts) == 1:  # pages behind the last chapter run on
            section["style"] = "page:behind"
        else:
            heads.append((f"part{place}", " ".join(parts[0][2].split())))
            section["style"] = f"page:part{place}"
        rows += parts
    style = fill("pdf.css", book=title, heads=heads)
    page.head.append(BeautifulSoup(f"<style>{style}</style>", "html.parser"))
    name, _, rest = about.get("title", title).partition(": ")
    front = fill("front.html", title=name, subtitle=rest[:1].upper() + rest[1:], about=about,
                 cite=cite, day=day, rows=rows)  # fmt: skip
    page.body.insert(0, BeautifulSoup(front, "html.parser"))


def filled(page) -> float:
    """How far down a page of a PDF it is filled, from 0 to 1; head and foot are left out."""
    foot, head = 60, float(page.mediabox.height) - 65  # the margins of pdf.css, in points
    found = [head]

    def see(text, matrix, place, *_):
        down = place[4] * matrix[1] + place[5] * matrix[3] + matrix[5]
        if text.strip() and down > foot:
            found.append(down)

    def see_picture(operator, operands, matrix, place):
        if operator == b"Do":
            found.append(min(matrix[5], matrix[5] + matrix[3]))

    page.extract_text(visitor_text=see, visitor_operand_before=see_picture)
    return (head - min(found)) / (head - foot)


def fit(page: BeautifulSoup, show) -> None:
    """Give each chapter, in place, the size at which its last page is full enough, or fullest.

    ``show`` prints the page as it is and returns the PDF's path.
    """
    sections = {one["id"]: one for one in page.select('[style^="page:"]')}
    own = {name: one["style"] for name, one in sections.items()}
    best = {name: (0, 1) for name in own if "behind" not in own[name]}  # how full, and the size
    for size in SIZES:
        left = [name for name, (full, _) in best.items() if full < HALF]
        if not left:
            break
        for name, one in sections.items():
            one["style"] = f"{own[name]};zoom:{size}" if name in left else "display:none"
        read = PdfReader(show())
        starts = [read.get_destination_page_number(read.named_destinations[f"/{n}"]) for n in left]
        for name, after in zip(left, [*starts[1:], len(read.pages)], strict=True):
            now = filled(read.pages[after - 1]), size
            best[name] = max(best[name], now, key=lambda one: one[0])
    for name, one in sections.items():
        one["style"] = f"{own[name]};zoom:{best.get(name, (0, 1))[1]}"


def number(page: BeautifulSoup, pdf: Path) -> None:
    """Write into the contents on which page of a printed PDF each entry begins."""
    read = PdfReader(pdf)
    places = {name.removeprefix("/"): read.get_destination_page_number(one) + 1
              for name, one in read.named_destinations.items()}  # fmt: skip
    for mark in page.select("[data-page]"):
        mark.string = str(places.get(mark["data-page"], ""))


def run(options: argparse.Namespace) -> int:
    """Build the single page and print it.  0: done; 1: something is missing or failed."""
    program = browser()
    if program is None:
        print("make pdf needs the browser Chromium: install it first.", file=sys.stderr)
        return 1
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(options.folder)]
    done = subprocess.run([*command, "--builder", "singlehtml", "--quiet"])
    if done.returncode:
        return 1
    built = options.folder.resolve() / "_build"
    single, target = built / "singlehtml" / "book.html", built / NAME
    page = volume.read(single.with_name("index.html"))
    try:
        about = cite.read(options.folder / cite.FILE)
    except cite.CitationError:
        about = {}
    compose(page, about)

    def show() -> Path:
        single.write_text(str(page), "utf-8")
        if complaint := printed(program, single, target):
            raise RuntimeError(f"Chromium printed no PDF: {complaint}")
        return target

    try:
        fit(page, show)
        number(page, show())
        show()
    except RuntimeError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{target} ({target.stat().st_size / 1e6:.1f} MB)")
    return 0
