"""Event-study mathematics on plain pandas and numpy objects; no file is read or written here."""

# ruff: noqa: I001
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

__all__ = [
    "BENCHMARKS", "Benchmark", "CHOICES", "CLUSTERED", "CrossSection", "Curve", "EventStudy", "Fit",
    "MODELS", "ManyDates", "PRIMARY", "Placebo", "Rolling", "Specification",
    "StudyError", "Synthetic", "TESTS", "WORDS", "abnormal_returns", "across_firms", "align",
    "benchmark_without", "benjamini_hochberg", "calendar_of", "car_se", "cross_section", "curve",
    "curves", "donor_pool", "eligible", "empirical_p", "equal_weight", "event_study",
    "forecast_se", "grid", "group_tests", "industry", "inputs", "log_volume",
    "many_dates", "measures", "ols", "overlap_correlation", "placebo", "placebo_days", "position",
    "power", "returns", "rolling", "simplex_weights", "size_of_placebo",
    "size_on_days", "synthetic_control", "to_log", "wide", "window",
]  # fmt: skip
