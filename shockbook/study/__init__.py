"""Event-study mathematics on plain pandas and numpy objects; no file is read or written here."""

# ruff: noqa: F401, I001  what others find here
from .abnormal import EventStudy, abnormal_returns, car_se, eligible, event_study, forecast_se
from .cross_section import CrossSection, cross_section, measures
from .curve import CHOICES, WORDS, Curve, curve, curves, grid
from .errors import StudyError
from .inference import CLUSTERED, TESTS, benjamini_hochberg, group_tests, industry
from .many import ManyDates, many_dates, overlap_correlation
from .models import Fit, inputs, ols
from .placebo import Placebo, across_firms, empirical_p, placebo, placebo_days
from .power import power, size_of_placebo, size_on_days
from .returns import (
    align, calendar_of, equal_weight, log_volume, position, returns, to_log, wide, window,
)  # fmt: skip
from .returns import without as benchmark_without
from .rolling import Rolling, rolling
from .spec import BENCHMARKS, MODELS, PRIMARY, Benchmark, Specification
from .synthetic import Synthetic, donor_pool, simplex_weights, synthetic_control
