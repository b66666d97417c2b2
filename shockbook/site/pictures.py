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


_LINE = re.compile(r'(?<= d=")M[-\d.,ML]{60,}(?=Z?")')
_POINT = re.compile(r"([ML])([-\d.]+),([-\d.]+)")
_FILL = re.compile(r' fill="([^"]+)"')


def _short(number: float) -> str:
    """Return a coordinate to a tenth of a pixel, in as few letters as can be."""
    text = f"{round(number, 1) + 0.0:.1f}".removesuffix(".0")  # never a minus before nought
    return text.replace("-0.", "-.") if number < 0 else text.removeprefix("0") or "0"


def _step(at: tuple[float, float], to: tuple[float, float]) -> str:
    """Return the way between two points; a minus separates as well as a comma."""
    right, down = _short(to[0] - at[0]), _short(to[1] - at[1])
    return f"{right}{'' if down.startswith('-') else ','}{down}"


class _Row:
    """Bars of one look that are drawn as one path, since none covers another."""

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

    def path(self, width: float) -> str:
        """Return the bars row by row, each from where the one before it began."""
        out, at = [], None
        for (top, height), row in self.rows.items():
            shape = f"h{width:g}v{height:g}h{-width:g}z"
            for to in ((round(x, 1), round(top, 1)) for x in row):
                begin = f"m{_step(at, to)}" if at else f"M{_short(to[0])},{_short(to[1])}"
                out.append(begin + shape)
                at = to
        return "".join(out)


def _dots(radius: float, rest: str) -> str:
    """Return the look of a disc drawn as the round end of a line without length."""
    rest = _FILL.sub(r' stroke="\1"', re.sub(r' stroke-width="[^"]*"', "", rest))
    rest = rest.replace(" opacity=", " stroke-opacity=")
    return f'{rest} stroke-width="{2 * radius:g}" stroke-linecap="round"'


def _joined(match: re.Match) -> str:
    out: list[list] = []  # each [shape or bars, the rest, kind]
    layers: list[tuple[_Row, int]] = []  # of the bars of one look, each with its place in `out`
    last = None
    for x, y, shape, rest in _MARK.findall(match[0]):
        disc, bar = _DISC.match(shape), None if x else _BAR.match(shape)
        kind = None
        if disc and x and " stroke" not in rest.replace(" stroke-width", "") and _FILL.search(rest):
            kind = ("disc", rest, float(disc[1]))
            shape = f"M{_short(float(x))},{_short(float(y))}h0"
            if "opacity" in rest:  # each lets the ones below shine through
                shape = f'<path d="{shape}"/>'
        elif bar and " stroke=" not in rest:
            kind = ("bar", rest, float(bar[3]))
        if kind != last:
            layers = []
        joins = len(out) - 1 if kind is not None and kind == last else None
        if bar and kind:
            # the order of marks of one look and one opacity does not show
            box = [float(number) for number in bar.groups()]
            joins = next((place for row, place in layers if row.takes(*box)), None)
            if joins is None:
                shape = _Row()
                layers.append((shape, len(out)))
                shape.takes(*box)
            else:
                shape = ""
        if joins is None:
            place = f'transform="translate({x},{y})" ' if x and kind is None else ""
            out.append([shape, rest, kind, place])
        elif shape:
            out[joins][0] += shape
        last = kind
    return "".join(_drawn(*one) for one in out)


def _drawn(shape, rest: str, kind: tuple | None, place: str) -> str:
    if kind is None:
        return f'<path {place}d="{shape}"{rest}/>'
    if kind[0] == "bar":
        return f'<path d="{shape.path(kind[2])}"{rest}/>'
    look = _dots(kind[2], rest)
    return f"<g{look}>{shape}</g>" if shape.startswith("<") else f'<path d="{shape}"{look}/>'


def _stepped(match: re.Match) -> str:
    """Return a line as steps from point to point, each point to a tenth of a pixel."""
    out, at, steps = [], (0.0, 0.0), False
    for command, x, y in _POINT.findall(match[0]):
        to = (round(float(x), 1), round(float(y), 1))
        if command == "M":
            out.append(f"M{_short(to[0])},{_short(to[1])}")
        else:
            step = _step(at, to)
            out.append(f"{'' if step.startswith('-') else ' '}{step}" if steps else f"l{step}")
        at, steps = to, command == "L"
    return "".join(out)


def joined(svg: str) -> str:
    """Return a drawing with neighbouring marks of one look as one path, and empty ones left out.

    Marks that let others shine through are joined only if none lies on another, so that the
    drawing looks the same; a chart of a thousand bars then costs a page a few elements.  Bars,
    discs and lines keep their places to a tenth of a pixel.
    """
    return _LINE.sub(_stepped, _RUN.sub(_joined, _NOTHING.sub("", svg)))


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
