"""``python -m shockbook refresh``: fill another folder, then replace the snapshot whole from it."""

import argparse
import math
import sys
from pathlib import Path

from shockbook import data
from shockbook.data.files import replace
from shockbook.live import fill, report
from shockbook.live.faults import UNATTENDED, LiveError, Patience
from shockbook.live.registry import LIVE

DONE, FETCH_FAILED, CONTRACT_BROKE, NOT_WRITTEN, INTERRUPTED = 0, 1, 2, 3, 130
#: Seconds that a request takes when all is well, and that the check of a table takes (guesses on
#: the safe side).
REQUEST, CHECK = 0.5, 15


def add_parser(commands) -> None:
    """Add the command ``refresh`` to the command line."""
    parser = commands.add_parser(
        "refresh",
        help="fetch live data into another folder and replace the snapshot from it",
        description="Fetch live data into another folder (the user's cache, or --to), check them, "
        "and replace the snapshot's files whole or not at all.  What was fetched within a day is "
        "not fetched again, so that a stopped refresh goes on where it was. Exit 0: done; 1: a "
        "fetch failed; 2: an answer is not what was agreed; 3: a file could not be written.",
    )
    parser.add_argument("names", nargs="*", help=f"datasets ({', '.join(LIVE)}); all by default")
    parser.add_argument("--to", metavar="FOLDER", help="fill this folder and leave the snapshot")
    parser.add_argument("--dry-run", action="store_true", help="fetch, report, leave the snapshot")
    parser.add_argument(
        "--accept-revisions",
        action="store_true",
        help="accept large revisions: splits, restated history, rows that are gone",
    )
    parser.add_argument(
        "--accept-rows",
        action="extend",
        type=lambda text: text.split(","),
        default=[],
        metavar="TICKER:DATE",
        help="accept a row that was in doubt (more with commas, or the option again); XNYS:DATE "
        "says that New York did not trade then",
    )
    parser.add_argument("--report", metavar="FILE", help="also write the report as Markdown")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, patience: Patience = UNATTENDED) -> int:
    """Run the command; the last good snapshot stands unless everything is in order."""
    snapshot = data.snapshot()
    before = [resource.get("hash") for resource in snapshot.resources]
    try:
        return _run(options, snapshot, patience)
    except (LiveError, data.DataError) as error:
        return _stop(str(error).rstrip("."), CONTRACT_BROKE)  # raised before anything is replaced
    except OSError as error:
        code = NOT_WRITTEN
        why = f"{error.filename or 'A file'} cannot be written ({error.strerror or error})"
    except KeyboardInterrupt:
        code, why = INTERRUPTED, "Interrupted"
    if [resource.get("hash") for resource in snapshot.resources] == before:
        return _stop(why, code)
    print(f"{why}, but only after the new snapshot was in place.", file=sys.stderr)
    return code


def _run(options: argparse.Namespace, snapshot: data.Package, patience: Patience) -> int:
    """The command without its ends by force."""
    here = [name for name in LIVE if name in snapshot.names()]
    for name in options.names:
        if name not in here:
            print(f"{name} has no live source; these have: {', '.join(here)}.", file=sys.stderr)
            return FETCH_FAILED
    names = options.names or here
    if options.to is not None and not options.to.strip():
        raise LiveError("contract", "--to names no folder")
    package = fill.at(Path(options.to)) if options.to else fill.cached()
    steps = {name: LIVE[name].steps(snapshot.load(name)) for name in names}
    minutes = math.ceil((sum(steps.values()) * REQUEST + len(names) * CHECK) / 60)
    print(
        f"Filling {package.folder} ({sum(steps.values())} requests for {len(names)} datasets, "
        f"about {minutes} min; what is there already is kept)."
    )
    step, told = _progress(steps)
    entries = fill.fill(
        package,
        snapshot,
        names,
        patience,
        revisions=options.accept_revisions,
        rows=options.accept_rows,
        step=step,
        told=told,
    )
    failed = {name: entry for name, entry in entries.items() if entry.get("failed")}
    changes = [fill.as_change(n, entry) for n, entry in entries.items() if n not in failed]
    errors = [entry["failed"] for entry in failed.values()]
    if changes:
        print(report.markdown(changes, [], snapshot))
    if options.report:
        text = report.markdown(changes, errors, snapshot)
        Path(options.report).write_text(text, encoding="utf-8")
    if failed:
        broke = any(entry["reason"] == "contract" for entry in failed.values())
        why = "An answer is not what was agreed" if broke else "A fetch failed"
        return _stop(why, CONTRACT_BROKE if broke else FETCH_FAILED, errors)
    if idle := set(options.accept_rows) - {row for change in changes for row in change.accepted}:
        why = f"--accept-rows names no new row of {', '.join(names)}: {', '.join(sorted(idle))}"
        return _stop(why, CONTRACT_BROKE)
    fresh = [change.dataset for change in changes if change.anything]
    if not fresh:
        ends = ", ".join(f"{name} to {snapshot.describe(name)['asOf']}" for name in names)
        print(f"Nothing has changed since the snapshot ({ends}).")
    elif options.dry_run or options.to:
        print(f"{package.folder} is filled and valid; the snapshot stands as it was.")
    else:
        _take(snapshot, package, fresh)
    return DONE


def _take(snapshot: data.Package, package: data.Package, names: list[str]) -> None:
    """Replace datasets of the snapshot, and what is made of them, whole from the live folder."""
    made = {other for name in names for other in LIVE[name].also}
    wanted = [name for name in package.names() if name in {*names, *made, "sources"}]
    resources = [package.describe(name) for name in wanted]
    resources = [r for r in resources if r["hash"] != snapshot.describe(r["name"])["hash"]]
    contents = {resource["name"]: package.verify(resource) for resource in resources}
    replace(snapshot, resources, contents)
    print(f"Replaced {', '.join('data/' + r['path'] for r in resources)}.")


def _stop(why: str, code: int, sentences: list[str] = ()) -> int:
    """Say on stderr that nothing was changed, and why."""
    print(f"{why}; the snapshot stands as it was.", file=sys.stderr)
    for sentence in sentences:
        print(f"  {sentence}", file=sys.stderr)
    return code


def _progress(steps: dict[str, int]) -> tuple:
    """Callbacks for a fill: a counter on a terminal, a line for each dataset that is done."""
    done = dict.fromkeys(steps, 0)

    def step(name: str, part: str) -> None:
        done[name] += 1
        if sys.stderr.isatty():
            print(
                f"  {name}: {done[name]} of {steps[name]} ", end="\r", file=sys.stderr, flush=True
            )

    def told(name: str, entry: dict) -> None:
        state = "had before, " + entry["at"][:16] if entry.get("resumed") else "done"
        print(f"  {name}: {'failed' if entry.get('failed') else state:<40}", flush=True)

    return step, told
