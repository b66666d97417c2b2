"""``python -m shockbook live-report``: which figures and verdicts would live data change?

The chapters run with live data, in memory; their records are held against those that are stored.
"""

import sys
from pathlib import Path

import nbformat

from shockbook import claims, data, notebooks, stored
from shockbook.live.registry import of_chapter


def told(notebook) -> dict[tuple[str, str], tuple[str, str]]:
    """What a notebook says: kind and key of a figure or a verdict -> (text, what it is)."""
    figures = (r for _, r in stored.numbers(notebook))
    verdicts = (r for _, r in stored.outputs(notebook, claims.MIME))
    found = {("figure", r["key"]): (r["text"], r["what"]) for r in figures}
    return found | {("verdict", r["claim"]): (r["verdict"], r["paraphrase"]) for r in verdicts}


def banner(notebook) -> str:
    """The text of the chapter's banner, if it shows one."""
    texts = (text for _, text in stored.outputs(notebook, "text/plain"))
    return next((text for text in texts if text.startswith(("Data: ", "Live failed: "))), "")


def moved(before, now) -> list[str]:
    """One line for each figure and verdict that differs, is new or is gone.

    ``before`` and ``now``: the same notebook with its stored outputs and with those of a live run.
    """
    old, new, lines = told(before), told(now), []
    for kind, key in sorted(old.keys() | new.keys()):
        was, what = old.get((kind, key), ("nothing", ""))
        becomes, what = new.get((kind, key), ("nothing", what))
        if was != becomes:
            lines.append(f"{kind} {key}: {was} becomes {becomes} ({what})")
    return lines


def add_parser(commands) -> None:
    """Add ``live-report`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser(
        "live-report",
        help="run the chapters with live data and list what would change",
        description="Run the chapters with live data, store nothing, and list every figure and "
        "verdict that would change. Exit 1 if a chapter had to use the snapshot or stopped.",
    )
    parser.add_argument("names", nargs="*", help="for instance nvidia; all by default")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Run the command."""
    paths = notebooks.find(options.names, notebooks.ROOT / "chapters")
    chosen = [path for path in paths if options.names or of_chapter(path.stem, data.snapshot())]
    return max(map(_report, chosen), default=0)


def _report(path: Path) -> int:
    """Run one chapter live and print what moved."""
    try:
        now = notebooks.run(path, live=True)
    except notebooks.NotebookError as error:
        print(f"{path.stem}: {error}", file=sys.stderr)
        return 1
    said = banner(now)
    print(f"{path.stem}: {said or 'this chapter shows no banner'}")
    if not said.startswith("Data: live"):
        return 1
    lines = moved(nbformat.read(path, as_version=4), now)
    print("\n".join(f"  {line}" for line in lines) or "  No figure and no verdict would change.")
    return 0
