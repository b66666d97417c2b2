"""Whole kinds of charts in one call each; every one is an Altair chart, to be added to with ``+``.

All take a table and names of its columns.  ``colour`` is one colour, a dictionary from a row's name
to its colour (the others are grey), or the name of a column of colours.  ``form`` is how a value is
written, as in the chapter's own list of numbers: ``"${:.0f} billion"``.
"""

import altair as alt
import numpy as np
import pandas as pd

from shockbook.charts import layers, placing
from shockbook.charts.layers import kind, painted, rows
from shockbook.charts.theme import FELL, GREY, PALE, ROSE, style_of
from shockbook.words import write


def said(value, form: str) -> str:
    """A value in its form, and nothing for a gap."""
    return "" if pd.isna(value) else write(value, form)


def bars(frame, value, name, colour=GREY, form="{:,.0f}", step=24, words=None, most=0):
    """Bars in rows, each with its value at its end; rows in the order of the table.

    ``words`` is a column that stands at the bars' ends in place of the values.  The scale goes at
    least to ``most``, for bars that are compared from plot to plot.
    """
    frame, paint = painted(frame, colour, name)
    frame = frame.assign(_text=frame[words] if words else [said(v, form) for v in frame[value]])
    low, high = min(0, frame[value].min()), max(most, frame[value].max())
    fell, wide = frame[value] < 0, frame["_text"].map(placing.width) + 8
    left, right = (wide[side].max() if side.any() else 0 for side in (fell, ~fell))
    whole = placing.least(frame[name])
    share = 1 - min(0.8, (left + right) / whole)
    unit = ((high - low) or 1) / share / whole
    scale = alt.Scale(domain=[low - unit * left, high + unit * right], nice=False)
    base = alt.Chart(frame).encode(alt.X(f"{value}:Q", axis=None, scale=scale), rows(frame, name))
    drawn = base.mark_bar().encode(color=paint)
    texts = base.encode(text="_text:N")
    above = texts.transform_filter(f"datum['{value}'] >= 0")
    drawn += above.mark_text(align="left", dx=4, style="ink")
    if fell.any():
        below = texts.transform_filter(f"datum['{value}'] < 0")
        drawn += below.mark_text(align="right", dx=-4, style="ink")
        drawn += layers.zero_rule("x")
    return drawn.properties(height=alt.Step(step))


def columns(frame, x, y, colour=GREY, title="", tips=None, height=260):
    """Upright bars over dates, as wide as their spacing allows.

    ``x`` is a column of days, evenly spaced or nearly so; ``title`` names the measure.
    """
    days = frame[x].drop_duplicates().sort_values(kind="stable")
    gap = days.diff().min() if len(days) > 1 else pd.Timedelta(days=1)
    frame, paint = painted(
        frame.assign(_from=frame[x] - gap * 0.38, _to=frame[x] + gap * 0.38, _zero=0), colour, x
    )
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            alt.X("_from:T", title=None), alt.X2("_to:T"), alt.Y(f"{y}:Q", title=title),
            alt.Y2("_zero:Q"), color=paint,
            tooltip=tips or layers.tips(frame, x, **{y: title or y}),
        )
        .properties(height=height)
    )  # fmt: skip


def lines(
    frame, x, y, series=None, colour=GREY, title="", form="{:,.1f}", zero=False, log=False,
    height=300, points=False, steps=False,
):  # fmt: skip
    """Lines over dates or numbers, each named at its end in its own colour.

    The table has a row per point; without ``series`` there is one line and no name.  ``steps`` are
    for what holds until it changes.
    """
    if isinstance(colour, dict):  # what has a colour covers what has none
        frame = frame.sort_values(series, key=lambda s: s.isin(list(colour)), kind="stable")
    frame, paint = painted(frame.assign(_said=[said(v, form) for v in frame[y]]), colour, series)
    scale = alt.Scale(type="log") if log else alt.Scale(zero=zero)
    tip = [layers.tip(frame, x), alt.Tooltip("_said:N", title=title or y)]
    across = alt.X(f"{x}:{kind(frame[x])}", title=None if kind(frame[x]) == "T" else x)
    base = alt.Chart(frame).encode(across, alt.Y(f"{y}:Q", title=title, scale=scale), color=paint)
    if series:
        base = base.encode(detail=f"{series}:N")
        tip.insert(0, alt.Tooltip(f"{series}:N", title=series))
    line = base.mark_line(
        strokeWidth=2.5, point=points, interpolate="step-after" if steps else "linear"
    )
    near = base.mark_point(size=200, opacity=0).encode(tooltip=tip)  # a pointer need only be near
    drawn = line + near
    if series and frame[series].nunique() > 1:
        colours = colour if isinstance(colour, dict) else {}
        drawn += layers.end_labels(frame, x, y, series, colours, height=height, log=log, zero=zero)
    return drawn.properties(height=height)


def scatter(
    frame, x, y, text=None, colour=GREY, titles=("", ""), log="", size=60, height=320, tips=None
):
    """Dots with words that avoid dots and one another.

    ``text`` is the column of words; a row without one is a dot without words.  ``log`` names the
    axes that go by powers of ten: "x", "y" or "xy".
    """
    frame, paint = painted(frame, colour, text)
    scales = [alt.Scale(type="log", nice=False, padding=14) if c in log
              else alt.Scale(zero=False, padding=14) for c in "xy"]  # fmt: skip
    base = alt.Chart(frame).encode(
        alt.X(f"{x}:{kind(frame[x])}", title=titles[0] or None, scale=scales[0]),
        alt.Y(f"{y}:{kind(frame[y])}", title=titles[1] or None, scale=scales[1]),
    )
    names = {c: t or c for c, t in ((x, titles[0]), (y, titles[1]))}
    drawn = base.mark_circle(size=size).encode(
        color=paint, tooltip=tips or layers.tips(frame, *([text] if text else []), **names)
    )
    if text:
        drawn += layers.labels(frame, x, y, text, colour, log=log, height=height)
    return drawn.properties(height=height)


def dumbbells(frame, left, right, name, colours=(GREY, GREY), words=("", ""), title=""):
    """Two dots on a line in each row; what the two are stands over the first row.

    ``words`` names the two columns, ``colours`` paints them.
    """
    row = rows(frame, name)
    base = alt.Chart(frame).encode(row)
    span = alt.X(f"{left}:Q", title=title or None, scale=alt.Scale(zero=False, padding=12))
    drawn = base.mark_rule(strokeWidth=2, color=PALE).encode(span, alt.X2(f"{right}:Q"))
    first, whole = frame.iloc[[0]], placing.least(frame[name])
    ends = frame[[left, right]].to_numpy().min(), frame[[left, right]].to_numpy().max()
    taken, rising = None, bool((first[left] <= first[right]).iloc[0])
    for column, colour, word in zip((left, right), colours, words, strict=True):
        tip = [alt.Tooltip(f"{name}:N"), alt.Tooltip(f"{column}:Q", title=word or column)]
        dot = base.mark_point(size=110, filled=column == left, strokeWidth=2.5, color=colour)
        drawn += dot.encode(alt.X(f"{column}:Q"), tooltip=tip)  # a ring, where both are the same
        if word:  # over the dot, leaning away from the edge; the second higher if they would meet
            at, long = placing.pixels(first[column], whole, ends=ends)[0], placing.width(word) * 1.1
            outward = ("right", "left") if (column == left) == rising else ("left", "right")
            starts = {"left": at - 4, "center": at - long / 2, "right": at + 4 - long}
            asked = (outward[0], "center", outward[1])
            align = next((a for a in asked if 0 <= starts[a] <= whole - long), outward[1])
            start = starts[align]
            meets = taken is not None and start < taken[1] + 8 and taken[0] < start + long + 8
            taken = (start, start + long)
            mark = alt.Chart(first.assign(_word=word)).mark_text(
                dy=-30 if meets else -15, align=align, style=style_of(colour), fontWeight="bold"
            )
            drawn += mark.encode(row, x=f"{column}:Q", text="_word:N")
    return drawn.properties(height=alt.Step(26))


def ranges(frame, value, low, high, name, colour=GREY, title="", step=26):
    """Dots over a pale range of what is usual, a row each; ``colour`` paints the dots."""
    frame, paint = painted(frame, colour, name)
    base = alt.Chart(frame).encode(rows(frame, name))
    band = base.mark_bar(size=13, color=PALE).encode(
        alt.X(f"{low}:Q", title=title or None, scale=alt.Scale(padding=10)), alt.X2(f"{high}:Q")
    )
    tip = layers.tips(frame, name, **{value: title or value, low: "usual from", high: "to"})
    dot = base.mark_circle(size=90).encode(alt.X(f"{value}:Q"), color=paint, tooltip=tip)
    return (band + dot + layers.zero_rule("x")).properties(height=alt.Step(step))


def strips(frame, value, row, colour=GREY, title=""):
    """A stroke for each row of the table, in strips."""
    frame, paint = painted(frame, colour, row)
    strokes = alt.Chart(frame).mark_tick(thickness=1.6, size=16.5, opacity=0.8)
    across = alt.X(f"{value}:{kind(frame[value])}", title=title or None)
    drawn = strokes.encode(rows(frame, row), across, color=paint)
    return drawn.properties(height=alt.Step(30))


def histogram(
    frame, value, step=None, colour=GREY, title="", counted="number", name=None, named=(),
    height=280,
):  # fmt: skip
    """How many rows lie in each step of a value; some of them are named above their bar.

    A bar ends at a multiple of ``step``; without one there are some forty.  ``colour`` may be a
    pair for below and above zero.  ``named`` are those of the column ``name`` to write.
    """
    values = frame[value].dropna()
    if step is None:
        least = (values.max() - values.min() or 1) / 40
        steps = np.outer(10 ** np.floor(np.log10(least)), [1, 2, 5, 10])[0]
        step = steps[steps >= least][0]
    heap = np.floor(values / step).value_counts().sort_index().rename("_count").reset_index()
    heap = pd.DataFrame(
        {value: heap[value] * step, "to": (heap[value] + 1) * step, counted: heap["_count"]}
    )
    below, above = colour if isinstance(colour, tuple) else (colour, colour)
    heap["_colour"] = np.where(heap[value] < 0, below, above)
    drawn = alt.Chart(heap).mark_bar(style="gap", strokeWidth=0.5).encode(
        alt.X(f"{value}:Q", bin="binned", title=title or value, axis=alt.Axis(tickCount=8),
              scale=alt.Scale(nice=False, padding=8)),
        alt.X2("to:Q"), alt.Y(f"{counted}:Q", title=counted),
        color=alt.Color("_colour:N", scale=None),
        tooltip=[alt.Tooltip(f"{value}:Q", title="from"), "to:Q", f"{counted}:Q"],
    )  # fmt: skip
    shown = frame[frame[name].isin(named)] if name else frame.head(0)
    if len(shown):
        shown = shown.sort_values(value, kind="stable")
        drawn += _named(heap, shown, value, name, counted, height)
    return drawn.properties(height=height)


def _named(heap, shown, value, name, counted, height):
    """Names above the bars that they belong to, over all bars that they cross and one another."""
    left, right = heap[value].min(), heap["to"].max()
    unit = (right - left) / placing.least()
    line = placing.LINE / height * heap[counted].max() * 1.15
    taken, rows_ = [], []
    for _, row in shown.iterrows():
        half = (placing.width(row[name]) / 2 + 3) * unit
        at = min(max(row[value], left + half), right - half)
        under = heap[(heap["to"] > at - half) & (heap[value] < at + half)]
        up = under[counted].max() + line * 0.7
        for start, end, high in sorted(taken, key=lambda box: box[2]):
            if start < at + half and end > at - half and abs(high - up) < line:
                up = high + line
        taken.append((at - half, at + half, up))
        rows_.append({value: at, counted: up, "_word": row[name]})
    text = alt.Chart(pd.DataFrame(rows_)).mark_text(style="ink")
    return text.encode(alt.X(f"{value}:Q"), alt.Y(f"{counted}:Q"), text="_word:N")


def waterfall(frame, value, name, colour=GREY, form="{:,.0f}"):
    """Parts of a sum, each beginning where the one above it ends, with its value."""
    ends = frame[value].cumsum()
    texts = [said(v, form) for v in frame[value]]
    frame = frame.assign(_from=ends - frame[value], _to=ends, _text=texts)
    frame, paint = painted(frame, colour, name)
    whole = placing.least(frame[name])
    longest = max(placing.width(t) for t in frame["_text"]) + 10
    left = frame["_to"] / ends.max() > 1 - longest / whole
    base = alt.Chart(frame.assign(_left=left & (frame["_from"] > frame["_to"] * 0.3))).encode(
        rows(frame, name)
    )
    unit = ends.max() / max(80, whole - longest)
    scale = alt.Scale(domain=[0, ends.max() + unit * longest], nice=False)
    drawn = base.mark_bar().encode(
        alt.X("_from:Q", axis=None, scale=scale), alt.X2("_to:Q"), color=paint
    )
    words = base.encode(text="_text:N")
    drawn += words.transform_filter("!datum._left").mark_text(
        align="left", dx=5, style="ink").encode(alt.X("_to:Q"))  # fmt: skip
    drawn += words.transform_filter("datum._left").mark_text(
        align="right", dx=-5, style="ink").encode(alt.X("_from:Q"))  # fmt: skip
    return drawn.properties(height=alt.Step(28))


def direction(values) -> list[str]:
    """The colour of each value: what rose, what fell, and what stayed."""
    return [ROSE if v > 0 else FELL if v < 0 else GREY for v in values]
