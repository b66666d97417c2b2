"""Layers that charts share: the event, zero, words at the ends of lines, dots with intervals.

Each returns an Altair chart to add to another with ``+``.  None names an axis: an explicit nothing
would wipe out the title that the other chart gives it.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from shockbook.charts.theme import ACCENT, GREY, INK, MUTED, TEXT


def _ink(colour: str) -> str:
    return TEXT.get(colour, INK)


def event_rule(date, label: str = "", axis: str = "x"):
    """The event, marked the same way in every chart: a dashed rule and a word at its top.

    Parameters
    ----------
    date : date-like
        The day; the chart's axis is of type ``T``.
    label : str
        For instance ``"27 January"``.
    axis : {"x", "y"}
        The axis that holds the date.
    """
    frame = pd.DataFrame({"date": [pd.Timestamp(date)], "label": [label]})
    where = {axis: alt.X("date:T") if axis == "x" else alt.Y("date:T")}
    base = alt.Chart(frame)
    rule = base.mark_rule(strokeDash=[4, 3], color=MUTED).encode(**where)
    if not label:
        return rule
    place = {"y": alt.value(0)} if axis == "x" else {"x": alt.value(0)}
    words = base.mark_text(align="left", baseline="top", dx=5, dy=4, color=MUTED)
    return rule + words.encode(text="label:N", **where, **place)


def zero_rule(axis: str = "y"):
    """A thin line at zero across the plot; ``axis`` is the one that is measured."""
    base = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=MUTED, strokeWidth=1)
    field = alt.Y("zero:Q") if axis == "y" else alt.X("zero:Q")
    return base.encode(**{axis: field})


def end_labels(frame, x: str, y: str, label: str, colours: dict | None = None, nudge=None):
    """Direct labels: each series named at its last point, in place of a legend.

    Parameters
    ----------
    frame : DataFrame
        Long table with columns ``x`` (dates or numbers), ``y`` and ``label`` (series name).
    colours : dict, optional
        Series name to the colour of its line; the others are grey.
    nudge : dict, optional
        Series name to pixels down, where labels would overlap.
    """
    last = frame.dropna(subset=[y]).sort_values(x, kind="stable").groupby(label, sort=True).tail(1)
    kind = "T" if last[x].dtype.kind == "M" else "Q"
    layers = []
    for _, row in last.sort_values(label, kind="stable").iterrows():
        name = row[label]
        colour = (colours or {}).get(name, GREY)
        text = alt.Chart(last[last[label] == name][[x, y, label]]).mark_text(
            align="left",
            baseline="middle",
            dx=6,
            dy=(nudge or {}).get(name, 0),
            color=_ink(colour),
            fontWeight="bold" if colour == ACCENT else "normal",
        )
        layers.append(text.encode(x=alt.X(f"{x}:{kind}"), y=alt.Y(f"{y}:Q"), text=f"{label}:N"))
    return alt.layer(*layers)


def note(x, y, text: str, align: str = "left", dx: int = 6, dy: int = 0, colour: str = GREY):
    """A short remark at one point of the plot (``x`` a date or a number, ``y`` a number)."""
    kind = "Q" if isinstance(x, int | float) else "T"
    point = pd.DataFrame({"x": [x if kind == "Q" else pd.Timestamp(x)], "y": [y], "note": [text]})
    mark = alt.Chart(point).mark_text(align=align, dx=dx, dy=dy, color=_ink(colour), lineBreak="\n")
    return mark.encode(x=alt.X(f"x:{kind}"), y=alt.Y("y:Q"), text="note:N")


def interval_dots(
    frame, x: str, low: str, high: str, y: str, colour: str = GREY, sort=None, title: str = ""
):
    """Estimates as dots with their intervals as lines, one row per ``y``.

    Parameters
    ----------
    frame : DataFrame
        Columns ``x`` (estimate), ``low``, ``high`` (ends of the interval) and ``y`` (name).
    colour : str
        A colour, or the name of a column that holds colours.
    sort : list, optional
        Order of the rows, top first; the order of the table by default.
    title : str
        Title of the axis of the estimates; its column's name by default.
    """
    order = list(sort) if sort is not None else list(dict.fromkeys(frame[y]))
    paint = alt.Color(f"{colour}:N", scale=None) if colour in frame else alt.value(colour)
    base = alt.Chart(frame).encode(y=alt.Y(f"{y}:N", sort=order, title=None), color=paint)
    line = base.mark_rule(strokeWidth=2).encode(
        x=alt.X(f"{low}:Q", title=title or x), x2=f"{high}:Q"
    )
    return line + base.mark_circle(size=60, opacity=1).encode(x=alt.X(f"{x}:Q"))
