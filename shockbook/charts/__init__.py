"""The house style of the charts: see :func:`figure` first."""

from shockbook.charts import theme as colours
from shockbook.charts.figure import figure
from shockbook.charts.layers import end_labels, event_rule, interval_dots, note, zero_rule
from shockbook.charts.render import (
    MIME,
    add_picture,
    enable,
    is_live,
    meta,
    svg,
    table_csv,
    view,
)
from shockbook.charts.table import show, table
from shockbook.charts.theme import ACCENT, BLUE, DARK, GREEN, GREY, PURPLE

__all__ = [
    "ACCENT", "BLUE", "DARK", "GREEN", "GREY", "MIME", "PURPLE",
    "add_picture", "colours", "enable", "end_labels", "event_rule", "figure", "interval_dots",
    "is_live", "meta", "note", "show", "svg", "table", "table_csv", "view", "zero_rule",
]  # fmt: skip
