"""Write tables and descriptions, and replace several files of a package in one step.

The description says which file holds which dataset, so exchanging that one file is the step:
everything before it only adds files that nobody names yet, everything after it only tidies.

1.  The new files are written beside the old ones under names of their own (``.new-…``).
2.  ``datapackage.json`` is replaced by one that names them.  Before this the data are wholly old,
    from here on wholly new.
3.  The new content is put under the usual names, which nobody names now, each in one step.
4.  ``datapackage.json`` is replaced by one with the usual names, and the ``.new-…`` files go.

A process that dies on the way leaves a description that fits its files at every point;
:func:`settled` does the rest the next time that somebody writes or checks.
"""

import contextlib
import gzip
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from shockbook.data.package import FILE, DataError, Package, plain, row_count

STAGED = ".new-"


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader finds the old content or the new, never a part."""
    part = path.with_name(f".tmp-{path.name}-{os.getpid()}")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        error.filename = error.filename or str(path)  # a full disk does not say
        raise
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder to fill, which then takes the place of ``target``, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".tmp-{target.name}-"))
    old = fresh.with_name(f"{fresh.name}-old")
    try:
        yield fresh
        fresh.chmod(0o755)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)  # the new one did not come
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


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
    kinds = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    table = frame[list(kinds)].copy()
    for name, kind in kinds.items():
        if kind == "integer":
            table[name] = table[name].astype("Int64")
        elif kind == "boolean":
            table[name] = table[name].map({True: "true", False: "false"}, na_action="ignore")
    if before is not None:
        _keep_spelling(table, frame, resource, before)
    text = table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode("utf-8")
    return compress(text) if resource.get("compression") == "gz" else text


def _keep_spelling(table: pd.DataFrame, frame: pd.DataFrame, resource: dict, before: bytes) -> None:
    """Put the former text of numbers that did not change into ``table``."""
    key = resource["schema"]["primaryKey"]
    numbers = [f["name"] for f in resource["schema"]["fields"] if f["type"] == "number"]
    values = Package("").parse(resource, before)
    text = io.BytesIO(plain(resource, before))
    texts = pd.read_csv(text, usecols=numbers, dtype=str, keep_default_na=False)
    place = pd.MultiIndex.from_frame(values[key]).get_indexer(pd.MultiIndex.from_frame(frame[key]))
    known = place >= 0
    for column in numbers:
        was = values[column].to_numpy()[place]
        same = known & (was == frame[column].to_numpy())
        spelt = table[column].astype(object)
        spelt[same] = texts[column].to_numpy()[place][same]
        table[column] = spelt


def stamped(resource: dict, content: bytes) -> dict:
    """The resource with the sha256, the size and the number of rows of its file's content."""
    return {
        **resource,
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "bytes": len(content),
        "rows": row_count(resource, content),
    }


def text(descriptor: dict) -> str:
    """The one form of a description on disk, in which two people's changes merge line by line."""
    ordered = {**descriptor, "resources": sorted(descriptor["resources"], key=lambda r: r["name"])}
    return json.dumps(ordered, indent=1, ensure_ascii=False) + "\n"


def put(package: Package, *resources: dict, **properties) -> None:
    """Describe resources anew, each in place of the one of its name, and the package itself."""
    _sync(package.folder)
    names = {resource["name"] for resource in resources}
    kept = [r for r in package.resources if r["name"] not in names]
    whole = {**package.descriptor, **properties, "resources": [*kept, *resources]}
    write_whole(package.folder / FILE, text(whole).encode())
    _sync(package.folder)


def replace(
    package: Package, resources: list[dict], contents: dict[str, bytes], **properties
) -> None:
    """Put new files and their resources in place, all of them or, if interrupted, none.

    A file that is not the one recorded holds somebody's work: then none, and a ``DataError``.

    The resources have hash and size of the new content and the usual path; ``contents`` holds the
    bytes of each file by the name of its resource.  Properties of the package's description are
    changed in the same step.
    """
    with settled(package):
        held = set(package.names()).intersection(contents)
        if edited := [*package.changed(sorted(held))]:
            raise DataError(" ".join(edited))
        staged = []
        for resource in resources:
            name = STAGED + resource["path"]
            write_whole(package.folder / name, contents[resource["name"]])
            staged.append({**resource, "path": name})
        put(package, *staged, **properties)
        _tidy(package)


@contextlib.contextmanager
def settled(package: Package, lock: str = ".lock") -> Iterator[None]:
    """Hold the folder alone, with what an interrupted :func:`replace` left finished or cleared.

    A folder that cannot be written to is left as it is: its description fits its files anyhow.
    The lock of a process that dies goes with it.
    """
    try:
        stream = (package.folder / lock).open("w")
    except OSError:
        yield
        return
    with stream:
        with contextlib.suppress(ImportError):  # Windows has no fcntl and goes without a lock
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        if lock == ".lock":
            _tidy(package)
        yield


def _tidy(package: Package) -> None:
    """Steps 3 and 4, as far as they are still to do; then remove what nobody names."""
    usual = []
    for resource in package.resources:
        if resource["path"].startswith(STAGED):
            path = resource["path"].removeprefix(STAGED)
            write_whole(package.folder / path, package.read(resource))
            usual.append({**resource, "path": path})
    if usual:
        put(package, *usual)
    for rest in [*package.folder.glob(f"{STAGED}*"), *package.folder.glob(".tmp-*")]:
        rest.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Make the folder's entries durable: a crash of the machine keeps the order of the steps."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
