"""Pictures of charts as they stand in a page: one SVG per width, safe beside any other."""

from __future__ import annotations

import re
from bisect import bisect_left, insort

from shockbook import charts

_HEAD = re.compile(r'<svg\b[^>]*?\bviewBox="([^"]+)"[^>]*>')
# Said once in the style sheet, or for the whole picture, instead of once per mark.
_REPEATED = re.compile(
    r'\s(?:font-family="[^"]*"|opacity="1"|aria-[\w-]+="[^"]*"|role="[^"]*"|pointer-events="[^"]*")'
)

_NOTHING = re.compile(r'<path class="\w+" d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>')
_RUN = re.compile(r'(?:<path (?:transform="[^"]*" )?d="[^"]*"[^>]*/>){2,}')
_MARK = re.compile(r'<path (?:transform="translate\(([^,]+),([^)]+)\)" )?d="([^"]*)"([^>]*)/>')
_DISC = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0Z?$")
_BAR = re.compile(r"M([-\d.]+),([-\d.]+)h([\d.]+)v([\d.]+)h-\3Z$")


class _Row:
    """Bars of one height on one line that are drawn as one path, since none covers another."""

    def __init__(self):
        self.rows: dict[tuple[float, float], list[float]] = {}

    def takes(self, x: float, y: float, width: float, height: float) -> bool:
        """Say whether a bar may join, and note it; a quarter of its width may be shared."""
        for top, tall in self.rows:
            if (top, tall) != (y, height) and top < y + height and y < top + tall:
                return False
        row = self.rows.get((y, height), [])
        at = bisect_left(row, x)
        if any(abs(x - other) < 0.75 * width for other in row[max(0, at - 1) : at + 1]):
            return False
        insort(self.rows.setdefault((y, height), row), x)
        return True


def _joined(match: re.Match) -> str:
    out: list[list[str]] = []  # each [shape, the rest]
    layers: list[tuple[_Row, int]] = []  # of the bars of one look, each with its place in `out`
    last = None
    for x, y, shape, rest in _MARK.findall(match[0]):
        disc, bar = _DISC.match(shape), None if x else _BAR.match(shape)
        kind = None
        if disc and x and "opacity" not in rest and " stroke=" not in rest:
            r = float(disc[1])
            kind = ("disc", rest)
            turn = f"a{r:g},{r:g},0,1,1,"
            shape = f"M{float(x) + r:.6g},{y}{turn}{-2 * r:g},0{turn}{2 * r:g},0"
        elif bar and " stroke=" not in rest:
            kind = ("bar", rest, bar[3])
        if kind != last:
            layers = []
        joins = len(out) - 1 if kind is not None and kind == last else None
        if bar and kind:
            # the order of marks of one look and one opacity does not show
            box = [float(number) for number in bar.groups()]
            joins = next((place for row, place in layers if row.takes(*box)), None)
            if joins is None:
                layers.append((_Row(), len(out)))
                layers[-1][0].takes(*box)
        if joins is not None:
            out[joins][0] += shape
        else:
            place = f'transform="translate({x},{y})" ' if x and kind is None else ""
            out.append([f'{place}d="{shape}', rest])
        last = kind
    return "".join(f'<path {shape}"{rest}/>' for shape, rest in out)


def joined(svg: str) -> str:
    """Return a drawing with neighbouring marks of one look as one path, and empty ones left out.

    Marks that let others shine through are joined only if none lies on another, so that the
    drawing looks the same; a chart of a thousand bars then costs a page a few elements.
    """
    return _RUN.sub(_joined, _NOTHING.sub("", svg))


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
        f' aria-hidden="true" focusable="false">{joined(_REPEATED.sub("", svg[head.end() :]))}'
    )


def size(svg: str) -> tuple[float, float]:
    """Return width and height of a picture, in CSS pixels."""
    across, down = _HEAD.search(svg).group(1).split()[2:]
    return float(across), float(down)


def dark_rules() -> str:
    """Return the style rules that give a chart's quiet colours their dark counterparts."""
    return "".join(
        f'.chart-frame svg [{attribute}="{light}" i]{{{attribute}:{dark}}}'
        for light, dark in charts.DARK.items()
        for attribute in ("fill", "stroke")
    )
