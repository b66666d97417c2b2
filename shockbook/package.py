"""Write ``data/datapackage.json``, the description of every dataset.

The descriptor has one form on disk (resources by name, one space of indent, true characters), so
that two people's changes merge line by line.  Nothing else writes it.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
from pathlib import Path

import pandas as pd

from shockbook import catalog


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader finds the old content or the new, never a part."""
    part = path.with_name(f".tmp-{path.name}-{os.getpid()}")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def compress(content: bytes) -> bytes:
    """Gzip without a file name or time, so that equal content gives equal bytes."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def content(frame: pd.DataFrame, resource: dict, before: bytes | None = None) -> bytes:
    """A table as the bytes of its file: the schema's columns, shortest digits, compressed or not.

    Numbers are written with as few digits as read back to the same value, days as
    ``2025-01-27``, truth as ``true`` and ``false``, gaps as nothing.  Numbers that are the same in
    the file's content ``before`` keep their spelling (``8.29e+08``), so that a change of the file
    shows what changed in the data.
    """
    table = pd.DataFrame(index=frame.index)
    for field in resource["schema"]["fields"]:
        column = frame[field["name"]]
        if field["type"] == "integer":
            column = column.astype("Int64")
        elif field["type"] == "boolean":
            column = column.map({True: "true", False: "false"}, na_action="ignore")
        elif field["type"] == "date":
            column = column.dt.strftime("%Y-%m-%d")
        table[field["name"]] = column
    if before is not None:
        _keep_spelling(table, frame, resource, before)
    plain = table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    return compress(plain) if resource.get("compression") == "gz" else plain


def _keep_spelling(table: pd.DataFrame, frame: pd.DataFrame, resource: dict, before: bytes) -> None:
    """Put the former text of numbers that did not change into ``table``."""
    key = resource["schema"]["primaryKey"]
    numbers = [f["name"] for f in resource["schema"]["fields"] if f["type"] == "number"]
    values = catalog.parse(resource, before)
    plain = gzip.decompress(before) if resource.get("compression") == "gz" else before
    texts = pd.read_csv(io.BytesIO(plain), usecols=numbers, dtype=str, keep_default_na=False)
    place = pd.MultiIndex.from_frame(values[key]).get_indexer(pd.MultiIndex.from_frame(frame[key]))
    known = place >= 0
    for column in numbers:
        was = values[column].to_numpy()[place]
        same = known & (was == frame[column].to_numpy())
        text = table[column].astype(object)
        text[same] = texts[column].to_numpy()[place][same]
        table[column] = text


def text(package: dict) -> str:
    """The one form of a descriptor on disk."""
    ordered = {**package, "resources": sorted(package["resources"], key=lambda r: r["name"])}
    return json.dumps(ordered, indent=1, ensure_ascii=False) + "\n"


def write(package: dict) -> None:
    """Write ``datapackage.json`` in its one form, in one step."""
    write_whole(catalog.folder() / "datapackage.json", text(package).encode())


def put(*resources: dict) -> None:
    """Add resources to ``datapackage.json``, each in place of the one of its name."""
    package = catalog.package()
    fresh = {resource["name"]: resource for resource in resources}
    kept = [r for r in package["resources"] if r["name"] not in fresh]
    write({**package, "resources": kept + list(fresh.values())})


def stamped(resource: dict, content: bytes) -> dict:
    """The resource with the sha256, the size and the number of rows of its file's content."""
    plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    rows = sum(1 for _ in csv.reader(io.StringIO(plain.decode("utf-8")))) - 1
    return {
        **resource,
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "bytes": len(content),
        "rows": rows,
    }


def record(resource: dict) -> dict:
    """The resource with the sha256, the size and the rows that its file has now."""
    return stamped(resource, (catalog.folder() / resource["path"]).read_bytes())
