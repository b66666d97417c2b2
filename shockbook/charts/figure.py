"""A chart made whole: its name, its phone version, its table."""

from __future__ import annotations

import re

import altair
import pandas as pd

from shockbook.charts import layout
from shockbook.charts.render import CONCATS, FIT, WIDTH, own_data, to_csv

NAME = re.compile(r"fig(-[a-z0-9]+)+")
#: Characters that a text for who does not see a chart has at least.
LEAST_ALT = 40
#: Altair's data transformer for a specification of which only the words are wanted.
NO_ROWS = "shockbook-no-rows"
#: The parts of an Altair chart that hold other charts.
PARTS = ("layer", *CONCATS)

altair.data_transformers.register(NO_ROWS, lambda data: {"values": []})


def _strings(node):
    """Every string of a specification that may name a column: keys and data are left out."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in ("datasets", "parse", "config", "usermeta", "description"):
                yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def _slim(chart):
    """A copy of the chart whose tables hold only columns that the specification names."""
    with altair.data_transformers.enable(NO_ROWS):
        text = "\n".join(_strings(chart.to_dict(validate=False)))
    words = set(re.findall(r"\w+", text))
    return with_tables(chart, lambda t: t[[c for c in t.columns if _names(text, words, c)]])


def with_tables(chart, change):
    """A copy of the chart, and of the charts inside it, whose tables went through a function."""
    chart = chart.copy(deep=False)
    if isinstance(table := getattr(chart, "data", None), pd.DataFrame):
        chart.data = change(table)
    for part in PARTS:
        inner = getattr(chart, part, altair.Undefined)
        if isinstance(inner, list):
            chart[part] = [with_tables(child, change) for child in inner]
    inner = getattr(chart, "spec", altair.Undefined)
    if isinstance(inner, altair.TopLevelMixin):
        chart.spec = with_tables(inner, change)
    return chart


def tables(chart) -> list[pd.DataFrame]:
    """The tables of a chart and of its layers."""
    own = [chart.data] if isinstance(chart.data, pd.DataFrame) else []
    return own + [t for part in getattr(chart, "layer", None) or [] for t in tables(part)]


def _names(text: str, words: set[str], column: str) -> bool:
    """Whether a text names a column; one of several words is looked for letter by letter."""
    if re.fullmatch(r"\w+", column):
        return column in words
    return re.search(rf"(?<!\w){re.escape(column)}(?!\w)", text) is not None


def _single(chart) -> bool:
    """Whether a chart is one plot (single or layered), not several side by side."""
    if isinstance(chart, altair.Chart):
        with altair.data_transformers.enable(NO_ROWS):
            encoding = chart.to_dict(validate=False).get("encoding", {})
        return not {"row", "column", "facet"} & set(encoding)
    return isinstance(chart, altair.LayerChart)


def _spec(chart) -> dict:
    """The author's phone version as a specification to merge into the first."""
    spec = own_data(_slim(chart).to_dict())
    return {k: v for k, v in spec.items() if k not in ("config", "$schema", "background")}


def figure(chart, name, *, narrow=None, table=None, wide=False, alive=False, data=None):
    """Finish a chart: the last line of its cell.

    Its words stand in the Markdown cell above (``**[Figure](#fig-name). Title**`` and so on): the
    site joins the two by the name.

    Parameters
    ----------
    chart : altair chart, or function that makes one
        A single or layered chart is drawn 680 pixels wide here and as wide as the page on the
        site; one made of several plots keeps the widths that it has.  A function is called once
        for the page and once for the phone, and the helpers place their words for each.
    name : str
        Its label over the whole book, for instance ``"fig-loss"``.
    narrow : altair chart, optional
        Another chart for a phone, if the same one at 340 pixels will not do.
    table : DataFrame, optional
        The table under the chart, if it is not the chart's own data.
    wide : bool
        Whether it may take up to 1,000 pixels where the window has them.
    alive : bool
        Whether its controls open by themselves as a reader comes near: for a calculator.
    data : list of str or DataFrame, optional
        The datasets behind it, where the Markdown cannot name them beforehand: their source line
        takes the place of ``*Source:*``.

    Returns
    -------
    altair chart
        With width and ``usermeta["shockbook"]``; unused columns dropped.

    Raises ``ValueError`` if the name is not in its pattern.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"name={name!r} must look like 'fig-loss': fig, hyphens, small letters.")
    if not isinstance(chart, altair.TopLevelMixin):
        if not callable(chart):
            raise ValueError(f"charts.figure() of {name} needs an Altair chart, or a function.")
        with layout.drawn(layout.PHONE):
            narrow = chart()
        with layout.drawn(layout.PAGE):
            chart = chart()
    fluid = _single(chart)
    about = {"name": name, "fluid": fluid}
    if data is not None:
        about["data"] = [d if isinstance(d, str) else _described(d) for d in data]
    if wide:
        about["wide"] = True
    if alive:
        about["alive"] = True
    if table is not None:
        about["table"] = to_csv(table)[0]
    if narrow is not None:
        about["narrow"] = _spec(narrow)
    finished = _slim(chart)  # a copy of its own, so that it may be written to
    finished.usermeta = {"shockbook": about}
    if fluid:
        finished.width, finished.autosize = WIDTH, FIT
    return finished


def _described(table: pd.DataFrame) -> dict[str, str]:
    """Who published a table that is no dataset of ours, and when it stood so."""
    return {"shortSource": table.attrs["source"], "asOf": table.attrs["as_of"]}
