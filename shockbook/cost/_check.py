"""Checks at the door: one clear sentence that names the quantity and the way out."""

import numpy as np


def _array(name: str, value) -> np.ndarray:
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number or numbers, not {value!r}") from None
    if array.size == 0:
        raise ValueError(f"{name} is empty: give at least one number")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a missing or infinite value: leave such rows out first")
    return array


def _first(array: np.ndarray, bad: np.ndarray) -> float:
    return float(array[bad].ravel()[0])


def non_negative(name: str, value) -> np.ndarray:
    """The value as a float array, every element zero or more."""
    array = _array(name, value)
    if (bad := array < 0).any():
        raise ValueError(f"{name} may not be negative, but is {_first(array, bad):g}")
    return array


def positive(name: str, value) -> np.ndarray:
    """The value as a float array, every element above zero."""
    array = _array(name, value)
    if (bad := array <= 0).any():
        raise ValueError(f"{name} must be above zero, but is {_first(array, bad):g}")
    return array


def at_least(name: str, value, least: float, hint: str) -> np.ndarray:
    """The value as a float array, every element at or above ``least`` (a guard against units)."""
    array = positive(name, value)
    if (bad := array < least).any():
        raise ValueError(f"{name} is {_first(array, bad):g}, which is too small: {hint}")
    return array


def share(name: str, value, below_one: bool = False) -> np.ndarray:
    """The value as a float array, every element from 0 to 1 (below 1 if asked)."""
    array = non_negative(name, value)
    bad = array >= 1 if below_one else array > 1
    if bad.any():
        limit = "below 1" if below_one else "at most 1"
        raise ValueError(
            f"{name} is a share and must be {limit}, but is {_first(array, bad):g}; "
            "write 30 per cent as 0.30"
        )
    return array


def plain(array: np.ndarray):
    """A float for a single number, the array itself otherwise."""
    return float(array) if np.ndim(array) == 0 else array
