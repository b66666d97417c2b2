"""Speed of the placebo study: 503 firms on 250 days, market model, against two references.

(a) A loop of statsmodels OLS with a forecast, one regression per firm and day, timed on a sample
    of them and scaled up.
(b) The floor: one LAPACK least-squares call per day (dgels, by QR) on the same window, with all
    firms as right-hand sides.  It gives coefficients and residual sums of squares: no standard
    error, no abnormal return.

Returns are drawn from a seeded generator, since their values do not change the time; the sample
of (a) is compared with the batch.

One BLAS thread, so that small calls do not wait for each other on a busy machine.

Run: python benchmarks/bench_study.py.  With dask.distributed installed, the same study is also
run on a local cluster of two workers and compared.
"""

from __future__ import annotations

import os
import time
import tracemalloc

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is imported

import numpy as np
import pandas as pd

from shockbook import study

FIRMS, DAYS, WINDOW = 503, 250, 250


def market(firms: int, days: int, seed: int = 0) -> tuple[pd.DataFrame, pd.DatetimeIndex]:
    """Returns of `firms` and SPY that leave exactly `days` possible event days."""
    rng = np.random.default_rng(seed)
    index = pd.bdate_range("2000-01-03", periods=days + 270)
    spy = rng.normal(0.0005, 0.01, len(index))
    own = rng.normal(0, 0.015, (len(index), firms)) + spy[:, None]
    table = pd.DataFrame(own, index=index, columns=[f"F{i}" for i in range(firms)])
    return table.assign(SPY=spy), index[270:]


def best(run, times: int = 3) -> float:
    """Shortest wall time of a few runs, in seconds."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        spent.append(time.perf_counter() - start)
    return min(spent)


def peak(run) -> float:
    """Most memory allocated at once during a run, in MB, its inputs not counted."""
    tracemalloc.start()
    run()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def statsmodels_loop(table: pd.DataFrame, days, sample: int) -> tuple[float, float]:
    """Seconds for one regression with its forecast; largest difference from the batch's t."""
    import statsmodels.api as sm

    batch = study.rolling(table, days)
    rng = np.random.default_rng(1)
    pairs = [
        (int(rng.integers(len(days))), int(rng.integers(table.shape[1] - 1))) for _ in range(sample)
    ]
    values, spy = table.to_numpy(), table["SPY"].to_numpy()
    found = []
    start = time.perf_counter()
    for day, firm in pairs:
        window = slice(day, day + WINDOW)
        fit = sm.OLS(values[window, firm], sm.add_constant(spy[window])).fit()
        ahead = fit.get_prediction(np.array([[1.0, spy[day + 270]]]))
        found.append((values[day + 270, firm] - ahead.predicted_mean[0]) / ahead.se_obs[0])
    each = (time.perf_counter() - start) / sample
    mine = [batch.t.to_numpy()[pair] for pair in pairs]
    return each, float(np.abs(np.array(found) - mine).max())


def lapack_floor(table: pd.DataFrame, days) -> None:
    """One least-squares call per day with all firms as right-hand sides."""
    from scipy.linalg.lapack import dgels

    y = np.asfortranarray(table.drop(columns="SPY").to_numpy())
    x = np.asfortranarray(np.column_stack([np.ones(len(table)), table["SPY"]]))
    for day in range(len(days)):
        dgels(x[day : day + WINDOW], y[day : day + WINDOW])


def dask_cluster(table: pd.DataFrame, days) -> tuple[float, float]:
    """Seconds on a local cluster of two workers; largest difference from the plain call."""
    from distributed import Client

    alone = study.rolling(table, days)
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        executor = client.get_executor()
        study.rolling(table, days, executor=executor)  # the workers import on first use
        start = time.perf_counter()
        shared = study.rolling(table, days, executor=executor)
        spent = time.perf_counter() - start
    return spent, float((alone.t - shared.t).abs().max().max())


def main(sample: int = 300) -> pd.DataFrame:
    """Print and return the table."""
    table, days = market(FIRMS, DAYS)
    ours = best(lambda: study.rolling(table, days))
    floor = best(lambda: lapack_floor(table, days))
    each, difference = statsmodels_loop(table, days, sample)
    loop = each * FIRMS * DAYS
    rows = [
        ("study.rolling", ours, peak(lambda: study.rolling(table, days))),
        (
            "LAPACK, one call per day (no standard errors)",
            floor,
            peak(lambda: lapack_floor(table, days)),
        ),
        (f"statsmodels loop, scaled from {sample} of {FIRMS * DAYS}", loop, np.nan),
    ]
    result = pd.DataFrame(rows, columns=["what", "seconds", "peak MB"]).set_index("what")
    result["times ours"] = result["seconds"] / ours
    print(f"Placebo study, {FIRMS} firms x {DAYS} days x {WINDOW}-day windows, market model")
    print(result.round(3).to_string(na_rep=""))
    print(f"largest difference of t from statsmodels: {difference:.1e}\n")
    print("Growth")
    print(growth().round(3).to_string())
    try:
        spent, difference = dask_cluster(table, days)
        print(f"\nDask, two local workers: {spent:.3f} s, largest difference of t {difference:.1e}")
    except ImportError:
        print("\nDask: not installed (python -m pip install -e .[cluster])")
    return result


def growth() -> pd.DataFrame:
    """Time and memory as firms and days grow."""
    rows = []
    for firms, days in ((100, 250), (503, 250), (2000, 250), (503, 50), (503, 1000)):
        table, when = market(firms, days)
        run = lambda table=table, when=when: study.rolling(table, when)  # noqa: E731
        rows.append((firms, days, best(run), peak(run)))
    out = pd.DataFrame(rows, columns=["firms", "days", "seconds", "peak MB"])
    out["microseconds per regression"] = 1e6 * out["seconds"] / (out["firms"] * out["days"])
    return out.set_index(["firms", "days"])


if __name__ == "__main__":
    main()
