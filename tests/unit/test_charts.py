"""The charts: what a notebook stores, what a page draws, what is refused."""

import base64
import itertools
import json
import os
import re
import subprocess
import sys

import altair as alt
import numpy as np
import pandas as pd
import pytest

from shockbook import charts
from shockbook.charts import layout, render, theme

DAYS = pd.date_range("2025-03-07", periods=6)  # a change of clocks in New York lies within


@pytest.fixture(autouse=True)
def enabled():
    with alt.theme.enable("default"), alt.renderers.enable("default"):
        charts.enable()
        yield
    alt.data_transformers.enable("default")


def frame():
    table = pd.DataFrame(
        {"date": DAYS, "close": np.linspace(1, 2, 6) / 3, "unused": 1.0, "close time": 2.0}
    )
    table.attrs = {"dataset": "prices", "source": "A source", "as_of": "2025-06-30"}
    return table


def line(table=None):
    base = alt.Chart(frame() if table is None else table)
    return base.mark_line().encode(x="date:T", y="close:Q")


def bundle(chart, name="fig-close", **others):
    return charts.figure(chart, name, **others)._repr_mimebundle_()[0]


def spec(chart, **changes):
    return bundle(chart, **changes)[charts.MIME]


# ------------------------------------------------------------------ colours
def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


SERIES = list(theme.NAMES.values())


@pytest.mark.parametrize("colour", SERIES)
def test_series_colours_stand_out_on_white_and_on_near_black(colour):
    assert contrast(colour, "#FFFFFF") >= 3
    assert contrast(colour, "#121212") >= 3
    assert contrast(theme.DARK.get(colour, colour), "#121212") >= 4


@pytest.mark.parametrize("ink", [theme.INK, theme.MUTED, *theme.TEXT.values()])
def test_text_reads_in_both_themes(ink):
    assert contrast(ink, "#FFFFFF") >= 4.5
    assert contrast((theme.DARK | theme.DARK_TEXT)[ink], "#121212") >= 4.5


# ------------------------------------------------------------------ data
@pytest.mark.parametrize(
    ("value", "text"),
    [(1 / 3, "0.333333"), (592658123456.0, "592658000000"), (-0.0, "0"), (np.nan, ""),
     (1e-9, "1e-09"), (2.5, "2.5"), (0.1 + 0.2, "0.3")],
)  # fmt: skip
def test_six_significant_digits(value, text):
    assert render._number(value) == text


def test_csv_keeps_types_and_gaps():
    table = pd.DataFrame(
        {
            "date": pd.to_datetime(["2025-01-27", None]),
            "time": pd.to_datetime(["2025-01-27T09:30", "2025-01-27T16:00"]),
            "count": pd.array([1, None], dtype="Int64"),
            "share": [0.5, np.nan],
            "rose": [True, False],
            "name": ["a, b", None],
        }
    )
    text, parse = render.to_csv(table)
    assert text == (
        "date,time,count,share,rose,name\n"
        '2025-01-27T00:00:00,2025-01-27T09:30:00,1,0.5,true,"a, b"\n'
        ",2025-01-27T16:00:00,,,false,\n"
    )
    assert parse == {
        "date": "date",
        "time": "date",
        "count": "number",
        "share": "number",
        "rose": "boolean",
    }


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"d": pd.date_range("2025-01-01", periods=1, tz="UTC")}, "without zone"),
        ({"d": pd.to_timedelta(["1D"])}, "without zone"),
        ({"a.b": [1]}, "rename the column 'a.b'"),
        ({"x": [np.inf]}, "infinite"),
    ],
)
def test_data_that_cannot_be_drawn_is_refused(column, message):
    with pytest.raises(ValueError, match=message):
        render.to_csv(pd.DataFrame(column))


def test_the_same_chart_gives_the_same_bytes_and_last_bits_do_not_matter():
    table = frame()
    nudged = table.assign(close=np.nextafter(table.close, 2))
    assert bundle(line()) == bundle(line(nudged))


# ------------------------------------------------------------------ what is stored
def test_the_bundle():
    got = bundle(line() + charts.event_rule("2025-03-09", "9 March"), data=["prices"])
    assert set(got) == {charts.MIME, "image/png", "text/plain"}
    assert got[charts.MIME]["$schema"].endswith("/v5.json")
    assert got[charts.MIME]["width"] == render.WIDTH
    assert got["text/plain"] == "[chart] fig-close"
    about = charts.meta(got[charts.MIME])
    assert (about["name"], about["data"]) == ("fig-close", ["prices"])


def test_every_viewer_finds_a_picture():
    picture = base64.b64decode(bundle(line())["image/png"])
    assert picture.startswith(b"\x89PNG") and len(picture) < 20_000


def test_unused_columns_are_left_out_and_used_ones_stay():
    plain = charts.table_csv(spec(line()))
    assert plain.splitlines()[0] == "date,close"
    used = line().transform_calculate(twice="2 * datum['close time']").encode(y="twice:Q")
    assert charts.table_csv(spec(used)).splitlines()[0] == "date,close,close time"
    folded = line().transform_fold(["close", "unused"]).encode(y="value:Q")
    assert charts.table_csv(spec(folded)).splitlines()[0] == "date,close,unused"


def test_the_authors_table_and_phone_chart_are_carried():
    own = alt.Chart(frame()).mark_bar().encode(x="close:Q", y="date:O")
    got = spec(
        lambda: own if layout.now() is layout.PHONE else line(), table=pd.DataFrame({"only": [1]})
    )
    assert charts.table_csv(got) == "only\n1\n"
    narrow = charts.view(got, "narrow")
    assert narrow["mark"] == {"type": "bar"}
    assert narrow["width"] == render.NARROW
    assert "<svg" in charts.svg(narrow, "x")


@pytest.mark.parametrize("name", ["loss", "fig-Loss", None])
def test_a_figure_without_a_name_is_refused(name):
    with pytest.raises(ValueError, match="must look like 'fig-loss'"):
        charts.figure(line(), name)


def test_a_calculator_says_that_it_opens_by_itself():
    assert charts.meta(spec(line()))  # an ordinary chart waits for a click
    assert "alive" not in charts.meta(spec(line()))
    assert charts.meta(spec(line(), alive=True))["alive"] is True


# ------------------------------------------------------------------ what is drawn
def widths(stored):
    return [
        float(re.search(r'width="([\d.]+)"', charts.svg(charts.view(stored, size), "x"))[1])
        for size in ("wide", "narrow")
    ]


def panel(width=200):
    table = pd.concat([frame().assign(firm=f) for f in ("One", "Two", "Three, of long name")])
    return line(table).properties(width=width, height=80)


def across(page, phone):
    """Pixels of a plot in the layout that is drawn."""
    return phone if layout.now() is layout.PHONE else page


@pytest.mark.parametrize(
    "chart",
    [
        line(),
        line() + charts.zero_rule() + charts.note("2025-03-10", 0.5, "here"),
        lambda: alt.concat(*[panel(across(200, 270))] * 2, columns=across(2, 1)),
        lambda: panel().facet("firm:N", columns=across(3, 1)),
        lambda: panel(across(150, 270)).encode(facet=alt.Facet("firm:N", columns=across(3, 1))),
        lambda: panel(across(600, 270)) + charts.event_rule("2025-03-09") & panel(across(600, 270)),
        lambda: panel(across(500, 190)).encode(y="firm:N") & panel(across(500, 190)),
    ],
)
def test_every_kind_of_chart_fits_its_place(chart):
    wide, narrow = widths(spec(chart))
    assert 240 < wide <= 720
    assert 240 < narrow <= 360


@pytest.mark.parametrize(
    "chart",
    [
        panel() | panel(),
        panel() & panel(),
        panel().facet("firm:N", columns=3),
        panel(150).encode(column="firm:N"),
        panel().encode(y=alt.Y(alt.repeat(), type="quantitative")).repeat(["close", "unused"]),
    ],
)
def test_several_plots_have_to_come_as_a_function(chart):
    with pytest.raises(ValueError, match="fig-close is made of several plots"):
        charts.figure(chart, "fig-close")


def test_one_plot_may_be_several_on_a_phone():
    def chart():
        return panel(190) & panel(190) if layout.now() is layout.PHONE else panel()

    view = charts.view(spec(chart), "narrow")
    assert "vconcat" in view and not {"width", "autosize"} & set(view)


def test_a_view_leaves_the_stored_chart_alone():
    stored = spec(lambda: panel() & panel())
    before = repr(stored)
    view = charts.view(stored, "narrow")
    assert repr(stored) == before
    assert not {"title", "usermeta", "$schema"} & set(view)
    assert view["config"]["background"] == "transparent"


def test_the_same_view_gives_the_same_drawing():
    view = charts.view(spec(line().mark_line(clip=True)), "wide")
    assert charts.svg(view, "a") == charts.svg(view, "a")


def test_drawings_on_one_page_share_no_id():
    chart = line().mark_line(clip=True)
    drawings = [charts.svg(charts.view(spec(chart), s), f"a-{s}") for s in ("wide", "narrow")]
    ids = [set(re.findall(r'\bid="([^"]+)"', d)) for d in drawings]
    assert ids[0] and all(i.startswith("a-wide-") for i in ids[0])
    assert ids[1] and all(i.startswith("a-narrow-") for i in ids[1])
    for drawing, own in zip(drawings, ids, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", drawing)) <= own


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_the_event_is_drawn_on_its_day_in_every_time_zone(zone):
    program = (
        "import sys, json\nfrom shockbook import charts\n"
        "print(charts.svg(charts.view(json.load(sys.stdin), 'wide'), 'x'))"
    )
    table = frame()[["date", "close"]]
    marked = alt.Chart(table).mark_line().encode(x="date:T", y="close:Q")
    chart = marked + marked.mark_point() + charts.event_rule(DAYS[0], "start")
    drawn = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(spec(chart)),
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (rule,) = re.findall(r'<line [^>]*transform="translate\(([\d.]+)[^>]*stroke-dasharray', drawn)
    assert float(rule) == 0  # the axis starts on the first day
    assert drawn.count(">start<") == 1


def test_controls_and_tooltips_make_a_chart_live():
    slider = alt.param(name="k", value=1, bind=alt.binding_range(min=0, max=2))
    assert not charts.is_live(spec(line()))
    assert charts.is_live(spec(line().encode(tooltip="close:Q")))
    assert charts.is_live(spec(line().add_params(slider)))


def test_end_labels_name_each_series_at_its_last_point():
    table = pd.concat([frame().assign(who="B"), frame().assign(who="A", close=5.0)])
    labels = charts.end_labels(table, "date", "close", "who", {"A": charts.NVIDIA})
    rows = [layer.data.iloc[0] for layer in labels.layer]
    assert [r.who for r in rows] == ["A", "B"]
    assert all(r.date == DAYS[-1] for r in rows)
    assert [layer.mark.style for layer in labels.layer] == ["ink-nvidia", "muted"]


def test_interval_dots_keep_the_order_of_the_table():
    table = pd.DataFrame({"what": ["z", "a"], "x": [1, 2], "low": [0, 1], "high": [2, 3]})
    got = spec(charts.interval_dots(table, "x", "low", "high", "what") + charts.zero_rule("x"))
    svg = charts.svg(charts.view(got, "wide"), "x")
    assert svg.index(">z<") < svg.index(">a<")


# ------------------------------------------------------------------ tables
def test_a_table_is_plain_and_says_what_it_heads():
    table = pd.DataFrame(
        {
            "firm": ["A & B", "C"],
            "date": pd.to_datetime(["2025-01-27", None]),
            "loss": [-592.658, np.nan],
            "count": pd.array([24490000000, None], dtype="Int64"),
            "rose": [True, False],
            "note": ["<b>", None],
        }
    )
    got = charts.show(table, "Losses.", formats={"loss": "{:.1f}"}, units={"loss": "US$ bn"})
    assert got.html == (
        '<table class="shock-table">\n<caption>Losses.</caption>\n'
        '<thead><tr><th scope="col">firm</th><th scope="col">date</th>'
        '<th scope="col" class="num">loss <span class="unit">US$ bn</span></th>'
        '<th scope="col" class="num">count</th><th scope="col">rose</th>'
        '<th scope="col">note</th></tr></thead>\n<tbody>\n'
        '<tr><th scope="row">A &amp; B</th><td>27 January 2025</td><td class="num">−592.7</td>'
        '<td class="num">24,490,000,000</td><td>yes</td><td>&lt;b&gt;</td></tr>\n'
        '<tr><th scope="row">C</th><td>–</td><td class="num">–</td><td class="num">–</td>'
        "<td>no</td><td>–</td></tr>\n</tbody>\n</table>"
    )
    assert "loss (US$ bn)" in got.plain and "−592.7" in got.plain


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"caption": ""}, "needs caption="),
        ({"formats": {"b": "{}"}}, "no column 'b'"),
        ({"df": pd.DataFrame({"a": []})}, "has no rows"),
    ],
)
def test_a_table_that_says_nothing_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        charts.show(**{"df": pd.DataFrame({"a": [1]}), "caption": "A.", **changes})


def test_no_two_colours_of_the_dark_page_are_confused():
    assert len(set(theme.DARK)) == len(set(theme.DARK.values()))
    assert all(a.upper() == a for a in itertools.chain(theme.DARK, theme.DARK.values()))
