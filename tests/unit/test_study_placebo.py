"""Many days at once equal the days one by one; empirical p-values by hand; real data."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
from study_panel import EVENT, factors, panel

from shockbook import catalog, event, study
from shockbook.study import StudyError


@pytest.fixture(scope="module")
def real():
    """Simple returns of the real prices on the calendar of SPY."""
    prices = catalog.load("prices")
    prices["price"] = prices["adj_close"].fillna(prices["close"])
    table = study.wide(prices, "price")
    return study.returns(table, calendar=study.calendar_of(table, "SPY"))


@pytest.mark.parametrize("window", [(0, 0), (-1, 2)])
@pytest.mark.parametrize("model", list(study.MODELS))
def test_the_batch_equals_a_loop_of_single_studies(model, window):
    prices, f = panel(), factors()
    prices.iloc[160:175, 2] = np.nan  # C has a gap
    table = study.returns(prices)
    spec = study.Specification(model=model, event_window=window)
    days = table.index[300:520:20]
    batch = study.rolling(table, days, spec, factors=f)
    for day in days:
        one = study.event_study(table, day, spec, factors=f)
        np.testing.assert_allclose(batch.car.loc[day], one.car, rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(batch.se.loc[day], one.se, rtol=1e-9)
        np.testing.assert_allclose(batch.sigma.loc[day], one.fit.sigma, rtol=1e-9)
        assert (batch.dof.loc[day] == one.fit.dof).all()
        for name in one.fit.params:
            np.testing.assert_allclose(
                batch.params[name].loc[day], one.fit.params[name], rtol=1e-7, atol=1e-10
            )


def test_an_executor_changes_nothing():
    prices = panel([f"F{i}" for i in range(130)])
    prices.iloc[160:165, [3, 100]] = np.nan  # firms with gaps make a block of their own
    table = study.returns(prices)
    days = table.index[300:500:25]
    alone = study.rolling(table, days)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        shared = study.rolling(table, days, executor=pool)
    for name in ("car", "se", "dof"):
        pd.testing.assert_frame_equal(getattr(alone, name), getattr(shared, name))


def test_empirical_p_by_hand():
    draws = np.array([[-3.0], [-1], [0], [2]])
    p = study.empirical_p
    assert p([-2.0], draws)[0] == 3 / 5  # -3, 2 and itself
    assert p([-2.0], draws, "lower")[0] == 2 / 5
    assert p([-2.0], draws, "upper")[0] == 4 / 5
    assert p([-9.0], draws)[0] == 1 / 5  # the smallest that four draws can give
    assert p([np.inf], [[np.inf], *draws])[0] == 2 / 6
    with pytest.raises(StudyError, match="choose two"):
        p([0.0], draws, "left")
    for side in ("two", "lower", "upper"):
        for observed, among in ((np.nan, draws), ([1.0], np.where(draws > 0, np.nan, draws))):
            with pytest.raises(StudyError, match="is missing: leave out its firm"):
                p(observed, among, side)


def test_missing_values_are_judged_nowhere():
    rng = np.random.default_rng(2)
    noise = pd.DataFrame(rng.normal(size=(200, 3)))
    gaps = noise.mask(rng.random((200, 3)) < 0.3)
    with pytest.raises(StudyError, match="is missing"):
        study.size_of_placebo(gaps, "x")


def test_placebo_days_keep_away_from_the_event():
    table = study.returns(panel())
    at = table.index.get_loc(EVENT)
    days = study.placebo_days(table, EVENT)
    assert table.index.get_loc(days[0]) == 271  # the first return is missing
    assert table.index.get_loc(days[-1]) == at - 21
    spec = study.PRIMARY.but(event_window=(-1, 2))
    assert table.index.get_loc(study.placebo_days(table, EVENT, spec)[-1]) == at - 23
    with pytest.raises(StudyError, match="no placebo day"):
        study.placebo_days(table, table.index[275])
    with pytest.raises(StudyError, match="reach beyond the data"):
        study.rolling(table, [table.index[100]])


def test_placebo_counts_its_days():
    prices = panel()
    prices.loc[EVENT:, "A"] *= 0.8
    result = study.placebo(study.returns(prices), EVENT, firms=["A", "B"])
    row = result.to_frame().loc["A"]
    assert result.n == 109 and row.p_placebo_car == result.smallest_p == 1 / 110
    draws = result.days.car["B"].abs()
    assert result.p("car")["B"] == (1 + (draws >= abs(result.study.car["B"])).sum()) / 110
    low, high = result.interval(0.9).loc["B"]
    assert ((result.days.car["B"] < low).mean(), (result.days.car["B"] > high).mean()) == (
        pytest.approx(0.05, abs=0.01),
        pytest.approx(0.05, abs=0.01),
    )
    assert not result.to_frame().isna().to_numpy().any()


def test_panels_refuse_what_single_studies_refuse():
    prices = panel()
    table = study.returns(prices)
    days = table.index[300:320]
    with pytest.raises(StudyError, match="A: the price does not move"):
        study.rolling(study.returns(prices.assign(A=5.0)), days, firms=["A", "B"])
    with pytest.raises(StudyError, match="S: the price does not move in an estimation window, or"):
        study.rolling(table.assign(S=2 * table["SPY"]), days, firms=["S"])
    late = table.copy()
    late.iloc[:150, 3] = np.nan
    with pytest.raises(StudyError, match="D: too few returns around some of the days"):
        study.rolling(late, days)
    assert list(study.eligible(late, days)) == ["A", "B", "C"]
    assert list(study.eligible(table.assign(A=0.0), days)) == ["B", "C", "D"]


def test_across_firms():
    names = "".join(map(chr, range(65, 65 + 20)))
    prices = panel(names)
    prices.loc[EVENT:, "C"] *= 0.7
    result = study.event_study(study.returns(prices), EVENT)
    row = study.across_firms(result, "C")
    assert row["rank_from_below"] == 1 and row["p"] == row["smallest_p"] == 1 / 20
    with pytest.raises(StudyError, match="ZZ is not in the study"):
        study.across_firms(result, "ZZ")


def test_the_primary_specification_is_that_of_the_event_file():
    written = asdict(event.read("events/deepseek.toml").primary)
    mine = asdict(study.PRIMARY)
    assert {name: mine[name] for name in written} == written


def test_the_calendar_slip_on_real_prices(real):
    """A year of prices laid on weekdays from 1 January 2024 by position: the fall disappears.

    Each exchange holiday shifts what follows by one weekday.  By January 2025 the label
    "27 January" holds another day, and the CAR[-1, +1] of about -10% turns into about +2%.
    """
    spec = study.PRIMARY.but(event_window=(-1, 1))
    prices = catalog.load("prices").query("ticker in ['NVDA', 'SPY'] and date >= '2024-01-01'")
    true = study.wide(prices)
    slipped = true.set_axis(pd.bdate_range("2024-01-01", periods=len(true)))
    wrong = study.event_study(study.returns(slipped), "2025-01-27", spec, "NVDA").car["NVDA"]
    right = study.event_study(real, "2025-01-27", spec, "NVDA").car["NVDA"]
    assert right == pytest.approx(-0.095, abs=0.003)
    assert wrong == pytest.approx(0.021, abs=0.003)
    # The library's own path keeps to the dates of the benchmark, so the slip shows as gaps.
    aligned = study.align(slipped[["NVDA"]], true.index)
    assert aligned["NVDA"].isna().sum() >= 9
    # And a return is never taken on a date when the exchange was shut.
    closed = pd.DatetimeIndex(["2024-12-25", "2025-01-01", "2025-01-09", "2025-01-20"])
    assert not closed.isin(real.index).any() and closed.isin(slipped.index).all()


def test_crypto_on_the_exchange_calendar(real):
    """Bitcoin's return of Monday 27 January runs from Friday's price to Monday's."""
    price = study.wide(catalog.load("prices"), "close")["BTC-USD"]
    expected = price["2025-01-27"] / price["2025-01-24"] - 1
    assert real.loc["2025-01-27", "BTC-USD"] == pytest.approx(expected)
    assert real.loc["2025-01-21", "BTC-USD"] == pytest.approx(
        price["2025-01-21"] / price["2025-01-17"] - 1
    )


def test_one_placebo_day_is_no_distribution():
    table = study.returns(panel())
    days = study.placebo_days(table, EVENT)[-1:]
    with pytest.raises(StudyError, match="1 placebo day is no distribution: start"):
        study.placebo(table, EVENT, firms=["A", "B"], days=days)
