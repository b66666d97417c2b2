"""Colours that stay apart, words that find their place, axes that choose their ticks."""

import itertools
import re
import subprocess
import sys

import altair as alt
import nbformat
import numpy as np
import pandas as pd
import pytest

from shockbook import charts
from shockbook.charts import axes, layout, placing, render, theme


@pytest.fixture(autouse=True)
def _style():
    charts.enable()
    yield
    alt.data_transformers.enable("default")
    alt.renderers.enable("default")


def stored(chart):
    return charts.figure(chart, "fig-x")._repr_mimebundle_()[0][charts.MIME]


def drawn(chart, width="wide") -> str:
    return charts.svg(charts.view(stored(chart), width), "t")


# ------------------------------------------------------------------ colours
#: Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                [0.0193339, 0.1191920, 0.9503041]]) / [[0.95047], [1.0], [1.08883]]  # fmt: skip


def lab(colour, sight):
    """CIE Lab (D65) of a colour as someone sees it."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    x, y, z = XYZ @ np.clip(np.array(SIGHT[sight]) @ linear, 0, 1)
    f = [v ** (1 / 3) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one, other):
    """Distance CIEDE2000 (Sharma, Wu and Dalal 2005)."""
    c1, c2 = (np.hypot(*v[1:]) for v in (one, other))
    g = 0.5 * (1 - np.sqrt(((c1 + c2) / 2) ** 7 / (((c1 + c2) / 2) ** 7 + 25**7)))
    a1, a2 = one[1] * (1 + g), other[1] * (1 + g)
    c1, c2 = np.hypot(a1, one[2]), np.hypot(a2, other[2])
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for b, a in ((one[2], a1), (other[2], a2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0
    across = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    light, chroma = (one[0] + other[0]) / 2, (c1 + c2) / 2
    hue = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    turns = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.2, 4, -63))
    t = 1 + sum(part * np.cos(np.radians(times * hue + by)) for part, times, by in turns)
    sl = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rt = (-np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
          * 2 * np.sqrt(chroma**7 / (chroma**7 + 25**7)))  # fmt: skip
    parts = (other[0] - one[0]) / sl, (c2 - c1) / sc, across / sh
    return np.sqrt(sum(p**2 for p in parts) + rt * parts[1] * parts[2])


def test_the_distance_is_that_of_the_published_pairs():
    pairs = [([50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425),
             ([50, 2.5, 0], [73, 25, -18], 27.1492), ([2.0776, 0.0795, -1.135],
             [0.9033, -0.0636, -0.5514], 0.9082)]  # fmt: skip
    for one, other, distance in pairs:
        assert apart(np.array(one), np.array(other)) == pytest.approx(distance, abs=1e-4)


@pytest.mark.parametrize("ground", [{}, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("pair", list(itertools.combinations(theme.NAMES, 2)), ids="-".join)
def test_any_two_colours_stay_apart_for_every_sight(pair, sight, ground):
    colours = (theme.NAMES[name] for name in pair)
    one, other = (lab(ground.get(colour, colour), sight) for colour in colours)
    assert apart(one, other) >= 12


# ------------------------------------------------------------------ axes
@pytest.mark.parametrize(
    ("first", "last", "width", "words"),
    [
        ("2025-01-21", "2025-01-31", 600, ["21 Jan", "22 Jan"]),
        ("2025-01-21", "2025-01-31", 300, ["21 Jan", "23 Jan"]),
        ("2024-12-02", "2025-02-28", 600, ["2 Dec", "16 Dec"]),
        ("2025-01-27", "2025-07-31", 600, ["Feb", "Mar"]),
        ("2024-11-15", "2026-01-10", 600, ["Jan 2025", "Apr 2025"]),
        ("1999-01-22", "2026-08-21", 600, ["2000", "2005"]),
    ],
)
def test_ticks_follow_span_and_width(first, last, width, words):
    days, form = axes.ticks(pd.Timestamp(first), pd.Timestamp(last), width)
    assert [day.strftime(form) for day in days[:2]] == words
    assert len(days) * 40 <= width


def days(count=60, start="2024-12-02"):
    table = pd.DataFrame({"date": pd.date_range(start, periods=count), "x": np.arange(count) + 1.0})
    return table.assign(series="one")


def test_a_phone_chooses_its_own_ticks_and_an_author_keeps_his():
    base = alt.Chart(days(89)).mark_line().encode(x="date:T", y="x:Q")
    spec = stored(base)
    wide = spec["encoding"]["x"]["axis"]["values"]
    narrow = charts.view(spec, "narrow")["encoding"]["x"]["axis"]["values"]
    assert wide[0] == {"year": 2024, "month": 12, "date": 2} and len(narrow) < len(wide)
    own = base.encode(x=alt.X("date:T", axis=alt.Axis(format="%Y")))
    assert "values" not in stored(own)["encoding"]["x"]["axis"]


def test_long_names_take_lines_and_their_rows_the_room():
    table = TABLE.assign(name=["V3", "V4-Flash-Vision, 21 August 2026", "a"])
    spec = stored(charts.bars(table, "value", "name"))
    wide, narrow = (charts.view(spec, width) for width in ("wide", "narrow"))
    assert wide["height"] == {"step": 24} and narrow["height"]["step"] > 30
    assert ">August 2026<" in charts.svg(narrow, "t").replace("tspan", "text")


def test_a_log_axis_is_marked_by_powers_of_ten_or_parts_of_them():
    table = pd.DataFrame({"x": [0.9, 40.0], "y": [0.2, 50_000.0]})
    scale = alt.Scale(type="log")
    chart = alt.Chart(table).mark_point().encode(alt.X("x", scale=scale), alt.Y("y", scale=scale))
    encoding = stored(chart)["encoding"]
    assert encoding["x"]["axis"]["values"] == [1, 3, 10, 30]
    assert encoding["y"]["axis"]["values"] == [1, 10, 100, 1000, 10_000]


@pytest.mark.parametrize(("day", "align"), [(0, "left"), (30, "center"), (59, "right")])
def test_words_of_an_event_lean_away_from_the_edge(day, align):
    table = days()
    chart = charts.lines(table, "date", "x") + charts.event_rule(table["date"][day], "here")
    assert f'text-anchor="{ {"left": "start", "center": "middle", "right": "end"}[align]}"' in next(
        t for t in drawn(chart).split("<text")[1:] if ">here<" in t)  # fmt: skip


# ------------------------------------------------------------------ words
def test_names_at_the_ends_move_apart_as_little_as_will_do():
    moved = placing.apart([0, 3, 100, 50], least=15)
    assert np.diff(np.sort(moved)).min() >= 15 - 1e-9
    assert list(moved[2:]) == [100, 50] and moved[:2].mean() == 1.5


def test_lines_that_end_together_have_names_apart():
    table = pd.concat([days().assign(series=s, x=lambda t, up=up: t["x"] + up)
                       for s, up in (("one", 0), ("two", 0.3), ("three", 0.6))])  # fmt: skip
    layers = charts.end_labels(table, "date", "x", "series").layer
    shown = {layer.data["series"].iloc[0]: layer.mark.dy for layer in layers}
    assert sorted(shown, key=shown.get) == ["three", "two", "one"]
    assert shown["one"] - shown["two"] > 12 and shown["two"] - shown["three"] > 12


def test_words_avoid_marks_and_one_another():
    x, y = np.array([10.0, 60, 110, 300]), np.array([50.0, 50, 50, 50])
    words = ["first", "a second", "third", "at the edge"]
    found = placing.sides(x, y, words, x, y, across=310, down=100)
    assert found[3].startswith("left")
    boxes = []
    for at_x, at_y, word, side in zip(x, y, words, found, strict=True):
        align, dx, dy = placing.SIDES[side]
        left = at_x + dx - {"left": 0, "right": 1, "center": 0.5}[align] * placing.width(word)
        boxes.append((left, at_y + dy - 7, left + placing.width(word), at_y + dy + 7))
    for one, other in itertools.combinations(boxes, 2):
        assert placing._overlap(one, other) == 0


def test_helpers_know_which_layout_they_draw_for():
    seen = []

    def make():
        seen.append(layout.now().name)
        return charts.lines(days(), "date", "x")

    charts.figure(make, "fig-x")
    assert seen == ["phone", "page"]
    assert layout.now() is layout.BOTH


# ------------------------------------------------------------------ kinds
TABLE = pd.DataFrame(
    {"name": ["b", "a", "c"], "value": [3.0, -1.5, 12.0], "low": [1.0, -3, 9], "high": [4.0, 0, 14]}
)


def test_bars_keep_their_order_and_say_their_values_with_a_true_minus():
    svg = drawn(charts.bars(TABLE, "value", "name", {"c": charts.FELL}, "{:+.1f}%"))
    assert svg.index(">b<") < svg.index(">a<") < svg.index(">c<")
    assert ">+12.0%<" in svg and ">\N{MINUS SIGN}1.5%<" in svg
    assert svg.count(charts.FELL) == 1 and svg.count(charts.GREY) == 2


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: charts.bars(TABLE, "value", "name"),
        lambda: charts.columns(days(5), "date", "x", title="number"),
        lambda: charts.scatter(TABLE, "low", "value", "name", {"c": charts.NVIDIA}),
        lambda: charts.dumbbells(TABLE, "low", "high", "name", words=("low", "high")),
        lambda: charts.ranges(TABLE, "value", "low", "high", "name"),
        lambda: charts.interval_dots(TABLE, "value", "low", "high", "name"),
        lambda: charts.strips(TABLE, "value", "name"),
        lambda: charts.histogram(TABLE, "value", 1, (charts.FELL, charts.ROSE), name="name",
                                 named=["a", "c"]),
        lambda: charts.waterfall(TABLE[TABLE["value"] > 0], "value", "name"),
        lambda: charts.panels({"One": charts.bars(TABLE, "value", "name"),
                               "Two": charts.bars(TABLE, "high", "name")}),
        lambda: charts.panels({  # long names beside bars, long names at the ends of lines
            "One": charts.bars(TABLE.assign(name=["some long name " + c for c in "abc"]),
                               "value", "name"),
            "Two": charts.lines(days().assign(series="a long series"), "date", "x", "series")},
            columns=1),
        lambda: charts.stacked(charts.lines(days(), "date", "x"),
                               charts.columns(days(), "date", "x"), heights=[170, 170]),
        lambda: charts.multiples(charts.lines(days(), "date", "x"), "series"),
        lambda: charts.band(days(), "date", "x", "x")
        + charts.stretch("2024-12-05", "2024-12-09", "s"),
        lambda: charts.closed_days(days()["date"], days()["date"][::2])
        + charts.columns(days(), "date", "x") + charts.value_rule(3, "three"),
    ],
)  # fmt: skip
def test_every_kind_fits_page_and_phone(make, width):
    spec = stored(make)
    left, top, across, down = map(float, charts.svg(charts.view(spec, width), "t").split(
        'viewBox="')[1].split('"')[0].split())  # fmt: skip
    assert across <= {"wide": 720, "narrow": 372}[width] and down < 900
    assert "_" not in charts.table_csv(spec).split("\n")[0]


def test_days_off_in_a_row_are_one_shade():
    week = pd.date_range("2025-01-17", "2025-01-27")
    shade = charts.closed_days(week, week[week.day_of_week < 5])
    assert list(shade.data["from"].dt.day) == [17, 24] and list(shade.data["to"].dt.day) == [19, 26]


def test_a_menu_shows_the_rows_chosen():
    two = pd.concat([days().assign(series="one"), days().assign(series="two")])
    spec = stored(charts.choose(charts.lines(two, "date", "x"), "series", "Share", "two"))
    (menu,) = [p for p in spec["params"] if "bind" in p]
    assert menu["bind"]["options"] == ["one", "two"] and menu["value"] == "two"
    assert "filter" in str(spec["transform"]) and charts.is_live(spec)
    with pytest.raises(ValueError, match="holds the column 'nothing'"):
        charts.choose(charts.lines(two, "date", "x"), "nothing", "Share")


def test_words_at_bars_fit_the_phone_though_the_chart_is_made_once():
    table = TABLE.assign(words=["a value in a good many words"] * 3)
    spec = stored(charts.bars(table, "value", "name", words="words"))
    high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"][1]
    room = (1 - 12 / high) * placing.least(TABLE["name"])
    assert room > placing.width(table["words"][0])


# ------------------------------------------------------------------ pictures
def test_a_picture_is_tied_to_its_chart_whoever_writes_the_numbers():
    bundle, _ = charts.figure(charts.lines(days(), "date", "x"), "fig-x")._repr_mimebundle_()
    assert charts.is_pictured(bundle)
    assert render.digest({"a": 17.0, "b": 0.5}) == render.digest({"a": 17, "b": 0.5})
    assert render.digest({"a": 17.5}) != render.digest({"a": 17})


def test_a_chart_run_again_elsewhere_shows_its_picture(tmp_path):
    cell = nbformat.v4.new_code_cell(
        "import pandas as pd\nfrom shockbook import charts\ncharts.enable()\n"
        'table = pd.DataFrame({"name": ["a", "b"], "value": [1, 2]})\n'
        'charts.figure(charts.bars(table, "value", "name"), "fig-elsewhere")'
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "one.ipynb")
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--execute", "--to", "html"]
    subprocess.run([*command, "one.ipynb"], cwd=tmp_path, check=True, capture_output=True)
    text = (tmp_path / "one.html").read_text("utf-8")
    assert text.count('src="data:image/png') == 1 and "fig-elsewhere" in text


def test_jupyterlab_gets_inks_of_its_own():
    bundle, told = charts.figure(charts.lines(days(), "date", "x"), "fig-x")._repr_mimebundle_()
    options = told[charts.MIME]["embed_options"]
    assert options["renderer"] == "svg" and options["config"]["background"] == "transparent"
    assert options["config"]["axis"]["labelColor"].startswith("var(--jp-")
    assert "labelColor" not in bundle[charts.MIME]["config"]["axis"]
    assert render.inked({}, theme.LIGHT)["config"]["axis"]["labelColor"] == theme.MUTED


def test_names_of_several_lines_stand_in_the_middle_of_their_rows():
    name = "a name of so many words that a phone breaks it"
    svg = drawn(lambda: charts.bars(pd.DataFrame({"name": [name, "b"], "x": [1, 2]}), "x", "name"),
                "narrow")  # fmt: skip
    label = r'<text text-anchor="end" transform="translate\([-\d.]+,([\d.]+)\)"[^>]*>%s</text>'
    lines = re.search(label % "((?:<tspan.*?</tspan>)+)", svg)
    height, parts = float(lines[1]), lines[2].count("<tspan")
    assert parts > 1
    assert height + 7 * (parts - 1) + 14 * parts + 6 == float(re.search(label % "b", svg)[1])
