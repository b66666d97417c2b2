"""Pictures of charts as they stand in a page: one SVG per width, safe beside any other."""

import re
from bisect import bisect_left, insort
from itertools import groupby

from shockbook import charts

_HEAD = re.compile(r'<svg\b[^>]*?\bviewBox="([^"]+)"[^>]*>')
# Said once in the style sheet, or for the whole picture, instead of once per mark.
_REPEATED = re.compile(
    r'\s(?:font-family="[^"]*"|opacity="1"|aria-[\w-]+="[^"]*"|role="[^"]*"|pointer-events="[^"]*")'
)

_NOTHING = re.compile(
    r'<path class="\w+" d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>'
    r'|<path [^>]*(?<= )opacity="0"[^>]*/>'  # there for a pointer, on the live chart
)
_RUN = re.compile(r'(?:<path (?:transform="[^"]*" )?d="[^"]*"[^>]*/>){2,}')
_MARK = re.compile(r'<path (?:transform="translate\(([^,]+),([^)]+)\)" )?d="([^"]*)"([^>]*)/>')
_DISC = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0Z?$")
_BAR = re.compile(r"M([-\d.]+),([-\d.]+)h([\d.]+)v([\d.]+)h-\3Z$")
_LINE = re.compile(r'(?<= d=")M[-\d.,ML]{60,}(?=Z?")')
_POINT = re.compile(r"([ML])([-\d.]+),([-\d.]+)")
_PALE = (0.2, 0.25, 0.3, 0.35)
_FILL = re.compile(r' fill="([^"]+)"')


def _short(number: float) -> str:
    """Return a coordinate to a tenth of a pixel, in as few letters as can be."""
    text = f"{round(number, 1) + 0.0:.1f}".removesuffix(".0")  # never a minus before zero
    return text.replace("-0.", "-.") if number < 0 else text.removeprefix("0") or "0"


def _step(at: tuple[float, float], to: tuple[float, float]) -> str:
    """Return the way between two points; a minus separates as well as a comma."""
    right, down = _short(to[0] - at[0]), _short(to[1] - at[1])
    return f"{right}{'' if down.startswith('-') else ','}{down}"


class _Bars:
    """Bars of one look and width that are drawn as one path, since none covers another."""

    def __init__(self, width: float):
        self.width = width
        self.rows: dict[tuple[float, float], list[float]] = {}

    def takes(self, x: float, y: float, height: float) -> bool:
        """Say whether a bar may join, and note it; a quarter of its width may be shared."""
        for top, tall in self.rows:
            if (top, tall) != (y, height) and top < y + height and y < top + tall:
                return False
        row = self.rows.get((y, height), [])
        at = bisect_left(row, x)
        if any(abs(x - other) < 0.75 * self.width for other in row[max(0, at - 1) : at + 1]):
            return False
        insort(self.rows.setdefault((y, height), row), x)
        return True

    def drawing(self, rest: str) -> str:
        """Draw the bars row by row, each from where the one before it began or ended.

        Bars of one height are the strokes of a pen as broad as they are high: a third of the
        letters, and of the time to read them.
        """
        if len({height for _, height in self.rows}) == 1 and sum(map(len, self.rows.values())) > 5:
            return self._strokes(rest)
        out, at = [], None
        for (top, height), row in self.rows.items():
            shape = f"h{self.width:g}v{height:g}h{-self.width:g}z"
            for to in ((round(x, 1), round(top, 1)) for x in row):
                begin = f"m{_step(at, to)}" if at else f"M{_short(to[0])},{_short(to[1])}"
                out.append(begin + shape)
                at = to
        return f'<path d="{"".join(out)}"{rest}/>'

    def _strokes(self, rest: str) -> str:
        height = next(iter(self.rows))[1]
        places = [(x, top + height / 2) for (top, _), row in self.rows.items() for x in row]
        x, y = places[0]
        out, length = [f"M{x:g},{y:g}"], self.width
        for to in places[1:]:
            x += length  # where the pen is, not where it should be: rounding does not add up
            right, down = round(to[0] - x, 1), round(to[1] - y, 1)
            if right == down == 0:
                x, length = x - length, length + self.width
                continue
            out.append(f"h{length:g}m{_step((0, 0), (right, down))}")
            x, y, length = x + right, y + down, self.width
        out.append(f"h{length:g}")
        look = _FILL.sub(r' stroke="\1"', rest.replace(" fill-opacity=", " stroke-opacity="))
        return f'<path d="{"".join(out)}"{look} stroke-width="{height:g}"/>'


def _bars(bars: list[tuple[float, ...]], rest: str) -> str:
    """Draw bars of one look; their order does not show, as one look has one opacity."""
    layers: list[_Bars] = []
    for x, y, width, height in bars:
        if not any(layer.takes(x, y, height) for layer in layers):
            layers.append(_Bars(width))
            layers[-1].takes(x, y, height)
    return "".join(layer.drawing(rest) for layer in layers)


def _discs(places: list[tuple[float, float]], radius: float, rest: str) -> str:
    """Draw discs of one look, each as the round end of a line without length."""
    look = _FILL.sub(r' stroke="\1"', re.sub(r' stroke-width="[^"]*"', "", rest))
    look = look.replace(" opacity=", " stroke-opacity=")
    look = f'{look} stroke-width="{2 * radius:g}" stroke-linecap="round"'
    dots = [f"M{_short(x)},{_short(y)}h0" for x, y in places]
    if "opacity" in look:  # each lets the ones below shine through
        return f"<g{look}>" + "".join(f'<path d="{dot}"/>' for dot in dots) + "</g>"
    return f'<path d="{"".join(dots)}"{look}/>'


def _kind(mark: tuple[str, str, str, str]) -> tuple:
    """Tell which neighbours may be drawn together: what they are, their look and their size."""
    x, y, shape, rest = mark
    outlined = " stroke=" in rest or " stroke-opacity=" in rest
    if not outlined and x and _FILL.search(rest) and (disc := _DISC.match(shape)):
        return "disc", rest, float(disc[1])
    if not outlined and not x and (bar := _BAR.match(shape)):
        return "bar", rest, float(bar[3])
    return "other", mark


def _joined(match: re.Match) -> str:
    out = []
    for (kind, *look), marks in groupby(_MARK.findall(match[0]), _kind):
        if kind == "disc":
            out.append(_discs([(float(x), float(y)) for x, y, *_ in marks], look[1], look[0]))
        elif kind == "bar":
            boxes = [tuple(map(float, _BAR.match(shape).groups())) for _, _, shape, _ in marks]
            out.append(_bars(boxes, look[0]))
        else:
            for x, y, shape, rest in marks:
                place = f'transform="translate({x},{y})" ' if x else ""
                out.append(f'<path {place}d="{shape}"{rest}/>')
    return "".join(out)


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


def picture(spec: dict, width: str, ids: str = "") -> str:
    """Draw a chart, as its notebook stores it, to stand inline in a page.

    ``width`` (``broad``, ``wide`` or ``narrow``) is also the class that the style sheet shows or
    hides; ``ids`` begins each id in the place of the chart's name.  The SVG element reserves its
    room and is hidden from screen readers: the alt text stands on the element around it.
    """
    name = charts.meta(spec)["name"]
    svg = charts.svg(charts.view(spec, width), f"{ids or name}-{width}")
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


def ink_rules() -> str:
    """Return the style rules of words and of drawings: each named colour, and the greys."""
    own = charts.colours
    words = {name: own.TEXT[colour] for name, colour in own.NAMES.items()}
    return _named(own.NAMES, words, {"ink": own.INK, "muted": own.MUTED, "pale": own.PALE,
                                     "faint": own.FAINT, "paper": "var(--paper)"})  # fmt: skip


def _named(marks: dict, words: dict, greys: dict) -> str:
    """Rules for ``fill-…`` and ``line-…`` of drawings, and for words ``ink-…``."""
    rules = [f".ink-{name},.drawing text.fill-{name}{{color:{c};fill:{c}}}"
             for name, c in words.items()]  # fmt: skip
    for name, colour in (marks | greys).items():
        rules.append(f".drawing .fill-{name}{{fill:{colour}}}")
        rules.append(f".drawing .line-{name}{{stroke:{colour}}}")
    return "".join(sorted(rules, key=lambda rule: rule.startswith(".ink")))


def dark_rules() -> str:
    """Return the style rules that give a chart's colours their dark counterparts."""
    # White lines part marks from one another: in the dark they are as dark as the paper.
    # Pale bands need more ink there.
    own = '.chart-frame svg [stroke="white"]{stroke:var(--paper)}'
    own += ".chart-frame svg :is(" + ",".join(f'[opacity="{o}"]' for o in _PALE) + "){opacity:.45}"
    own += "".join(
        f'.chart-frame svg [{attribute}="{light}" i]{{{attribute}:{dark}}}'
        for light, dark in charts.DARK.items()
        for attribute in ("fill", "stroke")
    )
    colours = charts.colours
    own += "".join(
        f'.chart-frame svg text[fill="{light}" i]{{fill:{dark}}}'
        for light, dark in colours.DARK_TEXT.items()
    )
    dark = colours.DARK | colours.DARK_TEXT
    words = {name: dark[colours.TEXT[colour]] for name, colour in colours.NAMES.items()}
    greys = {"ink": colours.INK, "muted": colours.MUTED, "pale": colours.PALE,
             "faint": colours.FAINT}  # fmt: skip
    marks = {name: colours.DARK.get(colour, colour) for name, colour in colours.NAMES.items()}
    return own + _named(marks, words, {name: dark[colour] for name, colour in greys.items()})
