"""Checks at the door: one clear sentence that names the quantity and the way out."""

import numpy as np


def _array(name: str, value) -> np.ndarray:
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        given = np.asarray(value, dtype=object).tolist()
        raise ValueError(f"{name} must be a number or numbers, not {given!r}") from None
    if array.size == 0:
        raise ValueError(f"{name} is empty: give at least one number")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a missing or infinite value: leave such rows out first")
    return array


def _checked(name: str, array: np.ndarray, bad: np.ndarray, says: str) -> np.ndarray:
    """The array; or a sentence in which the first bad value takes the place of ``{}``."""
    if bad.any():
        raise ValueError(f"{name} {says.format(f'{array[bad].ravel()[0]:g}')}")
    return array


def non_negative(name: str, value) -> np.ndarray:
    """The value as a float array, every element zero or more."""
    array = _array(name, value)
    return _checked(name, array, array < 0, "may not be negative, but is {}")


def positive(name: str, value) -> np.ndarray:
    """The value as a float array, every element above zero."""
    array = _array(name, value)
    return _checked(name, array, array <= 0, "must be above zero, but is {}")


def within(name: str, value, least: float, most: float, hint: str) -> np.ndarray:
    """The value as a float array, every element in a range (a guard against units)."""
    array = positive(name, value)
    _checked(name, array, array < least, "is {}, which is too small: " + hint)
    return _checked(name, array, array > most, "is {}, which is too large: " + hint)


def whole(name: str, value, unit: str) -> int:
    """The value, a whole number of at least one."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be at least 1 {unit}, a whole number, but is {value}")
    return value


def share(name: str, value, below_one: bool = False) -> np.ndarray:
    """The value as a float array, every element from 0 to 1 (below 1 if asked)."""
    array = non_negative(name, value)
    bad, limit = (array >= 1, "below 1") if below_one else (array > 1, "at most 1")
    says = f"is a share and must be {limit}, but is {{}}; write 30 per cent as 0.30"
    return _checked(name, array, bad, says)


def dollars_per_hour(value) -> np.ndarray:
    """The rent of one GPU for one hour as a float array, zero or more."""
    array = non_negative("usd_per_gpu_hour", value)
    says = "is {}, which is too large: give dollars for one GPU and one hour, as 2"
    return _checked("usd_per_gpu_hour", array, array > 1000, says)


def plain(array: np.ndarray):
    """A float for a single number, the array itself otherwise."""
    return float(array) if np.ndim(array) == 0 else array
