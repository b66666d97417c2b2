"""Returns on the exchange's own calendar, windows around an event, and the slip that is avoided."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_panel import DAYS, EVENT, panel

from shockbook import study
from shockbook.study import StudyError

NEW_YORK = pd.DatetimeIndex(["2025-01-16", "2025-01-17", "2025-01-21", "2025-01-22"])
WINDOW = study.PRIMARY.but(event_window=(-1, 1))


def test_weekends_and_foreign_holidays_are_compounded_into_the_next_session():
    every_day = pd.date_range("2025-01-16", "2025-01-22")
    crypto = pd.Series([100, 110, 120, 90, 99, 132, 66.0], index=every_day)
    # Tokyo was open on the New York holiday (20 January); here it is shut on the 21st.
    tokyo = crypto[["2025-01-16", "2025-01-17", "2025-01-20", "2025-01-22"]]
    tokyo = pd.Series([50, 55, 60, 66.0], index=tokyo.index)
    prices = pd.DataFrame({"BTC": crypto, "T": tokyo})
    got = study.returns(prices, calendar=NEW_YORK)
    assert list(got.index) == list(NEW_YORK)
    np.testing.assert_allclose(got["BTC"], [np.nan, 0.10, 132 / 110 - 1, -0.5])
    # No price on the 21st: no return; the 22nd spans from the last price on the calendar.
    np.testing.assert_allclose(got["T"], [np.nan, 0.10, np.nan, 66 / 55 - 1])
    logs = study.returns(prices, "log", NEW_YORK)
    np.testing.assert_allclose(np.expm1(logs), got)
    # Without a calendar each column keeps its own: Saturday against Friday.
    own = study.returns(prices)
    assert own.loc["2025-01-18", "BTC"] == pytest.approx(120 / 110 - 1)
    assert own.loc["2025-01-20", "T"] == pytest.approx(60 / 55 - 1)


def test_windows_count_sessions():
    assert study.position(NEW_YORK, "2025-01-21") == 2
    assert list(study.window(NEW_YORK, "2025-01-21", (-1, 1))) == list(NEW_YORK[1:])
    with pytest.raises(StudyError, match="take the next session, 2025-01-21"):
        study.position(NEW_YORK, "2025-01-20")
    with pytest.raises(StudyError, match="2 trading days before it and 1 after"):
        study.window(NEW_YORK, "2025-01-21", (-3, 0))


def test_wide_and_bad_prices():
    long = pd.DataFrame(
        {
            "date": pd.to_datetime(["2025-01-17", "2025-01-16", "2025-01-16"]),
            "ticker": ["A", "A", "B"],
            "adj_close": [2.0, 1.0, np.nan],
        }
    )
    table = study.wide(long)
    assert list(table.index.day) == [16, 17] and table["A"].tolist() == [1, 2]
    with pytest.raises(StudyError, match="A has two rows for 2025-01-16"):
        study.wide(pd.concat([long, long.iloc[[1]]]))
    with pytest.raises(StudyError, match="price of A on 2025-01-16 is -1"):
        study.returns(table.assign(A=[-1.0, 2]))
    with pytest.raises(StudyError, match="two rows for 2025-01-16"):
        study.returns(pd.concat([table, table.iloc[[0]]]))
    with pytest.raises(StudyError, match="choose simple or log"):
        study.returns(table, "net")


def test_log_returns_from_simple_ones():
    prices = panel()
    np.testing.assert_allclose(
        study.to_log(study.returns(prices)), study.returns(prices, "log"), rtol=1e-9, atol=1e-15
    )
    with pytest.raises(StudyError, match="log returns already"):
        study.to_log(study.returns(prices, "log"))
    with pytest.raises(StudyError, match="no logarithm"):
        study.to_log(pd.DataFrame({"A": [-1.0]}))


def test_benchmarks_without_the_firm():
    table = study.returns(panel())
    without_a = study.equal_weight(table, leave_out=["A", "SPY"])
    np.testing.assert_allclose(without_a, table[["B", "C", "D"]].mean(axis=1))
    index = 0.07 * table["A"] + 0.93 * table["B"]
    rest = study.benchmark_without(index.rename("I"), table["A"], 0.07)
    np.testing.assert_allclose(rest, table["B"])
    with pytest.raises(StudyError, match="the weight must lie between 0 and 1"):
        study.benchmark_without(index, table["A"], 7)
    with pytest.raises(StudyError, match="no column is left"):
        study.equal_weight(table[["A"]], leave_out=["A"])


def test_prices_laid_on_weekdays_by_position_lose_the_event():
    """The slip on made-up prices: each holiday moves all that follows by a day."""
    holidays = DAYS[[30, 90, 150, 260, 330]]
    true = panel().drop(holidays)
    true.loc[EVENT:, "A"] *= 0.8
    slipped = true.set_axis(pd.bdate_range(DAYS[0], periods=len(true)))
    right = study.event_study(study.returns(true), EVENT, WINDOW, "A")
    wrong = study.event_study(study.returns(slipped), EVENT, WINDOW, "A")
    assert right.car["A"] < -0.13
    assert wrong.car["A"] > -0.07
    # Aligned to the exchange's calendar, the slipped table shows that it holds other days.
    aligned = study.align(slipped, study.calendar_of(true, "SPY"))
    assert aligned["A"].isna().any() and not study.align(true, true.index)["A"].isna().any()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(1e-3, 1e3), min_size=5, max_size=5), st.sampled_from(["simple", "log"]))
def test_scaling_prices_changes_nothing(scales, kind):
    prices = panel()
    choice = WINDOW.but(returns=kind)
    before = study.event_study(study.returns(prices, kind), EVENT, choice).to_frame()
    after = study.event_study(study.returns(prices * scales, kind), EVENT, choice).to_frame()
    np.testing.assert_allclose(after, before, rtol=1e-7, atol=1e-13)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_changes_nothing(random):
    prices = panel()
    rows, columns = list(prices.index), list(prices.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    before = study.event_study(study.returns(prices), EVENT, WINDOW).to_frame()
    shuffled = prices.loc[rows, columns]
    after = study.event_study(study.returns(shuffled), EVENT, WINDOW).to_frame()
    np.testing.assert_allclose(after.loc[before.index], before, rtol=1e-9)
    table = study.returns(prices).loc[rows, columns]  # shuffled after the returns were taken
    again = study.event_study(table, EVENT, WINDOW).to_frame()
    np.testing.assert_allclose(again.loc[before.index], before, rtol=1e-9)
