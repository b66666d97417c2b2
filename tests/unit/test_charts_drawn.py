"""What is drawn: every layer whichever tables the layers share, and words as they are."""

import altair as alt
import pandas as pd
import pytest

from shockbook import charts
from shockbook.charts import render


@pytest.fixture(autouse=True)
def _style():
    charts.enable()
    yield
    alt.data_transformers.enable("default")
    alt.renderers.enable("default")


def drawn(chart) -> str:
    return render.svg(render.own_data(chart.to_dict()), "t")


@pytest.fixture
def closes():
    return pd.DataFrame({"date": pd.date_range("2025-01-20", periods=9), "close": range(9)})


def test_a_rule_is_drawn_over_layers_that_share_a_table(closes):
    base = alt.Chart(closes).encode(x="date:T", y="close:Q")
    chart = base.mark_line() + base.mark_circle() + charts.event_rule("2025-01-27")
    assert drawn(chart).count("stroke-dasharray") == 1


def test_a_shared_table_beside_another_keeps_its_dates(closes):
    marks = alt.Chart(closes.head(3)).encode(x="date:T", y="close:Q")
    line = alt.Chart(closes).mark_line().encode(x="date:T", y="close:Q")
    dots = marks.mark_circle(color="#123456")
    words = marks.mark_text(color="#654321").encode(text="close:Q")
    text = drawn(line + dots + words)
    assert text.count('fill="#123456"') == 3
    assert text.count('fill="#654321"') == 3


def test_days_stay_days_in_the_table_for_people(closes):
    text, parse = render.to_csv(closes)
    assert parse["date"] == "date" and "2025-01-20T00:00:00" in text
    spec = {"usermeta": {"shockbook": {}}, "datasets": {"a": text}}
    assert "2025-01-20,0\n" in render.table_csv(spec)


def test_words_in_a_drawing_keep_their_decimals():
    frame = pd.DataFrame({"x": [1.23456], "word": ["5.576"]})
    text = drawn(alt.Chart(frame).mark_text().encode(x="x:Q", text="word:N"))
    assert ">5.576<" in text


def test_bars_take_words_in_place_of_values():
    frame = pd.DataFrame({"who": ["a", "b"], "all": [40, 671], "said": ["13 of 40", "37 of 671"]})
    text = drawn(charts.bars(frame, "all", "who", words="said"))
    assert ">37 of 671<" in text and ">671<" not in text
