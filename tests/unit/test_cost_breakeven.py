"""Own hosting against an API: DeepSeek's published serving figures, and the properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shockbook import cost

rent = st.floats(0.1, 20)
speed = st.floats(10, 1e5)
api = st.floats(0.01, 100)


def test_deepseek_serving_day():
    # d23: 226.75 nodes of 8 H800 at $2 an hour are $87,072 a day (inference overview, 2025)
    daily = cost.node_cost(8, 2.0) / cost.HOURS_PER_MONTH * 24 * 226.75
    assert daily == pytest.approx(87_072)


def test_blended_prices():
    # d26, d27, d28: Epoch's three input tokens to one output token
    assert cost.blended_price(0.27, 1.10) == pytest.approx(0.4775)
    assert cost.blended_price(30, 60) == pytest.approx(37.5)
    assert cost.blended_price(2.5, 10) == pytest.approx(4.375)


@given(rent, speed, api)
def test_at_break_even_both_bills_are_equal(r, s, p):
    node = cost.node_cost(8, r)
    tokens = cost.break_even_tokens(node, p)
    assert tokens / 1e6 * p == pytest.approx(node)
    share = cost.break_even_utilisation(node, p, s)
    if 0 < share <= 1:
        assert cost.monthly_tokens(s, share) == pytest.approx(tokens)
        assert node / cost.monthly_tokens(s, share) * 1e6 == pytest.approx(p)


def test_sensitivity_marks_what_one_node_cannot_do():
    grid = cost.sensitivity(8, [2.0, 4.0], [100, 10_000], [0.5, 8.0])
    assert len(grid) == 8
    slow = grid[(grid["tokens_per_second"] == 100) & (grid["api_usd_per_m_tokens"] == 0.5)]
    assert not slow["possible"].any()
    assert (grid["possible"] == (grid["utilisation"] <= 1)).all()
    doubled = grid.groupby(["tokens_per_second", "api_usd_per_m_tokens"])["tokens_per_month"]
    assert np.allclose(doubled.max() / doubled.min(), 2)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: cost.node_cost(0, 2), "gpus must be above zero"),
        (lambda: cost.node_cost(8, 2, -1), "other_usd may not be negative"),
        (lambda: cost.monthly_tokens(100, 60), "write 30 per cent as 0.30"),
        (lambda: cost.break_even_tokens(1000, 0), "api_usd_per_m_tokens must be above zero"),
        (lambda: cost.blended_price(-1, 2), "input_usd_per_m may not be negative"),
        (lambda: cost.sensitivity(8, [], [1], [1]), "usd_per_gpu_hour is empty"),
        (lambda: cost.node_cost(8, 2e6), "too large: give dollars for one GPU and one hour"),
        (lambda: cost.break_even_tokens(1000, 5e-7), "5e-07.*too small: give dollars per million"),
    ],
)
def test_bad_input_says_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_one_value_of_each_is_a_table_too():
    one = cost.sensitivity(8, 2, 1000, 0.5)
    assert one.equals(cost.sensitivity(8, [2], [1000], [0.5])) and len(one) == 1
