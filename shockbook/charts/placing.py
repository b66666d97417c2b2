"""Where words may stand without touching marks or one another, in pixels of the layout."""

import numpy as np
import pandas as pd

from shockbook.charts import layout

#: Pixels of a letter of 12 px type, of a line, and around a mark.
LETTER, LINE, MARK = 6.3, 15, 5
#: Ways in which a word may stand to its mark: align, and the way right and down.
SIDES = {
    "right": ("left", 8, 0), "left": ("right", -8, 0), "above": ("center", 0, -12),
    "below": ("center", 0, 13), "right above": ("left", 6, -10), "right below": ("left", 6, 11),
    "left above": ("right", -6, -10), "left below": ("right", -6, 11),
}  # fmt: skip


def width(text: str) -> float:
    """Pixels that the longest line of a text takes."""
    return max((len(line) for line in str(text).split("\n")), default=0) * LETTER


def names_room(names) -> float:
    """Pixels that names beside a plot take, as the theme limits them."""
    limit = 130 if layout.now() is layout.PHONE else 220
    return min(limit, max((width(name) for name in names), default=0)) + 12


def least(names=()) -> float:
    """Pixels across the narrowest plot that words have to fit into."""
    if layout.now() is not layout.BOTH:
        return plot(names)
    with layout.drawn(layout.PHONE):
        return plot(names)


def plot(names=()) -> float:
    """Pixels across the plot itself in the layout that is drawn."""
    whole = 340 if layout.now() is layout.PHONE else 680
    return whole - (names_room(names) if len(names) else 45)


def numbers(values) -> np.ndarray:
    """Dates and numbers as numbers; text stays away."""
    series = pd.Series(values)
    return (series.astype("int64") if series.dtype.kind == "M" else series).to_numpy("float64")


def pixels(values, size: float, log: bool = False, ends=None, zero: bool = False) -> np.ndarray:
    """Values as pixels along an axis of a size."""
    known = numbers(values)
    low, high = (numbers([e])[0] for e in ends) if ends is not None else (
        np.nanmin(known), np.nanmax(known))  # fmt: skip
    if zero:
        low, high = min(low, 0), max(high, 0)
    if log:
        known, low, high = (np.log(v) for v in (known, low, high))
    return (known - low) / ((high - low) or 1) * size


def apart(places, least: float = LINE) -> np.ndarray:
    """Move places on a line so that no two are nearer than ``least``, as little as will do.

    Neighbours that collide are spread around their middle, as often as needed.
    """
    places = np.asarray(places, "float64")
    order = np.argsort(places, kind="stable")
    blocks = [[places[i], [i]] for i in order]  # middle, members
    at = 0
    while at + 1 < len(blocks):
        (a, first), (b, second) = blocks[at], blocks[at + 1]
        if b - a >= least * (len(first) + len(second)) / 2 - 1e-9:
            at += 1
            continue
        members = first + second
        middle = float(np.mean([places[i] for i in members]))
        blocks[at : at + 2] = [[middle, members]]
        at = max(0, at - 1)
    out = np.empty(len(places))
    for middle, members in blocks:
        for n, i in enumerate(members):
            out[i] = middle + (n - (len(members) - 1) / 2) * least
    return out


def sides(x, y, words, marks_x, marks_y, across: float, down: float) -> list[str]:
    """The side of its mark on which each word stands: the first that is free, else the freest.

    ``x`` and ``y`` are pixels of the marks that have words, ``y`` downwards; ``marks_x`` and
    ``marks_y`` those of all, which words avoid; ``across`` and ``down`` are the plot's.
    """
    taken: list[tuple[float, float, float, float]] = []
    out = []
    for at_x, at_y, word in zip(x, y, words, strict=True):
        best = None
        for name, (align, dx, dy) in SIDES.items():
            long = width(word)
            left = at_x + dx - {"left": 0, "right": long, "center": long / 2}[align]
            box = (left, at_y + dy - LINE / 2, left + long, at_y + dy + LINE / 2)
            beyond = max(0, -left) + max(0, box[2] - across) + max(0, -box[1]) + max(
                0, box[3] - down)  # fmt: skip
            on = ((marks_x > box[0] - MARK) & (marks_x < box[2] + MARK)
                  & (marks_y > box[1] - MARK + 2) & (marks_y < box[3] + MARK - 2))  # fmt: skip
            cost = beyond * 3 + 20 * on.sum() + sum(
                _overlap(box, other) for other in taken)  # fmt: skip
            if best is None or cost < best[0] - 1e-9:
                best = (cost, name, box)
            if cost == 0:
                break
        taken.append(best[2])
        out.append(best[1])
    return out


def _overlap(a, b) -> float:
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    return across * down if across > 0 and down > 0 else 0.0
