"""``python -m shockbook corrections``: what changed since the first edition, and the page of it.

``data/first-edition.csv`` keeps every verdict, part and recorded number of the first edition as
it was.  :func:`changes` compares them with what the chapters hold today; :func:`silent` names
every change that neither ``data/corrections.csv`` (the page's tables are made from it) tells nor
``data/first-edition-gone.csv`` lists as told no more.
"""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from shockbook import catalog, claims, stored, words
from shockbook.site import cite

CHAPTERS = Path(__file__).parents[1] / "chapters"
PAGE = "corrections.inc"  # the tables of the page, which chapters/corrections.md takes in
#: The verdicts' names in the first edition.
NAMES = {
    "supported": "True",
    "supported with context": "True, but",
    "partly wrong": "Partly wrong",
    "wrong": "Wrong",
    "no evidence found": "No evidence found",
    "unverifiable": "Cannot be known",
    "opinion": "Opinion",
}
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
    """Write the page.  0: every change is told; 1: some are not, one sentence each on stderr."""
    about = cite.read(CHAPTERS.parent / cite.FILE)
    (CHAPTERS / PAGE).write_text(page(catalog.load("corrections"), about), "utf-8")
    found = changes()
    counts = found.groupby(["kind", "state"]).size()
    for (kind, state), count in counts.items():
        print(f"{kind}s {state}: {count}")
    told = silent(found)
    for sentence in told:
        print(sentence, file=sys.stderr)
    return 1 if told else 0


def _same(old: str, new) -> bool:
    """Whether a number with its sign, a date or a text is what it was."""
    try:
        was, now = float(old), float(new)
    except (TypeError, ValueError):
        return NAMES.get(old, old) == str(new)
    return abs(now - was) <= 2e-6 * max(abs(now), 1e-9)


def _today(folder: Path) -> dict[tuple[str, str], dict]:
    """Every number that the chapters record today, by page and key."""
    return {
        (path.stem, record["key"]): record
        for path in sorted(folder.glob("*.ipynb"))
        for _, record in stored.numbers(json.loads(path.read_text("utf-8")))
    }


def changes(folder: Path = CHAPTERS) -> pd.DataFrame:
    """Each record of the first edition beside today's.

    Returns a table of ``id, kind, page, old, new, value, state``: texts then and now, and the
    value of the one now; ``state`` is ``"same"``, ``"changed"`` or ``"gone"``: a number that is
    told no more, or a part that was cut another way.
    """
    numbers, found = _today(folder), claims.records(folder)
    verdicts = {r["claim"]: r["verdict"] for r in found}
    parts = {f"{r['claim']}-{p['key']}": p["outcome"] for r in found for p in r["parts"]}
    rows = []
    for one in catalog.load("first-edition").fillna("").itertuples():
        if one.kind == "verdict":
            old, new = NAMES[one.text], verdicts.get(one.key)
            same = old == new
        elif one.kind == "part":
            old, new = one.value, parts.get(one.key)
            same = old == new
        else:
            elsewhere = (r for (_, key), r in numbers.items()
                         if key == one.key and _same(one.value, r["value"]))  # fmt: skip
            record = numbers.get((one.page, one.key)) or next(elsewhere, None)
            old, new = one.text, record["text"] if record else None
            same = record is not None and _same(one.value, record["value"])
        state = "same" if same else "changed" if new is not None else "gone"
        value = record["value"] if one.kind == "number" and record else new
        rows.append((one.id, one.kind, one.page, old, new or "", value, state))
    return pd.DataFrame(rows, columns=["id", "kind", "page", "old", "new", "value", "state"])


def silent(found: pd.DataFrame | None = None, told: pd.DataFrame | None = None) -> list[str]:
    """One sentence for each change since the first edition that ``corrections`` does not tell.

    Parameters
    ----------
    found : DataFrame, optional
        From :func:`changes`; by default of the book's chapters.
    told : DataFrame, optional
        The table of corrections; by default the book's.
    """
    found = changes() if found is None else found
    told = (catalog.load("corrections") if told is None else told).fillna("")
    known = {row.item: row for row in told.itertuples()}
    gone, today = set(catalog.load("first-edition-gone")["id"]), _today(CHAPTERS)
    sentences = []
    for row in found.itertuples():
        claim, tells = row.id.split("-")[0], known.get(row.id)
        if tells is not None and tells.now:
            now = today.get(tuple(tells.now.split(":")), {}).get("text")
            if (tells.old, tells.new) != (row.old, now):
                sentences.append(f"{row.id} was {row.old!r} and {tells.now} is {now!r}: "
                                 "data/corrections.csv says otherwise.")  # fmt: skip
        if row.state == "same":
            continue
        if row.state == "gone" and row.kind == "number":
            if row.id not in gone and tells is None:
                sentences.append(f"{row.id} was {row.old!r} and is told no more: add it to data/"
                                 "corrections.csv or first-edition-gone.csv.")  # fmt: skip
        elif row.kind == "part":
            if not {row.id, claim} & set(known):
                sentences.append(f"{row.id} was {row.old} and is {row.new or 'cut another way'}: "
                                 f"tell it in data/corrections.csv under {claim}.")  # fmt: skip
        elif row.id not in known:
            sentences.append(f"{row.id} was {row.old!r} and is {row.new!r}: add a row with this "
                             "item to data/corrections.csv.")  # fmt: skip
        elif known[row.id].old != row.old or not (
            known[row.id].new == row.new or _same(known[row.id].new, row.value)
        ):
            sentences.append(f"{row.id}: data/corrections.csv says {known[row.id].old!r} to "
                             f"{known[row.id].new!r}, the chapters {row.old!r} to {row.new!r}."
                             )  # fmt: skip
    return sentences


def editions(table: pd.DataFrame, about: dict) -> str:
    """The list of editions, newest first, in Markdown.

    Parameters
    ----------
    table : DataFrame
        ``corrections``; a correction belongs to the first edition released on its day or later.
    about : dict
        ``CITATION.cff``: the edition that was released last; those before it are its
        ``references``, each with ``version`` and ``date-released``.
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
    return "\n".join([*head, "| --- | --- | --- |", *reversed(rows)]) + "\n"


def page(table: pd.DataFrame, about: dict) -> str:
    """The tables of the page, in Markdown, from ``corrections`` and ``CITATION.cff``."""
    meaning = catalog.load("first-edition").set_index("id")["what"]
    lines = [editions(table, about).rstrip("\n")]
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
    return "\n".join(lines).strip("\n") + "\n"


def _cell(text: str) -> str:
    """A text inside a Markdown table; dollars do not open mathematics."""
    return text.replace("|", "\\|").replace("$", "\\$")
