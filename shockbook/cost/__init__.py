"""Training-cost model: what a run costs, how well it used its machines, how sure we are.

Plain numpy and pandas in, plain numpy and pandas out; no file is read and nothing else of this
package is imported.  Units stand in the names: ``gpu_hours``, ``usd_per_gpu_hour``, ``tokens``,
``flop`` (a count), ``tflops`` (10^12 per second), ``usd_per_m_tokens``.
"""

# ruff: noqa: F401, I001  what others find here
from .account import account, rental_cost
from .breakeven import (
    HOURS_PER_MONTH, blended_price, break_even_tokens, break_even_utilisation, monthly_tokens,
    node_cost, sensitivity,
)  # fmt: skip
from .flops import (
    achieved_tflops, gpu_hours_needed, reported_flop, training_flop, utilisation, utilisation_table,
)  # fmt: skip
from .forecast import drift_forecast, line_forecast, rolling_origin
from .montecarlo import Triangular, Uniform, compare, quantiles, simulate, tornado
from .trend import Trend, decimal_year, fit_trend, frontier
