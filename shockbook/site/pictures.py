"""Pictures of charts as they stand in a page: one SVG per width, safe beside any other."""

from __future__ import annotations

import re

from shockbook import charts

_HEAD = re.compile(r'<svg\b[^>]*?\bviewBox="([^"]+)"[^>]*>')
# Said once in the style sheet, or for the whole picture, instead of once per mark.
_REPEATED = re.compile(
    r'\s(?:font-family="[^"]*"|opacity="1"|aria-[\w-]+="[^"]*"|role="[^"]*"|pointer-events="[^"]*")'
)


def picture(spec: dict, width: str) -> str:
    """Draw a chart to stand inline in a page.

    Parameters
    ----------
    spec : dict
        The chart as its notebook stores it.
    width : {"wide", "narrow"}
        Also the class that the style sheet shows or hides.

    Returns
    -------
    str
        An SVG element that reserves its room, hidden from screen readers: the alt text stands on
        the element around it.
    """
    name = charts.meta(spec)["name"]
    svg = charts.svg(charts.view(spec, width), f"{name}-{width}")
    head = _HEAD.search(svg)
    if head is None:
        raise ValueError(f"the drawing of {name} has no viewBox")
    across, down = head.group(1).split()[2:]
    return (
        f'<svg class="{width}" viewBox="{head.group(1)}" width="{across}" height="{down}"'
        f' aria-hidden="true" focusable="false">{_REPEATED.sub("", svg[head.end() :])}'
    )


def dark_rules() -> str:
    """Return the style rules that give a chart's quiet colours their dark counterparts."""
    return "".join(
        f'.chart-frame svg [{attribute}="{light}" i]{{{attribute}:{dark}}}'
        for light, dark in charts.DARK.items()
        for attribute in ("fill", "stroke")
    )
