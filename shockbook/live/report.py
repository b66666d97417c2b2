"""What a refresh would change or has changed, in words, for a terminal and a pull request."""

from shockbook.data import Package
from shockbook.live.compare import Change

HEAD = ("dataset", "rows added", "rows lost", "cells filled", "cells revised", "largest revision")


def _cells(change: Change) -> list[str]:
    largest = ""
    if change.largest:
        amount, place = change.largest
        largest = f"{amount:.2g} of its value ({place})"
    counts = (change.added, change.lost, change.filled, change.revised)
    return [change.dataset, *(f"{count:,}" for count in counts), largest]


def notes(change: Change) -> list[str]:
    """The sentences that stand under the table for one dataset."""
    lines = []
    if change.rescaled:
        some = ", ".join(change.rescaled[:8]) + (", ..." if len(change.rescaled) > 8 else "")
        lines.append(
            f"{change.dataset}: later dividends moved the adjusted closes of "
            f"{len(change.rescaled)} series ({some}); their returns are the same."
        )
    if change.failed:
        lines.append(
            f"{change.dataset}: the source does not know {', '.join(change.failed)}; "
            "their rows stay as they were."
        )
    for row, why in change.refused.items():
        lines.append(f"{row} was left out: {why}; `--accept-rows {row}` lets it in.")
    lines += [f"{row} was let in by --accept-rows: {why}." for row, why in change.accepted.items()]
    return lines + change.notes + change.consent


def markdown(changes: list[Change], errors: list[str], snapshot: Package) -> str:
    """The report of a refresh as Markdown: a table, then sentences.

    It has a change for each dataset that was fetched, a sentence for each that failed, and the
    chapters of the snapshot whose data would change.
    """
    lines = [" | ".join(HEAD), " | ".join(["---", *["--:"] * 4, "---"])]
    lines += [" | ".join(_cells(change)) for change in changes]
    text = "\n".join(f"| {line} |" for line in lines) if changes else "No dataset was fetched."
    sentences = [note for change in changes for note in notes(change)] + errors
    used = [snapshot.describe(change.dataset)["usedBy"] for change in changes if change.anything]
    if moved := sorted(set().union(*used)):
        sentences.append(
            f"Chapters with these data: {', '.join(moved)}. "
            f"`python -m shockbook live-report {' '.join(moved)}` lists the figures and verdicts "
            "that would change; after a refresh `make notebooks` runs all again."
        )
    return text + "\n" + "".join(f"\n* {sentence}" for sentence in sentences) + "\n"
