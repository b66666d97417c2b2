"""Is a package what its description says, row by row, and does the description say enough?

Rows are read by frictionless; what it lets pass (days out of order, rows that are gone) and what
no single file can show is looked for here.
"""

import contextlib
import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from shockbook.data.package import FILE, DataError, Package, plain, row_count

#: At most this many faults of one file are told.
SHOWN = 20
#: What the description of every dataset has to say.
SAID = ("description", "licenceNote", "asOf", "retrieved", "usedBy", "shortSource")
#: What every column of a type keeps to, beside its own constraints.
LIMITS = {
    "date": {"minimum": "1900-01-01", "maximum": "2100-12-31"},
    "number": {"minimum": -1e30, "maximum": 1e30},
    "integer": {"minimum": -(10**30), "maximum": 10**30},
}
#: A number with more digits than anything has.
LONGEST = 40
#: A file that has lost more than this part of its rows has been cut short.
LOST = 0.1
#: Reasons that frictionless leaves out.
REASONS = {
    "missing-cell": "the row is shorter than the header",
    "extra-cell": "the row is longer than the header",
    "blank-row": "the row is empty",
}


def validate(
    package: Package,
    names: list[str] | None = None,
    contents: dict[str, bytes] | None = None,
    told: Callable[[str, list[str]], None] = lambda name, faults: None,
) -> list[str]:
    """Validate datasets row by row, then all tables together if their rows are in order.

    ``names``: all by default.  ``contents`` holds what would be written, by dataset, to take in
    place of a file.  ``told`` is called with each dataset that is done and its faults.

    Returns one sentence for each fault, with file, row (the header is row 1) and column.
    """
    problems, tables, contents = [], {}, contents or {}
    wanted = set(names or package.names())
    needed = wanted | {"sources"} | _partners(package, wanted)
    for resource in package.resources:
        name = resource["name"]
        try:
            content = contents[name] if name in contents else package.read(resource)
            if name not in needed:
                continue
            if name in wanted:
                found = content_faults(package, resource, content)
                problems += found
                told(name, found)
                if found:
                    continue
            tables[name] = package.parse(resource, content)
        except DataError as error:
            problems.append(str(error))
    return problems or list(_between(package, tables))


def _partners(package: Package, names: set[str]) -> set[str]:
    """The datasets that some datasets are held against, either way round."""
    pairs = [{one["name"], name} for one in package.resources for _, name, _ in _foreign(one)]
    return set().union(*(pair for pair in pairs if pair & names))


def content_faults(package: Package, resource: dict, content: bytes) -> list[str]:
    """Faults of one file against its schema."""
    file = f"{package.label}/{resource['path']}"
    try:
        raw = plain(resource, content)
        text = raw.decode("utf-8")
        header = list(_header_faults(file, resource, text))
    except (OSError, EOFError, ValueError, csv.Error) as error:
        return [f"{file} cannot be read ({error}): {package.remedy.format(file=resource['path'])}."]
    if "\0" in text:
        return [f"{file} holds a byte of value 0: it is damaged, or not a text."]
    if not text.endswith("\n"):
        return [f"{file} does not end with a whole line: it has been cut short."]
    return (
        header
        or _row_faults(file, resource, raw)
        or list(_value_faults(file, resource, package.parse(resource, content), text))
    )


def _header_faults(file: str, resource: dict, text: str) -> Iterator[str]:
    """Faults that make every row wrong; a dropped column would show as thousands of wrong cells."""
    reader = csv.reader(io.StringIO(text))
    labels = next(reader, [])
    fields = [field["name"] for field in resource["schema"]["fields"]]
    for name in fields:
        if name not in labels:
            yield f"{file}, row 1: column {name} is missing."
    for label in dict.fromkeys(labels):
        if label not in fields:
            yield f"{file}, row 1: column {label!r} is not in the schema."
        if labels.count(label) > 1:
            yield f"{file}, row 1: column {label!r} stands {labels.count(label)} times."
    if sorted(labels) == sorted(fields) and labels != fields:
        yield f"{file}, row 1: the columns are in another order than in the schema."
    if next(reader, None) is None:
        yield f"{file} has a header and no rows."


def shortened(package: Package, resource: dict, content: bytes) -> Iterator[str]:
    """A file that has lost many of the rows that are recorded."""
    rows, before = row_count(resource, content), resource.get("rows")
    if isinstance(before, int) and rows < before * (1 - LOST) and before - rows > 1:
        yield (
            f"{package.label}/{resource['path']} has {rows} rows where {FILE} records {before}: "
            f'it has been cut short, or if you meant it write "rows": {rows} there first.'
        )


def _row_faults(file: str, resource: dict, raw: bytes) -> list[str]:
    """Faults of single rows against the schema, found by frictionless."""
    import frictionless  # half a second to import, and the quick check does without it

    schema = {key: value for key, value in resource["schema"].items() if key != "foreignKeys"}
    try:
        schema["fields"] = [
            field | {"constraints": LIMITS.get(field["type"], {}) | field.get("constraints", {})}
            for field in schema["fields"]
        ]
        schema = frictionless.Schema.from_descriptor(schema)
        form = {"headerRows": [1], "csv": {"delimiter": ","}}  # it would guess them
        dialect = frictionless.Dialect.from_descriptor(form)
        about = {"format": "csv", "encoding": "utf-8", "schema": schema, "dialect": dialect}
        report = frictionless.Resource(data=raw, **about).validate()
    except Exception as error:  # such as a constraint that no value can be compared with
        return [f"{file} cannot be validated by its schema ({type(error).__name__}: {error})."]
    errors = [error for task in report.tasks for error in task.errors] + report.errors
    faults = [_sentence(file, resource, error) for error in errors[:SHOWN]]
    if len(errors) > SHOWN:
        faults.append(f"{file}: {len(errors) - SHOWN} more faults are not shown.")
    return faults


def _sentence(file: str, resource: dict, error) -> str:
    """Say a frictionless error as one sentence with file, row and column."""
    where = [file]
    if row := getattr(error, "row_number", None):
        where.append(f"row {row}")
    column = getattr(error, "field_name", None)
    if not column and error.type == "primary-key":
        column = ", ".join(resource["schema"]["primaryKey"])
    if column:
        where.append(f"column {column}")
    note = REASONS.get(error.type) or error.note.rstrip(".") or error.title.lower()
    cell = getattr(error, "cell", None)
    value = f"{str(cell)[:60]!r}: " if column and cell else ""
    return f"{', '.join(where)}: {value}{note}."


def _value_faults(file: str, resource: dict, table: pd.DataFrame, text: str) -> Iterator[str]:
    """Days out of order, and numbers that are too long."""
    key = resource["schema"].get("primaryKey", [])
    if "date" in key and table["date"].notna().all():
        others = [name for name in key if name != "date"]
        before = table.groupby(others)["date"].shift() if others else table["date"].shift()
        if (back := table["date"] < before).any():
            place = int(np.argmax(back))
            yield (
                f"{file}, row {place + 2}, column date: {table['date'][place]:%Y-%m-%d} comes "
                f"after {before[place]:%Y-%m-%d}, the days are out of order."
            )
    fields = resource["schema"]["fields"]
    numeric = [field["name"] for field in fields if field["type"] in ("number", "integer")]
    cells = pd.read_csv(io.StringIO(text), dtype=str, usecols=numeric, keep_default_na=False)
    for name in cells:
        if (size := cells[name].str.len()).max() > LONGEST:
            row = int(np.argmax(size > LONGEST)) + 2
            yield f"{file}, row {row}, column {name}: a number of {size[row - 2]} digits."


def described_faults(package: Package, resource: dict) -> Iterator[str]:
    """What the description of a dataset leaves unsaid, or says wrongly."""
    where = f"{package.label}/{FILE}: dataset {resource['name']}"
    for key in (*SAID, "hash", "bytes", "rows"):
        if key not in resource:
            yield f"{where} has no {key}."
    for key in ("asOf", "retrieved"):
        day = resource.get(key, "2000")
        formed = isinstance(day, str) and re.fullmatch(r"(199|20\d)\d(-\d\d(-\d\d)?)?", day)
        if not formed or pd.isna(pd.to_datetime(day, errors="coerce")):
            yield f"{where}: {key} is {day!r}, not a day such as 2026-11-23."
    said, got = (str(resource.get(key, "")) for key in ("asOf", "retrieved"))
    known = min(len(said), len(got))  # a month may hold the day
    if known and not (said[:known] <= got[:known] and max(said, got) <= str(dt.date.today())):
        yield f"{where}: asOf {said}, retrieved {got} and today do not follow each other."
    for key in ("bytes", "rows"):
        if key in resource and (type(resource[key]) is not int or resource[key] < 1):
            yield f"{where}: {key} is {resource[key]!r}, not a number of {key}."
    for key, kind in (("usedBy", list), ("sources", list), ("description", str)):
        if key in resource and not isinstance(resource[key], kind):
            yield f"{where}: {key} is not a {'list' if kind is list else 'text'}."
    if resource.get("compression", "gz") != "gz" or (
        ("compression" in resource) != resource["path"].endswith(".gz")
    ):
        yield f"{where}: compression and the name {resource['path']} do not agree."
    fields = {field["name"] for field in resource["schema"]["fields"]}
    keys = resource["schema"].get("primaryKey")
    if not isinstance(keys, list) or not keys or not set(map(str, keys)) <= fields:
        yield f"{where}: the primaryKey is {keys!r}, not a list of its columns."
    for field in resource["schema"]["fields"]:
        if not field.get("description"):
            yield f"{where}, column {field['name']} has no description."
    there = {one["name"]: {f["name"] for f in one["schema"]["fields"]} for one in package.resources}
    for _, name, theirs in _foreign(resource):
        if name not in there:
            yield f"{where}: a foreignKey refers to {name!r}, which is no dataset."
        elif not set(theirs) <= there[name]:
            yield f"{where}: a foreignKey refers to {', '.join(theirs)}, which {name} has not."
    import frictionless

    try:
        frictionless.Schema.from_descriptor(resource["schema"])
    except frictionless.FrictionlessException as error:
        notes = [one.note for one in error.reasons or [error.error]]
        yield f"{where}: {notes[0].rstrip('.')}."
    except Exception as error:  # frictionless meets some faults unprepared
        yield f"{where}: its schema is wrong ({error})."


def recorded_faults(package: Package, resource: dict, content: bytes) -> Iterator[str]:
    """Size and rows that are recorded and are not those of the file."""
    where = f"{package.label}/{FILE}: dataset {resource['name']}"
    for key, has in (("bytes", len(content)), ("rows", row_count(resource, content))):
        if resource.get(key) != has:
            yield f"{where} records {resource.get(key)} {key}; the file has {has}."


def _foreign(resource: dict) -> list[tuple[list[str], str, list[str]]]:
    """Foreign keys as (columns, dataset, its columns)."""
    import frictionless

    keys = []
    with contextlib.suppress(Exception):  # which :func:`described_faults` tells of
        keys = frictionless.Schema.from_descriptor(resource["schema"]).foreign_keys
    return [(k["fields"], k["reference"]["resource"], k["reference"]["fields"]) for k in keys]


def _between(package: Package, tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Faults between tables, each of which fits its schema."""
    known = set(tables["sources"]["id"]) if "sources" in tables else None
    for name, table in tables.items():
        resource = package.describe(name)
        file = f"{package.label}/{resource['path']}"
        for columns, other, theirs in _foreign(resource):
            if other in tables and set(theirs) <= set(tables[other]):
                yield from _unreferenced(file, table[columns], other, tables[other][theirs])
        if known is not None:
            yield from _unknown_sources(package, resource, table, known)


def _unreferenced(file: str, cells: pd.DataFrame, name: str, there: pd.DataFrame) -> Iterator[str]:
    """Values that the dataset `name` does not have, each once."""
    cells = cells.dropna().drop_duplicates()
    there = pd.MultiIndex.from_frame(there.astype(str))
    wrong = ~pd.MultiIndex.from_frame(cells.astype(str)).isin(there)
    for row in cells.index[wrong][:SHOWN]:
        value = ", ".join(map(str, cells.loc[row]))
        yield f"{file}, row {row + 2}, column {', '.join(cells)}: {value!r} is not in {name}."
    if wrong.sum() > SHOWN:
        yield f"{file}: {wrong.sum() - SHOWN} more values are not in {name}."


def _unknown_sources(package, resource, table, known: set[str]) -> Iterator[str]:
    for source in resource.get("sources", []):
        if not isinstance(source, dict) or source.get("id") not in known:
            name = source.get("id") if isinstance(source, dict) else source
            yield (
                f"{package.label}/{FILE}: dataset {resource['name']} names the source {name!r}, "
                f"which is not in {package.label}/sources.csv."
            )
    for column in table.columns:
        if not column.endswith(("source_id", "source_ids")):
            continue
        for row, ids in table[column].dropna().items():
            for unknown in sorted({one.strip() for one in ids.split(";")} - known):
                yield (
                    f"{package.label}/{resource['path']}, row {row + 2}, column {column}: "
                    f"the source {unknown!r} is not in {package.label}/sources.csv."
                )
