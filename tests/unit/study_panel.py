"""A small made-up market for the tests of `study`: prices and factors on weekdays, seeded."""

import numpy as np
import pandas as pd

DAYS = pd.date_range("2023-01-02", periods=560, freq="B")
EVENT = DAYS[400]
FACTORS = ["mkt_rf", "smb_5factor", "hml", "rmw", "cma", "rf", "smb_3factor", "mom"]


def panel(firms="ABCD", seed=7, days=DAYS) -> pd.DataFrame:
    """Prices of a few firms that follow SPY, and SPY itself, dates x tickers."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0005, 0.01, len(days))
    out = {}
    for i, firm in enumerate(firms):
        own = rng.standard_t(5, len(days)) * 0.012
        out[firm] = 50 * np.exp(np.cumsum(0.0002 + (0.6 + 0.3 * (i % 5)) * market + own))
    out["SPY"] = 400 * np.exp(np.cumsum(market))
    return pd.DataFrame(out, index=days)


def factors(seed=8, days=DAYS) -> pd.DataFrame:
    """Daily factors in decimals."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(0, 0.006, (len(days), 8)), index=days, columns=FACTORS)
    table["rf"] = 0.0002 + rng.normal(0, 1e-5, len(days))
    return table
