"""The same marks in several states: one order for all, no dot on another."""

import importlib

import altair as alt
import numpy as np
import pandas as pd
import pytest

from shockbook import charts

module = importlib.import_module("shockbook.charts.steps")  # the name is the function's too


@pytest.fixture(autouse=True)
def _style():
    charts.enable()
    yield
    alt.data_transformers.enable("default")
    alt.renderers.enable("default")


@pytest.fixture
def dots():
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"who": [f"w{i:03d}" for i in range(120)], "move": rng.normal(size=120)})
    table["size"] = np.exp(rng.normal(size=120))
    return table.assign(side=np.where(table["move"] < 0, "fell", "rose"))


def gaps(x, y, r):
    """The least way between two circles' edges."""
    away = np.hypot(x[:, None] - x, y[:, None] - y) - r[:, None] - r
    return away[~np.eye(len(x), dtype=bool)].min()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 60])
def test_packed_circles_touch_and_do_not_overlap(count):
    radii = np.exp(np.random.default_rng(count).normal(size=count))
    x, y = module._pack(radii)
    if count > 1:
        assert gaps(x, y, radii) >= -1e-9
    reach = (np.hypot(x, y) + radii).max()
    assert (radii**2).sum() / reach**2 > (0.55 if count > 30 else 0.3)


def test_a_heap_keeps_dots_apart_or_says_that_it_cannot():
    at = np.sort(np.random.default_rng(1).normal(size=200)) * 60
    out = module._heap(at, 3.0, 120)
    assert gaps(at, out, np.full(200, 3.0)) >= -1e-6
    assert module._heap(at, 3.0, 5) is None


def test_steps_hold_every_dot_in_one_order(dots):
    shuffled = dots.sample(frac=1, random_state=2)
    made = charts.steps(
        [lambda: charts.swarm(shuffled, "move", key="who"),
         lambda: charts.packed(dots, "size", key="who")],
        "fig-s", key="who", label="side",
    )  # fmt: skip
    spec = made._repr_mimebundle_()[0][charts.MIME]
    page, phone = module.split(spec)
    assert len(page) == len(phone) == 2
    for one in (*page, *phone):
        assert charts.svg(charts.view(one, "wide"), "x").count("<path") > 120
    kept = [t for t in {**spec["datasets"], **charts.meta(spec)["steps"]["datasets"]}.values()
            if t.split("\n")[0].startswith("who,")]  # fmt: skip
    assert len(kept) == 4
    for table in kept:
        assert [row.split(",")[0] for row in table.splitlines()[1:]] == list(dots["who"])
    assert charts.meta(spec)["labels"] == list(dots.sort_values("who", kind="stable")["side"])
    assert charts.table_csv(spec).split("\n")[0].startswith("who,")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda d: d.head(100), "do not hold the same whos"),
        (lambda d: pd.concat([d, d.head(1)]), "each who once"),
        (lambda d: d.rename(columns={"who": "name"}), "each who once"),
    ],
)
def test_steps_of_other_marks_are_refused(dots, other, message):
    table = other(dots)
    with pytest.raises(ValueError, match=message):
        charts.steps(
            [lambda: charts.swarm(dots, "move", key="who"), lambda: charts.swarm(table, "move")],
            "fig-s", key="who",
        )  # fmt: skip
