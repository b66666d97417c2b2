"""Forecasts with intervals, against statsmodels and against series whose truth is known."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from shockbook import cost

Y = np.array([14.3, 17.4, 18.3, 19.0, 20.1, 20.8, 25.1, 29.1, 27.4, 30.8, 32.7, 36.6, 35.5])


def by_statsmodels(y, steps, period, level):
    """statsmodels' interval for new observations, with the same regressors built another way."""
    n = len(y)
    frame = pd.DataFrame({"t": np.arange(n + steps), "s": np.arange(n + steps) % period})
    x = pd.get_dummies(frame["s"], dtype=float, drop_first=True)
    x = sm.add_constant(pd.concat([frame["t"].astype(float), x], axis=1))
    x.columns = x.columns.astype(str)
    found = sm.OLS(y, x[:n]).fit().get_prediction(x[n:]).summary_frame(alpha=1 - level)
    return found[["mean", "obs_ci_lower", "obs_ci_upper"]].to_numpy()


@pytest.mark.parametrize("period", [1, 4])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_line_agrees_with_statsmodels(period, level):
    ours = cost.line_forecast(Y, 6, period=period, level=level)
    theirs = by_statsmodels(Y, 6, period, level)
    np.testing.assert_allclose(ours[["fit", "low", "high"]], theirs, rtol=1e-10)
    assert list(ours["step"]) == [1, 2, 3, 4, 5, 6]


def test_log_line_is_the_line_of_the_logarithm():
    ours = cost.line_forecast(Y, 3, log=True)
    theirs = np.exp(by_statsmodels(np.log(Y), 3, 1, 0.95))
    np.testing.assert_allclose(ours[["fit", "low", "high"]], theirs, rtol=1e-10)


@pytest.mark.parametrize("log", [False, True])
def test_drift_agrees_with_statsmodels(log):
    """The mean step is a regression on a constant: h steps carry h noises and h times its error."""
    y = np.log(Y) if log else Y
    fit = sm.OLS(np.diff(y), np.ones(len(y) - 1)).fit()
    h = np.arange(1, 7)
    se = np.sqrt(h * fit.mse_resid + (h * fit.bse[0]) ** 2)
    t = (fit.conf_int()[0, 1] - fit.params[0]) / fit.bse[0]
    middle = y[-1] + h * fit.params[0]
    wanted = np.column_stack([middle, middle - t * se, middle + t * se])
    ours = cost.drift_forecast(Y, 6, log=log)[["fit", "low", "high"]]
    np.testing.assert_allclose(ours, np.exp(wanted) if log else wanted, rtol=1e-10)


@pytest.mark.parametrize("name", ["line", "walk"])
def test_interval_holds_its_share_of_new_observations(name):
    """On series of the form that each assumes, 95 in 100 intervals hold the truth."""
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(2000):
        noise = rng.normal(size=18)
        y = 3 + 0.5 * np.arange(18) + (noise if name == "line" else noise.cumsum())
        make = cost.line_forecast if name == "line" else cost.drift_forecast
        end = make(y[:12], 6).iloc[-1]
        inside.append(end["low"] <= y[17] <= end["high"])
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)


def test_rolling_origin_uses_only_what_was_known():
    seen = []

    def naive(values, steps):
        seen.append((len(values), steps))
        return pd.DataFrame({"step": np.arange(1, steps + 1), "fit": values[-1],
                             "low": values[-1] - 1, "high": values[-1] + 1})  # fmt: skip

    out = cost.rolling_origin([1, 2, 4, 4, 9], naive, first=2, steps=2)
    assert seen == [(2, 2), (3, 2), (4, 1)]
    assert list(out["actual"]) == [4, 4, 4, 9, 9]
    assert list(out["inside"]) == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cost.line_forecast([1, 2], 1), "needs 3 values, not 2"),
        (lambda: cost.line_forecast(Y, 0), "steps must be at least 1"),
        (lambda: cost.line_forecast(Y, 1, period=0), "period must be at least 1"),
        (lambda: cost.line_forecast(Y, 1.5), "a whole number, but is 1.5"),
        (lambda: cost.rolling_origin(Y, cost.drift_forecast, 3.5, 1), "whole number, but is 3.5"),
        (lambda: cost.line_forecast([1, 0, 2, 3], 1, log=True), "above zero"),
        (lambda: cost.line_forecast([1, np.nan, 2], 1), "missing"),
        (lambda: cost.line_forecast(Y, 1, level=95), "between 0 and 1"),
        (lambda: cost.drift_forecast([1, 2], 1), "at least three values"),
        (lambda: cost.rolling_origin(Y, cost.drift_forecast, 13, 1), "between 1 and 12"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
