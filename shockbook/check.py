"""``python -m shockbook check``: is the data folder what ``datapackage.json`` says it is?

The quick check compares sizes and hashes, tries ``event.toml``, and is what a build runs.  The full
check validates the description and every row, and then what the data alone cannot show: that every
event file can be studied with them.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from shockbook import data, event, event_data
from shockbook.data import DataError, Package
from shockbook.data.files import put, settled, stamped
from shockbook.data.validate import described_faults, recorded_faults, shortened, validate


def add_parser(commands) -> None:
    """Add the command ``check`` to the command line."""
    parser = commands.add_parser("check", help="validate the data folder")
    parser.add_argument("names", nargs="*", help="datasets to check; all of them by default")
    parser.add_argument(
        "--quick", action="store_true", help="compare sizes and hashes, and try event.toml"
    )
    parser.add_argument(
        "--accept",
        action="store_true",
        help="validate files that were changed on purpose, then record their new hashes",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command.  0: all is well; 1: something differs, one sentence each on stderr."""
    package = data.snapshot()
    try:
        names = [package.describe(name)["name"] for name in options.names] or package.names()
        with settled(package):
            problems, said = (_accept if options.accept else _check)(package, names, options)
    except OSError as error:
        problems = [f"{error.filename or 'A file'} cannot be used ({error.strerror or error})."]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems and options.accept:
        print("Nothing was recorded.", file=sys.stderr)
    if not problems:
        print(said)
    return 1 if problems else 0


def _check(package: Package, names: list[str], options) -> tuple[list[str], str]:
    """All faults, and what to say if there are none."""
    resources = [package.describe(name) for name in names]
    files = f"data: {len(names)} of {len(package.names())} files"
    if options.quick:
        problems = [*package.changed(names), *package.strays()]
        if not problems:
            problems = [*event_faults([f for f in event_files() if f.name == "event.toml"])]
        return problems, f"{files} match datapackage.json (size and sha256; no row was read)"
    problems, sound = [], []
    for one in resources:
        found = list(described_faults(package, one))
        problems += found
        if not found:  # the rows of a wrong description cannot be judged
            sound.append(one["name"])
        try:
            problems += recorded_faults(package, one, package.verify(one))
        except DataError as error:
            problems.append(str(error))
    problems += package.strays()
    if sound:
        problems += _rows(package, sound)
    dated = bool({"prices", "sp500-prices"} & set(names))
    if not problems and dated:
        problems = list(event_faults(event_files()))
    rows = 0 if problems else sum(resource["rows"] for resource in resources)
    return list(dict.fromkeys(problems)), (
        f"{files} are valid: description, size and sha256, {rows:,} rows against their schemas, "
        "references between tables" + (f", {len(event_files())} event files" if dated else "")
    )


def _accept(package: Package, names: list[str], options) -> tuple[list[str], str]:
    """Record files that differ from their record, if they are valid."""
    contents, problems = {}, []
    for name in names:
        resource = package.describe(name)
        try:
            content = package.read(resource)
            if any(package.changed([name])) or not {"rows", "bytes"} <= resource.keys():
                contents[name] = content
        except DataError as error:
            problems.append(str(error))
    if not contents and not problems:
        return [], "data: every file is the one recorded, there is nothing to accept"
    for name in contents:
        # hash, rows and bytes are what is recorded now
        one = {"hash": "", "rows": 1, **package.describe(name), "bytes": 1}
        problems += described_faults(package, one)
    problems = problems or _rows(package, list(contents), contents)
    for name in [] if problems else contents:
        problems += shortened(package, package.describe(name), contents[name])
    if problems:
        return problems, ""
    fresh = [stamped(package.describe(name), content) for name, content in contents.items()]
    if any(package.read(one) != contents[one["name"]] for one in fresh):
        return ["a file changed while it was being checked: run the command again."], ""
    put(package, *fresh)
    return [], "\n".join(
        f"data/{one['path']}: recorded {one['bytes']} bytes, {one['rows']} rows, {one['hash']}"
        for one in fresh
    )


def _rows(package: Package, names: list[str], contents: dict | None = None) -> list[str]:
    """Validate, and print a line for each dataset that is done."""
    start = time.perf_counter()

    def told(name: str, faults: list[str]) -> None:
        state = f"{len(faults)} faults" if faults else "ok"
        print(f"{name:<28}{state:>10}{time.perf_counter() - start:8.1f} s", flush=True)

    return validate(package, names, contents, told)


def event_faults(files: list[Path]) -> Iterator[str]:
    """Event files that the snapshot cannot carry."""
    os.environ["SHOCKBOOK_LIVE"] = "0"  # event_data would take live data otherwise
    for path in files:
        try:
            event_data.load(path)
        except event.EventError as error:
            said = str(error)
            yield said if said.startswith(path.name) else f"{path.name}: {said}"


def event_files() -> list[Path]:
    """The event files of the book: those in ``events/`` and a fork's ``event.toml``."""
    return sorted(event.ROOT.glob("events/*.toml")) + sorted(event.ROOT.glob("event.toml"))
