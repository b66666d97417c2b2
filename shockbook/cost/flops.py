"""The arithmetic of a training run: operations needed, speed reached, share of the peak.

Two ways to count the operations:

* ``6ND`` (Kaplan et al. 2020, section 2.1; used by Hoffmann et al. 2022): six operations for each
  active parameter and token, two forward and four backward.  Attention over the context is left
  out, so it understates long-context runs.
* operations per token as the developer reports them, attention included.

Model FLOPs utilisation (MFU; Chowdhery et al. 2022, section 4.1) is the speed this implies over the
peak of the chip.  The peak must be named: an H800 has about twice the peak in FP8 that it has in
BF16, so one run has two utilisations.

``flop`` is a count of operations, ``tflops`` is 10^12 operations per second.
"""

from collections.abc import Mapping

import pandas as pd

from ._check import plain, positive, share, within

FLOP_PER_PARAMETER_AND_TOKEN = 6
SECONDS_PER_HOUR = 3600
#: What no chip and no run has lain outside of: a guess at a slip of units, not a law.
COUNTS, TFLOPS, LEAST_SHARE = (1e5, 1e17), (1e-3, 2e5), 1e-6


def training_flop(active_parameters, tokens):
    """Operations to train: 6 x active parameters x tokens.

    Args:
        active_parameters (float or array): Parameters used for one token (all of them in a dense
            model, the routed ones in a mixture of experts); the number itself, not billions.
        tokens (float or array): Tokens trained on; the number itself, not trillions.

    Returns:
        float or array: FLOP (a count).

    Raises:
        ValueError: If a figure is so small or large that a unit slip is likely.
    """
    hint = "give the number itself, 37e9 for 37 billion"
    n = within("active_parameters", active_parameters, *COUNTS, hint)
    return plain(FLOP_PER_PARAMETER_AND_TOKEN * n * _tokens(tokens))


def _tokens(tokens):
    return within("tokens", tokens, *COUNTS, "give the number itself, 14.8e12 for 14.8 trillion")


def _peak(peak_tflops):
    return within("peak_tflops", peak_tflops, *TFLOPS, "give TFLOPS, 989 for 989e12 a second")


def reported_flop(flop_per_token, tokens):
    """Operations to train from the operations per token that a developer reports.

    ``flop_per_token`` counts forward and backward pass, 250e9 for 250 GFLOP; ``tokens`` is the
    number itself.  Returns FLOP; ``ValueError`` as in :func:`training_flop`.
    """
    f = within("flop_per_token", flop_per_token, *COUNTS, "give FLOP, 250e9 for 250 GFLOP")
    return plain(f * _tokens(tokens))


def achieved_tflops(flop, gpu_hours):
    """Speed of one GPU: operations over GPU-seconds, in TFLOPS (10^12 per second).

    Raises ``ValueError`` if either is zero, negative or missing.
    """
    seconds = positive("gpu_hours", gpu_hours) * SECONDS_PER_HOUR
    return plain(positive("flop", flop) / seconds / 1e12)


def utilisation(tflops, peak_tflops):
    """Share of the chip's peak, 0 to 1.

    Args:
        tflops, peak_tflops (float or array): Speed reached and dense peak of one GPU at one
            precision, both in TFLOPS.

    Raises:
        ValueError: If the peak is zero or negative, or the speed is above the peak or next to
            nothing, which no chip can do: then hours, operations or units are wrong.
    """
    ratio = positive("tflops", tflops) / _peak(peak_tflops)
    for odd, why in (
        (ratio > 1 + 1e-9, "which no chip can do"),  # but for rounding
        (ratio < LEAST_SHARE, "which no run would bear"),
    ):
        if odd.any():
            raise ValueError(
                f"the speed is {ratio[odd].max():.3g} times the peak, {why}: "
                "check GPU-hours, operations, and that the peak is in TFLOPS"
            )
    return plain(ratio)


def gpu_hours_needed(flop, peak_tflops, utilisation):
    """GPU-hours that ``flop`` operations need at a share of the peak (the inverse of the above)."""
    speed = _peak(peak_tflops) * positive("utilisation", share("utilisation", utilisation))
    seconds = positive("flop", flop) / (speed * 1e12)
    return plain(seconds / SECONDS_PER_HOUR)


def utilisation_table(
    flop: Mapping[str, float], gpu_hours: float, peak_tflops: Mapping[str, float]
) -> pd.DataFrame:
    """Utilisation for every way of counting and every named peak.

    Args:
        flop (mapping): Name of the count to FLOP.
        gpu_hours (float): GPU-hours of the run.
        peak_tflops (mapping): Name of the peak to TFLOPS.

    Returns:
        DataFrame: Columns count, flop, tflops, peak, peak_tflops, utilisation (0 to 1); one row per
        pair.
    """
    if not flop or not peak_tflops:
        raise ValueError("name at least one count of operations and one peak")
    rows = []
    for count, operations in flop.items():
        speed = achieved_tflops(operations, gpu_hours)
        for peak, most in peak_tflops.items():
            rows.append((count, operations, speed, peak, most, utilisation(speed, most)))
    names = ["count", "flop", "tflops", "peak", "peak_tflops", "utilisation"]
    return pd.DataFrame(rows, columns=names)
