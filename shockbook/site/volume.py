"""The book to read from end to end, on paper or in a reader: without code, tools and evidence."""

import re
from pathlib import Path

from bs4 import BeautifulSoup

from shockbook.site.book import page_of

#: What only a screen has use for; folds without a class hold what is too long to print.
GONE = (
    "script, noscript, header.top, nav, footer, .skip, .headerlink, .chart-tools, .chart-live,"
    ".chart-picture .narrow, .chart-picture .broad, .step-picture .wide, .card-texts, .page-tools,"
    ".tools, .guess, .needs-script, section.evidence, details.hide, .solution, .said-list,"
    ".cell_input, details:not([class]), .live-banner, .sd-summary-icon, .sd-summary-state-marker"
)
#: What makes the output of a cell worth printing without its code.
SHOWN = "figure, table, .verdict, .told"
HEAD = re.compile("^h[1-6]$")
#: Pages for those who run the book, not for those who read it through.
LEFT_OUT = ("api", "status", "your-event")


def prune(page: BeautifulSoup) -> None:
    """Take out of a page, in place, what is not for reading from end to end."""
    for element in page.select(GONE):
        element.decompose()
    for cell in page.select("div.cell"):
        if not cell.select_one(SHOWN):
            cell.decompose()
    for fold in page.select("details"):  # nothing folds on paper
        fold.name, fold.attrs = "div", {**fold.attrs, "class": ["unfolded"]}
        for line in fold.find_all("summary", recursive=False):
            line.name, line.attrs = "p", {"class": ["fold-title"]}
    ids = {element["id"] for element in page.select("[id]")}
    for link in page.select('a[href^="#"]'):
        if link["href"][1:] not in ids:  # to a number's evidence, for instance
            link.unwrap()
    for box in page.select("[tabindex]"):
        del box["tabindex"]


def chapters(page: BeautifulSoup) -> list:
    """Return the section of each page in the single page, in order, without those left out.

    The mark before a section, where links to the page lead, moves into it.
    """
    found = []
    for mark in page.select('span[id^="document-"]'):
        section = mark.find_next("section")
        if page_of(mark["id"].removeprefix("document-")) in LEFT_OUT:
            mark.decompose()
            section.decompose()
        else:
            found.append(section)
            section.insert(0, mark.extract())
    return found


def contents(section) -> list[tuple[int, str, str]]:
    """Return depth, anchor and title of a page (0), and of its parts (1) if it is numbered."""
    head = section.find(HEAD)
    found = [(0, section["id"], head.get_text())]
    if head.select_one(".section-number"):
        parts = section.find_all("section", recursive=False)
        found += [(1, part["id"], part.find(HEAD).get_text()) for part in parts]
    return found


def read(path: Path) -> BeautifulSoup:
    """Read a page of HTML."""
    return BeautifulSoup(path.read_text("utf-8"), "lxml")
