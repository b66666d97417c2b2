"""Figures that more than one page tells, shown in a table.

The directive ``{repeated}`` puts the table on a page; a test holds every figure to one value, and
finds those that are told twice and not in the table.
"""

import re
import tomllib
from pathlib import Path

from docutils import nodes

from shockbook.site import writing
from shockbook.site.book import page_of
from shockbook.site.tables import make_table
from shockbook.words import day

#: Pairs of patterns for what is the same figure in other words; it lies beside the chapters.
PATTERNS = "repeated.toml"
#: A page about another event tells other figures in the same words.
OTHER_EVENT = {"your-event"}

Numbers = list[tuple[str, dict]]  # page and record


def by_pattern(numbers: Numbers, folder: Path) -> list[tuple[dict, Numbers]]:
    """Each figure that somebody knows to be told in several words, and the numbers that tell it."""
    known = tomllib.loads((folder / PATTERNS).read_text("utf-8"))["figure"]
    return [(one, [(p, n) for p, n in numbers if re.search(one["what"], n["what"])])
            for one in known]  # fmt: skip


def rows(numbers: Numbers, folder: Path) -> list[tuple[str, str, str, Numbers]]:
    """Each figure of two pages or more: what it is, unit, day, and the numbers that tell it."""
    found = [
        (one["name"], one["unit"], day(one["date"]), members)
        for one, members in by_pattern(numbers, folder)
        if len({page for page, _ in members}) > 1
    ]
    return sorted(found, key=lambda row: row[0].lower())


def table(env) -> nodes.Node:
    """Return what ``{repeated}`` shows."""
    numbers = [
        (docname, number)
        for docname, page in sorted(env.get_domain("shockbook").data["figures"].items())
        if page_of(docname) not in OTHER_EVENT
        for number in page.values()
    ]
    body = [
        [[nodes.Text(what)], _told(env, members), [nodes.Text(unit)], [nodes.Text(when)]]
        for what, unit, when, members in rows(numbers, Path(env.srcdir) / "chapters")
    ]
    return make_table(["Figure", "Told as", "Unit", "Day"], body, f"{len(body)} figures told twice")


def _told(env, members: Numbers) -> list[nodes.Node]:
    """Each number as its page has it, with a link to that page."""
    said: list[nodes.Node] = []
    for docname, number in members:
        page = writing.link(env, docname, number["anchor"], nodes.Text(page_of(docname)))
        said += [nodes.Text(("; " if said else "") + number["text"] + " in "), page]
    return said


def setup(app) -> None:
    writing.later(app, "repeated", table)
