"""Run the chapters again in place, so that a second run changes nothing.

What differs from run to run is left out: no clock times, one form of metadata, one time zone,
one thread for linear algebra.  A notebook is replaced whole or not at all.  Then the words of each
chapter are held against its numbers; ``--rewrite`` puts new numerals into the text.
``live-report`` runs them with live data and tells what would change.
"""

import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from shockbook import claims, data, stored, words
from shockbook.book import declared, prose
from shockbook.data import write_whole
from shockbook.live.registry import of_chapter

ROOT = Path(__file__).parents[1]
TIMEOUT = 120  # seconds for one cell
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
#: Cell metadata that tools write by themselves.
BYPRODUCTS = ("execution", "collapsed", "scrolled", "jupyter", "ExecuteTime", "vscode", "trusted")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ENVIRONMENT = {"TZ": "UTC", "PYTHONHASHSEED": "0"} | dict.fromkeys(THREADS, "1")


class NotebookError(Exception):
    """A notebook did not run clean.  One sentence that names the notebook and the cell."""


def tidy(notebook) -> None:
    """Bring metadata and source to one form, in place."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        lines = [line.rstrip() for line in cell.source.splitlines()]
        cell.source = "\n".join(lines).strip("\n")
        for key in BYPRODUCTS:
            cell.metadata.pop(key, None)


def before_save(model: dict, **_) -> None:
    """Tidy a notebook that JupyterLab saves (its ``pre_save_hook``; ``make lab`` sets it)."""
    if model["type"] == "notebook" and model.get("content"):
        model["content"] = nbformat.from_dict(model["content"])
        tidy(model["content"])


def run(path: Path, live: bool = False):
    """Execute a notebook in its own folder, with the snapshot or with live data.

    A cell that raises, takes too long or prints to stderr is a ``NotebookError``.
    """
    notebook = nbformat.read(path, as_version=4)
    tidy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    started = []
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # a line and its end may arrive apart when the machine is busy
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, **_: started.append(cell),
    )
    places = [str(ROOT), os.environ.get("PYTHONPATH", "")]  # the kernel runs this very library
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(filter(None, places))}
    environment["SHOCKBOOK_LIVE"] = str(int(live))  # what is stored comes from the snapshot
    try:
        client.execute(env=environment)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raised = isinstance(error, CellExecutionError)
        said = f"{error.ename}: {error.evalue}" if raised else str(error).strip()
        said = re.sub(r"\x1b\[[0-9;]*m", "", said).splitlines()[0]
        where = f"{path.name}: the cell {started[-1].id!r}"
        raise NotebookError(f"{where} stopped with {said}") from None
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                line = output.text.strip().splitlines()[0]
                raise NotebookError(f"{path.name}: the cell {cell.id!r} wrote to stderr: {line}")
    tidy(notebook)
    for cell in notebook.cells:
        if "outputs" in cell:
            # as a browser gives it back: a float without a fraction is a whole number
            cell.outputs = json.loads(
                json.dumps(cell.outputs),
                parse_float=lambda text: words.whole(float(text)),
                object_hook=nbformat.NotebookNode,
            )
    nbformat.validate(notebook)
    return notebook


def write(notebook, path: Path, check: bool = False) -> bool:
    """Store a notebook whole, unless it is only to be checked; say whether anything changed."""
    content = (nbformat.writes(notebook) + "\n").encode()
    changed = path.read_bytes() != content
    if changed and not check:
        write_whole(path, content)
    return changed


def refresh(path: Path, check: bool = False) -> str:
    """Run one notebook and store it; say "unchanged", "changed" or what went wrong.

    With ``check`` nothing is written.
    """
    try:
        notebook, about = run(path), _declared(path)
        if about and about.filled:
            prose.fill(notebook)
        return "changed" if write(notebook, path, check) else "unchanged"
    except NotebookError as error:
        return str(error)


def _declared(path: Path) -> declared.Declared | None:
    """What the ``.toml`` beside a notebook declares; a notebook may have none."""
    beside = path.with_suffix(".toml")
    return declared.read(beside) if beside.is_file() else None


def disagreements(path: Path) -> list[str]:
    """What in the words of a stored chapter disagrees with its numbers, a sentence each.

    A notebook without a ``.toml`` beside it has no numbers of this kind, and passes.
    """
    about = _declared(path)
    if about is None:
        return []
    notebook = nbformat.read(path, as_version=4)
    found = prose.faults(path.stem, notebook, about, prose.Book(path.parent))
    return [f"{path.stem}: {fault}" for fault in found]


def rewrite(path: Path) -> tuple[list[str], bool]:
    """Put new numerals into the text of a chapter and the reasons of its verdicts.

    Returns the sentences that a person must read, and whether a reason changed, so that the
    notebook has to run again.
    """
    about, beside = _declared(path), path.with_suffix(".toml")
    if about is None:
        return [], False
    notebook, book = nbformat.read(path, as_version=4), prose.Book(path.parent)
    read = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source, more = prose.rewrite(cell.source, path.stem, book)
            read += [f"{path.stem}: {cell.id}: {sentence}" for sentence in more]
    write(notebook, path)
    before = text = beside.read_text("utf-8")
    for claim, reason in about.verdicts.items():
        new, more = prose.rewrite(reason, path.stem, book)
        read += [f"{path.stem}: reason of {claim}: {sentence}" for sentence in more]
        text = text.replace(reason, new)
        # as it stands in a basic string of TOML
        text = text.replace(*(json.dumps(one, ensure_ascii=False)[1:-1] for one in (reason, new)))
    if text != before:
        write_whole(beside, text.encode())
    return read, text != before


def find(names: list[str], folder: Path) -> list[Path]:
    """The notebooks meant by names like ``nvidia`` or by paths; all of a folder by default."""
    every = sorted(folder.glob("*.ipynb"))
    if not names:
        return every
    found = []
    for name in names:
        path = next((p for p in every if p.stem == name), Path(name))
        if not (path.suffix == ".ipynb" and path.is_file()):
            known = ", ".join(p.stem for p in every) or "none yet"
            raise NotebookError(f"there is no notebook {name!r}; there are: {known}.")
        found.append(path.resolve())
    return found


def add_parser(commands) -> None:
    """Add ``notebooks`` and ``live-report`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser("notebooks", help="run the chapters and store their outputs")
    parser.add_argument("names", nargs="*", help="for instance nvidia, or a path; all if none")
    parser.add_argument("--check", action="store_true", help="run and compare; write nothing")
    parser.add_argument(
        "--rewrite", action="store_true", help="put new numerals into the text, list what to read"
    )
    parser.set_defaults(run=main)
    parser = commands.add_parser(
        "live-report",
        help="run the chapters with live data and list what would change",
        description="Run the chapters with live data, store nothing, and list every figure and "
        "verdict that would change. Exit 1 if a chapter had to use the snapshot or stopped.",
    )
    parser.add_argument("names", nargs="*", help="for instance nvidia; all by default")
    parser.set_defaults(run=report)


def main(options) -> int:
    """Run notebooks two at a time, then check their words; 1 if anything is to be mended."""
    if options.check and options.rewrite:
        print("--check writes nothing and --rewrite does: give one of them.", file=sys.stderr)
        return 1
    paths = find(options.names, ROOT / "chapters")
    done = _run_all(paths, options.check)
    if options.rewrite:
        told = [rewrite(path) for path in done]
        for sentence in (s for read, _ in told for s in read):
            print(f"read: {sentence}", flush=True)
        done = _run_all([p for p, (_, again) in zip(done, told, strict=True) if again]) + done
    wrong = [fault for path in dict.fromkeys(done) for fault in disagreements(path)]
    print("".join(f"{fault}\n" for fault in wrong), file=sys.stderr, end="")
    return 1 if wrong or len(set(done)) < len(paths) else 0


def _run_all(paths: list[Path], check: bool = False) -> list[Path]:
    """Refresh notebooks, two at a time, and say how each came out; return those that are good."""
    good = []
    with ThreadPoolExecutor(2) as pool:
        outcomes = pool.map(lambda path: refresh(path, check), paths)
        for path, outcome in zip(paths, outcomes, strict=True):
            if outcome in ("changed", "unchanged"):
                size = path.stat().st_size / 1024
                print(f"{path.stem}: {outcome} ({size:.0f} KiB)", flush=True)
                good += [] if check and outcome == "changed" else [path]
            else:
                print(outcome, file=sys.stderr, flush=True)
    return good


# ------------------------------------------------------------------ with live data
def _told(notebook) -> dict[tuple[str, str], tuple[str, str]]:
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
    old, new, lines = _told(before), _told(now), []
    for kind, key in sorted(old.keys() | new.keys()):
        was, what = old.get((kind, key), ("nothing", ""))
        becomes, what = new.get((kind, key), ("nothing", what))
        if was != becomes:
            lines.append(f"{kind} {key}: {was} becomes {becomes} ({what})")
    return lines


def report(options) -> int:
    """Run chapters with live data, in memory, and list what would change."""
    paths = find(options.names, ROOT / "chapters")
    chosen = [path for path in paths if options.names or of_chapter(path.stem, data.snapshot())]
    return max(map(_report, chosen), default=0)


def _report(path: Path) -> int:
    """Run one chapter live and print what moved."""
    try:
        now = run(path, live=True)
    except NotebookError as error:
        print(f"{path.stem}: {error}", file=sys.stderr)
        return 1
    said = banner(now)
    print(f"{path.stem}: {said or 'this chapter shows no banner'}")
    if not said.startswith("Data: live"):
        return 1
    lines = moved(nbformat.read(path, as_version=4), now)
    print("\n".join(f"  {line}" for line in lines) or "  No figure and no verdict would change.")
    return 0
