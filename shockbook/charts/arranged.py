"""Several plots in one figure, and controls that choose what a plot shows."""

from __future__ import annotations

import altair as alt
import pandas as pd

from shockbook.charts import layout, placing

GAP = 24


def _names(chart) -> list:
    """The names beside a chart, if its vertical axis holds names."""
    for part in getattr(chart, "layer", None) or [chart]:
        if isinstance(part, alt.LayerChart):
            if found := _names(part):
                return found
            continue
        y = part.to_dict(validate=False).get("encoding", {}).get("y", {})
        if y.get("type") == "nominal" and isinstance(part.data, pd.DataFrame):
            return list(part.data[y["field"]].unique())
    return []


def panels(charts: dict, columns: int = 2, height: float | None = None, room: float = 0):
    """Several charts, each under its title, beside one another; on a phone one below another.

    Parameters
    ----------
    charts : dict
        Title to chart.
    columns : int
        How many stand in a row of a page.
    height : float, optional
        Pixels of each plot; as they are by default.
    room : float
        Pixels to leave at the right of each plot, for words at the ends of lines.
    """
    columns = 1 if layout.now() is layout.PHONE else columns
    whole = (340 if layout.now() is layout.PHONE else 680) - GAP * (columns - 1)
    drawn = []
    for title, chart in charts.items():
        names = _names(chart)
        beside = placing.names_room(names) if names else 45
        size = {"width": round(whole / columns - beside - room)}
        size |= {"height": height} if height else {}
        drawn.append(chart.properties(title=alt.Title(title, fontSize=12, offset=6), **size))
    return alt.concat(*drawn, columns=columns, spacing=GAP)


def stacked(*charts, heights=()):
    """Charts over one another on one axis of dates; ``heights`` gives the pixels of each."""
    width = layout.now().width
    heights = list(heights) or [round(260 * 2 / (len(charts) + 1))] * len(charts)
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


def choose(chart, column: str, label: str, start=None, name: str = "chosen"):
    """Let the reader choose from a menu which rows of a chart are shown.

    Layers that hold ``column`` show the rows chosen; others stay.
    """
    tables = [t for t in _tables(chart) if column in t.columns]
    if not tables:
        raise ValueError(f"no layer of the chart holds the column {column!r}.")
    options = list(dict.fromkeys(tables[0][column]))
    box = alt.binding_select(options=options, name=f"{label} ")
    menu = alt.param(name=name, value=start or options[0], bind=box)
    return _filtered(chart, column, f"datum['{column}'] == {name}").add_params(menu)


def _tables(chart) -> list[pd.DataFrame]:
    own = [chart.data] if isinstance(chart.data, pd.DataFrame) else []
    return own + [t for part in getattr(chart, "layer", None) or [] for t in _tables(part)]


def _filtered(chart, column: str, test: str):
    if isinstance(chart, alt.LayerChart):
        chart = chart.copy(deep=False)
        chart.layer = [_filtered(part, column, test) for part in chart.layer]
    if isinstance(chart.data, pd.DataFrame) and column in chart.data.columns:
        return chart.transform_filter(test)
    return chart
