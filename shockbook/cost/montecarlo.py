"""Uncertainty of a cost: draw the unknown inputs from stated priors and see what comes out.

Everything is seeded and vectorised.  Draws come by inverse transform from one uniform stream per
input, so that adding an input or changing one prior leaves the other inputs' draws as they were.
Rounding, where bytes must be stable, is left to the caller.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ._check import _array, share, whole


@dataclass(frozen=True)
class Uniform:
    """Every value from ``low`` to ``high`` equally likely."""

    low: float
    high: float

    def __post_init__(self):
        low, high = _array("a bound of a uniform prior", (self.low, self.high))
        if not low < high:
            raise ValueError(
                f"a uniform prior needs low < high, got {self.low:g} and {self.high:g}"
            )

    def ppf(self, u):
        """The value below which a share ``u`` (0 to 1) of the draws lies."""
        return self.low + share("u", u) * (self.high - self.low)


@dataclass(frozen=True)
class Triangular:
    """Likeliest at ``mode``, falling in a straight line to nothing at ``low`` and ``high``."""

    low: float
    mode: float
    high: float

    def __post_init__(self):
        low, mode, high = _array("a bound of a triangular prior", (self.low, self.mode, self.high))
        if not (low <= mode <= high and low < high):
            raise ValueError(
                "a triangular prior needs low <= mode <= high and low < high, got "
                f"{self.low:g}, {self.mode:g} and {self.high:g}"
            )

    def ppf(self, u):
        """The value below which a share ``u`` (0 to 1) of the draws lies."""
        u = share("u", u)
        width, left, right = self.high - self.low, self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(u * width * left)
        falling = self.high - np.sqrt((1 - u) * width * right)
        return np.where(u * width <= left, rising, falling)


Prior = Uniform | Triangular


def _named(priors: Mapping[str, Prior]) -> Mapping[str, Prior]:
    if not priors:
        raise ValueError("there is no prior: name at least one uncertain input")
    for name, prior in priors.items():
        if not isinstance(prior, Prior):
            raise ValueError(f"{name} is {prior!r}, no prior: write Uniform(low, high), or fix it")
    return priors


def _stream(seed: int, name: str) -> np.random.Generator:
    # Python's own hash() of a text differs from run to run; this one does not.
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    return np.random.default_rng([seed, key])


def simulate(
    model: Callable[..., np.ndarray], priors: Mapping[str, Prior], n: int = 10_000, seed: int = 1
) -> pd.DataFrame:
    """Draw every input ``n`` times, independently, and apply the model.

    Args:
        model (callable): Takes the inputs by name, arrays of shape (n,), and returns an array of
            shape (n,).
        priors (mapping): Input name to prior.
        n (int): Number of draws, at least 1.
        seed (int): The same seed gives the same draws.

    Returns:
        DataFrame: One column per input, in the inputs' units, and ``result``; n rows.
    """
    whole("n", n, "draw")
    draws = {
        name: prior.ppf(_stream(seed, name).random(n)) for name, prior in _named(priors).items()
    }
    result = np.asarray(model(**draws), dtype=float)
    if result.shape not in ((), (n,)) or "result" in draws:
        raise ValueError("the model must return one number for each draw, and no input is `result`")
    return pd.DataFrame(draws).assign(result=result)


def quantiles(draws, at: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> pd.Series:
    """Quantiles of the draws, indexed by the share below."""
    values = np.asarray(draws, dtype=float)
    if values.size == 0:
        raise ValueError("there is no draw to take quantiles of")
    if np.isnan(values).any():
        raise ValueError("a draw is missing: let the model give a number for all its inputs")
    at = np.atleast_1d(at)
    return pd.Series(np.quantile(values, share("at", at)), index=list(at))


def compare(
    model: Callable[..., np.ndarray],
    cases: Mapping[str, Mapping[str, Prior]],
    above: float,
    n: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """The same model under several sets of priors, side by side.

    The cases share their draws: an input with the same prior in two cases has the same values
    in both, so they differ by what was assumed and not by chance.

    Args:
        model, n, seed: As in :func:`simulate`.
        cases (mapping): Name of the case to its priors.
        above (float): A level of the result, in its unit.

    Returns:
        DataFrame: One row per case: low, median and high (5, 50 and 95 per cent of the draws lie
        below, in the result's unit) and share_above (of the draws above the level).
    """
    if not cases:
        raise ValueError("there is no case: name at least one set of priors")
    rows = {}
    for name, priors in cases.items():
        result = simulate(model, priors, n, seed)["result"]
        rows[name] = [*quantiles(result, (0.05, 0.5, 0.95)), (result > above).mean()]
    columns = ["low", "median", "high", "share_above"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def tornado(
    model: Callable[..., np.ndarray],
    priors: Mapping[str, Prior],
    low: float = 0.05,
    high: float = 0.95,
) -> pd.DataFrame:
    """One input at a time: move it from its low to its high quantile, the rest at their medians.

    Returns:
        DataFrame: Columns input, low_input, high_input, low_result, high_result, base_result, swing
        (absolute difference of the two results); the largest swing first.
    """
    if not 0 <= low < high <= 1:
        raise ValueError(f"the quantiles need 0 <= low < high <= 1, got {low:g} and {high:g}")
    base = {name: float(prior.ppf(0.5)) for name, prior in _named(priors).items()}
    middle = float(model(**base))
    rows = []
    for name, prior in priors.items():
        ends = [float(prior.ppf(q)) for q in (low, high)]
        results = _array("a result", [model(**{**base, name: end}) for end in ends])
        rows.append((name, *ends, *results, middle, abs(results[1] - results[0])))
    names = ["input", "low_input", "high_input"]
    names += ["low_result", "high_result", "base_result", "swing"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.sort_values(["swing", "input"], ascending=[False, True], ignore_index=True)
