"""Monte Carlo: priors against scipy's distributions, determinism and tornado."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shockbook import cost

U = np.linspace(0.001, 0.999, 101)


def product(a, b):
    return a * b


PRIORS = {"a": cost.Uniform(1, 3), "b": cost.Triangular(5, 10, 20)}


def test_priors_are_the_textbook_distributions():
    assert np.allclose(cost.Uniform(2, 5).ppf(U), stats.uniform(2, 3).ppf(U))
    triangular = stats.triang(0.25, loc=2, scale=4)
    assert np.allclose(cost.Triangular(2, 3, 6).ppf(U), triangular.ppf(U))


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0.1, 10))
def test_triangular_stays_within_its_ends(low, left, right):
    prior = cost.Triangular(low, low + left, low + left + right)
    values = prior.ppf(np.linspace(0, 1, 21))
    assert (np.diff(values) >= -1e-12).all()
    assert values[0] == pytest.approx(low) and values[-1] == pytest.approx(low + left + right)


def test_same_seed_same_draws_and_another_seed_others():
    one, two = (cost.simulate(product, PRIORS, 500, seed=7) for _ in range(2))
    assert one.equals(two)
    assert not one.equals(cost.simulate(product, PRIORS, 500, seed=8))


def test_another_prior_leaves_the_other_draws_alone():
    one = cost.simulate(product, PRIORS, 200)
    two = cost.simulate(product, {"b": cost.Triangular(10, 20, 60), "a": PRIORS["a"]}, 200)
    assert (one["a"] == two["a"]).all() and (one["b"] != two["b"]).all()


def test_inputs_are_drawn_independently():
    draws = cost.simulate(product, {"a": cost.Uniform(0, 1), "b": cost.Uniform(0, 1)}, 20_000)
    assert abs(np.corrcoef(draws["a"], draws["b"])[0, 1]) < 0.03
    assert draws["result"].mean() == pytest.approx(0.25, abs=0.01)


def test_product_of_uniforms_has_the_known_distribution():
    priors = {"a": cost.Uniform(0, 1), "b": cost.Uniform(0, 1)}
    at = [0.05, 0.5, 0.95]
    found = cost.quantiles(cost.simulate(product, priors, 200_000)["result"], at).to_numpy()
    # The product of two uniforms lies below z with probability z (1 - ln z).
    assert found * (1 - np.log(found)) == pytest.approx(at, abs=0.003)


def test_tornado_swings():
    table = cost.tornado(product, {"a": cost.Uniform(0, 10), "b": cost.Uniform(4.9, 5.1)})
    assert table["input"].tolist() == ["a", "b"]
    assert table["swing"].to_numpy() == pytest.approx([9 * 5, 0.18 * 5])
    assert (table["base_result"] == 25).all()


def test_cases_share_their_draws_and_differ_by_their_priors():
    narrow = {**PRIORS, "b": cost.Triangular(9, 10, 12)}
    found = cost.compare(product, {"wide": PRIORS, "narrow": narrow, "again": PRIORS}, above=30)
    alone = cost.simulate(product, PRIORS)["result"]
    assert list(found.loc["wide"]) == [*np.quantile(alone, [0.05, 0.5, 0.95]), (alone > 30).mean()]
    assert found.loc["wide"].equals(found.loc["again"].rename("wide"))
    assert found.loc["narrow", "share_above"] < found.loc["wide", "share_above"]
    assert found.loc["narrow", "low"] > found.loc["wide", "low"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: cost.Uniform(3, 3), "low < high"),
        (lambda: cost.Triangular(1, 5, 4), "low <= mode <= high"),
        (lambda: cost.simulate(product, {}), "no prior"),
        (lambda: cost.compare(product, {}, 1), "no case"),
        (lambda: cost.simulate(product, PRIORS, 0), "at least 1 draw"),
        (lambda: cost.quantiles([]), "no draw"),
        (lambda: cost.quantiles([1.0], [5]), "share"),
        (lambda: cost.quantiles([1.0, np.nan]), "a draw is missing"),
        (lambda: cost.compare(lambda **x: np.nan, {"x": PRIORS}, 1), "a draw is missing"),
        (lambda: cost.tornado(product, PRIORS, 0.9, 0.1), "low < high"),
        (lambda: cost.tornado(lambda **x: np.nan, PRIORS), "a result holds a missing"),
        (lambda: cost.Uniform(0, np.inf), "uniform prior holds a missing or infinite"),
        (lambda: cost.Uniform("a", 2), "uniform prior must be a number"),
        (lambda: cost.Triangular(0, 1, np.inf), "triangular prior holds a missing or infinite"),
        (lambda: cost.simulate(product, {**PRIORS, "y": 2.0}), "y is 2.0, no prior"),
        (lambda: cost.simulate(product, PRIORS, 10.5), "a whole number, but is 10.5"),
        (lambda: cost.simulate(lambda **x: [1, 2], PRIORS, 3), "one number for each draw"),
        (
            lambda: cost.simulate(lambda result: result, {"result": cost.Uniform(0, 1)}),
            "no input is `result`",
        ),
    ],
)
def test_bad_input_says_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_one_quantile_is_a_quantile():
    assert cost.quantiles([1.0, 3.0], 0.5).to_dict() == {0.5: 2.0}
