"""Figures that more than one page tells: found by their words or their cell, and shown in a table.

The directive ``{repeated}`` puts the table on a page; a test holds every group to one value.
"""

import re
import tomllib
from collections import defaultdict
from pathlib import Path

from docutils import nodes
from sphinx.util.nodes import make_refnode

from shockbook.site import writing
from shockbook.site.book import page_of
from shockbook.site.tables import make_table
from shockbook.words import day

#: Pairs of patterns for what is the same figure in other words; it lies beside the chapters.
PATTERNS = "repeated.toml"
#: A page about another event tells other figures in the same words.
OTHER_EVENT = {"your-event"}

Numbers = list[tuple[str, dict]]  # page and record


def by_words(numbers: Numbers) -> dict[str, Numbers]:
    """Numbers that two pages declare in the same words."""
    groups = _grouped(numbers, lambda number: " ".join(number["what"].lower().split()))
    return {k: members for k, members in groups.items() if len({page for page, _ in members}) > 1}


def by_cell(numbers: Numbers) -> dict[str, Numbers]:
    """Numbers that are read from the same cell of a table."""
    read = [(page, number) for page, number in numbers if number.get("row")]
    return _grouped(read, lambda n: str((n["data"][0], *sorted(n["row"].items()), n["column"])))


def by_pattern(numbers: Numbers, folder: Path) -> dict[str, Numbers]:
    """Numbers that somebody knows to be the same, whatever their words."""
    fitting = {
        name: [(p, n) for p, n in numbers if re.search(one["what"], n["what"])]
        for name, one in _known(folder).items()
    }
    return {name: members for name, members in fitting.items() if members}


def _known(folder: Path) -> dict[str, dict]:
    table = tomllib.loads((folder / PATTERNS).read_text("utf-8"))["figure"]
    return {one["name"]: one for one in table}


def _grouped(numbers: Numbers, name) -> dict[str, Numbers]:
    groups = defaultdict(list)
    for page, number in numbers:
        groups[name(number)].append((page, number))
    return {key: members for key, members in groups.items() if len(members) > 1}


def rows(numbers: Numbers, folder: Path) -> list[tuple[str, str, str, Numbers]]:
    """Each figure of two pages or more: what it is, unit, day, and the numbers that tell it."""
    found: dict[frozenset, tuple[str, str, str, Numbers]] = {}
    known = _known(folder)
    for groups in (by_pattern(numbers, folder), by_words(numbers), by_cell(numbers)):
        for name, members in groups.items():
            told = frozenset((page, number["key"]) for page, number in members)
            if len({page for page, _ in told}) > 1 and not any(told <= known for known in found):
                about = known.get(name) or {"name": members[0][1]["what"], "unit": "", "date": ""}
                found[told] = about["name"], about["unit"], day(about["date"]), members
    return sorted(found.values(), key=lambda row: row[0].lower())


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
        words, anchor = nodes.Text(page_of(docname)), number["anchor"]
        page = make_refnode(env.app.builder, env.docname, docname, anchor, words)
        said += [nodes.Text(("; " if said else "") + number["text"] + " in "), page]
    return said


def setup(app) -> None:
    """Register with Sphinx."""
    writing.later(app, "repeated", table)
