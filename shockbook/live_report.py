"""``python -m shockbook live-report``: which figures and verdicts would live data change?

The chapters run with live data, in memory; their records are held against those that are stored.
"""

import sys
from pathlib import Path

import nbformat

from shockbook import claims, data, notebooks, stored
from shockbook.live.registry import of_chapter


def figures(notebook) -> dict[str, tuple[str, str]]:
    """The figures that a notebook says: key -> (text, what it is)."""
    found = {}
    for _, record in stored.numbers(notebook):
        found[record["key"]] = (record["text"], record["what"])
    return found


def verdicts(notebook) -> dict[str, tuple[str, str]]:
    """The verdicts that a notebook gives: claim -> (verdict, paraphrase of the claim)."""
    found = {}
    for _, record in stored.outputs(notebook, claims.MIME):
        found[record["claim"]] = (record["verdict"], record["paraphrase"])
    return found


def banner(notebook) -> str:
    """The text of the chapter's banner, if it shows one."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/html", "")
            if "live-banner" in text:
                return output["data"]["text/plain"]
    return ""


def moved(stored, now) -> list[str]:
    """One line for each figure and verdict that differs, is new or is gone.

    Parameters
    ----------
    stored, now : NotebookNode
        The same notebook with its stored outputs and with those of a live run.
    """
    lines = []
    for kind, read in (("figure", figures), ("verdict", verdicts)):
        old, new = read(stored), read(now)
        for key in sorted(old.keys() | new.keys()):
            before, after = old.get(key, ("nothing", ""))[0], new.get(key, ("nothing", ""))[0]
            if before != after:
                what = (new.get(key) or old[key])[1]
                lines.append(f"{kind} {key}: {before} becomes {after} ({what})")
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
    try:
        paths = notebooks.find(options.names, notebooks.ROOT / "chapters")
    except notebooks.NotebookError as error:
        print(error, file=sys.stderr)
        return 1
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
