"""The panel functions on a Dask cluster of two local workers: the same numbers.

``requirements.txt`` installs what it needs, so that it runs in every `make test`.
"""

import distributed
import numpy as np
import pandas as pd
import pytest
from study_panel import EVENT, panel

from shockbook import study


@pytest.fixture(scope="module")
def client():
    with distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        yield client


def test_two_workers_give_equal_results(client):
    prices = panel([f"F{i}" for i in range(150)])
    prices.iloc[160:165, [3, 100]] = np.nan  # firms with gaps make a block of their own
    table = study.returns(prices)
    days = study.placebo_days(table, EVENT)
    alone = study.rolling(table, days)
    shared = study.rolling(table, days, executor=client.get_executor())
    for name in ("car", "se", "sigma", "dof"):
        pd.testing.assert_frame_equal(getattr(alone, name), getattr(shared, name))
    one, two = (
        study.placebo(table, EVENT, firms=["F1", "F2"], executor=executor).to_frame()
        for executor in (None, client.get_executor())
    )
    pd.testing.assert_frame_equal(one, two)
    # Both workers worked: the blocks were not all computed in one place.
    ran = client.run(lambda dask_worker: dask_worker.state.executed_count)
    assert len(ran) == 2 and all(count > 0 for count in ran.values())
