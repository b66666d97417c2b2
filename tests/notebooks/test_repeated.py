"""A figure that two chapters tell is one figure: same words or same cell, same value."""

import json
import math
from collections import defaultdict
from pathlib import Path

import pytest

from shockbook import stored
from shockbook.site import repeated

CHAPTERS = Path(__file__).parents[2] / "chapters"


def recorded() -> list[tuple[str, dict]]:
    """Every number of every chapter with the page that records it, from the stored outputs."""
    found = []
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        if path.stem not in repeated.OTHER_EVENT:
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


def by_pattern(numbers) -> dict:
    found = repeated.by_pattern(numbers, CHAPTERS)
    return {one["name"]: members for one, members in found if members}


def grouped_by(numbers, name) -> dict:
    groups = defaultdict(list)
    for page, number in numbers:
        groups[name(number)].append((page, number))
    return {key: members for key, members in groups.items() if len(members) > 1}


def by_words(numbers) -> dict:
    """Numbers that two pages declare in the same words."""
    groups = grouped_by(numbers, lambda number: " ".join(number["what"].lower().split()))
    return {k: members for k, members in groups.items() if len({page for page, _ in members}) > 1}


def by_cell(numbers) -> dict:
    """Numbers that are read from the same cell of a table."""
    read = [(page, number) for page, number in numbers if number.get("row")]
    return grouped_by(read, lambda n: str((n["data"][0], *sorted(n["row"].items()), n["column"])))


@pytest.mark.parametrize("grouped", [by_words, by_cell, by_pattern])
def test_figures_told_twice_agree(grouped):
    assert not clashes(grouped(recorded()))


def test_the_table_knows_figures_of_two_chapters():
    groups = by_pattern(recorded())
    assert any(len({page for page, _ in members}) > 1 for members in groups.values())


def test_a_clash_is_found():
    def number(value, what="Members of the S&P 500", **more):
        return {"key": "k", "text": str(value), "value": value, "what": what, **more}

    apart = [("market", number(503)), ("methods", number(500))]
    assert clashes(by_words(apart)) and clashes(by_pattern(apart))
    row = {"row": {"id": "cg07"}, "column": "low_usd_b", "data": ["capex-guidance"]}
    cells = [("capex", number(60, "a", **row)), ("sequel", number(65, "b", **row))]
    assert clashes(by_cell(cells)) and not clashes(by_words(cells))
    assert not clashes(by_words([("market", number(-16.97)), ("methods", number(16.98))]))


def test_every_figure_of_two_pages_has_a_row_with_its_unit_and_day():
    numbers = recorded()
    rows = repeated.rows(numbers, CHAPTERS)
    told = [{(page, n["key"]) for page, n in members} for *_, members in rows]
    for groups in (by_words(numbers), by_cell(numbers), by_pattern(numbers)):
        for members in groups.values():
            if len({page for page, _ in members}) > 1:
                assert any({(p, n["key"]) for p, n in members} <= one for one in told), members
    lacking = [what for what, unit, day, _ in rows if not (what and unit and day)]
    assert len(rows) > 8 and not lacking  # tell them in chapters/repeated.toml
    (loss,) = [row for row in rows if "NVIDIA's loss of market value" in row[0]]
    assert loss[1:3] == ("billion US dollars", "27 January 2025")
    assert {"nvidia"} < {page for page, _ in loss[3]}
