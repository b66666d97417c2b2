"""What a verdict on a claim says in a page: words and shapes, known without Sphinx."""

import re

# A shape for each verdict beside its word and colour: nobody has to tell colours apart.
SHAPES = {
    "True": "M3 8.5l3.5 3.5L13 4.5",
    "True, but": "M3 8.5l3.5 3.5L13 4.5M3 15h10",
    "Partly wrong": "M3 8h10",
    "Wrong": "M4 4l8 8M12 4l-8 8",
    "Cannot be known": "M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M8 12.4v1.4",
    "No evidence found": "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M10.5 10.5L14 14",
    "Opinion": "M3 3h10v7H8l-3 3v-3H3z",
}
BOUNDS = {"at-least": "at least", "at-most": "at most", "nearly": "nearly"}
# What a test asks for that needs no number from the article.
ASKED = {
    "first": "rank 1",
    "some": "at least 1",
    "most": "more than half",
    "majority": "more than half",
    "rose": "above 0",
    "fell": "below 0",
    "rose-abnormally": "above 0, p below 0.05",
    "fell-abnormally": "below 0, p below 0.05",
    "stated": "two publishers",
}
RANKS = {"at-least": " or worse", "at-most": " or better"}
OUTCOMES = {"true": "holds", "false": "does not hold", "open": "open", "absent": "not found"}
#: What a part that does not decide is there for.
ROLES = {"context": " (to be added)", "beside": " (stands beside)"}


def _with_unit(number: str, unit: str) -> str:
    """A number as the book writes it: a currency before it, its unit behind it."""
    first, _, rest = unit.partition(" ")
    if unit == "rank":
        return f"rank {number}"
    if first == "USD":
        return f"${number} {rest}".strip()
    if len(first) == 3 and first.isupper():
        return f"{first} {number} {rest}".strip()
    return f"{number}{unit}" if unit == "%" else f"{number} {unit}".strip()


def claimed(part: dict) -> str:
    """What the article claims or the test asks for."""
    if part.get("claimed") is None:
        return ASKED.get(part.get("test"), "")
    number, unit = f"{part['claimed']:,g}", part.get("unit") or ""
    unit = unit.removesuffix("s") if part["claimed"] == 1 else unit
    bound = BOUNDS.get(part.get("test"), "")
    if unit.startswith("share of "):
        return f"{bound} {part['claimed']:.0%} of {unit.removeprefix('share of ')}".strip()
    if unit == "rank":
        return _with_unit(number, unit) + RANKS.get(part.get("test"), "")
    return f"{bound} {_with_unit(number, unit)}".strip()


def found(part: dict) -> str:
    """What was computed: a bare number with its unit, publishers introduced as such."""
    said, unit = str(part["computed"]), part.get("unit") or ""
    if part.get("test") == "stated" and said:
        return f"reported by {said}"
    if re.fullmatch(r"[\d,.]+", said) and unit and not unit.startswith("share of "):
        return _with_unit(said, unit.removesuffix("s") if said == "1" else unit)
    return said


def outcome(part: dict) -> str:
    """Whether a part holds, and what it is there for if it does not decide."""
    return OUTCOMES.get(part["outcome"], part["outcome"]) + ROLES.get(part["role"], "")
