"""What the browser needs for a live chart: its two views, compiled, and its data as rows.

Vega-Lite is compiled to Vega while the book is built, so that the browser has less to do and
nothing to warn of.  The data leave their CSV text, because Vega's CSV reader makes code from text
while it runs, which the pages forbid (`Content-Security-Policy` without ``unsafe-eval``).
"""

import json
import re

from shockbook import charts
from shockbook.charts.render import compiled, live_view, widths
from shockbook.site.tables import read_csv

WIDTHS = ("wide", "narrow")
#: All widths in which a picture may stand; the first only where a figure may be broad.
EVERY = ("broad", *WIDTHS)


def _take_data(vega: dict, data: dict[str, dict]) -> None:
    """Move CSV texts out of a Vega specification into ``data``, in place."""
    for source in vega.get("data", ()):
        form = source.get("format") or {}
        if form.get("type") != "csv" or not isinstance(source.get("values"), str):
            continue
        header, rows = read_csv(source.pop("values"))
        data[source["name"]] = {"columns": header, "rows": rows}
        source["format"] = {**form, "type": "json"}


def package(spec: dict) -> dict | None:
    """Return what the page's script draws a chart from; None if the chart has nothing to move.

    ``spec``: the chart as its notebook stores it.

    Returns a dictionary, or None: ``wide`` and ``narrow`` are Vega specifications without their
    data, ``data`` holds each dataset once as ``columns`` and ``rows`` of texts, ``fluid`` says
    whether the chart may take any width, ``controls`` whether there is more to it than words at a
    pointer, and ``fields`` how many sliders, menus and boxes it shows.
    """
    if not charts.is_live(spec):
        return None
    data: dict[str, dict] = {}
    controls = charts.is_live(spec, ("params",))
    out = {"fluid": bool(charts.meta(spec).get("fluid")), "controls": controls, "data": data}
    for width in widths(charts.meta(spec)):
        vega = compiled(live_view(spec, width))
        _take_data(vega, data)
        out[width] = vega
    return out | {"fields": sum("bind" in signal for signal in vega.get("signals", ()))}


# An apostrophe within a word, not the quote of a string in an expression.
_WITHIN = re.compile(r"(?<=[A-Za-z0-9])(?:\\\\)?'(?=[a-z])|(?<=[a-z]s)(?:\\\\)?'(?= [a-z])")


def script(name: str, found: dict) -> str:
    """Return a script that hands a chart to the page.

    A script, not a JSON file: a page that was opened from disk may load it, but may not fetch.
    """
    text = _WITHIN.sub("’", json.dumps(found, separators=(",", ":"), ensure_ascii=False))
    return f"shockbookChart({json.dumps(name)},{text});\n"
