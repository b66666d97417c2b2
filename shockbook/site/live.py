"""What the browser needs for a live chart: its two views, compiled, and its data as rows.

Vega-Lite is compiled to Vega while the book is built, so that the browser has less to do and
nothing to warn of.  The data leave their CSV text, because Vega's CSV reader makes code from text
while it runs, which the pages forbid (`Content-Security-Policy` without ``unsafe-eval``).
"""

from __future__ import annotations

import json

import vl_convert

from shockbook import charts
from shockbook.charts.render import VEGA_LITE
from shockbook.site.tables import read_csv

WIDTHS = ("wide", "narrow")


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

    Parameters
    ----------
    spec : dict
        The chart as its notebook stores it.

    Returns
    -------
    dict or None
        ``wide`` and ``narrow`` are Vega specifications without their data, ``data`` holds each
        dataset once as ``columns`` and ``rows`` of texts, ``fluid`` says whether the chart may
        take any width.
    """
    if not charts.is_live(spec):
        return None
    data: dict[str, dict] = {}
    out = {"fluid": bool(charts.meta(spec).get("fluid")), "data": data}
    for width in WIDTHS:
        view = charts.view(spec, width)
        vega = vl_convert.vegalite_to_vega(view, vl_version=VEGA_LITE)
        _take_data(vega, data)
        out[width] = vega
    return out


def script(name: str, found: dict) -> str:
    """Return a script that hands a chart to the page.

    A script, not a JSON file: a page that was opened from disk may load it, but may not fetch.
    """
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    return f"shockbookChart({json.dumps(name)},{text});\n"
