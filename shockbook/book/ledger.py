"""A ledger of another text: a folder that holds its claims, its data and its chapter, on its own.

``ledger.toml`` says what the text is and what each table of one's own holds; everything else is
tables in ``data/``.  Their description, ``datapackage.json``, is made from both.
"""

import csv
import io
import json
import os
import re
import tomllib
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from shockbook.book.declared import ROOT
from shockbook.data import DataError, Package, write_whole
from shockbook.data.files import stamped, text
from shockbook.data.package import FILE

ABOUT = "ledger.toml"
#: What is a ledger's own alike in every ledger: its tables are described there.
TEMPLATE = ROOT / "ledgers" / "template"
WANTED = ("title", "description", "source", "licence")
OPTIONAL = {"other-readings"}
#: A code such as 000660 is a text, which would lose its zeros as a number.
KINDS = (("integer", r"-?(?!0\d)\d{1,15}"), ("number", r"-?(?!0\d)\d*\.?\d+([eE][-+]?\d+)?"),
         ("date", r"\d{4}-\d\d-\d\d"), ("boolean", "true|false"))  # fmt: skip


class LedgerError(DataError):
    """A ledger is not as it must be.  One sentence that names the file, with the way out."""


@dataclass(frozen=True)
class Ledger:
    """What ``ledger.toml`` says."""

    folder: Path
    name: str
    text: str
    as_of: str
    data: dict[str, dict] = field(default_factory=dict)


def read(folder: Path) -> Ledger:
    """Read a ledger's ``ledger.toml``.

    Raises ``LedgerError`` if it is missing, is no TOML, or lacks something.
    """
    path = folder / ABOUT
    where = f"{folder.name}/{ABOUT}"
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise LedgerError(
            f"there is no {where}: start one with `python -m shockbook new-ledger`."
        ) from None
    except ValueError as problem:
        raise LedgerError(f"{where} is not readable TOML ({problem}).") from None
    if unknown := found.keys() - {"name", "text", "as_of", "data"}:
        raise LedgerError(f"{where}: {min(unknown)} is not name, text, as_of or [data.TABLE].")
    for key in ("name", "text", "as_of"):
        if not str(found.get(key, "")).strip():
            raise LedgerError(f"{where}: {key} is missing.")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(found["as_of"])):
        raise LedgerError(f"{where}: as_of is {found['as_of']!r}; write a day like 2026-11-29.")
    data = found.get("data", {})
    for table, about in data.items() if isinstance(data, dict) else (("", None),):
        given = about if isinstance(about, dict) else {}
        texts = all(isinstance(given.get(key), str) and given[key].strip() for key in WANTED)
        if not texts or not isinstance(given.get("columns", {}), dict):
            raise LedgerError(
                f"{where}: [data.{table}] needs title, description, source and licence, each a "
                "text in quotes; columns, if given, is a table."
            )
    about = {key: str(found[key]) for key in ("name", "text", "as_of")}
    return Ledger(folder, **about, data=data)


def describe(one: Ledger) -> Package:
    """Write the description of a ledger's tables, from what lies in its ``data/`` now.

    Raises ``LedgerError`` if a table that every ledger has is missing, or one of its own is
    described nowhere.
    """
    folder, label = one.folder / "data", f"{one.folder.name}/data"
    package = Package(folder, label, "correct the file")
    known = {r["name"]: r for r in json.loads((TEMPLATE / "data" / FILE).read_text("utf-8"))
             ["resources"]}  # fmt: skip
    files = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    if missing := [name for name in known if name not in {*files, *OPTIONAL}]:
        raise LedgerError(f"{label}/{missing[0]}.csv is missing: every ledger has one.")
    for name in one.data:
        if name not in files or name in known:
            why = "has no file" if name not in files else "is described already"
            raise LedgerError(f"{one.folder.name}/{ABOUT}: [data.{name}] {why} ({name}.csv).")
    used = sorted(path.stem for path in one.folder.glob("*.ipynb"))
    resources = []
    for name, path in files.items():
        if name not in known and name not in one.data:
            raise LedgerError(
                f"{label}/{name}.csv is described nowhere: say in [data.{name}] of {ABOUT} what "
                "it is (title, description, source, licence)."
            )
        content = path.read_bytes()
        if b";" in (head := content.partition(b"\n")[0]) and b"," not in head:
            raise LedgerError(f"{label}/{name}.csv, row 1: the columns are divided by semicolons; "
                              "save the table with commas.")  # fmt: skip
        resource = known.get(name) or _own(name, one.data[name], content, f"{label}/{name}.csv")
        about = {"asOf": one.as_of, "retrieved": one.as_of, "usedBy": used}
        resources.append(stamped(resource | about, content))
    said = text({"name": one.folder.name.lower(), "title": one.name, "resources": resources})
    target = folder / FILE
    if not target.is_file() or target.read_text("utf-8") != said:
        write_whole(target, said.encode())
    return package


def _own(name: str, about: dict, content: bytes, file: str) -> dict:
    """The description of a table of one's own; what a column holds is seen from its cells."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except UnicodeDecodeError:
        raise LedgerError(f"{file} is not in UTF-8: save it as CSV UTF-8.") from None
    except csv.Error as error:
        raise LedgerError(f"{file} is no table ({error}): close the quotes that open.") from None
    head, *body = rows or [[]]
    if not head or not body or not all(head) or len(set(head)) < len(head):
        raise LedgerError(f"{file} needs a first line of column names, each once, and rows.")
    said = about.get("columns", {})
    if unknown := set(said) - set(head):
        raise LedgerError(f"{file} has no column {min(unknown)!r}, which {ABOUT} describes.")
    cells = list(zip_longest(*body, fillvalue=""))
    fields = [{"name": column, "type": _kind(held), "title": column,
               "description": str(said.get(column, ""))}
              for column, held in zip(head, cells, strict=False)]  # fmt: skip
    ids = [{"id": one.strip()} for one in about["source"].split(";")]
    return {"name": name, "path": f"{name}.csv", "title": about["title"],
            "description": about["description"], "licenceNote": about["licence"], "sources": ids,
            "shortSource": about.get("short", about["source"]),
            "schema": {"fields": fields, "missingValues": [""]}}  # fmt: skip


def _kind(cells: tuple[str, ...]) -> str:
    """The narrowest type that all filled cells of a column have."""
    filled = [cell for cell in cells if cell]
    fits = (kind for kind, form in KINDS if all(re.fullmatch(form, cell) for cell in filled))
    return next(fits, "string") if filled else "string"


def use(folder: Path) -> Ledger:
    """Have this process, and those that it starts, read a ledger's tables and no others."""
    one = read(folder)
    os.environ |= {"SHOCKBOOK_DATA": str(describe(one).folder), "SHOCKBOOK_LIVE": "0"}
    return one
