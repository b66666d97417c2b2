"""The FLOP budget: against published counts and utilisations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shockbook import cost

HOURS = 2_664_000  # V3 pre-training, table 1 of the report
H800_BF16, H800_FP8 = 989, 1979  # dense TFLOPS

flop = st.floats(1e18, 1e27)
hours = st.floats(1e3, 1e9)


def test_6nd_of_v3_and_llama():
    # d10 and d17: Epoch prints 3.29e24 and 3.8e25
    assert cost.training_flop(37e9, 14.8e12) == pytest.approx(3.29e24, rel=2e-3)
    assert cost.training_flop(405e9, 15.6e12) == pytest.approx(3.8e25, rel=3e-3)


def test_v3_utilisation_is_the_published_one():
    # d13, d14 and d15: DeepSeek's ISCA paper prints 385 TFLOPS and 38.94% of BF16
    tflops = cost.achieved_tflops(cost.reported_flop(250e9, 14.8e12), HOURS)
    assert tflops == pytest.approx(385, abs=1)
    assert cost.utilisation(tflops, H800_BF16) == pytest.approx(0.3894, abs=1e-3)
    assert cost.utilisation(tflops, H800_FP8) == pytest.approx(0.1947, abs=1e-3)


def test_6nd_gives_less():
    # d11 and d12
    tflops = cost.achieved_tflops(cost.training_flop(37e9, 14.8e12), HOURS)
    assert tflops == pytest.approx(342.593, abs=1e-3)
    assert cost.utilisation(tflops, H800_BF16) == pytest.approx(0.346403, abs=1e-6)


@given(st.floats(0.01, 1e5), hours, st.floats(0.01, 1))
def test_hours_needed_inverts_utilisation(peak, h, u):
    f = peak * u * 1e12 * h * 3600
    assert cost.utilisation(cost.achieved_tflops(f, h), peak) == pytest.approx(u, rel=1e-9)
    assert cost.gpu_hours_needed(f, peak, u) == pytest.approx(h, rel=1e-9)


@given(flop, hours, st.floats(1.01, 100))
def test_more_hours_mean_less_speed(f, h, k):
    assert cost.achieved_tflops(f, k * h) < cost.achieved_tflops(f, h)


def test_table_has_every_pair():
    counts = {"6ND": cost.training_flop(37e9, 14.8e12), "reported": 250e9 * 14.8e12}
    table = cost.utilisation_table(counts, HOURS, {"BF16": H800_BF16, "FP8": H800_FP8})
    assert len(table) == 4
    assert np.allclose(table["utilisation"], table["tflops"] / table["peak_tflops"])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: cost.training_flop(37, 14.8e12), "active_parameters is 37.*37e9 for 37 billion"),
        (lambda: cost.training_flop(37e9, 14.8), "tokens is 14.8"),
        (lambda: cost.reported_flop(250, 14.8e12), "250e9 for 250 GFLOP"),
        (lambda: cost.utilisation(385, 0), "peak_tflops must be above zero"),
        (lambda: cost.utilisation(385e12, 989), "no chip can do"),
        (lambda: cost.utilisation(385, 989e12), "peak_tflops is 9.89e.14.*too large: give TFLOPS"),
        (lambda: cost.utilisation(385, 989e3), "peak_tflops is 989000.*too large: give TFLOPS"),
        (lambda: cost.utilisation(3e-10, 989), "3.03e-13 times the peak, which no run would bear"),
        (lambda: cost.gpu_hours_needed(1e24, 989e12, 0.3), "too large: give TFLOPS"),
        (
            lambda: cost.training_flop(37e18, 14.8e12),
            "3.7e.19, which is too large: give the number",
        ),
        (lambda: cost.training_flop(37e9, 14.8e24), "tokens is 1.48e.25, which is too large"),
        (lambda: cost.reported_flop(250e18, 14.8e12), "too large: give FLOP, 250e9 for 250 GFLOP"),
        (lambda: cost.utilisation(1200, 989), "1.21 times the peak"),
        (lambda: cost.achieved_tflops(1e24, 0), "gpu_hours must be above zero"),
        (lambda: cost.gpu_hours_needed(1e24, 989, 39), "write 30 per cent as 0.30"),
        (lambda: cost.gpu_hours_needed(1e24, 989, 0), "above zero"),
        (lambda: cost.utilisation_table({}, 1, {}), "at least one count"),
    ],
)
def test_bad_units_say_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()
