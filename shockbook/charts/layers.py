"""Layers that charts share: the event, zero, words at lines and dots, bands.

Each returns an Altair chart to add to another with ``+``.  None names an axis: an explicit nothing
would wipe out the title that the other chart gives it.  None takes a pixel: words find their place.
"""

import altair as alt
import pandas as pd

from shockbook.charts import placing
from shockbook.charts.theme import FAINT, GREY, style_of


def _words(chart, colour: str, **place):
    """Text in the ink of a colour."""
    if colour == GREY:
        return chart.mark_text(style="muted", **place)
    return chart.mark_text(fontWeight="bold", style=style_of(colour), **place)


def kind(values) -> str:
    """Altair's letter for dates or for numbers."""
    return "T" if pd.Series(values).dtype.kind == "M" else "Q"


def painted(frame: pd.DataFrame, colour, name: str | None = None):
    """The table with what the colour needs, and the colour as Altair wants it."""
    if isinstance(colour, dict):
        frame = frame.assign(_colour=frame[name].map(colour).fillna(GREY))
        return frame, alt.Color("_colour:N", scale=None)
    if colour in frame.columns:
        return frame, alt.Color(f"{colour}:N", scale=None)
    return frame, alt.value(colour)


def rows(frame: pd.DataFrame, name: str) -> alt.Y:
    """The rows of a chart in the order of its table, which layers without one do not undo."""
    domain = list(dict.fromkeys(frame[name]))
    quiet = alt.Axis(ticks=False, domain=False)
    return alt.Y(f"{name}:N", sort=None, title=None, scale=alt.Scale(domain=domain), axis=quiet)


def tip(frame: pd.DataFrame, column: str, title: str = "") -> alt.Tooltip:
    """One line of a tooltip: a day in words, a number with the figures that count."""
    if kind(frame[column]) == "T":
        return alt.Tooltip(f"{column}:T", title=title or "day", format="%-d %B %Y")
    if frame[column].dtype.kind in "fiu":
        return alt.Tooltip(f"{column}:Q", title=title or column, format=",.4~r")
    return alt.Tooltip(f"{column}:N", title=title or column)


def tips(frame: pd.DataFrame, *columns: str, **titles: str) -> list[alt.Tooltip]:
    """A tooltip in words: columns under their own names, then columns with the titles given.

    ``charts.tips(days, "date", close="US dollars")``
    """
    named = [tip(frame, c) for c in columns]
    return named + [tip(frame, c, title) for c, title in titles.items()]


def event_rule(date, label: str = ""):
    """The event, marked the same way in every chart: a dashed rule, its words above the plot."""
    frame = pd.DataFrame({"date": [pd.Timestamp(date)], "label": [label]})
    base = alt.Chart(frame).encode(alt.X("date:T"))
    rule = base.mark_rule(strokeDash=[4, 3])
    if not label:
        return rule
    words = base.mark_text(baseline="bottom", dy=-4, style=["muted", "event"])
    return rule + words.encode(text="label:N", y=alt.value(0))


def zero_rule(axis: str = "y"):
    """A thin line at zero across the plot; ``axis`` is the one that is measured."""
    return value_rule(0, axis=axis)


def value_rule(value: float, label: str = "", axis: str = "y", colour: str = ""):
    """A thin line at a value across the plot, with words at its end; a strong one in a colour."""
    frame = pd.DataFrame({"value": [value], "label": [label]})
    field = {axis: "value:Q"}
    look = {"strokeWidth": 3, "color": colour} if colour else {"strokeWidth": 1}
    rule = alt.Chart(frame).mark_rule(**look).encode(**field)
    if not label:
        return rule
    place = {"x": alt.value("width")} if axis == "y" else {"y": alt.value(0)}
    side = "right" if axis == "y" else "center"
    words = _words(alt.Chart(frame), colour or GREY, baseline="bottom", dy=-4, align=side)
    return rule + words.encode(text="label:N", **field, **place)


def end_labels(
    frame, x: str, y: str, label: str, colours=None, height: float = 300, log=False, zero=False
):
    """Direct labels: each series named at its last point, in place of a legend, none on another.

    ``label`` is the column of the series' names, ``colours`` a dictionary from them to colours; the
    others are grey.  ``height``, ``log`` and ``zero`` are the vertical axis's, from which the
    places are found.
    """
    known = frame.dropna(subset=[y]).reset_index(drop=True)
    last = known.sort_values(x, kind="stable").groupby(label).tail(1)
    last = last.sort_values(label, kind="stable")
    places = -placing.pixels(known[y], height, log, zero=zero)[last.index]
    moved = placing.apart(places) - places
    layers = []
    for (_, row), down in zip(last.iterrows(), moved, strict=True):
        name = row[label]
        point = alt.Chart(last[last[label] == name][[x, y, label]])
        text = _words(point, (colours or {}).get(name, GREY), align="left", baseline="middle", dx=7,
                      dy=round(float(down), 1))  # fmt: skip
        across = alt.X(f"{x}:{kind(last[x])}")
        layers.append(text.encode(across, alt.Y(f"{y}:Q"), text=f"{label}:N"))
    return alt.layer(*layers)


def labels(
    frame, x: str, y: str, text: str, colour=GREY, log: str = "", height: float = 320, side=None
):
    """Words at dots that avoid the dots and one another; rows without words are dots to avoid.

    The table holds all dots of the chart.  ``colour`` is one, or a dictionary from a word to its
    colour; ``log`` names the axes that go by powers of ten: "x", "y" or "xy".  ``side`` is one for
    all, as for :func:`note`, for words of which a menu shows a part.
    """
    known = frame.dropna(subset=[x, y])
    across = placing.plot()
    at_x = placing.pixels(known[x], across - 28, "x" in log) + 14
    at_y = height - 14 - placing.pixels(known[y], height - 28, "y" in log)
    worded = known[text].notna().to_numpy() & (known[text].astype(str).to_numpy() != "")
    words = known[worded]
    found = [side] * len(words) if side else placing.sides(
        at_x[worded], at_y[worded], list(words[text]), at_x, at_y, across, height)  # fmt: skip
    layers = []
    inks = [colour.get(w, GREY) if isinstance(colour, dict) else GREY for w in words[text]]
    for side, ink in dict.fromkeys(zip(found, inks, strict=True)):
        align, dx, dy = placing.SIDES[side]
        part = words[[(s, i) == (side, ink) for s, i in zip(found, inks, strict=True)]]
        mark = _words(alt.Chart(part), ink, align=align, dx=dx, dy=dy, baseline="middle")
        layers.append(mark.encode(alt.X(f"{x}:{kind(words[x])}"), alt.Y(f"{y}:{kind(words[y])}"),
                                  text=f"{text}:N"))  # fmt: skip
    return alt.layer(*layers)


def note(x, y, text: str, side: str = "right", colour: str = GREY):
    """A short remark at one point of the plot (``x`` a date or a number, ``y`` a number).

    ``side`` says where it stands to the point: "right", "left", "above", "below", or two of them.
    """
    align, dx, dy = placing.SIDES[side]
    x = x if isinstance(x, int | float) else pd.Timestamp(x)
    point = pd.DataFrame({"x": [x], "y": [y], "note": [text]})
    mark = _words(alt.Chart(point), colour, align=align, dx=dx, dy=dy, lineBreak="\n")
    return mark.encode(x=f"x:{kind(point['x'])}", y="y:Q", text="note:N")


def band(frame, x: str, low: str, high: str, colour: str = GREY):
    """A pale band between two columns along ``x``: what is usual, or how sure a line is."""
    return alt.Chart(frame).mark_area(color=colour, opacity=0.25).encode(
        alt.X(f"{x}:{kind(frame[x])}"), alt.Y(f"{low}:Q"), alt.Y2(f"{high}:Q")
    )


def stretch(start, end, label: str = ""):
    """A shaded stretch of time, named at its top."""
    days = {"start": [pd.Timestamp(start)], "end": [pd.Timestamp(end)], "label": [label]}
    base = alt.Chart(pd.DataFrame(days))
    shade = base.mark_rect(color=FAINT).encode(alt.X("start:T"), alt.X2("end:T"))
    if not label:
        return shade
    words = base.mark_text(align="left", baseline="top", dx=4, dy=3, style="muted")
    return shade + words.encode(alt.X("start:T"), y=alt.value(0), text="label:N")


def closed_days(days, sessions):
    """Shade of those days of a chart on which the exchange had no session."""
    shut = pd.DatetimeIndex(days).normalize().difference(pd.DatetimeIndex(sessions).normalize())
    half = pd.Timedelta(hours=12)
    begins = shut[~(shut - pd.Timedelta(days=1)).isin(shut)]
    ends = shut[~(shut + pd.Timedelta(days=1)).isin(shut)]
    frame = pd.DataFrame({"from": begins - half, "to": ends + half})
    return alt.Chart(frame).mark_rect(color=FAINT).encode(alt.X("from:T"), alt.X2("to:T"))


def interval_dots(
    frame, x: str, low: str, high: str, y: str, colour=GREY, title: str = "", zero=False
):
    """Estimates as dots with their intervals from ``low`` to ``high`` as lines, one row per ``y``.

    The axis starts at ``zero`` for sums that cannot be negative.  ``colour`` is one, the name of a
    column of colours, or a dictionary from a row's name.
    """
    frame, paint = painted(frame, colour, y)
    base = alt.Chart(frame).encode(rows(frame, y), color=paint)
    scale = alt.Scale(domainMin=0) if zero else alt.Scale(padding=10)
    line = base.mark_rule(strokeWidth=2).encode(
        alt.X(f"{low}:Q", title=title or x, scale=scale), x2=f"{high}:Q"
    )
    tip_ = tips(frame, y, **{x: title or x, low: "interval from", high: "to"})
    dots = base.mark_circle(size=70).encode(x=alt.X(f"{x}:Q"), tooltip=tip_)
    return (line + dots).properties(height=alt.Step(24))
