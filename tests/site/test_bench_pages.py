"""The parts of the page benchmark that can be told without a stop watch."""

import json

import pytest
import sample

from shockbook import charts


@pytest.fixture
def bench(bench_pages):
    return bench_pages


def task(start, spent, name="ThreadControllerImpl::RunTask"):
    return {"name": name, "tid": 1, "ts": start, "dur": 2 * spent, "tdur": spent}


def test_blocking_counts_what_is_beyond_fifty_after_the_first_paint(bench, tmp_path):
    events = [
        {"name": "thread_name", "tid": 1, "args": {"name": "CrRendererMain"}},
        task(0, 400_000),
        {"name": "firstContentfulPaint", "tid": 1, "ts": 900_000},
        task(1_000_000, 70_000),
        task(2_000_000, 130_000),
        task(3_000_000, 40_000),
        {**task(4_000_000, 500_000), "tid": 2},
    ]
    path = tmp_path / "trace.json"
    path.write_text(json.dumps({"traceEvents": events}), "utf-8")
    assert bench.blocking(path) == pytest.approx(20 + 80)


def test_default_renderer_takes_the_place_of_the_chart(bench):
    notebook = sample.notebook([("a", "x")])
    spec = {
        "data": {"values": [{"x": 1}]},
        "mark": "bar",
        "encoding": {"x": {"field": "x", "type": "quantitative"}},
        "usermeta": {"shockbook": {"name": "fig-x", "fluid": True}},
    }
    output = {"output_type": "display_data", "metadata": {}, "data": {charts.MIME: spec}}
    notebook.cells[0].outputs = [output]
    bench.default_outputs(notebook)
    text = notebook.cells[0].outputs[0]["data"]["text/html"]
    assert "altair-viz" in text and "/npm/vega-embed@7" in text
    assert charts.MIME not in notebook.cells[0].outputs[0]["data"]
