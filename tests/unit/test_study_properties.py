"""Whatever the data: one clear sentence, or an answer without a gap.

Hypothesis makes up events outside the data, windows too short or too long, firms with gaps,
prices that stand still, and a firm that is its own benchmark.  `SOAK=1` tries fifty times as many.
"""

import os
import warnings

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from study_panel import DAYS, factors, panel

from shockbook import study
from shockbook.study import StudyError

MANY = settings(
    max_examples=2000 if os.environ.get("SOAK") else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
PRICES, FACTORS = panel("ABCDEF"), factors()


@st.composite
def gaps(draw):
    """Stretches of days without a price: (firm, first day, length)."""
    stretch = st.tuples(st.sampled_from("ABCDEF"), st.integers(0, 559), st.integers(1, 400))
    return draw(st.lists(stretch, max_size=4))


@st.composite
def markets(draw):
    """Prices with gaps, perhaps a constant one, perhaps a copy of the benchmark, in any order."""
    prices = PRICES.copy()
    for firm, first, length in draw(gaps()):
        prices.iloc[first : first + length, prices.columns.get_loc(firm)] = np.nan
    for firm in draw(st.lists(st.sampled_from("ABCDEF"), max_size=1)):
        prices[firm] = 7.5
    for firm in draw(st.lists(st.sampled_from("ABCDEF"), max_size=1)):
        prices[firm] = 3 * prices["SPY"]
    if draw(st.booleans()):
        prices = prices.iloc[::-1]
    return prices


@st.composite
def specifications(draw):
    start = draw(st.integers(-320, -3))
    first = draw(st.integers(-5, 3))
    try:
        return study.Specification(
            model=draw(st.sampled_from(list(study.MODELS))),
            returns=draw(st.sampled_from(["simple", "log"])),
            estimation=(start, draw(st.integers(start, -1))),
            event_window=(first, first + draw(st.integers(0, 6))),
        )
    except StudyError as error:
        check_sentence(error)
        assume(False)


#: Trading days and others, in the data and outside.
events = st.one_of(
    st.sampled_from(list(DAYS[280:540])),
    st.integers(-30, 900).map(lambda days: DAYS[0] + pd.Timedelta(days=days)),
)


def check_sentence(error: StudyError) -> None:
    text = str(error)
    assert 20 < len(text) < 400 and "\n" not in text and "nan" not in text.lower().split()


def check_whole(*tables) -> None:
    for table in tables:
        numbers = pd.DataFrame(table).select_dtypes("number").to_numpy()
        assert len(numbers) and np.isfinite(numbers).all()


@MANY
@given(markets(), events, specifications())
def test_a_sentence_or_a_whole_answer(prices, event, spec):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        returns = study.returns(prices, spec.returns)
        try:
            firms = list(study.eligible(returns, event, spec, factors=FACTORS))
            assume(firms)
            result = study.event_study(returns, event, spec, firms, FACTORS)
            check_whole(result.to_frame(), result.fit.to_frame())
            if len(firms) > 1:
                check_whole(study.group_tests(result))
                check_whole(study.across_firms(result, firms[0]))
            if spec.days > 20:
                days = study.placebo_days(returns, event, spec, FACTORS)[-12:]
                firms = list(study.eligible(returns, days, spec, firms, FACTORS))
                assume(firms)
                many = study.placebo(returns, event, spec, firms, FACTORS, days)
                check_whole(many.to_frame(), many.interval(), many.days.t)
        except StudyError as error:
            check_sentence(error)


@MANY
@given(markets(), events, specifications())
def test_firms_that_are_not_eligible_are_named_or_studied(prices, event, spec):
    """Without asking `eligible` first the answer is whole too, or the sentence names a firm."""
    returns = study.returns(prices, spec.returns)
    try:
        check_whole(study.event_study(returns, event, spec, list("ABCDEF"), FACTORS).to_frame())
    except StudyError as error:
        check_sentence(error)


@MANY
@given(markets(), events, st.integers(-150, -60), st.integers(0, 3))
def test_curves_and_twins_answer_whole_or_not_at_all(prices, event, start, last):
    returns = study.returns(prices)
    try:
        specs = study.grid(
            model=("mean", "market", "ff3"),
            benchmark=("SPY",),
            returns=("simple",),
            estimation=((start, -21), (start, -11)),
            event_window=((0, last),),
        )
        curve = study.curve({"simple": returns}, event, ["A", "B"], specs, FACTORS)
        check_whole(curve.table, curve.joint(), curve.placebo_t)
    except StudyError as error:
        check_sentence(error)
    try:
        twin = study.synthetic_control(
            returns, event, "A", size=3, estimation=(start, -21), event_window=(0, last)
        )
        check_whole(twin.weights.to_frame(), twin.gap.to_frame())
        assert np.isfinite([twin.car, twin.rmse]).all()
    except StudyError as error:
        check_sentence(error)
