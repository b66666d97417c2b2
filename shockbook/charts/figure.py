"""A chart made whole: its name, its phone version, its table."""

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

    def named(column: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(column)}(?!\w)", text) is not None

    return with_tables(chart, lambda table: table[[c for c in table.columns if named(c)]])


def with_tables(chart, change):
    """A copy of the chart, and of the charts inside it, whose tables went through a function."""
    chart = chart.copy(deep=False)
    if isinstance(table := getattr(chart, "data", None), pd.DataFrame):
        chart.data = change(table)
    for part in ("layer", *CONCATS):
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


def _single(chart) -> bool:
    """Whether a chart is one plot (single or layered), not several side by side."""
    encoding, parted = getattr(chart, "encoding", None), ("row", "column", "facet")
    if any(getattr(encoding, side, altair.Undefined) is not altair.Undefined for side in parted):
        return False
    return isinstance(chart, altair.Chart | altair.LayerChart)


def _spec(chart) -> dict:
    """The author's phone version as a specification to merge into the first."""
    spec = own_data(_slim(chart).to_dict())
    return {k: v for k, v in spec.items() if k not in ("config", "$schema", "background")}


def figure(chart, name, *, table=None, wide=False, alive=False, data=None):
    """Finish a chart, as the last line of its cell: an Altair chart with a name of its own.

    The words stand in the Markdown cell above (``**[Figure](#fig-name). Title**`` and so on): the
    site joins the two by the name.

    ``chart`` is a chart, or a function that makes one: it is called once for the page and once for
    the phone, and the helpers place their words for each.  A single or layered chart is drawn 680
    pixels wide here and as wide as the page on the site; one of several plots has to be a function.
    Under the chart stands its data, or ``table``.  A ``wide`` one may take up to 1,000 pixels where
    the window has them; the controls of one that is ``alive``, a calculator, open by themselves as
    a reader comes near.  ``data`` names the datasets behind it, or gives the tables, where the
    Markdown cannot: their source line takes the place of ``*Source:*``.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"name={name!r} must look like 'fig-loss': fig, hyphens, small letters.")
    about = {"name": name}
    if not isinstance(chart, altair.TopLevelMixin):
        if not callable(chart):
            raise ValueError(f"charts.figure() of {name} needs an Altair chart, or a function.")
        with layout.drawn(layout.PHONE):
            about["narrow"] = _spec(chart())
        with layout.drawn(layout.PAGE):
            chart = chart()
    elif not _single(chart):
        raise ValueError(
            f"{name} is made of several plots: give charts.figure() a function that makes it, so "
            "that it is drawn for a page and for a phone."
        )
    about["fluid"] = _single(chart)
    if data is not None:
        about["data"] = [d if isinstance(d, str) else _described(d) for d in data]
    if wide:
        about["wide"] = True
    if alive:
        about["alive"] = True
    if table is not None:
        about["table"] = to_csv(table)[0]
    finished = _slim(chart)  # a copy of its own, so that it may be written to
    finished.usermeta = {"shockbook": about}
    if about["fluid"]:
        finished.width, finished.autosize = WIDTH, FIT
    return finished


def _described(table: pd.DataFrame) -> dict[str, str]:
    """Who published a table that is no dataset of ours, and when it stood so."""
    return {"shortSource": table.attrs["source"], "asOf": table.attrs["as_of"]}
