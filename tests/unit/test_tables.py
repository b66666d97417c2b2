"""The tables of facts agree with themselves, with each other and with published totals."""

import random
from urllib.parse import urlsplit

import pandas as pd
import pytest

from shockbook import catalog


def columns(name: str) -> set[str]:
    return {field["name"] for field in catalog.describe(name)["schema"]["fields"]}


SOURCED = [name for name in catalog.names() if "source_ids" in columns(name)]
VAGUE = [name for name in SOURCED if {"date", "date_precision"} <= columns(name)]


@pytest.fixture(scope="module")
def table():
    """Load a table and index it by id."""
    return lambda name: catalog.load(name, live=False).set_index("id", drop=False)


# --- prices


def test_large_moves_that_one_copy_holds_are_named():
    """A move of more than a quarter that no second copy confirms stands in the description."""
    prices = catalog.load("prices", live=False)
    copies = catalog.load("tickers", live=False).set_index("ticker")["source_ids"].str.split(";")
    moves = prices.groupby("ticker")["adj_close"].pct_change(fill_method=None)
    large = prices[(moves.abs() > 0.25) & (prices["ticker"].map(copies).str.len() == 1)]
    said = catalog.describe("prices")["description"]
    assert len(large) == 3
    for row in large.itertuples():
        assert f"({row.ticker}, {100 * moves[row.Index]:+.1f}%)" in said
        assert f"{row.date:%Y-%m-%d}" in said


# --- launch


def r1_against(scores: pd.DataFrame, document: str, rival: str) -> pd.Series:
    """Differences R1 less rival by measure, where the document gives both."""
    one = scores[scores["table"] == document]
    wide = one.pivot(index=["benchmark", "metric"], columns="model", values="score")
    return (wide["DeepSeek-R1"] - wide[rival]).dropna()


@pytest.mark.parametrize(
    ("rival", "wins", "measures"),
    [("OpenAI-o1-1217", 5, 11), ("Claude-3.5-Sonnet-1022", 19, 21), ("GPT-4o-0513", 19, 21)],
)
def test_wins_in_the_published_table(table, rival, wins, measures):
    for document in ("README section 4 (R1 evaluation)", "Paper Table 4 (R1 evaluation)"):
        lead = r1_against(table("benchmarks-published"), document, rival)
        assert (int((lead > 0).sum()), len(lead)) == (wins, measures)


def test_wins_against_o1_are_named(table):
    lead = r1_against(
        table("benchmarks-published"), "README section 4 (R1 evaluation)", "OpenAI-o1-1217"
    )
    won = set(lead[lead > 0].index.get_level_values("benchmark"))
    assert won == {"DROP", "LiveCodeBench", "SWE Verified", "AIME 2024", "MATH-500"}
    assert int(((lead > 0) & (lead < 1)).sum()) == 3


def test_readme_and_paper_differ_only_where_marked(table):
    scores = table("benchmarks-published")
    keys = ["benchmark", "metric", "model"]
    readme = scores[scores["table"].str.startswith("README section 4 (R1")].set_index(keys)
    paper = scores[scores["table"].str.startswith("Paper Table 4")].set_index(keys)
    paper = paper.reindex(readme.index)
    same = (readme["score"] == paper["score"]) | (readme["score"].isna() & paper["score"].isna())
    differing = readme[~same]
    assert set(differing.index.get_level_values("benchmark")) == {"LiveCodeBench"}
    assert len(differing) == 3
    assert differing["conflict"].all() and paper.loc[differing.index, "conflict"].all()


def test_arena_flags_are_the_highest_scores(table):
    for _, shot in table("arena").groupby(["date", "scoring"]):
        assert list(shot.loc[shot["is_leader"], "score"]) == [shot["score"].max()]
        ours = shot[shot["developer"] == "DeepSeek"]
        assert list(shot.loc[shot["is_best_deepseek"], "score"]) == [ours["score"].max()]
        assert (shot["ci_low"] <= shot["score"]).all() and (shot["score"] <= shot["ci_high"]).all()


def test_gap_to_the_arena_leader(table):
    arena = table("arena")
    plain = arena[arena["scoring"] == "no style control"]
    leader = plain[plain["is_leader"]].set_index("date")["score"]
    gap = leader - plain[plain["is_best_deepseek"]].set_index("date")["score"]
    published = {"2024-12-31": 58, "2025-01-24": 25, "2025-03-26": 83, "2025-08-04": 43}
    assert {day: gap[day] for day in published} == published


def test_first_hot_topic_came_six_days_after_the_release(table):
    attention = table("attention")
    weibo = attention[attention["series"] == "Weibo: DeepSeek"]
    named = weibo.loc[weibo["value"] > 0, "date"]
    assert weibo["date"].min() < pd.Timestamp("2025-01-20")
    assert named.min() == pd.Timestamp("2025-01-26")
    assert (weibo["value"] <= weibo["titles_in_file"]).all()


def test_archives_of_one_star_count_agree(table):
    stars = table("attention")
    stars = stars[stars["platform"] == "GitHub"]
    spread = stars.groupby(["series", "date"])["value"].agg(["min", "max", "size"])
    spread = spread[spread["size"] > 1]
    assert len(spread) > 50
    assert (spread["max"] / spread["min"] - 1).max() <= 0.004


# --- cost


def test_v3_stages_add_up(table):
    rows = table("gpu-hours")
    stages = rows.loc[["v3_pretrain", "v3_context", "v3_posttrain"]]
    for column in ("gpu_hours", "cost_usd"):
        assert stages[column].sum() == rows.at["v3_total", column]
    priced = rows.dropna(subset=["cost_usd", "usd_per_gpu_hour"])
    assert len(priced) >= 10
    assert (priced["gpu_hours"] * priced["usd_per_gpu_hour"] == priced["cost_usd"]).all()
    assert rows.at["v3_total", "cost_usd"] == table("training-costs").at["v3_paper", "cost_usd"]


def test_r1_stages_add_up(table):
    rows = table("gpu-hours")
    stages = rows.loc[["r1zero", "r1_sftdata", "r1"]]
    for column in ("gpu_hours", "cost_usd"):
        assert stages[column].sum() == rows.at["r1_total", column]
        both = rows.at["v3_total", column] + rows.at["r1_total", column]
        assert both == rows.at["v3_plus_r1", column]
    run = rows.loc[["r1zero", "r1"]]
    assert (run["gpu_count"] * run["wall_clock_hours"]).round(-3).tolist() == [101000, 41000]


def test_checks_agree_where_they_say_so(table):
    checks = table("cost-checks").dropna(subset=["expected"])
    assert len(checks) > 20
    off = (checks["result"] / checks["expected"] - 1).abs()
    assert ((off < 0.015) == checks["agrees"]).all()


def test_hardware_purchase_is_never_in_the_cost_of_a_run(table):
    costs = table("training-costs")
    bought = costs["includes_hardware_purchase"] == "yes"
    assert set(costs.loc[bought, "coverage"]) == {"hardware_acquisition", "company_server_capex"}
    gpt4 = costs[costs["model"] == "GPT-4"].groupby("coverage")["cost_usd"].median()
    assert gpt4["hardware_acquisition"] > 10 * gpt4["final_run_amortised_hw_energy"]


@pytest.mark.parametrize(
    ("frontier", "listed"),
    [
        ("DeepSeek-V3", "ap0065"),
        ("GPT-4-0314", "ap0005"),
        ("GPT-4o-2024-08", "ap0026"),
        ("GPT-4o-2024-05", "ap0014"),
        ("GPT-4o-mini", "ap0020"),
    ],
)
def test_blended_prices_reproduce(table, frontier, listed):
    price = table("api-prices").loc[listed]
    blended = (3 * price["input_usd_per_m"] + price["output_usd_per_m"]) / 4
    epoch = table("price-frontier").query("model == @frontier")["usd_per_m_blended"]
    assert len(epoch) and (epoch - blended).abs().max() <= 0.005 + 1e-9


def test_assumed_rents_are_told_from_quotes(table):
    rents = table("gpu-rents")
    assert set(rents.loc[rents["price_type"] == "assumed", "gpu"]) == {"H800"}
    assert 2.0 in set(rents.loc[rents["price_type"] == "assumed", "usd_per_gpu_hour"])


# --- capital expenditure


def test_quarters_add_up_to_the_year(table):
    quarters, years = table("capex-quarterly"), table("capex-annual")
    quarters = quarters.assign(year=quarters["fiscal_period"].str[2:6].astype(int))
    for year in years.itertuples():
        of_year = quarters.query("ticker == @year.ticker and year == @year.fiscal_year")
        assert len(of_year) == 4, year.id
        # Amazon's figure for 2025 was found rounded to a hundred million
        slack = 50 if year.id == "AMZN-FY2025" else 0.5
        total = of_year["capex_usd_millions"].sum()
        assert abs(total - year.annual_usd_millions) <= slack, year.id


def test_meta_counts_purchases_and_lease_principal(table):
    meta = table("capex-quarterly").query("ticker == 'META'")
    meta = meta.dropna(subset=["company_defined_usd_millions"])
    purchases = meta["restated_usd_millions"].fillna(meta["capex_usd_millions"])
    own = purchases + meta["finance_lease_principal_usd_millions"]
    assert len(meta) >= 14
    assert (own == meta["company_defined_usd_millions"]).all()
    years = table("capex-annual")
    for year in ("2023", "2024", "2025"):
        of_year = own[meta["calendar_quarter"].str.startswith(year)].sum()
        assert of_year == years.at[f"META-FY{year}", "company_defined_usd_millions"]


def test_definitions_are_apart(table):
    rows = table("capex-quarterly").dropna(subset=["company_defined_usd_millions"])
    ratio = rows["company_defined_usd_millions"] / rows["capex_usd_millions"]
    assert (ratio[rows["ticker"] == "AMZN"] < 1).all()  # net of sale proceeds
    assert (ratio[rows["ticker"] == "MSFT"] > 1).all()  # with finance leases


def test_big_four_totals(table):
    big = table("capex-quarterly").query("ticker in ['MSFT', 'GOOGL', 'AMZN', 'META']")
    totals = big.groupby("calendar_quarter")["capex_usd_millions"].agg(["sum", "size"])
    assert (totals["size"] == 4).sum() >= 29
    published = {"2025Q2": 88246, "2026Q1": 129750, "2026Q2": 165050}
    assert {q: totals.at[q, "sum"] for q in published} == published


def test_order_of_dates(table):
    guidance = table("capex-guidance")
    fall = pd.Timestamp("2025-01-27")
    meta = guidance.query("ticker == 'META' and period == 'CY2025'").sort_values("date").iloc[0]
    assert (meta["low_usd_b"], meta["high_usd_b"]) == (60, 65)
    assert 0 < (fall - meta["date"]).days <= 3
    plan = guidance[guidance["company"].str.startswith("OpenAI")].iloc[0]
    assert (plan["low_usd_b"], plan["high_usd_b"]) == (5000, 7000)
    assert (fall - plan["date"]).days > 300


def test_raises_raise_and_cuts_cut(table):
    guidance = table("capex-guidance").dropna(subset=["ticker", "low_usd_b"])
    last = {}
    for row in guidance.sort_values("date", kind="stable").itertuples():
        middle = (row.low_usd_b + (row.high_usd_b if row.high_usd_b > 0 else row.low_usd_b)) / 2
        before = last.get((row.ticker, row.period))
        if before is not None and row.action in ("raised", "cut", "restated"):
            assert (middle > before) == (row.action == "raised"), row.id
        last[row.ticker, row.period] = middle


def test_nvidia_quarters(table):
    nvda = table("nvda-fundamentals").dropna(subset=["revenue_usd_millions"])
    years = nvda.groupby(nvda["fiscal_quarter"].str[:6])["revenue_usd_millions"].sum()
    published = {"FY2023": 26974, "FY2024": 60922, "FY2025": 130497, "FY2026": 215938}
    assert {year: years[year] for year in published} == published
    margin = nvda["gross_profit_usd_millions"] / nvda["revenue_usd_millions"] * 100
    assert (margin - nvda["gaap_gross_margin_pct"]).abs().max() < 0.006
    assert (margin - nvda["gaap_gross_margin_pct_stated"]).abs().max() < 0.06
    split = (
        nvda["diluted_shares_split_adjusted_millions"] / nvda["weighted_diluted_shares_millions"]
    )
    before = nvda["quarter_end"] < pd.Timestamp("2024-06-10")
    assert (split.dropna() == before[split.notna()].map({True: 10.0, False: 1.0})).all()


def test_quotations_are_short(table):
    said = table("statements")
    assert said.loc[said["kind"] == "quote", "text"].str.split().str.len().max() <= 25


# --- enterprise


def test_security_samples(table):
    rows = table("security-findings").dropna(subset=["events"])
    assert len(rows) >= 5
    share = rows["events"] / rows["n"] * 100
    assert (share.astype(float).round(1) == rows["value"]).all()
    assert (rows["unit"] == "percent").all()


def test_stack_overflow_shares_follow_from_the_answers(table):
    rows = table("surveys")
    rows = rows[rows["surveyor"].str.startswith("Stack Overflow")]
    answers = rows["note"].str.extract(r"^(\d+) answers")[0].astype(float)
    assert len(rows) == 14 and answers.notna().all()
    assert (answers / rows["n"].astype(float) * 100 - rows["value"]).abs().max() < 0.006


def test_rows_that_must_not_be_drawn(table):
    for name, ids in {
        "app-ranks": {"app41", "app42", "app45"},
        "security-findings": {"SF06", "SF07"},
        "surveys": {"AS33"},
    }.items():
        rows = table(name)
        assert set(rows[~rows["draw"]].index) == ids


# --- what was carried over later


def test_times_of_releases_agree_in_three_places(table):
    """Beijing is eight hours ahead of UTC, New York four or five behind."""
    rows = table("releases")
    exact = rows[rows["precision"] == "second"]
    utc = pd.to_datetime(exact["time_utc"]).dt.tz_localize(None)
    assert (pd.to_datetime(exact["time_beijing"]) - utc == pd.Timedelta("8h")).all()
    here = pd.to_datetime(exact["time_utc"]).dt.tz_convert("America/New_York").dt.tz_localize(None)
    assert (pd.to_datetime(exact["time_new_york"]) == here).all()
    after = here.dt.strftime("%H:%M:%S").between("09:30:00", "15:59:59")
    assert (after == (exact["timing"] == "after the open")).all()


def test_sessions_after_releases_moved_as_said(table):
    rows = table("releases").dropna(subset=["nvda_return_pct"])
    returns = catalog.load("prices", live=False).pivot(
        index="date", columns="ticker", values="adj_close"
    )
    for ticker in ("NVDA", "AVGO", "SMH", "QQQ", "SPY"):
        series = returns[ticker].dropna().pct_change() * 100
        said = rows.set_index("first_session")[f"{ticker.lower()}_return_pct"].dropna()
        assert (series.reindex(said.index) - said).abs().max() < 0.006, ticker


def test_later_losses_follow_from_closes_and_shares(table):
    rows = table("later-losses")
    told = rows["basis"].str.extract(r"close ([\d.]+) to ([\d.]+) x ([\d.]+)bn").astype(float)
    told = told.dropna()
    assert len(told) >= 12
    change = (told[1] - told[0]) * told[2]
    assert (change - rows.loc[told.index, "change_usd_bn"]).abs().max() < 0.6
    ours = table("largest-losses")
    first = rows.loc["LL01"]
    assert -first["change_usd_bn"] == ours["loss_usd_bn"].max()
    losses = rows[rows["kind"] == "loss"]
    assert losses["change_usd_bn"].min() == first["change_usd_bn"]


def test_newer_prices_join_the_older_without_a_step(table):
    """Copies that continue the panel agree with it to a millionth before they take over."""
    overlaps = table("price-overlaps")
    used = overlaps[overlaps["used"]]
    assert used["max_rel_diff_return"].max() < 1e-6
    prices = catalog.load("prices", live=False)
    later = prices[prices["date"] > "2026-07-31"].groupby("ticker")["date"].max()
    later = later[later.index.isin(used["ticker"])]
    assert sorted(later.index) == sorted(used["ticker"])
    tickers = catalog.load("tickers", live=False).set_index("ticker")
    assert (tickers.loc[later.index, "last"] == later).all()


def test_quotations_in_disputes_are_short(table):
    assert table("disputes")["quote"].dropna().str.split().str.len().max() <= 25


def test_scores_read_off_the_figure_are_possible(table):
    """Thirty questions with sixteen answers each give multiples of 1/480."""
    curves = table("training-curves")
    score = curves.loc[curves["series"] == "r1zero_aime_pass1", "y"] * 4.8
    assert len(score) == 35 and (score - score.round()).abs().max() < 0.03


def test_others_who_chose_the_same_got_the_same(table):
    """Studies under their own choices: equal where it says so, a day off where it says that."""
    wide = catalog.load("prices", live=False).pivot(
        index="date", columns="ticker", values="adj_close"
    )
    rows = table("other-studies").dropna(subset=["result_pct"])
    for row in rows.itertuples():
        prices = wide[[row.our_ticker, "SPY"]].dropna()
        returns = prices.pct_change().loc[row.our_start : row.our_end]
        own = returns[row.our_ticker]
        ours = 100 * (
            (1 + own).prod() - 1 if row.our_return == "raw" else (own - returns["SPY"]).sum()
        )
        same = abs(ours - row.result_pct) < 0.06
        assert same == (row.outcome == "reproduced" or row.id == "ST01b"), (row.id, ours)


# --- all

#: Rows in which sources contradict each other; a chapter shows them.
CONTRADICTIONS = {
    "timeline": ["tl05", "tl06", "tl22", "tl25", "tl27", "tl52", "tl57", "tl62"],
    "benchmarks-independent": [
        "bi017",
        "bi474",
        "bi655",
        "bi659",
        "bi671",
        "bi674",
        "bi685",
        "bi687",
    ],
    "app-ranks": ["app11", "app19", "app20", "app24", "app41", "app42", "app45", "app48"],
    "gpu-hours": ["falcon180b", "minimax_m1_rl", "v2_total", "bloom_genci", "r1"],
    "training-costs": ["ds_semi_capex", "ds_semi_500", "gpt4_altman", "gpt4_leak", "r1_epoch"],
    "architecture": ["v3", "gpt4", "falcon180b"],
    "hardware-peaks": ["h800_pcie"],
    "capex-quarterly": ["MSFT-2026Q1", "AMZN-2025Q3", "AAPL-2025Q4", "META-2021Q4"],
    "capex-guidance": ["cg24", "cg44", "cg48"],
    "statements": ["sm05", "sm06", "sm09", "sm31"],
    "security-findings": ["SF03", "SF06", "SF07", "SF13", "SF14", "SF22", "SF33", "SF34", "SF35"],
    "restrictions": ["RS12", "RS28", "RS37"],
    "service-incidents": ["ST06", "ST09"],
    "surveys": ["AS26", "AS33", "AS48", "AS80", "AS81"],
    "other-markets": ["MK06", "MK07", "MK08", "MK09", "MK16", "MK39"],
}


#: Tables that hold figures of Epoch AI, whose licence asks for attribution.
EPOCH = [
    "architecture",
    "benchmarks-independent",
    "epoch-cost-methods",
    "epoch-models",
    "gpu-rents",
    "hardware-peaks",
    "price-frontier",
    "training-costs",
]


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictions_stay_visible(table, name):
    rows = table(name).loc[CONTRADICTIONS[name]]
    assert rows["conflict"].all(), list(rows[~rows["conflict"]].index)
    assert rows["note"].notna().all()


def test_contradictions_name_both_sides(table):
    rows = table("cost-contradictions")
    assert list(rows.index) == [f"k{i:02d}" for i in range(1, 29)]
    one = rows["source_ids"].str.split(";").map(set)
    for column in ("first_source_ids", "second_source_ids"):
        assert (rows[column].str.split(";").map(set) <= one).all()


def test_independent_scores_that_contradict_deepseek(table):
    rows = table("benchmarks-independent")
    for benchmark, own in (("Aider polyglot (225", "53.3"), ("MATH-500", "97.3")):
        mine = rows[rows["benchmark"].str.startswith(benchmark) & (rows["model_key"] == "R1")]
        assert mine["conflict"].all() and mine["note"].str.contains(own).all() and len(mine) == 1


@pytest.mark.parametrize("name", VAGUE)
def test_vague_dates_are_the_first_day(table, name):
    rows = table(name)
    dated = rows.dropna(subset=["date"])
    vague = dated[~dated["date_precision"].isin(["day", "about"])]
    assert (vague["date"].dt.day == 1).all()
    year = vague[vague["date_precision"].isin(["year", "two years"])]
    assert (year["date"].dt.month == 1).all()


def test_every_source_says_how_it_was_read(table):
    """What was not read is literature on methods; no address is that of a whole site."""
    sources = table("sources")
    unread = set(sources[sources["read"] == "not read"].index)
    tables = [catalog.load(name, live=False) for name in SOURCED if name != "citation-checks"]
    cited = pd.concat([one["source_ids"].dropna().str.split(";").explode() for one in tables])
    assert unread and not unread & set(cited)
    for url in sources["url"].dropna():
        parts = urlsplit(url)
        assert parts.path.strip("/") or parts.query, url
    copies = sources[sources["read"] == "mirror"]
    assert copies["original_url"].notna().mean() > 0.4  # of press copies it is often not known
    assert sources.loc[sources["original_url"].notna(), "read"].eq("mirror").all()


def test_the_drawn_citations_are_the_ones_that_the_seed_draws(table):
    drawn = table("citation-checks")
    draws = {"first edition": (20250127, 81), "second reading": (20261129, 114)}
    assert set(drawn["draw"]) == set(draws)
    for draw, (seed, every) in draws.items():
        random.seed(seed)
        places = drawn.loc[drawn["draw"] == draw, "place"] - 1
        assert sorted(random.sample(range(every), 40)) == list(places)
    read = table("sources").loc[drawn["source_ids"], "read"].to_numpy()
    assert ((drawn["outcome"] == "not read") == (read == "not read")).all()
    assert drawn.loc[drawn["outcome"] == "holds in part", "mended"].notna().all()


def test_epoch_is_credited(table):
    epoch = set(catalog.sources().query("publisher == 'Epoch AI'")["id"])
    for name in EPOCH:
        used = {i for ids in table(name)["source_ids"] for i in ids.split(";")}
        note = catalog.describe(name)["licenceNote"]
        assert used & epoch and "CC BY" in note and "Epoch AI" in note, name
    for name in ("epoch-models", "epoch-cost-methods", "price-frontier"):
        assert set(table(name)["source_ids"]) <= epoch
