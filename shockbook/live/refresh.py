"""``python -m shockbook refresh``: fetch, check, compare, and replace whole files or nothing."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from shockbook import catalog, check, package, replace
from shockbook.live import report
from shockbook.live.ask import ask
from shockbook.live.check import Change
from shockbook.live.faults import UNATTENDED, LiveError, Patience
from shockbook.live.registry import LIVE, Live

DONE, FETCH_FAILED, CONTRACT_BROKE, NOT_WRITTEN, INTERRUPTED = 0, 1, 2, 3, 130


def add_parser(commands) -> None:
    """Add the command ``refresh`` to the command line."""
    parser = commands.add_parser(
        "refresh",
        help="fetch live data and replace the snapshot",
        description="Fetch live data, check them, and replace the snapshot's files whole or not "
        "at all. Exit 0: done; 1: a fetch failed; 2: an answer is not what was agreed; "
        "3: a file could not be written.",
    )
    parser.add_argument("names", nargs="*", help=f"datasets ({', '.join(LIVE)}); all by default")
    parser.add_argument("--dry-run", action="store_true", help="report, and write nothing")
    parser.add_argument(
        "--accept-revisions",
        action="store_true",
        help="accept large revisions: splits, restated history, rows that are gone",
    )
    parser.add_argument("--report", metavar="FILE", help="also write the report as Markdown")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, patience: Patience = UNATTENDED) -> int:
    """Run the command; the last good snapshot stands unless everything is in order."""
    before = [resource["hash"] for resource in catalog.package()["resources"]]
    try:
        return _run(options, patience)
    except OSError as error:
        code = NOT_WRITTEN
        why = f"{error.filename or 'A file'} cannot be written ({error.strerror or error})"
    except KeyboardInterrupt:
        code, why = INTERRUPTED, "Interrupted"
    if [resource["hash"] for resource in catalog.package()["resources"]] == before:
        return _stop(why, code, [])
    print(f"{why}, but only after the new snapshot was in place.", file=sys.stderr)
    return code


def _run(options: argparse.Namespace, patience: Patience) -> int:
    """The command without its ends by force."""
    for name in options.names:
        if name not in LIVE:
            print(f"{name} has no live source; these have: {', '.join(LIVE)}.", file=sys.stderr)
            return FETCH_FAILED
    changes, errors = _fetch([LIVE[name] for name in options.names or LIVE], patience)
    said = [str(error) for error in errors]
    fresh = [change for change in changes if change.anything]
    consent = [sentence for change in fresh for sentence in change.consent]
    if fresh and not errors and (options.accept_revisions or not consent):
        resources, contents = _build(fresh)
        said += _invalid(resources, contents)
    if changes:
        print(report.markdown(changes, []))
    if options.report:
        Path(options.report).write_text(report.markdown(changes, said), encoding="utf-8")
    if any(error.reason == "contract" for error in errors):
        return _stop("An answer is not what was agreed", CONTRACT_BROKE, errors)
    if errors:
        return _stop("A fetch failed", FETCH_FAILED, errors)
    if said:
        return _stop("The new files do not fit their schemas", CONTRACT_BROKE, said)
    if consent and not options.accept_revisions:
        return _stop(
            "Large revisions need --accept-revisions, once somebody has looked at them",
            CONTRACT_BROKE,
            [],
        )
    if not fresh:
        print("Nothing has changed since the snapshot.")
    elif options.dry_run:
        print("Dry run: nothing was written.")
    else:
        replace.replace(catalog.folder(), resources, contents)
        print(f"Replaced {', '.join('data/' + r['path'] for r in resources)}.")
    return DONE


def _stop(why: str, code: int, sentences: list) -> int:
    """Say on stderr that nothing was changed, and why."""
    print(f"{why}; the snapshot stands as it was.", file=sys.stderr)
    for sentence in sentences:
        print(f"  {sentence}", file=sys.stderr)
    return code


def _fetch(lives: list[Live], patience: Patience) -> tuple[list[Change], list[LiveError]]:
    """Ask every source, with a progress bar; a source that cannot be fetched is asked once."""
    changes, errors, silent = [], [], {}
    with _progress() as bar:
        for live in lives:
            if live.source["id"] in silent:
                continue
            total = live.steps(catalog.load(live.dataset, live=False))
            task = bar.add_task(live.dataset, total=total)
            try:
                changes.append(ask(live, patience, lambda _, task=task: bar.advance(task)))
            except LiveError as error:
                errors.append(error)
                if error.reason == "fetch":
                    silent[live.source["id"]] = error
    return changes, errors


@contextlib.contextmanager
def _progress() -> Iterator:
    """A progress bar on stderr, if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        yield bar


def _build(changes: list[Change]) -> tuple[list[dict], dict[str, bytes]]:
    """New resources and contents: the datasets, what is made of them, and their sources."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    tables, dates = {}, {}
    for change in changes:
        live = LIVE[change.dataset]
        tables[change.dataset] = change.frame
        dates[change.dataset] = live.as_of(change.frame).isoformat()
        for name, make in live.also.items():
            if name in catalog.names():
                tables[name] = make(catalog.load(name, live=False), change.frame)
                dates[name] = dates[change.dataset]
    origins = [LIVE[change.dataset].source for change in changes]
    listed = catalog.sources()
    new = [{**o, "date": today} for o in origins if o["id"] not in set(listed["id"])]
    if new:
        rows = pd.DataFrame(new).drop_duplicates("id")
        tables["sources"] = pd.concat([listed, rows], ignore_index=True)
        dates["sources"] = today
    resources, contents = [], {}
    for name, table in tables.items():
        resource = {**catalog.describe(name), "asOf": dates[name], "retrieved": today}
        if name in LIVE:
            origin = {key: LIVE[name].source[key] for key in ("id", "title")}
            if origin["id"] not in [source["id"] for source in resource["sources"]]:
                resource["sources"] = [*resource["sources"], origin]
        contents[name] = package.content(table, resource, catalog.verified_bytes(resource))
        resources.append(package.stamped(resource, contents[name]))
    return resources, contents


def _invalid(resources: list[dict], contents: dict[str, bytes]) -> list[str]:
    """Faults of the data as they would be, by the full check on a copy of the folder."""
    kept = os.environ.get("SHOCKBOOK_DATA")
    with tempfile.TemporaryDirectory() as copy:
        folder = Path(copy)
        shutil.copytree(catalog.folder(), folder, dirs_exist_ok=True)
        replace.replace(folder, resources, contents)
        os.environ["SHOCKBOOK_DATA"] = copy
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                return check.validate([catalog.describe(r["name"]) for r in resources])
        finally:
            if kept is None:
                del os.environ["SHOCKBOOK_DATA"]
            else:
                os.environ["SHOCKBOOK_DATA"] = kept
