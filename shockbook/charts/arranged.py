"""Several plots in one figure, and controls that choose what a plot shows."""

import altair as alt
import pandas as pd

from shockbook.charts import layout, placing
from shockbook.charts.figure import tables

GAP = 24


def _parts(chart, table=None):
    """The encodings, mark and table of each layer of a chart; layers share what stands above."""
    table = chart.data if isinstance(chart.data, pd.DataFrame) else table
    if isinstance(chart, alt.LayerChart):
        for part in chart.layer:
            yield from _parts(part, table)
    elif table is not None:
        told = chart.to_dict(validate=False)
        yield told.get("encoding", {}), told["mark"], table


def _names(chart) -> list:
    """The names beside a chart, if its vertical axis holds names."""
    for encoding, _, table in _parts(chart):
        if encoding.get("y", {}).get("type") == "nominal":
            return list(table[encoding["y"]["field"]].unique())
    return []


def _ends(chart) -> float:
    """Pixels that the words at the ends of a chart's lines take."""
    room = 0
    for encoding, mark, table in _parts(chart):
        words = encoding.get("text", {}).get("field")
        if words in table and isinstance(mark, dict) and mark.get("align") == "left":
            room = max(room, max(map(placing.width, table[words])) + mark.get("dx", 0))
    return room


def panels(charts: dict, columns: int = 2, height: float | None = None):
    """Charts by title, ``columns`` of them beside one another; on a phone one below another.

    Each plot is ``height`` pixels tall, or as it is.
    """
    columns = 1 if layout.now() is layout.PHONE else columns
    whole = (340 if layout.now() is layout.PHONE else 680) - GAP * (columns - 1)
    names = {title: _names(chart) for title, chart in charts.items()}
    # what stands over one another begins at one line, so the longest names count
    beside = max(placing.names_room(n) if n else 45 for n in names.values())
    drawn = []
    for title, chart in charts.items():
        room = 8 if names[title] else _ends(chart)  # bars keep room for their values themselves
        size = {"width": round(whole / columns - beside - room)}
        size |= {"height": height} if height else {}
        head = alt.Title(title, fontSize=12, offset=6, frame="group")
        drawn.append(chart.properties(title=head, **size))
    return alt.concat(*drawn, columns=columns, spacing=GAP)


def stacked(*charts, heights):
    """Charts over one another on one axis of dates; ``heights`` gives the pixels of each."""
    width = layout.now().width
    sized = [c.properties(width=width, height=h) for c, h in zip(charts, heights, strict=True)]
    return alt.vconcat(*sized, bounds="flush", spacing=52).resolve_scale(x="shared")


def multiples(chart, column: str, columns: int = 2, height: float = 180, order=None):
    """The same chart for each value of a column; all its layers hold that column."""
    columns = 1 if layout.now() is layout.PHONE else columns
    width = round((layout.now().width + 45) / columns - 45 - GAP / 2)
    facet = alt.Facet(f"{column}:N", title=None, sort=list(order) if order else alt.Undefined)
    return chart.properties(width=width, height=height).facet(facet, columns=columns)


def slider(name: str, start: float, low: float, high: float, step: float, label: str):
    """A slider for :func:`altair.Chart.add_params`; ``name`` stands for it in expressions."""
    box = alt.binding_range(min=low, max=high, step=step, name=f"{label} ")
    return alt.param(name=name, value=start, bind=box)


def choose(chart, column: str, label: str, start=None):
    """Let the reader choose from a menu which rows of a chart are shown.

    Layers that hold ``column`` show the rows chosen; others stay.
    """
    table = next((t for t in tables(chart) if column in t.columns), None)
    if table is None:
        raise ValueError(f"no layer of the chart holds the column {column!r}.")
    options = list(dict.fromkeys(table[column]))
    box = alt.binding_select(options=options, name=f"{label} ")
    menu = alt.param(name="chosen", value=start or options[0], bind=box)
    return _filtered(chart, column, f"datum['{column}'] == chosen").add_params(menu)


def _filtered(chart, column: str, test: str):
    if isinstance(chart, alt.LayerChart):
        chart = chart.copy(deep=False)
        chart.layer = [_filtered(part, column, test) for part in chart.layer]
    if isinstance(chart.data, pd.DataFrame) and column in chart.data.columns:
        return chart.transform_filter(test)
    return chart
