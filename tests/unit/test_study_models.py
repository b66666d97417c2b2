"""Every model against statsmodels, to 1e-10: parameters, residuals, forecast standard errors."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from study_panel import EVENT, factors, panel

from shockbook import study
from shockbook.study import StudyError

CLOSE = {"rtol": 1e-10, "atol": 1e-12}


def design(model, table, f, kind):
    """The same model written out by hand: what is subtracted, and the regressors."""
    rf, market = f["rf"], f["mkt_rf"]
    if kind == "log":
        market = np.log1p(f["mkt_rf"] + f["rf"]) - np.log1p(f["rf"])
        rf = np.log1p(f["rf"])
    one = pd.Series(1.0, index=table.index)
    columns = {
        "mean": [one],
        "market": [one, table["SPY"]],
        "capm": [one, table["SPY"] - rf],
        "ff3": [one, market, f["smb_3factor"], f["hml"]],
        "carhart": [one, market, f["smb_3factor"], f["hml"], f["mom"]],
        "ff5": [one, market, f["smb_5factor"], f["hml"], f["rmw"], f["cma"]],
        "ff6": [one, market, f["smb_5factor"], f["hml"], f["rmw"], f["cma"], f["mom"]],
    }[model]
    return (0 if model in ("mean", "market") else rf), np.column_stack(columns)


@pytest.mark.parametrize("kind", ["simple", "log"])
@pytest.mark.parametrize("model", [m for m in study.MODELS if m != "market-adjusted"])
def test_equals_statsmodels(model, kind):
    prices, f = panel(), factors()
    prices.iloc[160:175, 2] = np.nan  # C has a gap: it is fitted on the days it has
    table = study.returns(prices, kind)
    spec = study.Specification(model=model, returns=kind, event_window=(-1, 1))
    result = study.event_study(table, EVENT, spec, factors=f)
    offset, x = design(model, table, f, kind)
    at = table.index.get_loc(EVENT)
    before, around = slice(at - 270, at - 20), slice(at - 1, at + 2)
    for i, firm in enumerate("ABCD"):
        y = table[firm] - offset
        seen = y.iloc[before].notna().to_numpy()
        assert seen.sum() == (235 if firm == "C" else 250)
        reference = sm.OLS(y.iloc[before][seen].to_numpy(), x[before][seen]).fit()
        fit = result.fit
        np.testing.assert_allclose(fit.params.loc[firm], reference.params, **CLOSE)
        np.testing.assert_allclose(fit.residuals[firm].dropna(), reference.resid, **CLOSE)
        np.testing.assert_allclose(fit.sigma[firm], reference.mse_resid**0.5, **CLOSE)
        np.testing.assert_allclose(fit.xtx_inv[i], reference.normalized_cov_params, **CLOSE)
        assert fit.dof[firm] == reference.df_resid
        if model != "mean":
            np.testing.assert_allclose(fit.r2[firm], reference.rsquared, rtol=1e-9)
        ahead = reference.get_prediction(x[around])
        normal = y.iloc[around] - ahead.predicted_mean
        np.testing.assert_allclose(result.abnormal[firm], normal, **CLOSE)
        ses = study.forecast_se(fit, pd.DataFrame(x[around], index=table.index[around]))
        np.testing.assert_allclose(ses[firm], ahead.se_obs, **CLOSE)
        # The variance of the CAR is the sum over the whole forecast-error matrix.
        x0 = x[around]
        matrix = reference.mse_resid * (np.eye(3) + x0 @ reference.normalized_cov_params @ x0.T)
        np.testing.assert_allclose(result.se[firm], matrix.sum() ** 0.5, **CLOSE)


def test_one_day_interval_and_p_equal_statsmodels():
    table = study.returns(panel())
    result = study.event_study(table, EVENT, firms="A").to_frame().loc["A"]
    at = table.index.get_loc(EVENT)
    x = sm.add_constant(table["SPY"].to_numpy()[1:])
    x = np.vstack([[1, np.nan], x])
    reference = sm.OLS(table["A"].iloc[at - 270 : at - 20].to_numpy(), x[at - 270 : at - 20]).fit()
    frame = reference.get_prediction(x[[at]]).summary_frame(alpha=0.05)
    np.testing.assert_allclose(result.expected_low, frame["obs_ci_lower"].iloc[0], **CLOSE)
    np.testing.assert_allclose(result.expected_high, frame["obs_ci_upper"].iloc[0], **CLOSE)
    np.testing.assert_allclose(result.p, 2 * stats.t.sf(abs(result.t), 248), rtol=1e-10)


def test_market_adjusted_estimates_nothing():
    table = study.returns(panel())
    spec = study.PRIMARY.but(model="market-adjusted", event_window=(0, 2))
    result = study.event_study(table, EVENT, spec, firms="B")
    gap = table["B"] - table["SPY"]
    at = table.index.get_loc(EVENT)
    before = gap.iloc[at - 270 : at - 20]
    assert result.car["B"] == pytest.approx(gap.iloc[at : at + 3].sum(), rel=1e-12)
    assert result.se["B"] == pytest.approx(np.sqrt(3 * (before**2).mean()), rel=1e-12)
    assert result.fit.dof["B"] == 250
    assert result.fit.params.shape == (1, 0)


def test_capm_on_the_market_factor():
    table, f = study.returns(panel()), factors()
    spec = study.Specification(model="capm", benchmark="mkt_rf")
    result = study.event_study(table, EVENT, spec, "A", f)
    at = table.index.get_loc(EVENT)
    before = slice(at - 270, at - 20)
    x = sm.add_constant(f["mkt_rf"].to_numpy())[before]
    reference = sm.OLS((table["A"] - f["rf"]).iloc[before].to_numpy(), x).fit()
    np.testing.assert_allclose(result.fit.params.loc["A"], reference.params, **CLOSE)
    refuses("excess return", table, spec=study.PRIMARY.but(benchmark="mkt_rf"), factors=f)


def test_a_matrix_of_firms_is_its_firms_one_by_one():
    prices = panel()
    prices.iloc[140:150, 1] = np.nan
    table = study.returns(prices)
    together = study.event_study(table, EVENT).to_frame()
    for firm in together.index:
        alone = study.event_study(table, EVENT, firms=firm).to_frame().loc[firm]
        np.testing.assert_allclose(alone, together.loc[firm], rtol=1e-10)


def refuses(pattern, table, **more):
    with pytest.raises(StudyError, match=pattern):
        study.event_study(table, more.pop("event", EVENT), **more)


def test_bad_input_is_refused_in_one_sentence():
    prices, f = panel(), factors()
    table = study.returns(prices)
    three = study.PRIMARY.but(model="ff3")
    refuses("next session, 2024-01-08", table, event="2024-01-06")
    refuses("nearest is", table, event="2031-01-06")
    refuses("reaches beyond the data", table, event=table.index[100])
    refuses("no returns of ZZZ", table, firms="ZZZ")
    refuses("needs the factors", table, spec=three)
    refuses("per cent", table, spec=three, factors=f * 100)
    refuses("per cent", table, spec=study.PRIMARY.but(model="capm"), factors=f * 100)
    refuses("lack hml", table, spec=three, factors=f.drop(columns="hml"))
    refuses("returns are simple", table, spec=study.PRIMARY.but(returns="log"))
    refuses("fits exactly", table.assign(S=table["SPY"] * 2), firms="S")
    refuses("add it", table.drop(columns="SPY"))
    refuses("collinear", table.assign(SPY=0.001), firms="A")
    still = study.returns(prices.assign(A=100.0))
    refuses("A: the price does not move", still, firms=["A", "B"])
    gap = table.copy()
    gap.loc[EVENT, "B"] = np.nan
    refuses("B: no return on a day of the event window", gap)
    late = table.copy()
    late.iloc[:200, 3] = np.nan
    refuses("D: returns on fewer than 90%", late)
    hole = f.copy()
    hole.loc[EVENT, "hml"] = np.nan
    refuses("hml has no value on", table, spec=three, factors=hole)
    assert list(study.eligible(late, EVENT, firms=list("ABCD"))) == ["A", "B", "C"]
    assert list(study.eligible(gap, EVENT, firms=list("ABCD"))) == ["A", "C", "D"]
    assert list(study.eligible(still, EVENT, firms=list("ABCD"))) == ["B", "C", "D"]


@pytest.mark.parametrize(
    "choices, sentence",
    [
        ({"model": "apt"}, "is not known"),
        ({"returns": "net"}, "are not known"),
        ({"estimation": (-21, -270)}, "runs backwards"),
        ({"event_window": (0, 10**20)}, "over more than 100,000 trading days"),
        ({"coverage": 90}, "coverage must lie between 0 and 1, but is 90"),
        ({"estimation": (-270, 0)}, "must end before"),
        ({"model": "ff5", "estimation": (-25, -21)}, "too short"),
    ],
)
def test_a_specification_that_makes_no_sense_is_refused(choices, sentence):
    with pytest.raises(StudyError, match=sentence):
        study.Specification(**choices)


def test_the_primary_specification_is_the_one_written_down():
    primary = study.PRIMARY
    assert (primary.model, primary.benchmark, primary.returns) == ("market", "SPY", "simple")
    assert primary.estimation == (-270, -21) and primary.days == 250
    assert primary.event_window == (0, 0)
    assert primary.estimates == "beyond the market"
    assert "contains NVIDIA" in study.BENCHMARKS[primary.benchmark].note
    assert primary.but(benchmark="SMH").estimates == "beyond chips"


def test_the_result_reads_well():
    result = study.event_study(study.returns(panel()), EVENT, firms=["A", "B"])
    assert "beyond the market" in repr(result) and "A: " in repr(result)
    assert not result.to_frame().isna().to_numpy().any()
    assert "2 firm(s)" in repr(result.fit)
