"""What a user hands over by mistake: taken if it has one meaning, else refused in a sentence."""

import numpy as np
import pandas as pd
import pytest
from study_panel import DAYS, EVENT, factors, panel

from shockbook import study
from shockbook.study import StudyError

PRICES = panel()
TABLE = study.returns(PRICES)
BARE = pd.DataFrame(TABLE.to_numpy(), index=TABLE.index, columns=TABLE.columns)  # no attrs
RIGHT = study.event_study(TABLE, EVENT, firms=["A", "B"]).to_frame()
SUMMER = DAYS.tz_localize("America/New_York")
LONG = PRICES.rename_axis("date").melt(
    ignore_index=False, var_name="ticker", value_name="adj_close"
)


def yahoo(ticker_first=False, adjusted=False):
    """Prices as ``yfinance.download`` gives them for several tickers."""
    closes = {"Close": PRICES, "Volume": PRICES * 0 + 1e6}
    if adjusted:
        closes |= {"Close": PRICES * 2, "Adj Close": PRICES}
    table = pd.concat(closes, axis=1, names=["Price", "Ticker"])
    return table.swaplevel(axis=1).sort_index(axis=1) if ticker_first else table


def labelled(labels, table=PRICES):
    return table.set_axis(labels, axis=0)


#: What has one meaning: prices in every dress.
ONE_MEANING = {
    "plain": PRICES,
    "yfinance": yahoo(),
    "yfinance, by ticker": yahoo(ticker_first=True),
    "yfinance, not adjusted": yahoo(adjusted=True),
    "midnights in New York": labelled(SUMMER),
    "midnights in UTC": labelled(DAYS.tz_localize("UTC")),
    "dates as text": labelled(DAYS.strftime("%Y-%m-%d")),
    "text with offsets": labelled([str(day) for day in SUMMER]),
    "datetime.date": labelled([day.date() for day in DAYS]),
    "dates as a column": PRICES.rename_axis("Date").reset_index(),
    "text in a column": labelled(DAYS.strftime("%Y-%m-%d")).rename_axis("date").reset_index(),
    "newest first": PRICES[::-1],
    "long, through wide": study.wide(LONG.reset_index()),
}


@pytest.mark.parametrize("prices", ONE_MEANING.values(), ids=ONE_MEANING)
def test_one_meaning_is_taken(prices):
    found = study.event_study(study.returns(prices), EVENT, firms=["A", "B"]).to_frame()
    np.testing.assert_allclose(found, RIGHT, rtol=1e-9)


EVENTS = ["2024-07-15", "20240715", EVENT.date(), EVENT.to_numpy(), EVENT.tz_localize("Asia/Tokyo")]


@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_a_date_in_every_dress(event):
    assert str(EVENT.date()) == "2024-07-15"
    found = study.event_study(TABLE, event, firms=["A", "B"])
    assert found.event == EVENT and found.event.tz is None
    np.testing.assert_array_equal(found.to_frame(), RIGHT)
    assert list(study.rolling(TABLE, [event], firms="A").car.index) == [EVENT]


def test_returns_in_the_same_dresses():
    for table in (labelled(SUMMER, TABLE), labelled(DAYS.strftime("%Y-%m-%d"), TABLE), BARE):
        for found in (study.event_study, study.rolling):
            assert found(table, EVENT, firms="A").car.squeeze() == pytest.approx(RIGHT.car["A"])
        assert list(study.eligible(table, EVENT)) == list("ABCD")
    holes = TABLE.assign(A=TABLE["A"].drop(DAYS[200]))
    np.testing.assert_array_equal(
        study.placebo(holes.astype("Float64"), EVENT, firms="A").to_frame(),
        study.placebo(holes, EVENT, firms="A").to_frame(),
    )
    own = study.returns(PRICES["A"])
    assert list(own) == ["A"] and own["A"].equals(TABLE["A"])


SAID = {
    # prices, per cent, infinity
    "prices": (PRICES, {}, r"A, B, C, D, SPY: these look like prices.*study.returns\(prices\)"),
    "yfinance's prices": (yahoo(), {}, "these look like prices"),
    "one column of prices": (BARE.assign(B=PRICES["B"]), {}, "^B: these look like prices"),
    "per cent": (BARE * 100, {}, "divide per cent by 100"),
    # pandas hands attrs on to what is computed from returns
    "prices made of returns": ((1 + TABLE.fillna(0)).cumprod(), {}, "these look like prices"),
    "per cent made of returns": (TABLE * 100, {}, "divide per cent by 100"),
    "infinity made of returns": (TABLE.assign(B=np.inf), {}, "B: a return is infinite"),
    "infinity": (BARE.assign(B=np.inf), {}, "B: a return is infinite"),
    # dates
    "times of day": (labelled(DAYS + pd.Timedelta(hours=16), BARE), {}, r"times of day.*normalize"),
    "Tokyo in UTC": (
        labelled(DAYS.tz_localize("Asia/Tokyo").tz_convert("UTC"), BARE),
        {},
        "times of day .*15:00.*tz_convert",
    ),
    "row numbers": (BARE.reset_index(drop=True), {}, "rows labelled '0'.*dates like 2025-01-27"),
    "day or month": (labelled(DAYS.strftime("%d/%m/%Y"), BARE), {}, "labelled '02/01/2023'"),
    "30 February": (labelled(["2023-02-30"] * len(DAYS), BARE), {}, "a day that is in no year"),
    "no date": (labelled([pd.NaT, *DAYS[1:]], BARE), {}, "a row without a date: drop it"),
    "a day twice": (pd.concat([TABLE, TABLE.iloc[[9]]]), {}, "two rows for 2023-01-13: keep one"),
    # columns
    "a list": ([1, 2], {}, "of type list: pass a DataFrame"),
    "a Series": (BARE["A"], {}, "no column SPY.*add it"),
    "a nameless Series": (BARE["A"].rename(None), {}, "Series without a name"),
    "long": (LONG.reset_index(), {}, r"pass `study.wide\(table\)`"),
    "a doubled column": (pd.concat([BARE, BARE["A"]], axis=1), {}, "two columns A: keep one"),
    "words": (BARE.assign(sector="chips"), {}, "text in sector"),
    "one ticker's candles": (
        BARE.set_axis(["Open", "High", "Low", "Close", "Volume"], axis=1),
        {},
        r"table\[\['Close'\]\]",
    ),
    "other levels": (pd.concat({"x": BARE}, axis=1), {}, "columns in several levels: choose one"),
    # what is asked
    "a time of day": (TABLE, {"event": "2024-07-15 15:30"}, "give 2024-07-15 if .* before"),
    "a time in New York": (
        TABLE,
        {"event": pd.Timestamp("2024-07-15 18:00", tz="America/New_York")},
        "give 2024-07-15 if .* before .* next session if after",
    ),
    "a weekend": (
        TABLE,
        {"event": "2024-07-13"},
        r"2024-07-13 \(Saturday\) is no trading day .*: take the next session, 2024-07-15 "
        r"\(Monday\), if the news came after the close of 2024-07-12 \(Friday\), else that day",
    ),
    "day or month of the event": (TABLE, {"event": "7/15/2024"}, "in several ways: write it"),
    "a number": (TABLE, {"event": 20240715}, "20240715 is no date"),
    "no day": (TABLE, {"event": "2024-02-30"}, "'2024-02-30' is no date"),
    "none": (TABLE, {"event": pd.NaT}, "no date"),
    "a model's name": (TABLE, {"spec": "market"}, "'market' is no specification"),
    "twice": (TABLE, {"firms": ["A", "A"]}, "A: named twice"),
    "nobody": (TABLE, {"firms": []}, "no firm is named"),
    "factors of a day twice": (
        TABLE,
        {"spec": study.PRIMARY.but(model="ff3"), "factors": pd.concat([factors(), factors()[:1]])},
        "the table of factors has two rows for 2023-01-02: keep one",
    ),
    "text as factors": (
        TABLE,
        {"spec": study.PRIMARY.but(model="ff3"), "factors": factors().assign(hml="x")},
        "the table of factors holds text in hml",
    ),
}


def one_sentence(error) -> str:
    text = str(error.value)
    assert "\n" not in text and ". " not in text and len(text) < 260, text
    return text


@pytest.mark.parametrize(("table", "more", "sentence"), SAID.values(), ids=SAID)
@pytest.mark.parametrize("asked", ["event_study", "rolling", "placebo"])
def test_the_rest_is_refused_in_one_sentence(asked, table, more, sentence):
    more = {"event": EVENT, "spec": study.PRIMARY} | more
    with pytest.raises(StudyError, match=sentence) as error:
        getattr(study, asked)(table, more.pop("event"), **more)
    one_sentence(error)


PRICES_SAID = {
    "row numbers": (PRICES.reset_index(drop=True), "rows labelled '0'"),
    "infinite": (PRICES.assign(A=np.inf), "the price of A on 2023-01-02 is inf"),
    "long": (LONG.reset_index(), "study.wide"),
    "times": (labelled(DAYS + pd.Timedelta(hours=21)), "times of day"),
    "text": (PRICES.astype(str), "text in A, B, C, D, SPY"),
    "two columns": (pd.concat([PRICES, PRICES["A"]], axis=1), "two columns A"),
}


@pytest.mark.parametrize(("prices", "sentence"), PRICES_SAID.values(), ids=PRICES_SAID)
def test_prices_that_cannot_be_read(prices, sentence):
    with pytest.raises(StudyError, match=sentence) as error:
        study.returns(prices, calendar=DAYS)
    one_sentence(error)


@pytest.mark.parametrize("by_ticker", [False, True])
def test_the_volumes_of_a_yfinance_table_are_its_volumes(by_ticker):
    table = yahoo(by_ticker, adjusted=True)
    assert (study.log_volume(table)[list("ABCD")] == np.log(1e6)).all(axis=None)
    with pytest.raises(StudyError, match=r"several levels: choose one, `table\['Volume'\]`"):
        study.log_volume(table.drop(columns="Volume", level=int(by_ticker)))
    with pytest.raises(StudyError, match=r"one column under .*`table\[\['volume'\]\]"):
        study.log_volume(BARE.set_axis(["open", "high", "low", "close", "volume"], axis=1))


NUMBERED = TABLE.set_axis([7203, 6758, 9984, 8035, "SPY"], axis=1)  # as on Tokyo's exchange


def test_one_name_where_several_may_stand():
    """A ticker that is a number, and a text that is not a list of its letters."""
    one = study.event_study(NUMBERED, EVENT, firms=7203)
    np.testing.assert_allclose(one.to_frame(), RIGHT.loc[["A"]])
    specs = study.grid(model=["market"], benchmark=["SPY"], returns=["simple"])[:2]
    for firms in (7203, [7203, 6758]):
        assert len(study.curve({"simple": NUMBERED}, EVENT, firms, specs).table) == 2
    days = DAYS[[300, 350]]
    assert study.many_dates(NUMBERED, days, firms=7203, skip="2023-09-08").residuals.shape[1] == 2
    for table, firm in ((NUMBERED, "7203"), (NUMBERED.rename(columns=str), 7203)):
        spelt = f"no returns of 7203: .* in the data, {table.columns[0]!r} and not {firm!r}"
        with pytest.raises(StudyError, match=spelt):
            study.event_study(table, EVENT, firms=firm)

    table = TABLE.rename(columns={"B": "BBB"})
    twin = study.synthetic_control(table, EVENT, "A", exclude="BBB")
    assert set(twin.weights.index) <= {"C", "D"}
    assert "BBB" not in study.donor_pool(table, "A", DAYS[100:300], exclude="BBB")
    assert list(study.synthetic_control(table, EVENT, "A", "BBB").weights) == [1]
    assert study.measures(table, [EVENT], "BBB", basket="C")["beta"].columns == ["BBB"]
    assert study.equal_weight(table, "BBB").name == "equal weight without BBB"
    with pytest.raises(StudyError, match="no returns of ZZ"):
        study.equal_weight(table, ["BBB", "ZZ"])
    with pytest.raises(StudyError, match="no returns of SMH"):
        study.measures(table, [EVENT], ["A"])
    with pytest.raises(StudyError, match="at least two firms"):
        study.group_tests(study.event_study(table, EVENT), "BBB")
    with pytest.raises(StudyError, match="not in the study: 1, 2"):
        study.group_tests(study.event_study(table, EVENT), [1, 2])


def test_a_level_is_a_share():
    specs = study.grid(model=["market"], benchmark=["SPY"], returns=["simple"])[:1]
    curve = study.curve({"simple": TABLE}, EVENT, "A", specs)
    placebo = study.placebo(TABLE, EVENT, firms="A")
    many = study.many_dates(TABLE, DAYS[[300, 350]], firms="A")
    noise, one = BARE.fillna(0), BARE[[]].assign(const=1.0)
    for level in (95, 1, 0, np.nan):
        for call in (
            lambda at: study.event_study(TABLE, EVENT, firms="A", level=at),
            lambda at: placebo.interval(at),
            lambda at: curve.joint(at),
            lambda at: curve.power(level=at),
            lambda at: many.power(draws=2, level=at),
            lambda at: study.power(noise, one, draws=1, level=at),
            lambda at: study.size_on_days(TABLE, [EVENT], level=at),
            lambda at: study.size_of_placebo(noise, "x", level=at),
        ):
            with pytest.raises(StudyError, match=f"level must .* is {level}: write 95% as 0.95"):
                call(level)


def test_a_day_twice_on_the_calendar_is_one_day():
    twice = study.returns(PRICES, calendar=DAYS.append(DAYS[5:6]))
    pd.testing.assert_frame_equal(twice, study.returns(PRICES, calendar=DAYS), check_freq=False)


def test_other_doors():
    specs = study.grid(model=["market"], benchmark=["SPY"])
    with pytest.raises(StudyError, match="look like prices"):
        study.curve({"simple": PRICES, "log": PRICES}, EVENT, "A", specs)
    with pytest.raises(StudyError, match="look like prices"):
        study.size_on_days(PRICES, [EVENT])
    with pytest.raises(StudyError, match="has no column date: rename yours"):
        study.wide(LONG)
    with pytest.raises(StudyError, match="the long table has rows labelled '02/01/2023'"):
        study.wide(LONG.reset_index().assign(date=lambda t: t["date"].dt.strftime("%d/%m/%Y")))
    with pytest.raises(StudyError, match="no returns of ZZ"):
        study.synthetic_control(TABLE, EVENT, "A", donors=["B", "ZZ"])
    assert study.synthetic_control(
        labelled(SUMMER, TABLE), EVENT, "A", donors=["B", "C"]
    ).car == pytest.approx(study.synthetic_control(TABLE, EVENT, "A", donors=["B", "C"]).car)
    # A column too short to be studied may hold a wild day, and says nothing about the table.
    young = TABLE.assign(NEW=TABLE["A"].where(TABLE.index == DAYS[9]) + 0.5)
    assert study.event_study(young, EVENT, firms="A").car["A"] == RIGHT.car["A"]
    # A rate of interest is above zero every day and no price.
    with_rate = BARE.assign(rf=0.0002)
    assert study.event_study(with_rate, EVENT, firms="A").car["A"] == pytest.approx(RIGHT.car["A"])


@pytest.mark.parametrize("given", ["-270:-21", (-270,), (-270, -21, 3), (-1.5, 0), (0, np.nan), 0])
def test_a_window_is_two_whole_days(given):
    with pytest.raises(StudyError, match="window is .*: write its first and last day"):
        study.Specification(estimation=given)
    with pytest.raises(StudyError, match="the event window is"):
        study.grid(event_window=(0, 1))  # one window, not a list of them
    assert study.Specification(estimation=np.array([-100.0, -21])).estimation == (-100, -21)


def test_a_calendar_in_every_dress():
    right = study.window(DAYS, EVENT, (-2, 2))
    for calendar in (DAYS[::-1], SUMMER, DAYS.strftime("%Y-%m-%d"), [*DAYS, DAYS[3]]):
        assert study.window(calendar, EVENT, (-2, 2)).equals(right)
        assert study.position(calendar, EVENT) == study.position(DAYS, EVENT)
    with pytest.raises(StudyError, match=r"the window \(2, -2\) runs backwards"):
        study.window(DAYS, EVENT, (2, -2))


def test_numbers_held_as_objects_are_numbers():
    assert study.returns(PRICES.astype(object)).equals(TABLE)
    with pytest.raises(StudyError, match=r"text in A, B.*decimal=','"):
        study.returns(PRICES.astype(str))


def test_a_placebo_day_counts_once_and_is_not_the_event():
    days = [*DAYS[280:290], *DAYS[280:290]]
    assert study.placebo(TABLE, EVENT, firms="A", days=days).n == 10
    with pytest.raises(StudyError, match="2024-07-15 is the event itself"):
        study.placebo(TABLE, EVENT, firms="A", days=[*days, EVENT])
    with pytest.raises(StudyError, match="1 placebo day is no distribution"):
        study.placebo(TABLE, EVENT, firms="A", days=str(DAYS[280].date()))


def test_doors_that_stood_open():
    study_of = study.event_study(TABLE, EVENT)
    days = study.rolling(TABLE, DAYS[280:290]).car
    noise, one = BARE.fillna(0), BARE[[]].assign(const=1.0)
    many = study.many_dates(TABLE, DAYS[[300, 350]], firms="A")
    total = TABLE.assign(A=TABLE["A"].where(TABLE.index != DAYS[300], -1.0))
    words, equal = (pd.Series(v, index=study_of.car.index) for v in ("chips", 1.0))
    for sentence, call in {
        "the model .* is not known": lambda: study.Specification(model=["market"]),
        "coverage must lie .* is 90%": lambda: study.Specification(coverage="90%"),
        "level must lie .* is 95%": lambda: study.event_study(TABLE, EVENT, level="95%"),
        "the weight must lie": lambda: study.benchmark_without(TABLE["A"], TABLE["B"], "5%"),
        "pass `study.wide": lambda: study.equal_weight(LONG.reset_index()),
        "a row without a ticker": lambda: study.wide(LONG.reset_index().assign(ticker=None)),
        "^draws must be .* is 0": lambda: many.placebo(0),
        "draws must be .* is 0": lambda: many.power(draws=0),
        "draws must be .* is 1.5": lambda: study.power(noise, one, draws=1.5),
        "1 days are too few for 1 coefficients": lambda: study.power(noise, one, days=1),
        "no donor is left": lambda: study.synthetic_control(TABLE, EVENT, "A", size=0),
        "no specification is named": lambda: study.curve({"simple": TABLE}, EVENT, "A", []),
        "4 firms and 0 measures": lambda: study.cross_section(study_of.car, days, {}),
        "4 firms and 1 measures": lambda: study.cross_section(study_of.car, days, {"a": equal}),
        "-1 or below has no logarithm": lambda: study.measures(total, EVENT, "A", basket="B"),
    }.items():
        with pytest.raises(StudyError, match=sentence):
            call()
    five = pd.Series(range(5), index=list("ABCDE"), dtype=float)
    for measure in (words, pd.concat([five, five[:1]])):
        with pytest.raises(StudyError, match="the measure a needs one number for each firm"):
            study.cross_section(five, days.assign(E=0.0), {"a": measure})
    alone = study.size_on_days(TABLE, [EVENT], size=3, groups=2)  # no warning of numpy's
    assert alone["day_se"].isna().all()
