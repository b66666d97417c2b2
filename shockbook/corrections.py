"""``python -m shockbook corrections``: write the tables of the page of corrections.

They are made from ``data/corrections.csv`` and ``CITATION.cff``.  A test holds every verdict, part
and number of the first edition against the chapters and against these tables.
"""

import argparse
from pathlib import Path

import pandas as pd

from shockbook import catalog, words
from shockbook.site import cite

CHAPTERS = Path(__file__).parents[1] / "chapters"
PAGE = "corrections.inc"  # the tables of the page, which chapters/corrections.md takes in
HEADINGS = {
    "verdict": "Verdicts",
    "rule": "Rules and tests",
    "figure": "Figures",
    "sentence": "Sentences that said too much",
}


def add_parser(commands) -> None:
    """Add the command ``corrections`` to the command line."""
    parser = commands.add_parser("corrections", help="write the page of corrections")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the page."""
    table, about = catalog.load("corrections"), cite.read(CHAPTERS.parent / cite.FILE)
    (CHAPTERS / PAGE).write_text(page(table, about), "utf-8")
    print(f"chapters/{PAGE}: {len(table)} corrections")
    return 0


def editions(table: pd.DataFrame, about: dict) -> str:
    """The list of editions, newest first, in Markdown.

    A correction belongs to the first edition released on its day or later.  ``about`` is
    ``CITATION.cff``, the edition released last; those before it are its ``references``.
    """
    released = [*about.get("references", ()), about]
    released = sorted((pd.Timestamp(str(one["date-released"])), str(one["version"]))
                      for one in released)  # fmt: skip
    ends = [*released, (pd.Timestamp.max, "")]
    rows, begin, days = [], pd.Timestamp.min, pd.to_datetime(table["date"])
    for number, (end, version) in enumerate(ends, start=1):
        kinds = table[(days > begin) & (days <= end)]["kind"].value_counts()
        parts = [f"{heading.lower()}: {kinds[kind]}" for kind, heading in HEADINGS.items()
                 if kind in kinds]  # fmt: skip
        begin, name = end, f"{words.ordinal(number).capitalize()} edition"
        if not version and not parts:
            continue
        when = words.day(end.date()) if version else "not released yet"
        told = "; ".join(parts) or ("the first" if number == 1 else "no corrections")
        rows.append(f"| {name}{f', version {version}' if version else ''} | {when} | {told} |")
    head = ["## Editions", "", "| edition | released | corrected since the one before |"]
    return "\n".join([*head, "| --- | --- | --- |", *reversed(rows)])


def page(table: pd.DataFrame, about: dict) -> str:
    """The tables of the page, in Markdown, from ``corrections`` and ``CITATION.cff``."""
    meaning = catalog.load("first-edition").set_index("id")["what"]
    lines = [editions(table, about)]
    for kind, heading in HEADINGS.items():
        rows = table[table["kind"] == kind].fillna("")
        if rows.empty:
            continue
        lines += ["", f"## {heading}", "", ":::{div} cards"]
        lines += ["| date | where | it said | it says | why |", f"|{' --- |' * 5}"]
        for row in rows.itertuples():
            what = meaning.get(row.item, row.item) if row.kind == "figure" else row.item
            where = f"{row.place}: {what}" if what else row.place
            cells = (words.day(row.date), where, row.old, row.new or "taken out", row.why)
            lines.append("| " + " | ".join(_cell(c) for c in cells) + " |")
        lines.append(":::")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """A text inside a Markdown table; dollars do not open mathematics."""
    return text.replace("|", "\\|").replace("$", "\\$")
