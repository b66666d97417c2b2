"""Tests of groups: values worked by hand, published examples, other implementations."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from study_panel import EVENT, panel

from shockbook import study
from shockbook.study import StudyError, inference

SAR = np.array([2.0, 1.0, 3.0, 2.0])  # mean 2, variance 2/3


def found(test, sar=None, before=None, during=None, dof=10, params=0, correlation=0.0):
    """Statistic and p of one test of one group; what the test does not look at is made up."""
    if before is None:
        before = np.random.default_rng(0).normal(size=(20, len(sar)))
    during = np.zeros((1, before.shape[1])) if during is None else during
    sar = during.sum(axis=0) if sar is None else sar
    dof = np.broadcast_to(float(dof), len(sar))
    with np.errstate(invalid="ignore", divide="ignore"):
        every = inference.statistics(sar, dof, before, during, params, correlation)
    return tuple(value[0] for value in every[test])


def test_patell_by_hand():
    # sum 8; with 10 degrees of freedom each variance is 10/8, so z = 8 / sqrt(5).
    z, p = found("Patell", SAR)
    assert z == pytest.approx(8 / np.sqrt(5)) and p == pytest.approx(2 * stats.norm.sf(z))


def test_bmp_by_hand_and_as_a_t_test():
    # mean 2, sd sqrt(2/3), n = 4: t = 2 * 2 / sqrt(2/3) = 2 sqrt(6).
    t, p = found("BMP", SAR)
    assert t == pytest.approx(2 * np.sqrt(6))
    reference = stats.ttest_1samp(SAR, 0)
    assert (t, p) == pytest.approx((reference.statistic, reference.pvalue))


def test_kolari_pynnonen_by_hand():
    # r = 0.2, n = 4: factor sqrt(0.8 / 1.6) = 1 / sqrt(2), so t = 2 sqrt(3).
    t, p = found("BMP, corrected", SAR, correlation=0.2)
    assert t == pytest.approx(2 * np.sqrt(3)) and p == pytest.approx(2 * stats.t.sf(t, 3))
    z, _ = found("Patell, corrected", SAR, correlation=0.2)
    assert z == pytest.approx(8 / np.sqrt(5) / np.sqrt(1.6))
    with pytest.raises(StudyError, match="of -0.400 between 4 firms is too negative"):
        found("BMP", SAR, correlation=-0.4)


def test_mean_correlation_is_that_of_the_matrix():
    e = np.random.default_rng(1).normal(size=(60, 5)) + np.arange(60)[:, None] / 20
    matrix = np.corrcoef(e.T)
    assert inference.mean_correlation(e) == pytest.approx(matrix[np.triu_indices(5, 1)].mean())
    pairs = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 1, 1]]).T
    assert inference.mean_correlation(e, pairs) == pytest.approx([matrix[0, 1], matrix[3, 4]])


def test_corrado_by_hand():
    # Two firms, three days before and the event.  Ranks: A 2 1 3 | 4, B 2 3 1 | 4.
    before = np.array([[0.0, 0.0], [-1, 1], [1, -1]])
    z, _ = inference.corrado(before, np.array([[5.0, 5.0]]))
    # Mean of rank / 5 - 1/2 by day: -0.1, -0.1, -0.1, 0.3; spread sqrt(0.12 / 4).
    assert z == pytest.approx(0.3 / np.sqrt(0.03))
    assert found("rank", before=before, during=np.array([[5.0, 5.0]]))[0] == pytest.approx(z)


def test_corrado_can_never_reject_for_one_firm_on_one_day():
    before = np.random.default_rng(2).normal(size=(250, 1))
    z, p = inference.corrado(before, np.array([[1e9]]))
    assert 1.7 < z < np.sqrt(3) and p > 0.05
    with pytest.raises(StudyError, match="is missing: leave the firm out"):
        inference.corrado(before.tolist(), [[np.nan]])


def test_generalised_sign_by_hand():
    # Half of the days before are positive; 9 of 10 firms rise: z = (9 - 5) / sqrt(2.5).
    before = np.tile([[1.0], [-1.0]], (5, 10))
    z, p = found("sign", before=before, during=np.r_[np.ones(9), -1][None])
    assert z == pytest.approx(4 / np.sqrt(2.5)) and p == pytest.approx(2 * stats.norm.sf(z))


def test_portfolio_by_hand():
    # Mean of the group before: 1 and -1, in turn, four days; k = 2: variance 4 / 2.
    before = np.array([[2.0, 0], [0, -2], [1, 1], [-1, -1]])
    t, p = found("portfolio", before=before, during=np.array([[4.0, 2.0]]), params=2)
    assert t == pytest.approx(3 / np.sqrt(2)) and p == pytest.approx(2 * stats.t.sf(t, 2))


def test_quantile_by_hand():
    # Mean of the group before: 1, -1, 1, -1, 3.  Today -2: only the 3 is as large in size.
    before = np.array([[2.0, 0], [0, -2], [1, 1], [-1, -1], [3, 3]])
    today = np.array([[-4.0, 0.0]])
    statistic, p = found("quantile", before=before, during=today)
    assert p == 2 / 6 and statistic == pytest.approx(-2 / np.sqrt(13 / 5))
    # Over two days: sums 0, 0, 0, 2; today -1 and -1.
    _, p = found("quantile", before=before, during=np.array([[-1.0, -1], [-1, -1]]))
    assert p == 2 / 5
    before[1] = np.nan  # a day without the group
    assert found("quantile", before=before, during=today)[1] == 2 / 5


def test_quantile_needs_as_many_days_before():
    before = np.array([[1.0, 2.0], [0.5, -1.0], [-2.0, 0.0]])
    found("quantile", before=before, during=np.ones((3, 2)))
    with pytest.raises(StudyError, match="4 days .* there are 3"):
        found("quantile", before=before, during=np.ones((4, 2)))


@pytest.mark.parametrize("gaps", [0, 7])
def test_many_groups_at_once_are_the_groups_one_by_one(gaps):
    rng = np.random.default_rng(8)
    common = rng.normal(size=(60, 1))
    before, during = rng.normal(size=(60, 9)) + common, rng.normal(size=(2, 9))
    before[:gaps, 3] = np.nan
    sar, dof = rng.normal(size=9), np.full(9, 58)
    picks = rng.random((9, 5)) < 0.5
    picks[:2] = True
    together = inference.statistics(sar, dof, before, during, 2, member=picks)
    for g, pick in enumerate(picks.T):
        one = inference.statistics(sar[pick], dof[pick], before[:, pick], during[:, pick], 2)
        assert list(together) == list(one)
        for test in one:
            for values, (value,) in zip(together[test], one[test], strict=True):
                assert values[g] == pytest.approx(value, rel=1e-9)


def test_a_day_without_one_of_the_groups_is_left_out_for_all():
    rng = np.random.default_rng(9)
    before, during = rng.normal(size=(40, 6)), rng.normal(size=(1, 6))
    sar, dof = rng.normal(size=6), np.full(6, 38)
    picks = np.array([[1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 1]]).T
    short = inference.statistics(sar, dof, np.delete(before, 7, 0), during, 2, member=picks)
    before[7, :3] = np.nan  # nobody of the first group, the others of the second
    gap = inference.statistics(sar, dof, before, during, 2, member=picks)
    for test in study.TESTS:
        assert np.isfinite(gap[test]).all()
        np.testing.assert_allclose(gap[test], short[test], rtol=1e-12)


#: Three market-model events with returns and index of their own: eight days before, three during.
#: Fixture and results of the R package EventStudy (CRAN), repository sipemu/eventstudy at commit
#: 07ea64a, tests/testthat/helper-golden-data.R and test_golden_values.R, which say that each
#: constant was also derived in closed form from the paper that it cites.
PUBLISHED = {
    "E1": (
        (-0.02, -0.01, 0.00, 0.01, 0.02, 0.03, -0.015, 0.005),
        (0.001, -0.001, 0.002, -0.002, 0.0015, -0.0015, 0.0005, -0.0005),
        (0.004, 1.2),
        (0.015, -0.005, 0.010),
        (0.040, 0.000, 0.030),
    ),
    "E2": (
        (-0.018, -0.008, 0.002, 0.012, 0.022, 0.028, -0.012, 0.008),
        (0.0012, -0.0008, 0.0018, -0.0016, 0.0010, -0.0012, 0.0006, -0.0010),
        (0.003, 1.0),
        (0.012, -0.004, 0.009),
        (0.030, -0.010, 0.020),
    ),
    "E3": (
        (-0.025, -0.012, 0.001, 0.010, 0.020, 0.030, -0.010, 0.006),
        (0.0008, -0.0012, 0.0016, -0.0014, 0.0012, -0.0010, 0.0004, -0.0004),
        (0.005, 1.4),
        (0.018, -0.006, 0.011),
        (0.050, -0.005, 0.035),
    ),
}


@pytest.fixture(scope="module")
def published():
    """Residuals before (8 x 3), abnormal returns (3 x 3), their standard errors, sigma (3)."""
    before, during, se, sigma = [], [], [], []
    for index, noise, (alpha, beta), later, returns in PUBLISHED.values():
        y = alpha + beta * np.array(index) + np.array(noise)
        fit = study.ols(
            pd.DataFrame({"firm": y}), pd.DataFrame({"const": 1.0, "index": np.array(index)})
        )
        x0 = pd.DataFrame({"const": 1.0, "index": later})
        ahead = study.abnormal_returns(fit, pd.DataFrame({"firm": returns}), x0)
        before.append(fit.residuals["firm"])
        during.append(ahead["firm"])
        se.append(study.forecast_se(fit, x0)["firm"])
        sigma.append(fit.sigma["firm"])
    return *(np.array(v).T for v in (before, during, se)), np.array(sigma)


def test_group_tests_as_an_independent_implementation_publishes_them(published):
    before, during, se, sigma = published
    np.testing.assert_allclose(
        during.mean(axis=1),
        [0.017858427448395411, -0.003055141803282022, 0.012352491200872388],
        rtol=1e-10,
    )
    z = [found("Patell", day, before, dof=6)[0] for day in during / se]
    np.testing.assert_allclose(
        z, [17.404798533168357, -3.239085545200092, 12.231088522816789], rtol=1e-10
    )
    # There the abnormal return is divided by the residual standard deviation itself.
    t = [found("BMP", day, before)[0] for day in during / sigma]
    np.testing.assert_allclose(
        t, [9.262881651878164, -0.99419205506945918, 5.6244379647718095], rtol=1e-10
    )
    t = [found("BMP, corrected", d, before, correlation=None)[0] for d in during / sigma]
    np.testing.assert_allclose(
        t, [0.70742152433092598, -0.075928084316215713, 0.42954758876108962], rtol=1e-9
    )
    z = [found("sign", before=before, during=day[None])[0] for day in during]
    np.testing.assert_allclose(z, [3**0.5, -1 / 3**0.5, 3**0.5], rtol=1e-10)


def test_the_rank_and_portfolio_tests_as_published(published):
    """Of a window of days they take the sum over the days' statistics, over its root."""
    before, during, _, _ = published
    # Its spread of the daily mean ranks divides by the days less one, Corrado's by the days.
    days = np.array([1.586435792425881, -0.95186147545552868, 1.269148633940705])
    z, _ = inference.corrado(before, during)
    assert z == pytest.approx(days.sum() / np.sqrt(3) * np.sqrt(11 / 10), rel=1e-10)
    # Its portfolio has seven degrees of freedom, the days less one; here the days less k.
    days = np.array([14.5159150457412, -2.48331937385221, 10.0405096357597])
    for k, scale in ((1, 1.0), (2, np.sqrt(6 / 7))):
        t = [found("portfolio", before=before, during=d[None], params=k)[0] for d in during]
        np.testing.assert_allclose(t, scale * days, rtol=1e-10)
    t, _ = found("portfolio", before=before, during=during, params=1)
    assert t == pytest.approx(12.7439132912219, rel=1e-10)


def test_benjamini_hochberg_as_published():
    """Fifteen p-values of the literature on false discovery rates.

    As in statsmodels, stats/tests/test_multi.py, test_fdr_bky: the example of Benjamini, Krieger
    and Yekutieli (2006), who report four rejections by the step-up procedure of 1995 at 5%.
    """
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert (study.benjamini_hochberg(p) <= 0.05).sum() == 4
    shuffled = np.random.default_rng(3).permutation(p)
    np.testing.assert_allclose(
        study.benjamini_hochberg(shuffled), multipletests(shuffled, method="fdr_bh")[1]
    )
    assert list(study.benjamini_hochberg(pd.Series(p, index=range(15, 0, -1))).index[:2]) == [
        15,
        14,
    ]
    with pytest.raises(StudyError, match="from 0 to 1"):
        study.benjamini_hochberg([0.5, 2])


def test_every_test_on_a_study():
    names = "ABCDEFGHIJ"
    prices = panel(names)
    prices.iloc[160:175, 2] = np.nan
    prices.iloc[200:203, :-1] = np.nan  # days on which the whole group is missing
    prices.loc[EVENT:, list("ABCDEFGHI")] *= 0.95
    seen = prices.notna() & prices.shift().notna()
    result = study.event_study(study.returns(prices).where(seen), EVENT)
    table = study.group_tests(result)
    assert list(table.index) == list(study.TESTS) and not table.isna().to_numpy().any()
    assert (table["statistic"] < -1.7).all() and (table["p"] < 0.06).all()
    assert table.attrs["firms"] == 10
    dof = result.fit.dof
    assert table.loc["Patell", "statistic"] == pytest.approx(
        result.t.sum() / np.sqrt((dof / (dof - 2)).sum())
    )
    # Order of firms does not matter.
    other = study.group_tests(result, list(names[::-1]))
    np.testing.assert_allclose(other["statistic"], table["statistic"], rtol=1e-9)
    with pytest.raises(StudyError, match="at least two firms"):
        study.group_tests(result, ["A"])
    with pytest.raises(StudyError, match="not in the study: Z"):
        study.group_tests(result, ["A", "Z"])
    with pytest.raises(StudyError, match="A: named twice"):
        study.group_tests(result, ["A", "A"])
