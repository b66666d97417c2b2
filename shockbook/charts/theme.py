"""The house style: a quiet theme whose colours read on white and on near-black.

Series colours are those of Okabe and Ito's palette (*Color Universal Design*, 2008) that have a
contrast of at least 3 to 1 on both grounds, so a chart keeps them in light and dark.  Text, grid
and rules cannot hold enough contrast on both: they use a few inks, and :data:`DARK` says what
each becomes on the dark page.
"""

from __future__ import annotations

import altair as alt

#: The series that matters.
ACCENT = "#D55E00"
#: Context, everything that is not the point of the chart.
GREY = "#8A8A8A"
#: Further series, for a comparison that needs them.
BLUE, GREEN, PURPLE = "#0072B2", "#009E73", "#CC79A7"

#: Text that is read first, text that is read second, lines behind the data.
INK, MUTED, GRID = "#1F2933", "#55606E", "#E3E6EA"

#: The ink for a word about a series: its colour, dark enough to be read as text on white.
TEXT = {
    ACCENT: "#B04A00",
    GREY: MUTED,
    BLUE: "#00609A",
    GREEN: "#00704F",
    PURPLE: "#98416F",
}

#: What each ink becomes on a dark page.  Series colours stay.
DARK = {
    INK: "#E8EBEF",
    MUTED: "#AAB3BF",
    GRID: "#31373F",
    BLUE: "#2B84C6",
    TEXT[ACCENT]: "#F5924E",
    TEXT[BLUE]: "#5DB3EA",
    TEXT[GREEN]: "#3FC79B",
    TEXT[PURPLE]: "#E09CC2",
}

#: vl-convert brings Liberation Sans; Arial and Helvetica have the same widths.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

_QUIET_AXIS = {"grid": False, "ticks": True, "domain": True}

CONFIG = {
    "background": "white",
    "font": FONT,
    "view": {"stroke": "transparent"},
    "mark": {"aria": False},  # the alt text and the table speak, not each of 750 points
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 16,
        "color": INK,
        "subtitleFontSize": 13,
        "subtitleColor": MUTED,
        "subtitlePadding": 5,
        "offset": 14,
    },
    "axis": {
        "labelFontSize": 12,
        "labelColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleColor": MUTED,
        "gridColor": GRID,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "labelLimit": 220,
    },
    "axisQuantitative": {"ticks": False, "domain": False},
    "axisTemporal": _QUIET_AXIS,
    "axisBand": {"grid": False, "ticks": False, "domain": False},
    "axisYBand": {"labelPadding": 6},
    "axisYPoint": {"labelPadding": 6},
    "legend": {
        "orient": "top",
        "labelFontSize": 12,
        "labelColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleColor": MUTED,
    },
    "header": {
        "labelFontSize": 13,
        "labelColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleColor": MUTED,
    },
    "line": {"color": ACCENT, "strokeWidth": 2},
    "point": {"color": ACCENT, "filled": True, "size": 40},
    "circle": {"color": ACCENT, "size": 40},
    "bar": {"color": GREY},
    "area": {"color": GREY, "opacity": 0.3},
    "rect": {"color": GREY},
    "tick": {"color": GREY},
    "rule": {"color": MUTED},
    "text": {"color": INK, "fontSize": 12},
    "range": {
        "category": [ACCENT, BLUE, GREEN, PURPLE, GREY],
        "heatmap": {"scheme": "blues"},
        "diverging": {"scheme": "blueorange"},
    },
}


def theme() -> alt.theme.ThemeConfig:
    """The theme as Altair wants it."""
    return {"config": CONFIG}
