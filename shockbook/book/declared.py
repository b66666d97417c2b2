"""What a chapter declares beside its notebook, in ``chapters/NAME.toml``.

``[numbers.KEY]`` says what a number is (words in braces, as in ``{NVIDIA}``, follow a parameter),
how it is written (``form``), what it was computed from (``data``), optionally its total (``of``)
or the row that it is read from (``row``); ``[verdicts]`` holds the reasons; ``[words] typed`` the
phrases whose numbers may stand without a link.  With ``[words] filled = true`` each run writes the
numbers into the links of the text.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
#: What a number's declaration may hold.
FIELDS = {"what": str, "form": str, "data": str | list, "of": str, "row": str | list}


class BookError(Exception):
    """A chapter asks for what is not declared or not there.  One sentence, with the way out."""


@dataclass(frozen=True)
class Number:
    """One number of a chapter, as declared."""

    what: str
    form: str
    data: tuple[str, ...] = ()
    of: str = ""
    row: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declared:
    """All that a chapter declares."""

    numbers: dict[str, Number] = field(default_factory=dict)
    verdicts: dict[str, str] = field(default_factory=dict)
    typed: tuple[str, ...] = ()
    #: Whether each run writes the numbers into the text: for findings not known beforehand.
    filled: bool = False


def path(name: str) -> Path:
    """The declarations of a chapter: beside the notebook, in ``chapters/``, or in the library's.

    Raises ``BookError`` if there is no such file.
    """
    here = Path.cwd()
    places = (here, here / "chapters", ROOT / "chapters")
    found = next((p for p in (place / f"{name}.toml" for place in places) if p.is_file()), None)
    if found is None:
        every = (p for place in places[1:] for p in place.glob("*.toml"))
        known = sorted({p.stem for p in every if p.with_suffix(".ipynb").is_file()})
        there = f"there are: {', '.join(known)}" if known else "the book's chapters/ are not here"
        raise BookError(f"there is no chapter {name!r} ({name}.toml); {there}.")
    return found


def read(file: Path, instead: dict[str, str] = {}) -> Declared:  # noqa: B006
    """Read and check one file of declarations; `instead` replaces words in braces.

    Raises ``BookError`` if it is no TOML, or a declaration lacks a part or has one that is not
    known.
    """
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BookError(f"{file.name} is not readable TOML: {problem}") from None
    if unknown := found.keys() - {"numbers", "verdicts", "words"}:
        raise BookError(f"{file.name} has [{min(unknown)}]: its parts are numbers, verdicts, words")
    if not all(isinstance(part, dict) for part in found.values()):
        raise BookError(f"{file.name}: numbers, verdicts and words are tables, as in [numbers]")
    if wrong := [k for k, v in found.get("verdicts", {}).items() if not isinstance(v, str)]:
        raise BookError(f"{file.name}: the reason of {wrong[0]} is not a text")
    numbers = {k: _number(file, k, v, instead) for k, v in found.get("numbers", {}).items()}
    for key, number in numbers.items():
        if number.of and number.of not in numbers:
            raise BookError(f"{file.name}: of = {number.of!r} of {key} is no number of the chapter")
    words = found.get("words", {})
    if not isinstance(typed := words.get("typed", []), list):
        raise BookError(f"{file.name}: typed is {typed!r}, not a list of phrases")
    return Declared(numbers, found.get("verdicts", {}), tuple(typed), bool(words.get("filled")))


def _number(file: Path, key: str, given: dict, instead: dict) -> Number:
    where = f"{file.name}, [numbers.{key}]"
    if not KEY.fullmatch(key):
        raise BookError(f"{where}: a key is small letters, digits and hyphens, as in loss-rmb")
    unknown = given.keys() - FIELDS.keys() if isinstance(given, dict) else {str(given)}
    if unknown:
        raise BookError(f"{where}: {min(unknown)} is not what, form, data, of or row")
    if missing := {"what", "form"} - given.keys():
        raise BookError(f"{where}: {min(missing)} is missing")
    for part, value in given.items():
        if not isinstance(value, FIELDS[part]):
            raise BookError(f"{where}: {part} is {value!r}, not a text in quotes")
    fields = re.findall(r"\{[^{}]*\}", given["form"])
    if len(fields) != 1 or fields[0][1] not in ":}":
        raise BookError(f"{where}: form needs one field, as in '{{:.1f}}%'")
    row = given.get("row", ())
    row = tuple(row.split() if isinstance(row, str) else row)
    if row and len(row) != 3:
        raise BookError(f"{where}: row is a dataset, an id and a column, as in 'claims C12 type'")
    data = given.get("data", row[:1])
    data = (data,) if isinstance(data, str) else tuple(data)
    what = re.sub(r"\{([^{}]*)\}", lambda m: instead.get(m[1], m[1]), given["what"])
    return Number(what, given["form"], data, given.get("of", ""), row)
