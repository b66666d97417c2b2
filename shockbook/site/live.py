"""What the browser needs for a live chart: its two views, and its data as rows.

The data leave their CSV text here, because Vega's CSV reader compiles code while it runs, which
the pages forbid (`Content-Security-Policy` without ``unsafe-eval``).
"""

from __future__ import annotations

import copy
import json

from shockbook import charts
from shockbook.site.tables import read_csv

WIDTHS = ("wide", "narrow")


def _rows(text: str) -> dict:
    header, rows = read_csv(text)
    return {"columns": header, "rows": rows}


def _without_csv(node, data: dict[str, dict]) -> None:
    """Take the CSV texts out of a specification, in place, and say JSON where it said CSV."""
    if isinstance(node, list):
        for child in node:
            _without_csv(child, data)
        return
    if not isinstance(node, dict):
        return
    if isinstance(node.get("format"), dict) and node["format"].get("type") == "csv":
        node["format"] = {**node["format"], "type": "json"}
        if isinstance(node.get("values"), str):
            name = node.setdefault("name", f"inline-{len(data)}")
            data[name] = _rows(node.pop("values"))
    for child in node.values():
        _without_csv(child, data)


def package(spec: dict) -> dict | None:
    """Return what the page's script draws a chart from; None if the chart has nothing to move.

    Parameters
    ----------
    spec : dict
        The chart as its notebook stores it.

    Returns
    -------
    dict or None
        ``wide`` and ``narrow`` are Vega-Lite specifications without data, ``data`` holds each
        dataset once as ``columns`` and ``rows`` of texts, ``fluid`` says whether the chart may
        take any width.
    """
    if not charts.is_live(spec):
        return None
    data: dict[str, dict] = {}
    out = {"fluid": bool(charts.meta(spec).get("fluid")), "data": data}
    for width in WIDTHS:
        view = copy.deepcopy(charts.view(spec, width))
        kept = {}
        for name, value in view.pop("datasets", {}).items():
            if isinstance(value, str):
                data[name] = _rows(value)
            else:
                kept[name] = value
        _without_csv(view, data)
        out[width] = {**view, "datasets": kept} if kept else view
    return out


def script(name: str, found: dict) -> str:
    """Return a script that hands a chart to the page.

    A script, not a JSON file: a page that was opened from disk may load it, but may not fetch.
    """
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    return f"shockbookChart({json.dumps(name)},{text});\n"
