"""The library against the published figures in the table ``cost-checks``."""

import pytest

from shockbook import catalog, cost


@pytest.fixture(scope="module")
def checks():
    return catalog.load("cost-checks").set_index("id")


@pytest.fixture(scope="module")
def hours():
    return catalog.load("gpu-hours").set_index("id")


@pytest.fixture(scope="module")
def models():
    return catalog.load("architecture").set_index("id")


@pytest.fixture(scope="module")
def peaks():
    return catalog.load("hardware-peaks").set_index("id")


@pytest.fixture(scope="module")
def prices():
    return catalog.load("api-prices").set_index("id")


def agree(checks, key, value):
    """The value is the recorded result, and the published figure where there is one."""
    assert value == pytest.approx(checks.loc[key, "result"], rel=1e-4), key
    published = checks.loc[key, "expected"]
    if published == published:
        # Published figures are rounded: two digits (3.7 days, 41K hours) in the coarsest case.
        assert value == pytest.approx(published, rel=0.015), key


def test_accounts(checks, hours):
    v3 = hours.loc[["v3_pretrain", "v3_context", "v3_posttrain"]]
    r1 = hours.loc[["r1zero", "r1_sftdata", "r1"]]
    for rows, h, dollars in [(v3, "d01", "d02"), (r1, "d08", "d09")]:
        bill = cost.account(rows["gpu_hours"], rows["usd_per_gpu_hour"])
        agree(checks, h, bill["gpu_hours"].sum())
        agree(checks, dollars, bill["dollars"].sum())
        assert bill["dollars"].tolist() == rows["cost_usd"].tolist()


def test_gpu_hours(checks, hours):
    for key, row in [("d06", "r1zero"), ("d07", "r1")]:
        part = hours.loc[row]
        agree(checks, key, part["gpu_count"] * part["wall_clock_hours"])


def test_flop_and_utilisation(checks, hours, models, peaks):
    v3, run = models.loc["v3"], hours.loc["v3_pretrain", "gpu_hours"]
    tokens = v3["training_tokens_t"] * 1e12
    bf16, fp8 = peaks.loc["h800_sxm", ["bf16_dense_tflops", "fp8_dense_tflops"]]
    six = cost.training_flop(v3["params_active_b"] * 1e9, tokens)
    own = cost.reported_flop(v3["train_gflop_per_token"] * 1e9, tokens)
    agree(checks, "d10", six)
    agree(checks, "d11", cost.achieved_tflops(six, run))
    agree(checks, "d12", 100 * cost.utilisation(cost.achieved_tflops(six, run), bf16))
    agree(checks, "d13", cost.achieved_tflops(own, run))
    agree(checks, "d14", 100 * cost.utilisation(cost.achieved_tflops(own, run), bf16))
    agree(checks, "d15", 100 * cost.utilisation(checks.loc["d13", "expected"], fp8))


def test_llama(checks, hours, models, peaks):
    llama = models.loc["llama31_405b"]
    flop = cost.training_flop(llama["params_active_b"] * 1e9, llama["training_tokens_t"] * 1e12)
    speed = cost.achieved_tflops(flop, hours.loc["llama31_405b", "gpu_hours"])
    agree(checks, "d17", flop)
    agree(checks, "d18", 100 * cost.utilisation(speed, peaks.loc["h100_sxm", "bf16_dense_tflops"]))


@pytest.mark.parametrize(("key", "row"), [("d26", "ap0065"), ("d28", "ap0026")])
def test_blended_prices(checks, prices, key, row):
    price = prices.loc[row]
    agree(checks, key, cost.blended_price(price["input_usd_per_m"], price["output_usd_per_m"]))


def test_serving_day(checks):
    nodes, gpus, rent = 226.75, 8, 2.0  # DeepSeek's inference overview (source ds_infra)
    day = nodes * cost.node_cost(gpus, rent) / cost.HOURS_PER_MONTH * 24
    agree(checks, "d23", day)
    income = checks.loc["d24", "expected"]
    agree(checks, "d25", 100 * (income / day - 1))
