"""Event-study mathematics on plain pandas and numpy objects; no file is read or written here."""

from .abnormal import EventStudy, abnormal_returns, car_se, eligible, event_study, forecast_se
from .errors import StudyError
from .models import Fit, inputs, ols
from .returns import align, calendar_of, equal_weight, event_time, position, returns, wide, window
from .returns import without as benchmark_without
from .spec import BENCHMARKS, MODELS, PRIMARY, Benchmark, Specification

__all__ = [
    "BENCHMARKS",
    "MODELS",
    "PRIMARY",
    "Benchmark",
    "EventStudy",
    "Fit",
    "Specification",
    "StudyError",
    "abnormal_returns",
    "align",
    "benchmark_without",
    "calendar_of",
    "car_se",
    "eligible",
    "equal_weight",
    "event_study",
    "event_time",
    "forecast_se",
    "inputs",
    "ols",
    "position",
    "returns",
    "wide",
    "window",
]
