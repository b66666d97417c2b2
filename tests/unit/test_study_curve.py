"""Specification curve, cross-section, synthetic control, size and power."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from study_panel import DAYS, EVENT, factors, panel

from shockbook import study
from shockbook.study import StudyError, inference
from shockbook.study.power import _refit as refit

NAMES = "ABCDEFGHIJKL"
WINDOWS = {"estimation": ((-150, -21), (-80, -11)), "event_window": ((0, 0), (-1, 2))}


@pytest.fixture(scope="module")
def shocked():
    """A market in which the first six firms fall by a tenth on the event day."""
    prices = panel(NAMES)
    prices.loc[EVENT:, list("ABCDEF")] *= 0.9
    return prices


def both(prices):
    return {kind: study.returns(prices, kind) for kind in ("simple", "log")}


def test_the_grid_holds_every_combination_once():
    specs = study.grid(benchmark=("SPY", "QQQ"), **WINDOWS)
    # mean, capm and four factor models once; two models on two benchmarks; 2 x 2 x 2 the rest
    assert len(specs) == len(set(specs)) == (6 + 4) * 8
    assert len(study.grid()) == 560
    with pytest.raises(StudyError, match="no choice is called window"):
        study.grid(window=(0, 0))


def test_every_point_of_the_curve_is_an_event_study(shocked):
    tables, f = both(shocked), factors()
    specs = study.grid(benchmark=("SPY",), **WINDOWS)
    result = study.curve(tables, EVENT, "A", specs, f)
    assert not result.table.isna().to_numpy().any()
    day = result.placebo_car.index[7]
    for j, spec in enumerate(specs):
        table = tables[spec.returns]
        now = study.event_study(table, EVENT, spec, "A", f).to_frame().iloc[0]
        for column in ("car", "se", "t", "dof"):
            assert result.table.loc[j, column] == pytest.approx(now[column], rel=1e-8)
        # p as small as 1e-10 magnifies the last digits of t
        assert result.table.loc[j, "p"] == pytest.approx(now["p"], rel=1e-5)
        then = study.event_study(table, day, spec, "A", f).to_frame().iloc[0]
        assert result.placebo_car.loc[day, j] == pytest.approx(then["car"], rel=1e-8, abs=1e-12)
        assert result.placebo_t.loc[day, j] == pytest.approx(then["t"], rel=1e-8, abs=1e-9)


def test_every_choice_of_the_book_has_words(shocked):
    f = factors()
    result = study.curve(both(shocked), EVENT, "A", study.grid(benchmark=("SPY",)), f).in_words()
    assert list(result) == ["model", "benchmark", "past", "days", "returns"]
    text = " ".join(np.unique(result.to_numpy().astype(str)))
    assert not any(sign in text for sign in "[]._") and "6 factors" in text


def test_a_group_is_the_mean_of_its_members(shocked):
    specs = study.grid(model=("market",), benchmark=("SPY",), returns=("simple",), **WINDOWS)
    tables = {"simple": study.returns(shocked)}
    group = study.curve(tables, EVENT, ["A", "B"], specs)
    single = [study.curve(tables, EVENT, firm, specs).table["car"] for firm in "AB"]
    np.testing.assert_allclose(group.table["car"], (single[0] + single[1]) / 2)


def test_the_joint_test_finds_the_shock_and_only_the_shock(shocked):
    f = factors()
    specs = study.grid(benchmark=("SPY",), **WINDOWS)
    hit = study.curve(both(shocked), EVENT, list("ABC"), specs, f).joint()
    assert hit["p"].tolist() == pytest.approx(hit["smallest_p"].tolist())
    assert hit.loc["median effect", "observed"] == pytest.approx(-0.1, abs=0.03)
    assert hit.loc["share significant at 0.05", "observed"] == 1
    calm = study.curve(both(panel(NAMES)), EVENT, list("GHI"), specs, f).joint()
    assert (calm["p"] > 0.05).all()


def test_the_curve_refuses_what_it_cannot_compare(shocked):
    simple = {"simple": study.returns(shocked)}
    with pytest.raises(StudyError, match="log returns are missing"):
        study.curve(simple, EVENT, "A", [study.PRIMARY.but(returns="log")])
    with pytest.raises(StudyError, match="reach beyond the whole days"):
        study.curve(simple, shocked.index[100], "A", [study.PRIMARY])
    copies = {"simple": simple["simple"].assign(A=0.0, B=3 * simple["simple"]["SPY"])}
    for firms in (["A"], ["A", "B"]):
        with pytest.raises(StudyError, match="does not move in an estimation window, or"):
            study.curve(copies, EVENT, firms, [study.PRIMARY])
    with pytest.raises(StudyError, match="no placebo day is left"):
        study.curve(simple, shocked.index[272], "A", [study.PRIMARY])


def test_cross_section_slopes_equal_statsmodels(shocked):
    table = study.returns(shocked)
    days = study.placebo_days(table, EVENT)[-40:]
    firms = list(NAMES)
    chips = table[list("ABC")].mean(axis=1)
    m = study.measures(table, [*days, EVENT], firms, basket=chips)
    many, one = study.rolling(table, days, firms=firms), study.event_study(table, EVENT)
    keep = {name: m[name] for name in ("beta", "momentum")}
    result = study.cross_section(one.car, many.car, keep, EVENT)
    reference = sm.OLS(
        one.car, sm.add_constant(pd.DataFrame({k: v.loc[EVENT] for k, v in keep.items()}))
    ).fit()
    np.testing.assert_allclose(result.table["slope"], reference.params, rtol=1e-9)
    np.testing.assert_allclose(result.table["ols_se"], reference.bse, rtol=1e-9)
    assert result.r2 == pytest.approx(reference.rsquared)
    day = days[3]
    then = sm.OLS(
        many.car.loc[day], sm.add_constant(pd.DataFrame({k: v.loc[day] for k, v in keep.items()}))
    )
    np.testing.assert_allclose(result.slopes.loc[day], then.fit().params, rtol=1e-8)
    assert result.placebo_r2[day] == pytest.approx(then.fit().rsquared)
    count = (result.slopes["beta"].abs() >= abs(result.table.loc["beta", "slope"])).sum()
    assert result.table.loc["beta", "p"] == (1 + count) / 41
    assert not result.table.isna().to_numpy().any()


def test_measures_are_those_of_one_window(shocked):
    table = study.returns(shocked)
    days = table.index[[300, 400]]
    chips = table["B"] * 0.5 + table["C"] * 0.5
    m = study.measures(table, days, ["A", "B"], basket=chips)
    window = study.window(table.index, days[0], (-270, -21))
    x = sm.add_constant(pd.DataFrame({"m": table["SPY"], "chips": chips}).loc[window])
    reference = sm.OLS(table.loc[window, "A"], x).fit().params
    assert m["loading"].loc[days[0], "A"] == pytest.approx(reference["chips"], rel=1e-8)
    before = shocked.index[shocked.index.get_loc(window[0]) - 1]
    growth = shocked.loc[window[-1], "A"] / shocked.loc[before, "A"] - 1
    assert m["momentum"].loc[days[0], "A"] == pytest.approx(growth)
    one = study.event_study(table, days[0], firms="A")
    assert m["beta"].loc[days[0], "A"] == pytest.approx(one.fit.params.loc["A", "SPY"])


def test_cross_section_refuses_gaps(shocked):
    table = study.returns(shocked)
    days = study.placebo_days(table, EVENT)[-5:]
    many, one = study.rolling(table, days), study.event_study(table, EVENT)
    fixed = pd.DataFrame({"size": np.arange(12.0)}, index=list(NAMES))
    study.cross_section(one.car, many.car, fixed)
    with pytest.raises(StudyError, match="L: a figure is missing"):
        study.cross_section(one.car, many.car, fixed.drop("L"))
    with pytest.raises(StudyError, match="A: no placebo days"):
        study.cross_section(one.car, many.car.drop(columns="A"), fixed)
    with pytest.raises(StudyError, match="which day is the event"):
        study.cross_section(one.car, many.car, {"m": many.car})
    with pytest.raises(StudyError, match="same for all firms"):
        study.cross_section(one.car, many.car, fixed * 0, scores=True)


def test_measures_must_differ_on_every_day():
    """A slope of zero, on days on which nothing can be seen, once made p too small."""
    rng = np.random.default_rng(3)
    firms, days = list(NAMES), DAYS[:60]
    then = pd.DataFrame(rng.normal(0, 0.02, (60, 12)), days, firms)
    car = pd.Series(rng.normal(0, 0.02, 12), firms)
    flag = pd.DataFrame(rng.integers(0, 2, (61, 12)), [*days, EVENT], firms).astype(float)
    flag[["A", "B"]] = 1.0, 0.0

    def refuses(said, **measures):
        with pytest.raises(StudyError, match=f"measures are collinear on {said}"):
            study.cross_section(car, then, measures, EVENT)

    for constant in (0.0, 1.0, 1e9):
        early, now = flag.copy(), flag.copy()
        early[:40] = now.loc[EVENT] = constant
        refuses("2023-01-02, .* and 35 more: leave one out, or those placebo days", flag=early)
        refuses("the event's day", flag=now)
    refuses("2023-01-02, .* and 56 more", flag=flag, twice=flag * 2 + 1)
    with pytest.raises(StudyError, match="7/15/2024' can be read in several ways"):
        study.cross_section(car, then, {"flag": flag}, "7/15/2024")
    with pytest.raises(StudyError, match="the measure flag has two rows for 2024-07-15"):
        study.cross_section(car, then, {"flag": pd.concat([flag, flag[-1:]])}, EVENT)
    # Measures of very different size are not collinear.
    apart = {"flag": flag * 1e-9, "dollars": pd.Series(rng.lognormal(25, 2, 12), firms)}
    assert study.cross_section(car, then, apart, EVENT).slopes.all(axis=None)


def test_simplex_weights_are_the_minimum():
    rng = np.random.default_rng(4)
    donors = rng.normal(0, 0.02, (120, 8))
    target = donors[:, :3] @ [0.5, 0.3, 0.2] + rng.normal(0, 0.01, 120)
    w = study.simplex_weights(target, donors)
    assert w.min() >= 0 and w.sum() == pytest.approx(1)
    reference = minimize(
        lambda v: 1e4 * ((target - donors @ v) ** 2).sum(),
        np.full(8, 1 / 8),
        method="SLSQP",
        bounds=[(0, 1)] * 8,
        constraints={"type": "eq", "fun": lambda v: v.sum() - 1},
        options={"ftol": 1e-13, "maxiter": 500},
    )
    np.testing.assert_allclose(w, reference.x, atol=2e-5)
    exact = study.simplex_weights(donors @ np.r_[0.6, 0.4, np.zeros(6)], donors)
    np.testing.assert_allclose(exact, np.r_[0.6, 0.4, np.zeros(6)], atol=1e-8)


def test_synthetic_control_finds_the_shock_of_the_firm_alone():
    prices = panel(NAMES)
    mix = study.returns(prices)[["B", "C", "D"]].mean(axis=1)
    noise = np.random.default_rng(5).normal(0, 0.002, len(mix))
    prices["A"] = 100 * (1 + mix.fillna(0) + noise).cumprod()
    prices.loc[EVENT:, "A"] *= 0.85
    table = study.returns(prices)
    result = study.synthetic_control(table, EVENT, "A", size=6)
    assert result.car == pytest.approx(-0.15, abs=0.01)
    assert set(result.weights.head(3).index) == {"B", "C", "D"}
    assert result.weights.sum() == pytest.approx(1)
    assert result.rmse < 0.003 and len(result.checks) == 20
    # The weights and the pool look at days before the event only.
    later = table.copy()
    later.loc[EVENT:, list("BCDEFGHIJKL")] = 0.5
    other = study.synthetic_control(later, EVENT, "A", size=6)
    pd.testing.assert_series_equal(other.weights, result.weights)
    window = study.synthetic_control(table, EVENT, "A", size=6, event_window=(-1, 1))
    assert window.car == pytest.approx(window.gap.iloc[-3:].sum())
    # Unseen windows of three days: the first begins the day after the estimation window.
    days = window.gap.index
    assert list(window.checks.index) == list(days[-20:-3])  # t = -18 to -2
    assert window.checks.iloc[0] == pytest.approx(window.gap.iloc[250:253].sum())
    assert window.check_rmse == pytest.approx(np.sqrt((window.checks**2).mean()))
    with pytest.raises(StudyError, match="no donor is left"):
        study.synthetic_control(table, EVENT, "A", exclude=list(NAMES))
    with pytest.raises(StudyError, match="not log returns"):
        study.synthetic_control(study.returns(prices, "log"), EVENT, "A")
    with pytest.raises(StudyError, match="these look like prices"):
        study.synthetic_control(prices, EVENT, "A")
    with pytest.raises(StudyError, match="divide per cent by 100"):
        study.synthetic_control(table * 100, EVENT, "A")
    with pytest.raises(StudyError, match=r"\(-120, 5\) must end before the event window"):
        study.synthetic_control(table, EVENT, "A", estimation=(-120, 5))
    with pytest.raises(StudyError, match="runs backwards"):
        study.synthetic_control(table, EVENT, "A", estimation=(-21, -120))


def residuals(common: float, firms: int = 30):
    rng = np.random.default_rng(6)
    market = rng.normal(0, 0.01, (400, 1))
    e = rng.normal(0, 0.01, (400, firms)) + common * rng.normal(0, 0.01, (400, 1))
    x = pd.DataFrame({"const": 1.0, "SPY": market[:, 0]})
    return pd.DataFrame(e), x


def test_power_of_one_firm():
    e, x = residuals(0.0)
    table = study.power(e, x, effects=(0, 0.02, 0.1), draws=300, days=100, seed=1)
    rate = table.pivot(index="test", columns="effect", values="rejected")
    assert list(rate.index) == ["Student t", "quantile"]
    assert (rate[0] < 0.09).all() and (rate[0.1] == 1).all()
    assert rate.loc["Student t", 0.02] == pytest.approx(0.5, abs=0.1)  # two standard deviations
    again = study.power(e, x, effects=(0, 0.02, 0.1), draws=300, days=100, seed=1)
    pd.testing.assert_frame_equal(table, again)


def test_tests_that_take_firms_as_independent_reject_too_often():
    e, x = residuals(1.0)
    table = study.power(e, x, effects=(0.0,), size=15, draws=150, days=100, seed=2)
    rate = table.set_index("test")["rejected"]
    assert list(rate.index) == list(study.TESTS)
    assert (rate[["Patell", "BMP", "sign"]] > 0.3).all()
    assert (
        rate[["Patell, corrected", "BMP, corrected", "rank", "portfolio", "quantile"]] < 0.12
    ).all()
    raised = study.power(e, x, effects=(0.0,), size=15, draws=150, days=100, inflate=3, seed=2)
    assert raised.set_index("test").loc["Patell, corrected", "rejected"] > 0.25
    with pytest.raises(StudyError, match="cannot be drawn"):
        study.power(e, x, size=31)
    with pytest.raises(StudyError, match="gaps"):
        study.power(e.where(e > e.min().min()), x)


def test_size_on_real_days_counts_cases():
    table = study.returns(panel(NAMES))
    days = table.index[300:320]
    result = study.size_on_days(table, days, size=5, groups=3)
    one = result[result["group"] == "one firm"].iloc[0]
    assert one["cases"] == 240 and one["days"] == 20
    share = (study.rolling(table, days).t.abs() > 1.9696).to_numpy().mean()
    assert one["rejected"] == pytest.approx(share)
    assert (result[result["group"] == "random groups of 5"]["cases"] == 60).all()
    assert not result.isna().to_numpy().any()


def test_size_of_the_placebo_p_by_hand():
    t = pd.DataFrame({"A": [1.0, -2, 3, 0.5, -4], "B": [5.0, 1, 1, 1, 1]})
    row = study.size_of_placebo(t, "two", first=2, level=1 / 4).iloc[0]
    # A: 3 among (1, 2): p 1/3; 0.5: 4/4; 4 among four: 1/5.  B is never extreme.
    assert row["rejected"] == pytest.approx(1 / 6) and row["cases"] == 6 and row["days"] == 3
    with pytest.raises(StudyError, match="too few"):
        study.size_of_placebo(t, "two")


def by_hand():
    """Three specifications, three placebo days, limits of |t| at 12.7 and 3.2."""
    table = pd.DataFrame({"car": [-0.2, -0.1, 0.3], "t": [-13, -2, 4.0], "dof": [1, 3, 3]})
    car = pd.DataFrame([[-0.3, -0.2, 0.1], [0.1, 0.2, 0.0], [0.0, 0.05, -0.1]])
    t = pd.DataFrame([[-13, -4, 4.0], [2, 4, 1], [0, 0.5, -1]])
    return study.Curve(table, [], car, t)


def test_joint_statistics_by_hand():
    joint = by_hand().joint()
    # Median -0.1 against -0.2, 0.1, 0: two are as large.  Median t -2 against -4, 2, 0: two.
    # Significant with the sign of the median: one of three (not the positive one), against two,
    # one and none of three.
    assert joint["observed"].tolist() == pytest.approx([-0.1, -2, 1 / 3])
    assert joint["p"].tolist() == [3 / 4, 3 / 4, 3 / 4]
    assert joint["smallest_p"].tolist() == [1 / 4] * 3


def test_power_of_the_joint_test_by_hand():
    table = pd.DataFrame({"car": [0.0], "t": [0.0], "dof": [3]})
    car = pd.DataFrame([[-0.35], [0.1], [0.2], [0.05]])
    found = study.Curve(table, [], car, car / 0.05).power((0.0, 0.2), level=0.25)
    # Of four days p can be 1/4 only for the most extreme; with +0.2 the days are at -0.15,
    # 0.3, 0.4 and 0.25, and only the 0.4 passes the 0.35 of the first.
    assert found.loc[0.0, "median effect"] == 1 / 4
    assert found.loc[0.2, "median effect"] == 1 / 4
    assert found.loc[0.2, "median t"] == 1 / 4


def test_many_curves_are_the_curves_one_by_one(shocked):
    tables, f = both(shocked), factors()
    specs = study.grid(benchmark=("SPY",), **WINDOWS)
    together = study.curves(tables, EVENT, ["A", "B", "C"], specs, f)
    for name, result in together.items():
        alone = study.curve(tables, EVENT, name, specs, f)
        pd.testing.assert_frame_equal(result.table, alone.table)
        pd.testing.assert_frame_equal(result.placebo_t, alone.placebo_t)
    with pytest.raises(StudyError, match="no returns of Z"):
        study.curves(tables, EVENT, ["A", "Z"], specs, f)


def test_a_day_drawn_twice_is_as_extreme_as_itself():
    e, x = residuals(0.5, firms=20)
    y, z = e.to_numpy(), x.to_numpy()
    for row in range(60):
        rows = [*range(60), row]
        before, during, se = refit(y[rows], z[rows])
        found = inference.statistics(during / se, np.full(20, 58), before, during[None], 2)
        size = np.abs(before.mean(axis=1))
        extreme = (size >= size[row] - 1e-12).sum()
        assert found["quantile"][1][0] == (1 + extreme) / 61


def test_power_refits_with_the_forecast_error():
    e, x = residuals(0.5, firms=3)
    y, z = e.to_numpy()[:31], x.to_numpy()[:31]
    before, during, se = refit(y, z)
    for firm in range(3):
        reference = sm.OLS(y[:30, firm], z[:30]).fit()
        ahead = reference.get_prediction(z[[30]])
        np.testing.assert_allclose(before[:, firm], reference.resid, atol=1e-14)
        assert during[firm] == pytest.approx(y[30, firm] - ahead.predicted_mean[0])
        assert se[firm] == pytest.approx(ahead.se_obs[0])
    before, during, se = refit(y, z[:, :0])  # nothing to fit
    assert (before == y[:-1]).all() and (during == y[-1]).all()
    np.testing.assert_allclose(se, np.sqrt((y[:-1] ** 2).mean(axis=0)))
