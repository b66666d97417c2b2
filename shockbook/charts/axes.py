"""Axes of dates and of powers of ten: their ticks and words, chosen by span and width."""

import csv
import io
import json
import textwrap

import pandas as pd

#: On a chart's own choice of ticks, so that a narrower drawing may choose again.
OURS = "ticks by span"
#: Letters that a name beside a plot may have in a line, on a page and on a phone.
NAME_LETTERS, PHONE_LETTERS, PHONE_WIDTH = 34, 20, 400
#: Step between ticks, how it is written, and pixels that a label takes.
STEPS = (
    ("D", "%-d %b", 48), ("2D", "%-d %b", 48), ("W-MON", "%-d %b", 48), ("2W-MON", "%-d %b", 48),
    ("MS", "%b", 40), ("QS", "%b", 40), ("MS", "%b %Y", 66), ("QS", "%b %Y", 66),
    ("2QS", "%b %Y", 66),
    ("YS", "%Y", 44), ("2YS", "%Y", 44), ("5YS", "%Y", 44), ("10YS", "%Y", 44),
)  # fmt: skip
CONCATS = ("hconcat", "vconcat", "concat")


def ticks(first: pd.Timestamp, last: pd.Timestamp, width: float) -> tuple[list, str]:
    """Days to mark on an axis of dates of so many pixels, and the form in which to write them."""
    one_year = first.year == last.year
    for step, form, room in STEPS:
        if form == "%b" and not one_year or step == "MS" and form != "%b" and one_year:
            continue
        if (last - first).days > 4000 and step[-1] in "DN":
            continue  # never that fine: do not count tens of thousands of days
        days = pd.date_range(first.normalize(), last, freq=step)
        days = days[days >= first]
        if len(days) * room <= width and (len(days) > 1 or step == STEPS[-1][0]):
            return list(days), form
    return [first, last], "%Y"


def finish(spec: dict, width: float) -> dict:
    """Give every axis of dates and every logarithmic one its ticks, in place where it has none.

    ``spec`` holds its data as CSV text, and is returned; ``width`` is the whole drawing's.
    """
    letters = PHONE_LETTERS if width <= PHONE_WIDTH else NAME_LETTERS
    _walk(spec, width, spec.get("datasets", {}), None, {}, letters)
    return spec


def _walk(spec: dict, width: float, datasets: dict, data, encoding: dict, letters: int) -> None:
    data = spec.get("data", data)
    own = spec.get("width")
    width = own if isinstance(own, int | float) else width
    for part in CONCATS:
        for child in spec.get(part, ()):
            _walk(child, width / (1 if part == "vconcat" else 2), datasets, data, {}, letters)
    if "spec" in spec:
        _walk(spec["spec"], width / 2, datasets, data, {}, letters)
    if "layer" in spec or "mark" in spec:
        units = list(_units(spec, data, encoding))
        _names(spec, units, letters, datasets)
        for channel in ("x", "y"):
            room = width - 45 if channel == "x" else spec.get("height", 300)
            _times(units, channel, room if isinstance(room, int | float) else 300, datasets)
            _logs(units, channel, datasets)


def _names(spec: dict, units: list, letters: int, datasets: dict) -> None:
    """Break names that are too long for one line beside the plot, and give their rows the room."""
    axes = [e for _, encoding, _ in units
            if (e := encoding.get("y")) and e.get("type") == "nominal"]  # fmt: skip
    if not axes or not _free(axes, ("labelExpr",)) or any(e.get("axis", 0) is None for e in axes):
        return
    names = next((e["scale"]["domain"] for e in axes if (e.get("scale") or {}).get("domain")), None)
    names = names or _values(units, "y", datasets)
    lines = {n: textwrap.wrap(n, letters, break_long_words=False) for n in map(str, names)}
    longest = max(map(len, lines.values()), default=1)
    if longest < 2:
        return
    for axis in axes:
        told = f"({json.dumps(lines)})[datum.label]"
        axis["axis"] = {**(axis.get("axis") or {}), "labelExpr": told,
                        "description": OURS}  # fmt: skip
    if isinstance(spec.get("height"), dict) and "step" in spec["height"]:
        spec["height"] = {"step": max(spec["height"]["step"], 14 * longest + 6)}


def _units(spec: dict, data, encoding: dict):
    """Each mark of a plot with its encoding and its data, inherited ones included."""
    data, encoding = spec.get("data", data), {**encoding, **spec.get("encoding", {})}
    if "layer" in spec:
        for child in spec["layer"]:
            yield from _units(child, data, encoding)
    else:
        yield spec, encoding, data


def _values(units: list, channel: str, datasets: dict) -> list[str]:
    """The texts of the columns that an axis shows."""
    found = []
    for _, encoding, data in units:
        values = datasets.get((data or {}).get("name"), (data or {}).get("values"))
        fields = {e["field"] for c in (channel, f"{channel}2")
                  if (e := encoding.get(c)) and "field" in e}  # fmt: skip
        if not isinstance(values, str) or not fields:
            continue
        for row in csv.DictReader(io.StringIO(values)):
            found += [row[f] for f in fields if row.get(f)]
    return found


def _free(axes: list[dict], fixed: tuple[str, ...]) -> bool:
    """Whether no author chose an axis: it may be ours from before, or have a title only."""
    return all(
        "axis" not in e or (isinstance(e["axis"], dict) and (
            e["axis"].get("description") == OURS or not set(fixed) & set(e["axis"])))
        for e in axes
    )  # fmt: skip


def _day(value) -> pd.Timestamp:
    if isinstance(value, dict):
        return pd.Timestamp(value["year"], value.get("month", 1), value.get("date", 1))
    return pd.Timestamp(value)


def _date(day: pd.Timestamp) -> dict:
    return {"year": day.year, "month": day.month, "date": day.day}


def _times(units: list, channel: str, width: float, datasets: dict) -> None:
    axes = [e for _, encoding, _ in units
            if (e := encoding.get(channel)) and e.get("type") == "temporal"
            and "timeUnit" not in e]  # fmt: skip
    if not axes or not _free(axes, ("values", "tickCount", "format", "labelExpr")):
        return
    ends = next((e["scale"]["domain"] for e in axes if (e.get("scale") or {}).get("domain")), None)
    ends = ends or _values(units, channel, datasets)
    if not isinstance(ends, list) or not ends:
        return
    first, last = (_day(f(ends, key=_day)) for f in (min, max))
    days, form = ticks(first, last, width)
    for axis in axes:
        axis["axis"] = {**(axis.get("axis") or {}), "values": [_date(d) for d in days],
                        "format": form, "labelOverlap": "greedy", "description": OURS}  # fmt: skip
    for unit, encoding, data in units:  # words of an event lean away from the edge
        mark = unit.get("mark")
        if isinstance(mark, dict) and mark.get("style") == ["muted", "event"]:
            at = _values([(unit, encoding, data)], channel, datasets)
            share = (_day(at[0]) - first) / (last - first) if at and last > first else 0.5
            mark["align"] = "left" if share < 0.12 else "right" if share > 0.88 else "center"


def _logs(units: list, channel: str, datasets: dict) -> None:
    found = [encoding[channel] for _, encoding, _ in units if encoding.get(channel)]
    axes = [e for e in found if (e.get("scale") or {}).get("type") == "log"]
    if not axes or not _free(axes, ("values", "tickCount", "format")):
        return
    ends = next((e["scale"]["domain"] for e in axes if e["scale"].get("domain")), None)
    numbers = [float(v) for v in ends or _values(units, channel, datasets) if float(v) > 0]
    if not numbers:
        return
    low, high = min(numbers), max(numbers)
    powers = [10.0**p for p in range(-9, 16)]
    marks = [p for p in powers if low <= p <= high]
    if len(marks) < 3:
        marks = [p * m for p in powers for m in (1, 3) if low <= p * m <= high]
    if len(marks) < 3:
        marks = [p * m for p in powers for m in (1, 2, 5) if low <= p * m <= high]
    for axis in axes:
        axis["axis"] = {
            **(axis.get("axis") or {}), "values": [float(f"{m:.6g}") for m in marks],
            "format": ",~g" if high < 1e6 else "~s", "description": OURS,
        }  # fmt: skip
