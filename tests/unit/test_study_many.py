"""Studies over many dates and of an industry, against statsmodels, written-out sums, simulation."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from study_panel import DAYS, EVENT, panel

from shockbook import catalog, study
from shockbook.study import StudyError
from shockbook.study.inference import standardised
from shockbook.study.many import clusters

NAMES = "ABCDEFGH"
TABLE = study.returns(panel(NAMES))
DATES = list(DAYS[[300, 340, 341, 400, 450, 500]])  # 340 and 341 are neighbours
WIDE = study.PRIMARY.but(event_window=(-1, 1))


def by_hand(firm, at, width=0, skip=()):
    """One event in statsmodels: CAR, its standard error, residuals by event time, dof."""
    y, market = TABLE[firm].to_numpy(), TABLE["SPY"].to_numpy()
    x = sm.add_constant(market)
    rows = np.array([i for i in range(at - 270, at - 20) if i not in skip])
    fit = sm.OLS(y[rows], x[rows]).fit()
    x0 = x[at - width : at + width + 1]
    daily = y[at - width : at + width + 1] - x0 @ fit.params
    spread = np.eye(len(x0)) + x0 @ fit.normalized_cov_params @ x0.T
    residual = pd.Series(fit.resid, index=rows - at).reindex(range(-270, -20))
    return daily.sum(), np.sqrt(fit.mse_resid * spread.sum()), residual, fit.df_resid, daily


def test_each_event_is_its_own_regression_without_the_others_days():
    many = study.many_dates(TABLE, DATES, WIDE, ["A", "B"], skip=[DAYS[200]])
    assert len(many.events) == 12 and list(many.abnormal.index) == [-1, 0, 1]
    others = {i + j for i in (300, 340, 341, 400, 450, 500) for j in (-1, 0, 1)} | {200}
    for i, event in many.events.iterrows():
        at = DAYS.get_loc(event.date)
        car, se, residual, dof, daily = by_hand(event.firm, at, 1, others)
        near = dict(rel=1e-9)
        assert event.car == pytest.approx(car, **near) and event.se == pytest.approx(se, **near)
        assert event.dof == dof and event.left_out == 250 - 2 - dof
        np.testing.assert_allclose(many.residuals[i], residual, atol=1e-12)
        np.testing.assert_allclose(many.abnormal[i], daily, atol=1e-12)
    assert many.events["left_out"].iloc[0] == 1 and many.events["left_out"].iloc[-1] == 13
    assert "2 dates share days with another's; 1 to 13 days left out" in many.note


def test_the_sums_of_the_tests():
    far = [DAYS[i] for i in (300, 340, 380, 420, 460, 500)]
    many = study.many_dates(TABLE, far, firms="A")
    t, dof = many.events["t"].to_numpy(float), many.events["dof"].to_numpy(float)
    found = many.tests()
    z = t.sum() / np.sqrt((dof / (dof - 2)).sum())
    assert found.loc["Patell", "statistic"] == pytest.approx(z)
    assert found.loc["Patell", "p"] == pytest.approx(2 * stats.norm.sf(abs(z)))
    one = stats.ttest_1samp(t, 0)
    assert tuple(found.loc["BMP", ["statistic", "p"]]) == pytest.approx((one.statistic, one.pvalue))
    # No windows share a day: nothing to correct.
    assert many.correlation == 0
    assert found.loc["BMP, corrected", "p"] == found.loc["BMP", "p"]
    share = np.mean([(many.residuals[i].dropna() > 0).mean() for i in many.events.index])
    w = (many.events["car"] > 0).sum()
    sign = (w - 6 * share) / np.sqrt(6 * share * (1 - share))
    assert found.loc["sign", "statistic"] == pytest.approx(sign)
    assert list(found.index) == list(study.TESTS)
    held = many.buy_and_hold()
    np.testing.assert_allclose(held["bhar"], many.events["car"])  # one day does not compound
    assert held.attrs["p"] == pytest.approx(stats.ttest_1samp(held["bhar"], 0).pvalue)


def test_one_date_is_the_study_of_a_group():
    many = study.many_dates(TABLE, [EVENT], WIDE, list(NAMES))
    group = study.group_tests(study.event_study(TABLE, EVENT, WIDE))
    np.testing.assert_allclose(many.tests()["p"], group["p"])
    assert many.correlation == pytest.approx(group.attrs["mean_correlation"])


def test_overlap_is_counted_by_the_days_that_windows_share():
    rng = np.random.default_rng(3)
    calendar = rng.normal(size=(100, 2)) @ np.array([[1, 0.5], [0, 0.8]])  # two firms
    at, firm = np.array([60, 61, 61]), np.array([0, 0, 1])
    before = np.column_stack([calendar[i - 50 : i - 10, f] for i, f in zip(at, firm, strict=True)])
    r = study.overlap_correlation(before, at, firm, width=3)
    same_date = np.corrcoef(before[:, 1], before[:, 2])[0, 1]
    u = before - before.mean(axis=0)
    u /= np.sqrt((u**2).sum(axis=0))
    a_day_apart = u[1:, 0] @ u[:-1, 2]
    assert r == pytest.approx((2 / 3 * 1 + 2 / 3 * a_day_apart + same_date) / 3)
    assert study.overlap_correlation(before, at, firm, width=1) == pytest.approx(same_date / 3)


def test_clusters_are_runs_of_windows_that_touch():
    assert list(clusters([10, 15, 12, 20, 10], width=3)) == [1, 2, 1, 3, 1]
    assert list(clusters([10, 15, 12, 20, 10], width=4)) == [1, 1, 1, 2, 1]


def test_the_correction_for_overlap_keeps_the_size():
    """Windows of five days, each begun two days after the one before: 3 / 5 of the days shared."""
    rng = np.random.default_rng(4)
    at = 60 + 2 * np.arange(6)
    rejected = {"Patell": 0, "Patell, corrected": 0}
    for _ in range(600):
        e = rng.normal(size=90)
        before = np.column_stack([e[i - 50 : i - 10] for i in at])
        sar = np.array([e[i : i + 5].sum() for i in at]) / np.sqrt(5)
        r = study.overlap_correlation(before, at, np.zeros(6), 5)
        found = standardised(sar, np.full(6, 1e6), r, np.ones((6, 1)))
        for test in rejected:
            rejected[test] += found[test][1][0] < 0.05
    assert rejected["Patell"] / 600 > 0.15
    assert rejected["Patell, corrected"] / 600 == pytest.approx(0.05, abs=0.025)


def test_a_shared_effect_is_found_and_its_power_is_that_of_theory():
    """The power function of n normal abnormal returns of known spread, as in MacKinlay (1997)."""
    rng = np.random.default_rng(5)
    days = pd.bdate_range("2015-01-02", periods=1500)
    market = rng.normal(0, 0.01, 1500)
    table = pd.DataFrame({"A": market + rng.normal(0, 0.02, 1500), "SPY": market}, index=days)
    table.attrs["returns"] = "simple"
    dates = days[np.linspace(400, 1400, 9).astype(int)]
    many = study.many_dates(table, dates, firms="A")
    rate = many.power(effects=(0, 0.01, 0.02, -0.05), draws=400, seed=1)
    rate = rate.pivot(index="test", columns="effect", values="rejected")
    for effect in (0, 0.01, 0.02, -0.05):
        root = np.sqrt(9) * abs(effect) / 0.02
        theory = stats.norm.cdf(root - 1.96) + stats.norm.cdf(-root - 1.96)
        for test in ("Patell", "placebo days", "portfolio", "quantile"):
            assert rate.loc[test, effect] == pytest.approx(theory, abs=0.08), (test, effect)
    assert (rate[0] < 0.1).all() and (rate[-0.05] > 0.9).all()
    table.loc[dates, "A"] -= 0.08
    hit = study.many_dates(table, dates, firms="A")
    assert hit.tests()["p"].max() < 0.01 and hit.placebo(199)["p"] == 1 / 200
    assert many.placebo(199)["p"] > 0.05


def test_one_day_of_the_window_is_tested_as_the_window():
    many = study.many_dates(TABLE, DATES, study.PRIMARY, list("ABC"))
    tests = many.tests()
    assert many.correlation != 0
    for name, test in (("patell", "Patell, corrected"), ("bmp", "BMP, corrected")):
        found = many.by_day.loc[0, [name, f"{name}_p"]]
        np.testing.assert_allclose(found, tests.loc[test, ["statistic", "p"]].astype(float))
    wide = study.many_dates(TABLE, DATES, WIDE, list("ABC"))
    assert wide.by_day.loc[1, "caar"] == pytest.approx(wide.events["car"].mean())
    assert wide.by_day.loc[-1, "positive"] == (wide.abnormal.loc[-1] > 0).mean()


def test_placebo_draws_keep_clusters_together_and_away_from_the_events():
    many = study.many_dates(TABLE, DATES, WIDE, ["A", "B"])
    days, at = many._ordinary(50, 0)
    chosen = TABLE.index.get_indexer(days.car.index)[at]
    offset = chosen - TABLE.index.get_indexer(many.events["date"])
    for cluster in many.events["cluster"].unique():
        mine = offset[:, many.events["cluster"] == cluster]
        assert (mine == mine[:, :1]).all()
    label = many.events["cluster"].to_numpy()
    apart = label[:, None] != label
    assert abs(chosen[:, :, None] - chosen[:, None])[:, apart].min() >= 3
    events = TABLE.index.get_indexer(DATES)
    assert abs(chosen[..., None] - events).min() >= 3
    pd.testing.assert_series_equal(many.placebo(60, 3), many.placebo(60, 3))


def test_pairs_carry_their_columns():
    pairs = pd.DataFrame(
        {"date": ["2024-03-01", "2024-07-15"], "firm": ["B", "A"], "release": ["one", "two"]}
    )
    many = study.many_dates(TABLE, pairs)
    assert many.events["release"].tolist() == ["one", "two"]
    for _, event in many.events.iterrows():
        alone = study.event_study(TABLE, event.date, firms=event.firm)
        assert event.car == pytest.approx(alone.car[event.firm])
    assert many.by_day.loc[0, "aar"] == pytest.approx(many.events["car"].mean())


def test_buy_and_hold():
    many = study.many_dates(TABLE, DATES, WIDE, "C")
    held = many.buy_and_hold()
    at = DAYS.get_loc(DATES[0])
    daily = by_hand("C", at, 1)[4]  # no other event before the first
    r = TABLE["C"].to_numpy()[at - 1 : at + 2]
    assert held["bhar"].iloc[0] == pytest.approx(np.prod(1 + r) - np.prod(1 + r - daily))
    with pytest.raises(StudyError, match="compounds simple returns"):
        logs = study.returns(panel(), "log")
        study.many_dates(logs, DATES, WIDE.but(returns="log"), "A").buy_and_hold()


def test_abnormal_volume():
    rng = np.random.default_rng(6)
    volume = pd.DataFrame(rng.lognormal(10, 0.3, (560, 2)), index=DAYS, columns=["A", "SPY"])
    volume.loc[DATES, "A"] *= 4
    many = study.many_dates(study.log_volume(volume), DATES, study.PRIMARY.but(model="mean"), "A")
    assert many.events["car"].mean() == pytest.approx(np.log(4), abs=0.4)
    assert many.tests().loc["rank", "p"] < 0.001
    assert study.log_volume(volume * 0).isna().all(axis=None)
    with pytest.raises(StudyError, match="negative or infinite"):
        study.log_volume(-volume)
    with pytest.raises(StudyError, match="compounds simple returns"):
        many.buy_and_hold()


@pytest.mark.parametrize(
    ("dates", "more", "sentence"),
    [
        ([EVENT], {"firms": "A"}, "at least two events"),
        ([], {}, "at least two events"),
        ([EVENT, EVENT], {"firms": "A"}, "A on 2024-07-15 is listed twice"),
        ([EVENT, "2024-07-13"], {}, "take the next session"),
        ([DAYS[20], EVENT], {}, "reaches beyond the data"),
        ([EVENT, DAYS[-1]], {"spec": WIDE}, "reaches beyond the data"),
        ([EVENT, DATES[0]], {"firms": "ZZ"}, "no returns of ZZ"),
        ([EVENT, DATES[0]], {"skip": ["2024-07-14"]}, "2024-07-14 .* is no trading day"),
        (pd.DataFrame({"day": [EVENT]}), {}, "no column date, firm: rename"),
        (pd.DataFrame({"date": DATES, "firm": "A"}), {"firms": "A"}, "leave `firms` out"),
        (pd.DataFrame({"date": DATES, "firm": "A", "t": 1}), {}, "columns t are names of results"),
    ],
)
def test_lists_that_cannot_be_studied(dates, more, sentence):
    with pytest.raises(StudyError, match=sentence) as error:
        study.many_dates(TABLE, dates, **more)
    assert "\n" not in str(error.value) and ". " not in str(error.value)


def test_too_few_ordinary_days_are_said():
    short = TABLE.iloc[:330]
    many = study.many_dates(short, [DAYS[285], DAYS[300]], study.PRIMARY, "A")
    assert many.placebo(10)["days"] == 59 - 2  # 271 to 329, without the two events
    with pytest.raises(StudyError, match="ordinary days are too few to draw 2 from"):
        study.many_dates(TABLE.iloc[:303], [DAYS[285], DAYS[300]], WIDE, "A").placebo()


def test_an_industry_on_one_day():
    prices = panel("".join(map(chr, range(65, 85))))
    prices.loc[EVENT:, list("ABCDE")] *= 0.93
    prices.iloc[:300, prices.columns.get_loc("F")] = np.nan
    table = study.returns(prices)
    groups = pd.Series({**dict.fromkeys("ABCDEF", "chips"), **dict.fromkeys("GHIJKLMN", "rest")})
    groups = pd.concat([groups, pd.Series({"O": "alone", "ZZ": "rest", "P": None})])
    found = study.industry(table, EVENT, groups)
    assert list(found.index) == ["chips", "rest"]
    assert found["firms"].tolist() == [5, 8] and found["left_out"].tolist() == [1, 1]
    assert found.attrs["left_out"] == ["F", "O", "ZZ"]
    one = study.event_study(table, EVENT, firms=list("ABCDE"))
    tests = study.group_tests(one)["p"]
    np.testing.assert_allclose(
        found.loc["chips", list(study.CLUSTERED)].astype(float), tests[list(study.CLUSTERED)]
    )
    assert found.loc["chips", "mean_car"] == pytest.approx(one.car.mean())
    assert found.loc["chips", "quantile"] < 0.02 < found.loc["rest", "quantile"]
    np.testing.assert_allclose(
        found["p_adjusted"], study.benjamini_hochberg(found["BMP, corrected"])
    )
    pd.testing.assert_frame_equal(study.industry(table, EVENT, groups.to_dict()), found)
    with pytest.raises(StudyError, match="G: in two groups"):
        study.industry(table, EVENT, pd.concat([groups, pd.Series({"G": "chips"})]))
    with pytest.raises(StudyError, match="no group has two firms"):
        study.industry(table, EVENT, pd.Series({"ZZ": "x", "A": "y"}))
    with pytest.raises(StudyError, match="'Patell' is not known"):
        study.industry(table, EVENT, groups, adjust="Patell")


def test_all_members_of_the_index_by_sector():
    prices = study.wide(catalog.load("sp500-prices"))
    spy = study.wide(catalog.load("prices").query("ticker == 'SPY'"))
    table = study.returns(prices.join(spy), calendar=study.calendar_of(spy, "SPY"))
    sectors = catalog.load("sp500-members").set_index("ticker")["sector"]
    found = study.industry(table, "2025-01-27", sectors)
    assert found["firms"].sum() + found["left_out"].sum() == len(sectors)
    assert found["firms"].sum() > 480 and len(found) == sectors.nunique()
    both = study.many_dates(table, ["2025-01-27", "2025-04-03"], firms=["NVDA", "AVGO"])
    assert both.events.loc[0, "car"] == pytest.approx(
        study.event_study(table, "2025-01-27", firms="NVDA").car["NVDA"]
    )
