"""What data there is: find it, verify it, read it.

``data/datapackage.json`` (a Frictionless Data Package) describes every file.  :func:`load` checks
a file's sha256 against it and reads the columns with the types it states.  The rows themselves
are validated when a file is written (``python -m shockbook check``); the hash says that it is
that file, so reading stays fast.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import json
import os
from pathlib import Path

import pandas as pd

#: How the parser reads a column of each Frictionless type.  Dates repeat, so each distinct one is
#: parsed once; whole numbers may have gaps, so they come as floats first.
#: What the list of sources holds where a publisher or a name is not known.
NOT_STATED = "not stated in our copy"

PARSED_AS = {
    "string": "str",
    "date": "category",
    "number": "float64",
    "integer": "float64",
    "boolean": "boolean",
}


class DataError(Exception):
    """The data folder is not as ``datapackage.json`` says.  One sentence, with the way out."""


def folder() -> Path:
    """The folder of the data: ``data/``, or what ``SHOCKBOOK_DATA`` names."""
    return Path(os.environ.get("SHOCKBOOK_DATA") or Path(__file__).parents[1] / "data")


def package() -> dict:
    """The descriptor ``datapackage.json`` as a dictionary.

    Raises
    ------
    DataError
        If the file is missing or is not JSON.
    """
    path = folder() / "datapackage.json"
    try:
        state = path.stat()
    except OSError:
        raise DataError(
            f"{path.name} is missing from {folder()}: restore it with `git checkout data/`."
        ) from None
    return _parse(path, (state.st_mtime_ns, state.st_ino, state.st_size))


@functools.lru_cache(maxsize=8)
def _parse(path: Path, stamp: tuple) -> dict:
    """Read a descriptor once for each state of the file, which ``stamp`` tells apart."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(
            f"data/{path.name} is not readable JSON ({error}): "
            f"restore it with `git checkout data/{path.name}`."
        ) from None


def names() -> list[str]:
    """The names of all datasets, in alphabetical order."""
    return sorted(resource["name"] for resource in package()["resources"])


def describe(name: str) -> dict:
    """The resource descriptor of one dataset.

    Raises
    ------
    DataError
        If no dataset has that name.
    """
    for resource in package()["resources"]:
        if resource["name"] == name:
            return resource
    raise DataError(f"there is no dataset {name!r}; there are: {', '.join(names())}.")


def verified_bytes(resource: dict) -> bytes:
    """The bytes of a resource's file, if they are the ones that its descriptor records.

    Raises
    ------
    DataError
        If the file is missing or its sha256 differs.
    """
    file = resource["path"]
    try:
        content = (folder() / file).read_bytes()
    except OSError:
        raise DataError(
            f"data/{file} is missing: restore it with `git checkout data/{file}`."
        ) from None
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != resource.get("hash"):
        size = f"{len(content)} bytes" + (
            "" if len(content) == resource.get("bytes") else f" instead of {resource.get('bytes')}"
        )
        raise DataError(
            f"data/{file} ({size}) is not the file that datapackage.json records, its sha256 "
            f"differs: restore it with `git checkout data/{file}`, or if you meant to change it "
            f"run `python -m shockbook check --accept {resource['name']}`."
        )
    return content


def _finish(column: pd.Series, kind: str) -> pd.Series:
    """Give a parsed column its final type."""
    if kind == "date":
        days = pd.to_datetime(column.cat.categories, format="%Y-%m-%d")
        taken = days.take(column.cat.codes, allow_fill=True, fill_value=pd.NaT)
        return pd.Series(taken, index=column.index)
    if kind in ("integer", "boolean") and not column.hasnans:
        return column.astype("int64" if kind == "integer" else "bool")
    return column


def parse(resource: dict, content: bytes) -> pd.DataFrame:
    """Read the content of a resource's file with the column types of its schema."""
    kinds = {f["name"]: f["type"] for f in resource["schema"]["fields"]}
    try:
        if resource.get("compression") == "gz":
            content = gzip.decompress(content)
        frame = pd.read_csv(
            io.BytesIO(content),
            usecols=list(kinds),
            dtype={name: PARSED_AS[kind] for name, kind in kinds.items()},
            keep_default_na=False,
            na_values=resource["schema"].get("missingValues", [""]),
            encoding="utf-8",
        )
        return frame.apply(lambda column: _finish(column, kinds[column.name]))
    except (ValueError, OSError, EOFError) as error:
        raise DataError(
            f"data/{resource['path']} does not fit its schema ({error}): "
            f"run `python -m shockbook check {resource['name']}` to see where."
        ) from None


def _current(name: str) -> tuple[dict, bytes]:
    """A dataset's descriptor and content, also while a refresh is exchanging both."""
    for last in (False, False, True):
        try:
            resource = describe(name)
            return resource, verified_bytes(resource)
        except DataError:
            if last:
                raise
            _parse.cache_clear()
    raise AssertionError


def load(name: str, live: bool | None = None) -> pd.DataFrame:
    """Load one dataset.

    Parameters
    ----------
    name : str
        One of :func:`names`.
    live : bool, optional
        Ask the live source instead of the snapshot.  By default the environment variable
        ``SHOCKBOOK_LIVE=1`` decides.  A dataset without a live source comes from the snapshot,
        and so does one whose source fails.

    Returns
    -------
    DataFrame
        Columns as the schema has them; dates are naive ``datetime64`` days of the exchange.
        Gaps are NaN, so a column of whole numbers that has any is of floats.  ``attrs`` holds
        dataset, title, source, as_of, retrieved and live.

    Raises
    ------
    DataError
        If there is no such dataset or its file is not the one recorded.
    """
    if live is None:
        live = os.environ.get("SHOCKBOOK_LIVE") == "1"
    if live:
        from shockbook.live import latest  # the network's libraries load only when asked for

        frame = latest(name)
        if frame is not None:
            return frame
    resource, content = _current(name)
    frame = parse(resource, content)
    frame.attrs = {
        "dataset": name,
        "title": resource["title"],
        "source": resource.get("shortSource", ""),
        "as_of": resource.get("asOf", ""),
        "retrieved": resource.get("retrieved", ""),
        "live": False,
    }
    return frame


def sources() -> pd.DataFrame:
    """The list of sources, ``data/sources.csv``: id, title, publisher, author, date, url, kind."""
    return load("sources", live=False)
