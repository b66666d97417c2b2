"""Every number of the book is computed, or read from a row that carries its source."""

import copy
import functools
import re

import nbformat
import orphans
import pages
import pytest

from shockbook import charts, evidence

#: Notebooks that say their numbers in their cells; test_prose holds those that declare them.
SAYING = [pages.SAMPLE, *(p for p in pages.CHAPTERS if not p.with_suffix(".toml").is_file())]
BOOK = {path.stem: pages.Page.read(path) for path in [pages.SAMPLE, *pages.CHAPTERS]}
EVERY = [*SAYING, *pages.PROSE]


@pytest.mark.parametrize("path", EVERY, ids=lambda p: p.stem)
def test_no_orphan_numbers(path):
    name = path.stem
    found = faults_of(name) if name in BOOK else orphans.faults(pages.Page.read(path), BOOK)
    assert not found, "\n".join([path.name, *found])


# ------------------------------------------------------------------ seeded faults must be found
def other_digit(text: str) -> str:
    """The text with the last digit of its last number changed."""
    return re.sub(r"(\d)(?=\D*\Z)", lambda m: str((int(m[1]) + 5) % 10), text)


def changed(page, change):
    """A copy of a page after ``change(notebook)``."""
    copied = pages.Page(page.name, copy.deepcopy(page.notebook))
    change(copied.notebook)
    return copied


def outputs(notebook, mime):
    return [
        o.data[mime]
        for c in notebook.cells
        for o in c.get("outputs", [])
        if mime in o.get("data", {})
    ]


def wrong_digit_in(key):
    """Change the longest number in a chart's words to one that no record holds."""

    def change(notebook):
        said = {t for r in outputs(notebook, evidence.MIME) for t in orphans.tokens(r["text"])}
        words = [charts.meta(spec) for spec in outputs(notebook, charts.MIME)]
        numbers = [(n, w) for w in words for n in orphans.tokens(orphans.strip(w[key]))]
        if not numbers:
            raise StopIteration
        number, about = max(numbers, key=lambda pair: len(pair[0]))
        wrong = next(w for d in "1234567890" if (w := number[:-1] + d) not in said)
        about[key] = about[key].replace(number, wrong).replace(f"{float(number):,.0f}", wrong)

    return change


def wrong_digit_in_prose(notebook):
    record = next(
        r for r in outputs(notebook, evidence.MIME) if isinstance(r["value"], float | int)
    )
    record["text"] = other_digit(record["text"])


def wrong_source(notebook):
    record = next(r for r in outputs(notebook, evidence.MIME) if "row" in r)
    known = orphans.catalog.sources().id
    record["source"] = next(s for s in known if s != record["source"])


def wrong_row(notebook):
    record = next(r for r in outputs(notebook, evidence.MIME) if "row" in r)
    record["row"] = {"id": "no-such-row"}


def typed(text):
    def change(notebook):
        notebook.cells.append(nbformat.v4.new_markdown_cell(text, id="typed"))

    return change


def typed_in_code(source):
    def change(notebook):
        notebook.cells.append(nbformat.v4.new_code_cell(source, id="typed"))

    return change


MUTATIONS = {
    "digit in a title": (wrong_digit_in("title"), "no record"),
    "digit in an alt text": (wrong_digit_in("alt"), "no record"),
    "digit in prose": (wrong_digit_in_prose, "but holds"),
    "source": (wrong_source, "names the source"),
    "row": (wrong_row, "rows, not one"),
    "literal": (typed("NVIDIA lost 593 billion dollars."), "typed in"),
    "literal with dollar": (typed("NVIDIA lost $593."), "typed in"),
    "two dollar amounts": (typed("Lost $592 billion, or some $589 say."), "dollar"),
    "literal in a heading": (typed("# A loss of 17%"), "typed in"),
    "literal in a directive": (typed("```{note}\n:class: x\n\nA loss of 17%.\n```"), "typed in"),
    "literal in a link": (typed("[all 503 firms](data.md)"), "typed in"),
    "key": (typed("Lost {num}`no-such-key`."), "has no record"),
    "page": (typed("Lost {num}`no-page:loss`."), "has no record"),
    "title in code": (typed_in_code('charts.figure(c, title=f"Lost 17% on {day}")'), "title="),
    "alt in code": (typed_in_code('charts.figure(c, alt="It fell " + "by 17%.")'), "alt="),
    "number in an f-string": (typed_in_code('charts.figure(c, alt=f"It fell {17.2}%")'), "alt="),
    "caption": (typed_in_code('charts.show(t, "The 12 days")'), "caption="),
    "fmt": (typed_in_code('say("a", x, "{:.1f} of 500", "share")'), "fmt="),
    "what": (typed_in_code('cite("a", t, r, "c", "{}", "one of 500")'), "what="),
    "typed value": (typed_in_code('say("a", -592.7 * 1, "{:.1f}", "loss")'), "typed value"),
}  # fmt: skip


def first_mutant(names, change):
    """The first page that holds what the change needs, and its broken copy."""
    for name in names:
        try:
            return BOOK[name], changed(BOOK[name], change)
        except StopIteration:
            continue
    pytest.fail(f"none of {names} holds what this fault is seeded in")


@functools.cache
def faults_of(name):
    return orphans.faults(BOOK[name], BOOK)


#: Faults are seeded in the sample, and in a real chapter once there is one.
PLACES = {"sample": [pages.SAMPLE.stem], "chapter": [p.stem for p in SAYING[1:]]}


# the pages that still say their numbers cite no row of a table: only the sample does
@pytest.mark.parametrize(
    ("place", "mutation"),
    [(p, m) for p, names in PLACES.items() if names for m in MUTATIONS
     if p == "sample" or m not in ("source", "row")],
)
def test_seeded_faults_are_found(place, mutation):
    change, message = MUTATIONS[mutation]
    page, mutant = first_mutant(PLACES[place], change)
    new = [fault for fault in orphans.faults(mutant, BOOK) if fault not in faults_of(page.name)]
    assert any(message in fault for fault in new), new


# ------------------------------------------------------------------ the grammar
@pytest.mark.parametrize(
    "text",
    [
        "On 27 January 2025, and 27–28 January; 21, 22 and 24 January, or January 27, 2025.",
        "From 2024 to 2026, in 2024–26, the 1990s, 2025-01-27, Q3 2025, FY2025, at 9:30 a.m.",
        "S&P 500, Nasdaq-100, GPT-4, GPT-4o, o1-1217, R1, R1-Zero, V3, V3-0324, H800, A100, 10-Q",
        "C01, C10–C17, chapters 1 to 7, figure 2, a 95% prediction interval, CC BY 4.0.",
        "DeepSeek-V3's paper; Claude 3.5; AIME 2024; MATH-500.",
        "H800s, Llama 3.1 405B, 16-bit, mid-2024, the 5th to 95th percentile, sha256",
    ],
)
def test_what_may_be_typed(text):
    assert orphans.orphans(text) == []


@pytest.mark.parametrize(
    "text",
    ["17%", "$2025", "2000 GPUs", "2024 million", "351 rose", "1.5%", "the 9th", "95% of firms",
     "R1 has 671B", "2,048 of them", "H800s: 2048", "0.2", "€5", "day 5", "v5e-17", "2025.5",
     "405B", "-2024", "the 95th"],
)  # fmt: skip
def test_what_may_not_be_typed(text):
    assert orphans.orphans(text)


@pytest.mark.parametrize(
    ("text", "value", "good"),
    [
        ("$592.7 billion", 592.658, True), ("$592.6 billion", 592.658, False),
        ("−17.0%", -0.16968, True), ("17.0%", -0.16968, False), ("17.0%", 16.968, True),
        ("24,490,000,000", 24490000000, True), ("3.1e+24", 3.14e24, True),
        ("27 January 2025", "2025-01-27", True), ("28 January 2025", "2025-01-27", False),
        ("27 March 2025", "2025-01-27", False), ("Liang Wenfeng", "Liang Wenfeng", True),
        ("351 of 503", 351, False), ("no number", 3.0, False),
        ("9 of the S&P 500", 9, True),
        ("four", 4, True), ("four", 5, False), ("none", 0, True), ("four of 9", 4, False),
    ],
)  # fmt: skip
def test_a_record_agrees_with_its_value(text, value, good):
    assert orphans.agrees(text, value) is good
