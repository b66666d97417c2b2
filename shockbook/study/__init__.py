"""Event-study mathematics on plain pandas and numpy objects; no file is read or written here."""

from .abnormal import EventStudy, abnormal_returns, car_se, eligible, event_study, forecast_se
from .errors import StudyError
from .inference import TESTS, benjamini_hochberg, group_tests
from .models import Fit, inputs, ols
from .placebo import Placebo, across_firms, empirical_p, placebo, placebo_days
from .returns import align, calendar_of, equal_weight, event_time, position, returns, wide, window
from .returns import without as benchmark_without
from .rolling import Rolling, rolling
from .spec import BENCHMARKS, MODELS, PRIMARY, Benchmark, Specification

__all__ = [
    "BENCHMARKS",
    "MODELS",
    "PRIMARY",
    "TESTS",
    "Placebo",
    "Rolling",
    "Benchmark",
    "EventStudy",
    "Fit",
    "Specification",
    "StudyError",
    "abnormal_returns",
    "across_firms",
    "align",
    "benchmark_without",
    "benjamini_hochberg",
    "calendar_of",
    "car_se",
    "eligible",
    "empirical_p",
    "equal_weight",
    "event_study",
    "event_time",
    "forecast_se",
    "group_tests",
    "inputs",
    "ols",
    "placebo",
    "placebo_days",
    "position",
    "returns",
    "rolling",
    "wide",
    "window",
]
