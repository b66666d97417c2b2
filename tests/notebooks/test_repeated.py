"""A figure that two chapters tell is one figure: same words or same cell, same value."""

import json
import math
import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from shockbook import stored

CHAPTERS = Path(__file__).parents[2] / "chapters"
#: A page about another event tells other figures in the same words.
OTHER_EVENT = {"your-event"}


def recorded() -> list[tuple[str, dict]]:
    """Every number of every chapter with the page that records it, from the stored outputs."""
    found = []
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        if path.stem not in OTHER_EVENT:
            notebook = json.loads(path.read_text("utf-8"))
            found += [(path.stem, number) for _, number in stored.numbers(notebook)]
    return found


def same(one, other) -> bool:
    """Equal to three digits, whatever the sign: a fall is told as −17 and as 17 per cent."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(abs(one), abs(other), rel_tol=0.005)
    return one == other


def clashes(groups: dict) -> list[str]:
    """Groups of (page, number) whose values differ, each told in one line."""
    found = []
    for name, members in groups.items():
        if any(not same(members[0][1]["value"], number["value"]) for _, number in members):
            told = "; ".join(f"{page} {n['key']}: {n['text']}" for page, n in members)
            found.append(f"{name}: {told}")
    return found


def by_words(numbers) -> dict:
    groups = defaultdict(list)
    for page, number in numbers:
        groups[" ".join(number["what"].lower().split())].append((page, number))
    return {k: v for k, v in groups.items() if len({page for page, _ in v}) > 1}


def by_cell(numbers) -> dict:
    groups = defaultdict(list)
    for page, number in numbers:
        if number.get("row"):
            cell = (number["data"][0], *sorted(number["row"].items()), number["column"])
            groups[str(cell)].append((page, number))
    return {k: v for k, v in groups.items() if len(v) > 1}


def by_table(numbers) -> dict:
    table = tomllib.loads((CHAPTERS / "repeated.toml").read_text("utf-8"))["figure"]
    return {
        one["name"]: fitting
        for one in table
        if (fitting := [(p, n) for p, n in numbers if re.search(one["what"], n["what"])])
    }


@pytest.mark.parametrize("grouped", [by_words, by_cell, by_table])
def test_figures_told_twice_agree(grouped):
    assert not clashes(grouped(recorded()))


def test_the_table_knows_figures_of_two_chapters():
    groups = by_table(recorded())
    assert any(len({page for page, _ in members}) > 1 for members in groups.values())


def test_a_clash_is_found():
    def number(value, what="Members of the S&P 500", **more):
        return {"key": "k", "text": str(value), "value": value, "what": what, **more}

    apart = [("market", number(503)), ("methods", number(500))]
    assert clashes(by_words(apart)) and clashes(by_table(apart))
    row = {"row": {"id": "cg07"}, "column": "low_usd_b", "data": ["capex-guidance"]}
    cells = [("capex", number(60, "a", **row)), ("sequel", number(65, "b", **row))]
    assert clashes(by_cell(cells)) and not clashes(by_words(cells))
    assert not clashes(by_words([("market", number(-16.97)), ("methods", number(16.98))]))
