"""What a study fixes before it looks at results: the specification, and what each one estimates."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .errors import StudyError, share

# model: (what it compares the firm with, regressors)
MODELS = {
    "mean": ("its own average", ()),
    "market-adjusted": ("the benchmark, one for one", ()),
    "market": ("the benchmark, times the firm's usual response to it", ("benchmark",)),
    "capm": ("the benchmark, both in excess of the risk-free rate", ("benchmark - rf",)),
    "ff3": ("market, size and value factors", ("mkt_rf", "smb_3factor", "hml")),
    "carhart": ("market, size, value and momentum", ("mkt_rf", "smb_3factor", "hml", "mom")),
    "ff5": (
        "market, size, value, profitability and investment factors",
        ("mkt_rf", "smb_5factor", "hml", "rmw", "cma"),
    ),
    "ff6": ("the five factors and momentum", ("mkt_rf", "smb_5factor", "hml", "rmw", "cma", "mom")),
}
FACTOR_MODELS = ("ff3", "carhart", "ff5", "ff6")
#: Trading days from the event that no window reaches beyond: four centuries.
LONGEST = 100_000


@dataclass(frozen=True)
class Benchmark:
    """A benchmark, the loss it measures, and what it shares with the firm."""

    name: str
    estimates: str
    note: str


BENCHMARKS = {
    "SPY": Benchmark(
        "S&P 500, by capitalisation",
        "beyond the market",
        "contains NVIDIA, among its largest weights: its own fall pulls the benchmark down, "
        "so the estimate is too small in size",
    ),
    "RSP": Benchmark(
        "S&P 500, equal weight",
        "beyond the average large company",
        "contains NVIDIA, as one company among about five hundred",
    ),
    "QQQ": Benchmark(
        "Nasdaq-100",
        "beyond large technology companies",
        "contains NVIDIA, among its largest weights, and many firms hit by the same news",
    ),
    "SMH": Benchmark(
        "US-listed semiconductors",
        "beyond chips",
        "contains NVIDIA as its largest weight, and its peers were hit by the same news: "
        "most of the shock is taken out",
    ),
    "mkt_rf": Benchmark(
        "Fama-French market factor",
        "beyond the whole US market",
        "contains NVIDIA: all listed US firms by capitalisation",
    ),
}


def _window(what: str, given) -> tuple[int, int]:
    """First and last trading day of a window, in order."""
    try:
        first, last = (int(t) for t in given)
        whole = (first, last) == tuple(given)
    except (TypeError, ValueError, OverflowError):
        whole = False
    if not whole:
        raise StudyError(f"the {what} is {given!r}: write its first and last day, like (-1, 1)")
    if first > last:
        raise StudyError(f"the {what} {first, last} runs backwards: write the earlier day first")
    if max(-first, last) > LONGEST:
        raise StudyError(f"the {what} {first, last} is over more than {LONGEST:,} trading days")
    return first, last


@dataclass(frozen=True)
class Specification:
    """One way to measure an abnormal return.

    Args:
        model (str): A key of :data:`MODELS`.  Factor models use the Fama-French factors and no
            benchmark return; ``capm`` uses the benchmark's excess return, or ``mkt_rf`` if that is
            named as the benchmark.
        benchmark (str): The column of the benchmark's returns.  Its dates are the calendar of the
            study.
        returns ({"simple", "log"}): Kind of the returns.
        estimation, event_window ((int, int)): First and last trading day relative to the event
            (t = 0), both included.
        coverage (float): Least share of the estimation window on which a firm must have a return.

    Raises:
        StudyError: For an unknown model or kind, a coverage that is no share, or windows that
            overlap or run backwards.
    """

    model: str = "market"
    benchmark: str = "SPY"
    returns: str = "simple"
    estimation: tuple[int, int] = (-270, -21)
    event_window: tuple[int, int] = (0, 0)
    coverage: float = 0.9

    def __post_init__(self):
        for name, what in (("estimation", "estimation window"), ("event_window", "event window")):
            object.__setattr__(self, name, _window(what, getattr(self, name)))
        if self.model not in list(MODELS):
            raise StudyError(f"the model {self.model!r} is not known: choose {', '.join(MODELS)}")
        if self.returns not in ("simple", "log"):
            raise StudyError(f"returns of kind {self.returns!r} are not known: simple or log")
        if self.coverage != 1:
            share(self.coverage, "coverage", least=0)
        if self.estimation[1] >= self.event_window[0]:
            raise StudyError(
                f"the estimation window {self.estimation} must end before the event window "
                f"{self.event_window} begins"
            )
        if self.days < self.regressors + 3:
            raise StudyError(
                f"the estimation window {self.estimation} is too short for the {self.model} "
                f"model, which needs {self.regressors + 3} days: start it earlier"
            )

    @property
    def days(self) -> int:
        """Length of the estimation window in trading days."""
        return self.estimation[1] - self.estimation[0] + 1

    @property
    def regressors(self) -> int:
        """Number of coefficients, the constant included."""
        return 0 if self.model == "market-adjusted" else 1 + len(MODELS[self.model][1])

    @property
    def estimates(self) -> str:
        """What the abnormal return is measured against, in a few words."""
        if self.model == "mean":
            return "beyond the firm's own average"
        if self.model in FACTOR_MODELS:
            return f"beyond {MODELS[self.model][0]}"
        known = BENCHMARKS.get(self.benchmark)
        return known.estimates if known else f"beyond {self.benchmark}"

    def but(self, **changes) -> Specification:
        """The same specification with some choices changed."""
        return replace(self, **changes)

    def __str__(self) -> str:
        against = "" if self.model in ("mean", *FACTOR_MODELS) else f" on {self.benchmark}"
        e, w = self.estimation, self.event_window
        return f"{self.model}{against}, {self.returns}, t = {e[0]}..{e[1]}, CAR[{w[0]}, {w[1]}]"


#: The primary specification of the book, written into the repository before its code computed an
#: abnormal return, by people who had seen early figures: market model on SPY, simple returns of
#: closes adjusted for splits and dividends, estimated over the 250 trading days from t = -270 to
#: t = -21, for the event day 27 January 2025 alone.  Every other specification is an alternative.
PRIMARY = Specification()
