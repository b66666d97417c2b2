"""The account of a run: against DeepSeek's published table, and the properties it must have."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shockbook import cost

# Table 1 of the DeepSeek-V3 report and table 7 of the R1 paper: GPU-hours by stage.
V3 = {"pre-training": 2_664_000, "context extension": 119_000, "post-training": 5_000}
R1 = {"R1-Zero": 101_000, "SFT data": 5_000, "R1": 41_000}

hours = st.floats(0, 1e9)
price = st.floats(0, 100)


def test_v3_and_r1_accounts_give_the_published_dollars():
    v3, r1 = cost.account(V3, 2.0), cost.account(R1, 2.0)
    assert v3["gpu_hours"].sum() == 2_788_000
    assert v3["dollars"].tolist() == [5_328_000, 238_000, 10_000]
    assert v3["dollars"].sum() == 5_576_000
    assert r1["dollars"].tolist() == [202_000, 10_000, 82_000]
    assert r1["dollars"].sum() == 294_000


def test_overhead_share_is_a_share_of_the_whole_bill():
    assert cost.rental_cost(2_788_000, 2.0, overhead_share=0.9) == pytest.approx(55_760_000)
    assert cost.rental_cost(100, 2.0, overhead_share=0.0) == 200


@given(hours, price, st.floats(0, 1000))
def test_scaling_hours_scales_dollars(h, p, k):
    assert cost.rental_cost(k * h, p) == pytest.approx(k * cost.rental_cost(h, p), rel=1e-9)


@given(hours, price, st.floats(0, 0.98), st.floats(0.001, 0.01))
def test_more_overhead_never_costs_less(h, p, s, more):
    assert cost.rental_cost(h, p, s + more) >= cost.rental_cost(h, p, s)


@given(st.dictionaries(st.text(min_size=1), hours, min_size=1, max_size=6), price, st.randoms())
def test_order_of_stages_does_not_matter(stages, p, rng):
    names = list(stages)
    rng.shuffle(names)
    one = cost.account(stages, p).set_index("stage")["dollars"]
    two = cost.account({k: stages[k] for k in names}, p).set_index("stage")["dollars"]
    pd.testing.assert_series_equal(one, two.reindex(one.index))


def test_price_by_stage():
    frame = cost.account({"a": 10, "b": 20}, {"b": 3.0, "a": 1.0})
    assert frame["dollars"].tolist() == [10, 60]
    assert frame["share"].tolist() == pytest.approx([1 / 7, 6 / 7])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: cost.rental_cost(-1, 2), "gpu_hours may not be negative"),
        (lambda: cost.rental_cost(1, -2), "usd_per_gpu_hour may not be negative"),
        (lambda: cost.rental_cost(float("nan"), 2), "missing"),
        (lambda: cost.rental_cost("many", 2), "must be a number"),
        (lambda: cost.rental_cost(1, 2, 1.0), "overhead_share is a share and must be below 1"),
        (lambda: cost.rental_cost(1, 2, 30), "write 30 per cent as 0.30"),
        (lambda: cost.account({}, 2), "no stage"),
        (lambda: cost.account(pd.Series([1, 2], index=["a", "a"]), 2), "named twice"),
        (lambda: cost.account({"a": 1, "b": 2}, {"a": 2}), "'b' has no price"),
        (lambda: cost.account({"a": 1}, pd.Series([1, 2], index=["a", "a"])), "named twice"),
        (lambda: cost.account({"a": 1, "b": "x"}, 2), r"gpu_hours must be .* not \[1, 'x'\]"),
        (lambda: cost.account({"a": 1}, "2 USD"), "usd_per_gpu_hour must be a number"),
        (lambda: cost.rental_cost(2.788e6, 2e6), "2e.06, which is too large: give dollars for one"),
    ],
)
def test_bad_input_says_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()
