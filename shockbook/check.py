"""``python -m shockbook check``: is the data folder what ``datapackage.json`` says it is?

The quick check compares sizes and hashes and is what a build runs.  The full check validates
every row with frictionless and then what no single file can show: that sources resolve, that
tables agree on their tickers, that events lie on trading days.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from shockbook import catalog, event, package, replace

#: At most this many faults of one file are printed.
SHOWN = 20
#: What the descriptor of every dataset has to say.
SAID = ("title", "description", "licenceNote", "asOf", "retrieved", "usedBy", "shortSource", "rows")
#: Pairs of (dataset, column) that must hold the same set of values.
SAME_VALUES = (
    (("tickers", "ticker"), ("prices", "ticker")),
    (("sp500-members", "ticker"), ("sp500-prices", "ticker")),
)


def add_parser(commands) -> None:
    """Add the command ``check`` to the command line."""
    parser = commands.add_parser("check", help="validate the data folder")
    parser.add_argument("names", nargs="*", help="datasets to check; all of them by default")
    parser.add_argument("--quick", action="store_true", help="compare sizes and hashes only")
    parser.add_argument(
        "--accept",
        action="store_true",
        help="validate files that were changed on purpose, then record their new hashes",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command.  0: all is well; 1: something differs, one sentence each on stderr."""
    with replace.settled(catalog.folder()):
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    resources = [catalog.describe(name) for name in options.names or catalog.names()]
    if options.accept:
        return _accept([r for r in resources if "rows" not in r or any(changed([r]))])
    problems = [*changed(resources), *strays()]
    if not options.quick:
        problems += [fault for one in resources for fault in descriptor_faults(one)]
        problems += validate(resources)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        how = "match datapackage.json" if options.quick else "are valid"
        print(f"data: {len(resources)} files {how}")
    return 1 if problems else 0


def _accept(resources: list[dict]) -> int:
    if not resources:
        print("data: every file is the one recorded, there is nothing to accept")
        return 0
    before = _bytes_of(resources)
    problems = validate(resources)
    if not problems and _bytes_of(resources) != before:
        problems = ["a file changed while it was being checked: run the command again."]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print("Nothing was recorded: the files do not fit their schemas.", file=sys.stderr)
        return 1
    fresh = [package.record(resource) for resource in resources]
    package.put(*fresh)
    for resource in fresh:
        print(f"data/{resource['path']}: recorded {resource['bytes']} bytes, {resource['hash']}")
    return 0


def _bytes_of(resources: list[dict]) -> list[bytes]:
    paths = [catalog.folder() / resource["path"] for resource in resources]
    return [path.read_bytes() if path.exists() else b"" for path in paths]


def changed(resources: list[dict]) -> Iterator[str]:
    """One sentence for each file that is missing or not the one recorded."""
    for resource in resources:
        try:
            catalog.verified_bytes(resource)
        except catalog.DataError as error:
            yield str(error)


def strays() -> Iterator[str]:
    """One sentence for each file in the data folder that nothing describes."""
    known = {catalog.describe(name)["path"] for name in catalog.names()} | {"datapackage.json"}
    for path in sorted(catalog.folder().iterdir()):
        if not path.name.startswith(".") and path.name not in known:
            yield (
                f"data/{path.name} is described nowhere: "
                "describe it in data/datapackage.json or remove it."
            )


def validate(resources: list[dict]) -> list[str]:
    """Validate files row by row, then all tables together if the rows are in order.

    Returns
    -------
    list of str
        One sentence for each fault, with file, row (the header is row 1) and column.
    """
    problems, described = [], _described()
    for resource in resources:
        start = time.perf_counter()
        found = [*header_faults(resource)] or row_faults(resource, described)
        problems += found
        state = f"{len(found)} faults" if found else "ok"
        print(f"{resource['name']:<28}{state:>10}{time.perf_counter() - start:8.1f} s", flush=True)
    return problems or [*cross_faults()]


def descriptor_faults(resource: dict) -> Iterator[str]:
    """What the descriptor of a dataset leaves unsaid."""
    where = f"data/datapackage.json: dataset {resource['name']}"
    for key in SAID:
        if key not in resource:
            yield f"{where} has no {key}."
    for field in resource["schema"]["fields"]:
        if not field.get("description"):
            yield f"{where}, column {field['name']} has no description."


def _text(resource: dict) -> str:
    content = (catalog.folder() / resource["path"]).read_bytes()
    return (gzip.decompress(content) if resource.get("compression") else content).decode("utf-8")


def header_faults(resource: dict) -> Iterator[str]:
    """Faults that make every row wrong: the file cannot be read, or its columns are others.

    They are looked for first, because a dropped column would otherwise show as thousands of
    cells of a wrong type.
    """
    file = f"data/{resource['path']}"
    try:
        labels = next(csv.reader(io.StringIO(_text(resource))), [])
    except (OSError, EOFError, ValueError) as error:
        yield f"{file} cannot be read ({error}): restore it with `git checkout {file}`."
        return
    fields = [field["name"] for field in resource["schema"]["fields"]]
    for name in fields:
        if name not in labels:
            yield f"{file}, row 1: column {name} is missing."
    for label in labels:
        if label not in fields:
            yield f"{file}, row 1: column {label!r} is not in the schema."
    if sorted(labels) == sorted(fields) and labels != fields:
        yield f"{file}, row 1: the columns are in another order than in the schema."


def _described():
    """The descriptor as frictionless reads it."""
    import frictionless  # half a second to import, and the quick check does without it

    # a file is compared with its record elsewhere, with a sentence that says what to do
    recorded = ("hash", "bytes", "rows")
    descriptors = [
        {key: value for key, value in catalog.describe(name).items() if key not in recorded}
        for name in catalog.names()
    ]
    return frictionless.Package.from_descriptor(
        {"resources": descriptors}, basepath=str(catalog.folder())
    )


def row_faults(resource: dict, described) -> list[str]:
    """Faults of single rows against the schema, found by frictionless."""
    report = described.get_resource(resource["name"]).validate()
    errors = [error for task in report.tasks for error in task.errors]
    errors += report.errors
    faults = [_sentence(resource, error) for error in errors[:SHOWN]]
    if len(errors) > SHOWN:
        faults.append(f"data/{resource['path']}: {len(errors) - SHOWN} more faults are not shown.")
    return faults


def _sentence(resource: dict, error) -> str:
    """Say a frictionless error as one sentence with file, row and column."""
    where = [f"data/{resource['path']}"]
    row = getattr(error, "row_number", None)
    if row:
        where.append(f"row {row}")
    column = getattr(error, "field_name", None)
    if not column and error.type == "primary-key":
        column = ", ".join(resource["schema"]["primaryKey"])
    if not column and error.type == "foreign-key":
        column = ", ".join(error.field_names)
    if column:
        where.append(f"column {column}")
    note = error.note.rstrip(".")
    cell = getattr(error, "cell", None)
    value = f"{cell!r}: " if column and cell else ""
    return f"{', '.join(where)}: {value}{note}."


def cross_faults() -> Iterator[str]:
    """Faults between tables; every file has to fit its schema before this is called."""
    tables = {}
    for name in catalog.names():
        resource = catalog.describe(name)
        content = (catalog.folder() / resource["path"]).read_bytes()
        tables[name] = catalog.parse(resource, content)
    if "sources" in tables:
        yield from _unknown_sources(tables, set(tables["sources"]["id"]))
    for (left, column), (right, other) in SAME_VALUES:
        if left in tables and right in tables:
            yield from _only_in_one(tables, (left, column), (right, other))
    if "prices" in tables:
        members = tables["sp500-prices"]["ticker"] if "sp500-prices" in tables else ()
        yield from _event_faults(tables["prices"][["date", "ticker"]], set(members))


def _unknown_sources(tables: dict[str, pd.DataFrame], known: set[str]) -> Iterator[str]:
    for name, table in tables.items():
        resource = catalog.describe(name)
        for source in resource.get("sources", []):
            if source["id"] not in known:
                yield (
                    f"data/datapackage.json: dataset {name} names the source {source['id']!r}, "
                    "which is not in data/sources.csv."
                )
        for column in table.columns:
            if not column.endswith(("source_id", "source_ids")):
                continue
            for row, ids in enumerate(table[column].dropna(), start=2):
                for unknown in sorted({i.strip() for i in ids.split(";")} - known):
                    yield (
                        f"data/{resource['path']}, row {row}, column {column}: "
                        f"the source {unknown!r} is not in data/sources.csv."
                    )


def _only_in_one(tables: dict[str, pd.DataFrame], *columns: tuple[str, str]) -> Iterator[str]:
    for here, there in (columns, columns[::-1]):
        alone = set(tables[here[0]][here[1]]) - set(tables[there[0]][there[1]])
        if alone:
            some = ", ".join(sorted(alone)[:5])
            yield (
                f"data/{catalog.describe(here[0])['path']}, column {here[1]}: {len(alone)} values "
                f"are missing from data/{catalog.describe(there[0])['path']} ({some})."
            )


def _event_faults(prices: pd.DataFrame, members: set[str]) -> Iterator[str]:
    tickers = set(prices["ticker"]) | members
    for path in event_files():
        try:
            one = event.read(path)
            of_benchmark = prices.loc[prices["ticker"] == one.primary.benchmark, "date"]
            event.check(one, pd.DatetimeIndex(of_benchmark), tickers)
        except event.EventError as error:
            text = str(error)
            yield text if text.startswith(path.name) else f"{path.name}: {text}"


def event_files() -> list[Path]:
    """The event files of the book: those in ``events/`` and a fork's ``event.toml``."""
    return sorted(event.ROOT.glob("events/*.toml")) + sorted(event.ROOT.glob("event.toml"))
