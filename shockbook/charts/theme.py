"""The house style: a quiet theme, and one grammar of colours for the whole book.

A colour says who or what: DeepSeek, NVIDIA, what rose, what fell, our own estimate; everything
else is grey.  Each colour has a contrast of at least 3 to 1 on white and on near-black, and any
two of them stay apart for colour-blind readers (simulated after Machado and others, 2009), so a
picture reads on either ground; a dark page lightens the dim ones.  Words, rules and grid cannot
hold enough contrast on both: they are inks by name, which every ground gives its own colour.
"""

#: Who and what: the marks.
DEEPSEEK, NVIDIA = "#3F59C4", "#79A13C"
ROSE, FELL = "#41A1B0", "#A74314"
ESTIMATE = "#B775F8"
#: Everything that is not the point of the chart; behind the data; hardly there.
GREY, PALE, FAINT = "#7D7D7D", "#B9BDC3", "#DDE0E4"

#: Text that is read first, text that is read second, lines behind the data.
INK, MUTED, GRID = "#1F2933", "#55606E", "#E3E6EA"

#: A colour's name as links and classes use it, to the colour.
NAMES = {
    "deepseek": DEEPSEEK, "nvidia": NVIDIA, "rose": ROSE, "fell": FELL, "estimate": ESTIMATE,
    "grey": GREY,
}  # fmt: skip

#: The ink for a word about a series: its colour, dark enough to be read as text on white.
TEXT = {
    DEEPSEEK: DEEPSEEK,
    NVIDIA: "#4F7318",
    ROSE: "#1F7785",
    FELL: FELL,
    ESTIMATE: "#8A3FD6",
    GREY: MUTED,
}

#: What each ink becomes on a dark page, and each mark that would be dim there.
DARK = {
    DEEPSEEK: "#5C73D9",
    FELL: "#C86334",
    NVIDIA: "#96C451",
    ESTIMATE: "#C596FA",
    INK: "#E8EBEF",
    MUTED: "#AAB3BF",
    GRID: "#31373F",
    PALE: "#434A53",
    FAINT: "#2B3036",
    TEXT[NVIDIA]: "#94C24F",
    TEXT[ROSE]: "#5CC0CF",
    TEXT[ESTIMATE]: "#C99DFB",
}
#: Words in a colour that is dark enough on white as it is need to be lighter than its marks.
DARK_TEXT = {DEEPSEEK: "#92A4FF", FELL: "#F08B5C"}

#: vl-convert brings Liberation Sans; Arial and Helvetica have the same widths.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

#: What a notebook stores with each chart: everything but the inks.
CONFIG = {
    "font": FONT,
    "view": {"stroke": "transparent"},
    "mark": {"aria": False},  # the alt text and the table speak, not each of 750 points
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 16,
        "subtitleFontSize": 13,
        "subtitlePadding": 5,
        "offset": 14,
    },
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 220,
    },
    "axisQuantitative": {"ticks": False, "domain": False, "labelFlush": False},
    "axisXQuantitative": {"tickCount": 7},
    "axisTemporal": {"grid": False, "ticks": True, "domain": True, "title": None},
    "axisBand": {"grid": False, "ticks": False, "domain": False},
    "axisYBand": {"labelPadding": 6},
    "axisYPoint": {"labelPadding": 6},
    "legend": {
        "orient": "top",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "header": {
        "labelFontSize": 12,
        "labelFontWeight": "bold",
        "labelAnchor": "start",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "line": {"color": GREY, "strokeWidth": 2},
    "point": {"color": GREY, "filled": True, "size": 40, "opacity": 1},
    "circle": {"color": GREY, "size": 40, "opacity": 1},
    "bar": {"color": GREY},
    "area": {"color": GREY, "opacity": 0.3},
    "rect": {"color": GREY},
    "tick": {"color": GREY},
    "text": {"fontSize": 12},
    "range": {
        "category": [DEEPSEEK, NVIDIA, ESTIMATE, GREY, PALE],
        "heatmap": {"scheme": "blues"},
        "diverging": {"scheme": "blueorange"},
    },
}


def inks(ink: str, muted: str, grid: str, words: dict[str, str], ground: str) -> dict:
    """The part of the configuration that depends on the ground.

    ``words`` leads from the name of a colour (:data:`NAMES`) to the ink of a word about it.
    """
    lettered = {"labelColor": muted, "titleColor": muted}
    return {
        "background": ground,
        "title": {"color": ink, "subtitleColor": muted},
        "axis": {**lettered, "gridColor": grid, "domainColor": muted, "tickColor": muted},
        "legend": lettered,
        "header": {"labelColor": ink, "titleColor": muted},
        "rule": {"color": muted},
        "text": {"color": ink},
        "style": {
            "ink": {"color": ink},
            "muted": {"color": muted},
            "gap": {"stroke": ground},
            **{f"ink-{name}": {"color": colour} for name, colour in words.items()},
        },
    }


#: The inks of the picture that is stored, and of a page before it goes dark.
LIGHT = inks(INK, MUTED, GRID, {name: TEXT[c] for name, c in NAMES.items()}, "white")
_LAB = "var(--jp-content-font-color1, #1F2933)"
#: The inks of JupyterLab, which are its own and change with it.
LAB = inks(
    _LAB,
    "var(--jp-content-font-color2, #55606E)",
    "var(--jp-border-color2, #E3E6EA)",
    {name: f"color-mix(in srgb, {c} 62%, {_LAB})" for name, c in NAMES.items()},
    "transparent",
)


def style_of(colour: str) -> str:
    """The name of the ink for words about what has a colour."""
    return next((f"ink-{name}" for name, own in NAMES.items() if own == colour), "ink")
