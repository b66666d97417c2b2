"""Checks of a student's answer, with a sentence on what is wrong.

A key holds no answer in clear: it holds hashes of the right value and of what common mistakes
give, at three significant digits.  That keeps an honest student honest.  It is no lock: whoever
wants to can try all values.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import math
import numbers
import re

DIGITS = 3
#: What a slip of unit or sign makes of a number, and what to say.
SLIPS = {
    -1: "has the right size and the wrong sign.",
    100: "is a hundred times too large: a fraction was asked for, not per cent.",
    0.01: "is a hundred times too small: per cent was asked for, not a fraction.",
    1e3: "is a thousand times too large: look at the unit.",
    1e-3: "is a thousand times too small: look at the unit.",
    1e6: "is a million times too large: look at the unit.",
    1e-6: "is a million times too small: look at the unit.",
    1e9: "is a billion times too large: look at the unit.",
    1e-9: "is a billion times too small: look at the unit.",
}
KINDS = {
    "number": "a number",
    "count": "a whole number",
    "date": "a date or a text like '2025-12-31'",
    "text": "a text",
    "names": "a list of texts",
    "sentence": "a text",
}


class NotYet(AssertionError):
    """An answer that is not right.  One sentence that says what is wrong with it."""


def kind(value) -> str:
    """The kind of a right answer: count, number, date, text or names; TypeError if it is none."""
    if isinstance(value, bool):
        raise TypeError("an answer of yes or no is too easy to guess: ask for a number")
    if isinstance(value, numbers.Integral):
        return "count"
    if isinstance(value, numbers.Real):
        return "number"
    if isinstance(value, dt.date):
        return "date"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list | tuple | set) and all(isinstance(v, str) for v in value):
        return "names"
    raise TypeError(f"a {type(value).__name__} cannot be checked: ask for a number, date or text")


def simple(value, of: str):
    """An answer as a number, an ISO date, a text or a list of texts; TypeError if it is none.

    Marking runs this in the student's kernel, so that it takes what the notebook's check took.
    """
    if of in ("number", "count"):
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError
        return float(value)
    if of == "names" and not isinstance(value, str):
        return [str(v) for v in itertools.islice(value, 1000)]
    if of == "date" and type(value).__name__ == "datetime64":  # numpy's
        value = str(value)
    if of == "date" and not isinstance(value, str):
        value = value.strftime("%Y-%m-%d")
    if of == "names" or not isinstance(value, str):
        raise TypeError
    return dt.date.fromisoformat(value.strip()[:10]).isoformat() if of == "date" else str(value)


def plain(value, of: str) -> str:
    """One form of an answer, the same however it was computed; TypeError if it is none."""
    value = simple(value, of)
    if of in ("number", "count"):
        return f"{value:.12g}" if of == "count" else f"{value:.{DIGITS - 1}e}"
    if of == "names":
        return ",".join(sorted(v.strip().lower() for v in value))
    return value if of == "date" else " ".join(value.lower().split())


def digest(question: str, name: str, text: str) -> str:
    """A hash that differs from question to question."""
    return hashlib.sha256(f"{question}.{name}={text}".encode()).hexdigest()[:20]


def around(value, of: str) -> list[str]:
    """The forms that count as this value: for a number also its neighbours in the last digit."""
    first = plain(value, of)
    if of != "number":
        return [first]
    step = 10 ** (int(first.split("e")[1]) - DIGITS + 1)
    return sorted({plain(float(first) + k * step, of) for k in (-1, 0, 1)})


def make_key(question: str, name: str, right, mistakes=(), sentence=()) -> dict:
    """The key of one answer, fit to be given to students.

    ``mistakes`` pairs values with what to say; one that comes out as the right answer is a
    ``ValueError``.  ``sentence``, for an answer in words, pairs patterns with what to say if one
    is not found.
    """
    if sentence:
        return {"kind": "sentence", "patterns": [list(pair) for pair in sentence]}
    of = kind(right)
    key = {"kind": of, "right": [digest(question, name, t) for t in around(right, of)]}
    wrong = {}
    for value, says in mistakes:
        for text in around(value, of):
            code = digest(question, name, text)
            if code in key["right"] and text == plain(value, of):
                raise ValueError(f"{question}.{name}: the mistake {says!r} gives the right answer")
            if code not in key["right"]:
                wrong.setdefault(code, says)
    return key | {"wrong": wrong}


def check(question: str, name: str, names: dict, key: dict) -> None:
    """Raise ``NotYet``, which says what is wrong with the answer ``names[name]``, if anything."""
    if name not in names:
        raise NotYet(f"there is no {name}: its cell did not run, or the name is another.")
    value = names[name]
    if value is ...:
        raise NotYet(f"{name} still holds the three dots: store your answer in it.")
    if key["kind"] == "sentence":
        if not isinstance(value, str) or len(value.split()) < 4:
            raise NotYet(f"{name} should be a sentence in quotes.")
        for pattern, says in key["patterns"]:
            if not re.search(pattern, value):
                raise NotYet(f"{name}: {says}")
        return
    if isinstance(value, numbers.Real) and not math.isfinite(value):
        many = "NaN, not a number: somewhere a value is missing" if value != value else "infinite"
        raise NotYet(f"{name} is {many}. Look at the first step that gives it.")
    try:
        text = plain(value, key["kind"])
    except (TypeError, ValueError, AttributeError):
        wanted = KINDS[key["kind"]]
        raise NotYet(f"{name} is of type {type(value).__name__}; {wanted} was asked for.") from None
    code = digest(question, name, text)
    if code in key["right"]:
        return
    if code in key["wrong"]:
        raise NotYet(f"{name}: {key['wrong'][code]}")
    if key["kind"] in ("number", "count"):
        for factor, says in SLIPS.items():
            if digest(question, name, plain(float(value) / factor, key["kind"])) in key["right"]:
                raise NotYet(f"{name} {says}")
    if key["kind"] == "date":
        day = dt.date.fromisoformat(text)
        for shift in (-3, -2, -1, 1, 2, 3):
            moved = f"{day - dt.timedelta(shift):%Y-%m-%d}"
            if digest(question, name, moved) in key["right"]:
                side = "late" if shift > 0 else "early"
                raise NotYet(f"{name}: calendar slip, {abs(shift)} day(s) too {side}.")
    raise NotYet(f"{name} is not right, nor a mistake that is known here: read the question again "
                 "(it is asked with the page's settings as they came).")  # fmt: skip
