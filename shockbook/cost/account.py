"""The account of a training run: GPU-hours times a rental price, stage by stage.

The method is the one of the DeepSeek-V3 report (2024, table 1): hours of each stage times an
assumed rental price.  It covers what is counted in the hours and nothing else; an overhead
share says what part of a whole bill the counted run leaves out.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ._check import dollars_per_hour, non_negative, plain, share


def rental_cost(gpu_hours, usd_per_gpu_hour, overhead_share=0.0):
    """Dollars for GPU-hours at a rental price, with overhead on top if asked.

    Args:
        gpu_hours (float or array): Hours summed over all GPUs, zero or more.
        usd_per_gpu_hour (float or array): Rental price of one GPU for one hour, in dollars, zero or
            more.
        overhead_share (float or array, default 0): Share of the whole bill that is not this run, 0
            to below 1.  The bill is ``run / (1 - overhead_share)``: with a share of 0.9 the run is
            a tenth of it.

    Returns:
        float or array: Dollars.

    Raises:
        ValueError: If hours or price are negative or missing, or the share is outside [0, 1).
    """
    hours = non_negative("gpu_hours", gpu_hours)
    price = dollars_per_hour(usd_per_gpu_hour)
    overhead = share("overhead_share", overhead_share, below_one=True)
    return plain(hours * price / (1 - overhead))


def account(stages: Mapping[str, float] | pd.Series, usd_per_gpu_hour) -> pd.DataFrame:
    """The account of a run, one row per stage.

    Args:
        stages (mapping or Series): Stage name to GPU-hours.
        usd_per_gpu_hour (float, mapping or Series): One price for all stages, or one per stage
            name.

    Returns:
        DataFrame: Columns stage, gpu_hours, usd_per_gpu_hour, dollars, share (of all dollars), in
        the order given.

    Raises:
        ValueError: If there is no stage, a stage is named twice, a price is missing, or a figure is
            negative.
    """
    series, priced = pd.Series(stages), isinstance(usd_per_gpu_hour, Mapping | pd.Series)
    price = pd.Series(usd_per_gpu_hour, index=None if priced else series.index)
    if series.empty:
        raise ValueError("the account has no stage: give at least one stage with its GPU-hours")
    for index in (series.index, price.index):
        for twice in index[index.duplicated()][:1]:
            raise ValueError(f"stage {twice!r} is named twice: add its GPU-hours up first")
    price = price.reindex(series.index)
    if priced and price.isna().any():
        raise ValueError(f"stage {price.index[price.isna()][0]!r} has no price")
    dollars = rental_cost(series, price)
    total = dollars.sum()
    return pd.DataFrame(
        {
            "stage": series.index,
            "gpu_hours": series.to_numpy(float),
            "usd_per_gpu_hour": price.to_numpy(float),
            "dollars": dollars,
            "share": dollars / total if total else np.zeros_like(dollars),
        }
    )
