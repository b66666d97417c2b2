"""The package: what a folder holds, read and verified."""

import contextlib
import csv
import functools
import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

#: What the list of sources holds where a publisher or a name is not known.
NOT_STATED = "not stated in our copy"
#: How a source was read, as the list of sources has it, in words for a reader; best first.
READ = {
    "whole": "read whole",
    "mirror": "read in a copy",
    "excerpt": "read in part",
    "abstract": "only the abstract read",
    "quoted": "read only as others quote it",
    "not read": "not read",
}
FILE = "datapackage.json"
#: How the parser reads a column of each Frictionless type.  Dates repeat, so each distinct one is
#: parsed once; whole numbers may have gaps, so they come as floats first.
PARSED_AS = {
    "string": "str",
    "date": "category",
    "number": "float64",
    "integer": "float64",
    "boolean": "boolean",
}


class DataError(Exception):
    """A data folder is not as its description says.  One sentence, with the way out."""


class Package:
    """A folder of tables with their description, read when something is asked for.

    In sentences it is called ``label``, and ``remedy`` says how a file is got back (``{file}``
    stands for its name).
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        label: str = "data",
        remedy: str = "restore it with `git checkout data/{file}`",
    ):
        self.folder, self.label, self.remedy = Path(folder), label, remedy

    def __repr__(self) -> str:
        return f"Package({str(self.folder)!r})"

    def error(self, file: str, what: str | OSError) -> DataError:
        """A sentence on one file, with the way to get it back."""
        if isinstance(what, FileNotFoundError):
            what = "is missing"
        elif isinstance(what, OSError):
            what = f"cannot be read ({what.strerror or what})"
        return DataError(f"{self.label}/{file} {what}: {self.remedy.format(file=file)}.")

    @property
    def descriptor(self) -> dict:
        """The description, ``datapackage.json``, as a dictionary; read again when it changes.

        Raises ``DataError`` if it is missing, cannot be read, or is not a description of tables.
        """
        path = self.folder / FILE
        try:
            state = path.stat()
            return _described(path, (state.st_mtime_ns, state.st_ino, state.st_size))
        except OSError as error:
            raise self.error(FILE, error) from None
        except (ValueError, RecursionError) as error:
            why = f"is not a description of data ({error})"
            raise self.error(FILE, why) from None

    @property
    def resources(self) -> list[dict]:
        """The descriptions of all datasets, by name."""
        return sorted(self.descriptor["resources"], key=lambda resource: resource["name"])

    def names(self) -> list[str]:
        """The names of all datasets, in alphabetical order."""
        return [resource["name"] for resource in self.resources]

    def describe(self, name: str) -> dict:
        """The description of one dataset.

        Raises ``DataError`` if no dataset has that name.
        """
        for resource in self.descriptor["resources"]:
            if resource["name"] == name:
                return resource
        raise DataError(f"there is no dataset {name!r}; there are: {', '.join(self.names())}.")

    def read(self, resource: dict) -> bytes:
        """The bytes that a dataset's file has now, whatever they are.

        Raises ``DataError`` if there is no such file or it cannot be read.
        """
        try:
            return (self.folder / resource["path"]).read_bytes()
        except OSError as error:
            raise self.error(resource["path"], error) from None

    def verify(self, name: str | dict) -> bytes:
        """The bytes of a dataset's file, if they are the ones that its description records.

        Raises ``DataError`` if the file is missing, cannot be read, or its sha256 differs.
        """
        resource = self.describe(name) if isinstance(name, str) else name
        content = self.read(resource)
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != resource.get("hash"):
            recorded = resource.get("bytes")
            size = "" if len(content) == recorded else f" instead of {recorded}"
            file = resource["path"]
            raise DataError(
                f"{self.label}/{file} ({len(content)} bytes{size}) is not the file that {FILE} "
                f"records, its sha256 differs: {self.remedy.format(file=file)}, or if you meant "
                f"to change it run `python -m shockbook check --accept {resource['name']}`."
            )
        return content

    def parse(self, resource: dict, content: bytes) -> pd.DataFrame:
        """A file's content as a table, with the types that its schema states.

        Raises ``DataError`` if the content does not fit the schema.
        """
        try:
            return _table(resource, content)
        except (ValueError, OSError, EOFError) as error:
            reason = str(error).splitlines()[0]
            raise DataError(
                f"{self.label}/{resource['path']} does not fit its schema ({reason}): "
                f"run `python -m shockbook check {resource['name']}` to see where."
            ) from None

    def _current(self, name: str) -> tuple[dict, bytes]:
        """A dataset's description and content, also while both are being replaced."""
        for _ in range(2):
            with contextlib.suppress(DataError):
                resource = self.describe(name)
                return resource, self.verify(resource)
            _described.cache_clear()
        resource = self.describe(name)
        return resource, self.verify(resource)

    def load(self, name: str) -> pd.DataFrame:
        """Load one dataset.

        Returns a table: columns as the schema has them; dates are naive ``datetime64`` days of the
        exchange.  Gaps are NaN, so a column of whole numbers that has any is of floats.  ``attrs``
        holds dataset, title, source, as_of and retrieved.

        Raises ``DataError`` if there is no such dataset or its file is not the one recorded.
        """
        resource, content = self._current(name)
        frame = self.parse(resource, content)
        frame.attrs = {
            "dataset": name,
            "title": resource["title"],
            "source": resource.get("shortSource", ""),
            "as_of": resource.get("asOf", ""),
            "retrieved": resource.get("retrieved", ""),
        }
        return frame

    def changed(self, names: list[str] | None = None) -> Iterator[str]:
        """One sentence for each file that is missing or not the one recorded."""
        for name in names or self.names():
            try:
                self.verify(name)
            except DataError as error:
                yield str(error)

    def strays(self) -> Iterator[str]:
        """One sentence for each file in the folder that nothing describes."""
        known = {resource["path"] for resource in self.resources} | {FILE}
        for path in sorted(self.folder.iterdir()):
            if not path.name.startswith(".") and path.name not in known:
                yield (
                    f"{self.label}/{path.name} is described nowhere: "
                    f"describe it in {self.label}/{FILE} or remove it."
                )


@functools.lru_cache(maxsize=8)
def _described(path: Path, stamp: tuple) -> dict:
    """Read a description once for each state of the file, which ``stamp`` tells apart."""
    described = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    if not isinstance(described, dict) or not isinstance(described.get("resources"), list):
        raise ValueError("it has no list of resources")
    if not described["resources"]:
        raise ValueError("its list of resources is empty")
    names, paths = set(), set()
    for place, resource in enumerate(described["resources"], start=1):
        if fault := shape_fault(resource):
            name = isinstance(resource, dict) and resource.get("name")
            raise ValueError(f"{name or f'resource {place}'} {fault}")
        if resource["name"] in names or resource["path"] in paths:
            raise ValueError(f"{resource['name']} or its file stands twice")
        names.add(resource["name"])
        paths.add(resource["path"])
    return described


def _once(pairs: list[tuple]) -> dict:
    """An object of JSON; a key that stands twice would silently count once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{next(key for key in keys if keys.count(key) > 1)!r} stands twice")
    return found


def shape_fault(resource) -> str:
    """What keeps a resource from being read at all, or nothing."""
    if not isinstance(resource, dict):
        return "is not an object"
    for key in ("name", "path", "title"):
        if not isinstance(resource.get(key), str) or not resource[key]:
            return f"has no {key}"
    if Path(resource["path"]).name != resource["path"]:
        return f"names {resource['path']!r}, which is not a file of this folder"
    schema = resource.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(fields, list) or not fields:
        return "has no schema with fields"
    seen = set()
    for field in fields:
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            return "has a column without a name"
        if field["name"] in seen:
            return f"has the column {field['name']} twice"
        if str(field.get("type")) not in PARSED_AS:
            return f"has the column {field['name']} of type {field.get('type')!r}, which is unknown"
        seen.add(field["name"])
    return ""


def _table(resource: dict, content: bytes) -> pd.DataFrame:
    kinds = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    frame = pd.read_csv(
        io.BytesIO(plain(resource, content)),
        usecols=list(kinds),
        dtype={name: PARSED_AS[kind] for name, kind in kinds.items()},
        keep_default_na=False,
        na_values=resource["schema"].get("missingValues", [""]),
        encoding="utf-8",
    )
    return frame.apply(lambda column: _finish(column, kinds[column.name]))


def plain(resource: dict, content: bytes) -> bytes:
    """The bytes of a table's text, unpacked if its file is compressed, without Excel's mark."""
    content = gzip.decompress(content) if resource.get("compression") == "gz" else content
    return content.removeprefix(b"\xef\xbb\xbf")


def row_count(resource: dict, content: bytes) -> int:
    """How many rows a file has below its header; -1 if it cannot be read."""
    try:
        return sum(1 for _ in csv.reader(io.StringIO(plain(resource, content).decode()))) - 1
    except (OSError, EOFError, ValueError, csv.Error):
        return -1


def _finish(column: pd.Series, kind: str) -> pd.Series:
    """Give a parsed column its final type."""
    if kind == "date":
        days = pd.to_datetime(column.cat.categories, format="%Y-%m-%d")
        taken = days.take(column.cat.codes, allow_fill=True, fill_value=pd.NaT)
        return pd.Series(taken, index=column.index)
    if kind in ("integer", "boolean") and not column.hasnans:
        return column.astype("int64" if kind == "integer" else "bool")
    return column


def snapshot() -> Package:
    """The snapshot of the book: ``data/``, or the folder that ``SHOCKBOOK_DATA`` names."""
    return Package(os.environ.get("SHOCKBOOK_DATA") or Path(__file__).parents[2] / "data")
