"""The house style of the charts: see :func:`figure` first."""

# ruff: noqa: F401  what others find here
from shockbook.charts import theme as colours
from shockbook.charts.arranged import choose, multiples, panels, slider, stacked
from shockbook.charts.figure import figure
from shockbook.charts.layers import (
    band,
    closed_days,
    end_labels,
    event_rule,
    interval_dots,
    labels,
    note,
    stretch,
    tips,
    value_rule,
    zero_rule,
)
from shockbook.charts.marks import (
    bars,
    columns,
    direction,
    dumbbells,
    histogram,
    lines,
    ranges,
    scatter,
    strips,
    waterfall,
)
from shockbook.charts.render import (
    MIME,
    enable,
    is_live,
    is_pictured,
    meta,
    svg,
    table_csv,
    view,
)
from shockbook.charts.steps import packed, steps, swarm
from shockbook.charts.table import show, table
from shockbook.charts.theme import (
    DARK,
    DEEPSEEK,
    ESTIMATE,
    FAINT,
    FELL,
    GREY,
    NVIDIA,
    PALE,
    ROSE,
)
