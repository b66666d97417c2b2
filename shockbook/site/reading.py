"""The report on how the sources were read: the directives ``{reading}`` and ``{checks}``.

Counts come from the list of sources, the bibliography and the figures of every page, so nothing
that the page says of its own care is typed.
"""

import re
from collections import Counter
from pathlib import Path

import pandas as pd
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from shockbook import catalog
from shockbook.site import writing
from shockbook.site.folds import fold, fold_summary
from shockbook.site.tables import plain_table

ENTRY = re.compile(r"^@\w+\{(.+),$", re.MULTILINE)


class ChecksDirective(SphinxDirective):
    """``{checks} DATASET``: citations drawn and checked, by outcome and one by one."""

    required_arguments = 1

    def run(self):
        columns = ["page", "sentence", "outcome", "found", "mended"]
        head = ["Page", "The sentence says", "Outcome", "What was noted on the source", "Mended"]
        shown = []
        for draw, rows in catalog.load(self.arguments[0]).fillna("").groupby("draw"):
            counts = rows["outcome"].value_counts()
            said = ", ".join(f"{outcome} {n}" for outcome, n in counts.items())
            cells = list(rows[columns].itertuples(index=False, name=None))
            table = plain_table(f"Citations drawn and checked, {draw}", head, cells)
            shown += [nodes.paragraph("", f"{len(rows)} were drawn of the {draw}: {said}."),
                      fold("", fold_summary("", f"All {len(rows)} citations"), table)]  # fmt: skip
        return shown


def best(ids: list[str], read: dict[str, str]) -> str:
    """How the best read of some sources was read."""
    return min((read[i] for i in ids), key=list(catalog.READ).index)


def of_dataset(name: str, read: dict[str, str]) -> dict[str, float]:
    """Shares of a dataset's rows by how the best source of each was read; empty for own tables."""
    table = catalog.load(name)
    if "source_ids" in table:
        found = [best(ids.split(";"), read) for ids in table["source_ids"].dropna()]
    else:
        found = [read[one["id"]] for one in catalog.describe(name).get("sources", [])]
    return {how: n / len(found) for how, n in Counter(found).items()}


def behind(figures: list[dict], read: dict[str, str]) -> tuple[int, dict[str, float]]:
    """How many figures rest on sources, and the shares of these by how the sources were read.

    A figure read from one row counts with the best source of that row.  One that was worked out
    from whole tables counts in parts, as the rows of each table do.
    """
    known: dict[str, dict[str, float]] = {}
    total, shares = 0, Counter()
    for figure in figures:
        own = [i.strip() for i in (figure.get("source") or "").split(";") if i.strip()]
        if own and all(i in read for i in own):
            parts = [{best(own, read): 1.0}]
        else:
            for name in figure.get("data") or []:
                if name not in known:
                    known[name] = of_dataset(name, read)
            parts = [known[name] for name in figure.get("data") or [] if known[name]]
        total += bool(parts)
        for part in parts:
            shares.update({how: share / len(parts) for how, share in part.items()})
    return total, {how: n / total for how, n in shares.items()} if total else {}


def by_reading(sources: pd.DataFrame, cited: set[str]) -> list[tuple[str, int, int, int, int]]:
    """For each way of reading: sources cited, of these primary, all sources, of these primary."""
    rows = []
    for how, words in catalog.READ.items():
        every = sources[sources["read"] == how]
        here = every[every["id"].isin(cited)]
        counts = [n for t in (here, every) for n in (len(t), int((t["kind"] == "primary").sum()))]
        rows.append((words, *counts))
    return rows


def report(env) -> list[nodes.Node]:
    """Return what ``{reading}`` shows."""
    sources = catalog.sources()
    cited = set()
    for name in env.config.bibtex_bibfiles:
        cited |= set(ENTRY.findall(Path(env.srcdir, name).read_text("utf-8")))
    head = ["How it was read", "Cited", "of these primary", "In the list", "of these primary"]
    rows = by_reading(sources, cited)
    totals = [sum(row[i] for row in rows) for i in range(1, 5)]
    table = plain_table("Sources by how they were read", head, [*rows, ("all", *totals)])
    every = env.get_domain("shockbook").data["figures"].values()
    figures = [figure for page in every for figure in page.values()]
    total, shares = behind(figures, sources.set_index("id")["read"].to_dict())
    said = ", ".join(
        f"{100 * shares[how]:.0f}% {words}"
        for how, words in catalog.READ.items()
        if shares.get(how)
    )
    copies = sources.loc[sources["read"] == "mirror", "original_url"].fillna("")
    text = (
        f"The book does {'' if totals[0] == totals[1] else 'not '}rest on primary sources "
        f"throughout: {totals[1]} of the {totals[0]} sources cited are primary, {rows[0][2]} of "
        f"them read whole. Of the {total} numbers in the text that rest on sources, counted by the "
        f"best source of each row: {said}. The original's address is missing for "
        f"{(copies == '').sum()} of the {len(copies)} copies: the part that was read does not show "
        "it, and none was guessed."
    )
    return [nodes.paragraph("", text), table]


def setup(app) -> None:
    writing.later(app, "reading", report)
    app.add_directive("checks", ChecksDirective)
