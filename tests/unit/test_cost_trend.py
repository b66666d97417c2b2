"""The log-linear trend: against statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from shockbook import cost


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(5)
    dates = pd.to_datetime("2019-01-01") + pd.to_timedelta(rng.integers(0, 2200, 40), unit="D")
    values = 10 ** (5 + 0.4 * cost.decimal_year(dates) - 7 + rng.normal(0, 0.5, 40))
    return dates, values


def test_line_and_intervals_are_those_of_statsmodels(points):
    dates, values = points
    trend = cost.fit_trend(dates, values)
    x = cost.decimal_year(dates)
    reference = sm.OLS(np.log10(values), sm.add_constant(x)).fit()
    assert trend.slope == pytest.approx(reference.params[1])

    later = pd.to_datetime(["2018-01-01", "2022-06-30", "2027-01-01"])
    frame = reference.get_prediction(
        np.column_stack([np.ones(3), cost.decimal_year(later)])
    ).summary_frame(alpha=0.20)
    found = trend.predict(later, level=0.80)
    assert np.allclose(found["fit"], 10 ** frame["mean"])
    assert np.allclose(found["low"], 10 ** frame["obs_ci_lower"])
    assert np.allclose(found["high"], 10 ** frame["obs_ci_upper"])


def test_position_agrees_with_the_interval(points):
    trend = cost.fit_trend(*points)
    edge = trend.predict("2025-01-27", level=0.90)
    low = trend.position("2025-01-27", edge["low"].iloc[0])
    assert low["below"] == pytest.approx(0.05)
    assert low["ratio"] == pytest.approx(edge["low"].iloc[0] / edge["fit"].iloc[0])
    assert trend.position("2025-01-27", edge["fit"].iloc[0])["t"] == pytest.approx(0, abs=1e-9)


def test_exact_growth_and_halving():
    dates = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2024-01-01"])
    years = cost.decimal_year(dates)
    assert cost.fit_trend(dates, 3.0**years).annual_factor == pytest.approx(3)
    assert cost.fit_trend(dates, 0.25**years).halving_years == pytest.approx(0.5)


@given(st.floats(1e-3, 1e3))
def test_unit_of_the_value_does_not_change_the_growth(factor):
    dates = pd.to_datetime(["2020-01-01", "2021-03-01", "2022-01-01", "2024-01-01"])
    values = np.array([1.0, 4.0, 3.0, 20.0])
    one, two = cost.fit_trend(dates, values), cost.fit_trend(dates, factor * values)
    assert two.annual_factor == pytest.approx(one.annual_factor)
    assert two.sd == pytest.approx(one.sd)


def test_frontier_looks_back_only():
    dates = pd.to_datetime(["2022-01-01", "2020-01-01", "2021-01-01", "2023-01-01"])
    assert cost.frontier(dates, [5, 1, 3, 4]).tolist() == [True, True, True, False]
    assert cost.frontier(dates, [5, 1, 3, 4], top=2).tolist() == [True] * 4


def test_decimal_year_counts_days():
    assert cost.decimal_year("2000-01-01")[0] == 0
    assert cost.decimal_year(["2001-01-01"])[0] == pytest.approx(366 / 365.25)


def test_a_date_in_every_dress():
    text = ["2020-01-02", "2020-02-02", "2021-01-01"]
    stamps = pd.to_datetime(text)
    zones = [pd.Timestamp(text[0], tz="Asia/Tokyo"), pd.Timestamp(text[1], tz="UTC"), stamps[2]]
    for dates in (
        *(stamps, pd.Series(stamps), list(stamps.date), stamps.to_numpy(), zones),
        *(stamps.tz_localize("UTC"), stamps.strftime("%Y%m%d"), stamps.strftime("%Y-%m-%dT00:00Z")),
        *([text[0], "2020-02-02", "2021"], [stamps[0], text[1], np.datetime64("2021-01-01")]),
    ):
        np.testing.assert_array_equal(cost.decimal_year(dates), cost.decimal_year(text))
        trend = cost.fit_trend(dates, [1, 3, 2])
        assert list(trend.predict(dates)["date"]) == list(stamps)


DAYS = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: cost.fit_trend(DAYS[:2], [1, 2]), "at least three points"),
        (lambda: cost.fit_trend(DAYS, [1, 2]), "3 dates but 2 values"),
        (lambda: cost.fit_trend(DAYS, [1, 2, 0]), "values must be above zero"),
        (lambda: cost.fit_trend([DAYS[0]] * 3, [1, 2, 3]), "same date"),
        (lambda: cost.fit_trend([None, DAYS[0], DAYS[1]], [1, 2, 3]), "date is missing"),
        (lambda: cost.fit_trend(DAYS, [1, 2, 3]).halving_years, "does not fall"),
        (lambda: cost.fit_trend(DAYS, [1, 2, 3]).predict(DAYS, level=90), "90% as 0.90"),
        (lambda: cost.fit_trend(DAYS, [1, 2, 3]).predict(DAYS, "90%"), "level must be a number"),
        (lambda: cost.fit_trend(DAYS, [1, 2, 4]).position(DAYS, 1), "one date and one value"),
        (lambda: cost.fit_trend(DAYS, [1, 2, 4]).position(DAYS[0], [1, 2]), "one date and one"),
        (lambda: cost.frontier(DAYS, [1, 2, 3], top=0), "at least 1"),
        (lambda: cost.frontier(DAYS, [1, 2]), "3 dates but 2 values"),
        (lambda: cost.frontier([2022, 2021, 2020], [3, 2, 1]), "^2022 is no date.*'2025-01-27'"),
        (lambda: cost.fit_trend([20200101, 20210101, 20220101], [1, 2, 3]), "20200101 is no date"),
        (lambda: cost.decimal_year(2020.5), "2020.5 is no date"),
        (lambda: cost.decimal_year(["01/02/2020"]), "^01/02/2020 is no date that reads in one way"),
        (lambda: cost.decimal_year("2020-02-30"), "2020-02-30 is no date"),
        (lambda: cost.fit_trend(DAYS, [2, 2, 2]).position("2023", 1), "no spread to judge"),
    ],
)
def test_bad_input_says_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_a_text_of_numpy_goes_on_as_plain_text(monkeypatch):
    """The pandas of a page, an older one, takes no ``numpy.str_``."""
    stamp = pd.Timestamp

    def older(text):
        if type(text) is not str:
            raise TypeError(f"Expected str, got {type(text)}")
        return stamp(text)

    expected = cost.decimal_year(["2024-12-26"])
    monkeypatch.setattr(pd, "Timestamp", older)
    assert cost.decimal_year(["2024-12-26"]) == expected
