"""How often the tests reject: size without an effect, power with a known one.

Whole days of real abnormal returns are drawn with replacement, so firms keep their correlation
and days their fat tails.  What is lost is the order of days: calm and wild weeks are mixed, which
flatters every test that expects tomorrow's variance to be that of the year before.
:func:`size_on_days` keeps the order: it runs the tests on real placebo days.

Source of the design: S. J. Brown and J. B. Warner, "Using daily stock returns", *Journal of
Financial Economics* 14 (1985) 3-31.
"""

import numpy as np
import pandas as pd

from .abnormal import t_p
from .checks import counted, usable_returns
from .errors import StudyError, share
from .inference import statistics
from .models import inputs, solve
from .placebo import empirical_p
from .returns import position
from .rolling import rolling
from .spec import PRIMARY, Specification


def power(
    residuals: pd.DataFrame,
    x: pd.DataFrame,
    effects=(0.0, 0.01, 0.02, 0.05),
    size: int = 1,
    draws: int = 1000,
    days: int = 250,
    level: float = 0.05,
    inflate: float = 1.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Rejection rates of each test at each effect.

    For each draw: choose `size` firms without replacement; draw `days` + 1 whole days (residuals
    and regressors together) with replacement; the last is the event.  The model is fitted again
    on the others, so the error of its parameters is in it.

    Args:
        residuals (DataFrame, days x firms): Complete abnormal returns of real days.
        x (DataFrame, days x k): Regressors of the same days, as from :func:`inputs`.
        effects (floats): Added to every firm's return on the event day, as decimals.
        inflate (float): Factor on the event day's own abnormal return: event-induced variance is
            its square.
        seed (int): Of the generator; the effects share the draws.

    Returns:
        DataFrame: ``test, effect, rejected`` (share), ``mc_se`` (its standard error), ``draws,
        firms``.  One firm: Student's t with the forecast-error correction, and the empirical p
        among the residuals of the estimation window.  More firms: those of :data:`TESTS`.
    """
    e, design = residuals.to_numpy(dtype=float), x.to_numpy(dtype=float)
    if np.isnan(e).any():
        raise StudyError("the residuals have gaps: keep the firms and days that are complete")
    if len(e) != len(design):
        raise StudyError("the residuals' days and the regressors' days differ: align them first")
    if not 1 <= size <= e.shape[1]:
        raise StudyError(f"groups of {size} firms cannot be drawn from {e.shape[1]}")
    if days < design.shape[1] + 3:
        raise StudyError(f"{days} days are too few for {design.shape[1]} coefficients")
    rng = np.random.default_rng(seed)
    effects = np.asarray(effects, dtype=float)
    counts: dict[str, np.ndarray] = {}
    for _ in range(counted("draws", draws)):
        firms = rng.choice(e.shape[1], size, replace=False)
        rows = rng.integers(len(e), size=days + 1)
        y, z = e[np.ix_(rows, firms)], design[rows]
        y[-1] *= inflate
        before, during, se = _refit(y, z)
        for name, p in _ps(before, during + effects[:, None], se, z.shape[1]).items():
            counts[name] = counts.get(name, 0) + (np.asarray(p) < share(level))
    rows = [
        {"test": name, "effect": effect, "rejected": count / draws}
        for name, per_effect in counts.items()
        for effect, count in zip(effects, per_effect, strict=True)
    ]
    out = pd.DataFrame(rows)
    out["mc_se"] = np.sqrt(out["rejected"] * (1 - out["rejected"]) / draws)
    return out.assign(draws=draws, firms=size)


def _refit(y: np.ndarray, z: np.ndarray):
    """Residuals of all days but the last, abnormal return of the last, its standard error."""
    b, inverse = solve(z[:-1], y[:-1])
    rest = y - z @ b.T
    before, today = rest[:-1], z[-1]
    sigma = np.sqrt((before**2).sum(axis=0) / (len(before) - z.shape[1]))
    return before, rest[-1], sigma * np.sqrt(1 + today @ inverse @ today)


def _ps(before: np.ndarray, during: np.ndarray, se: np.ndarray, k: int) -> dict:
    """p-values of each test, one for each row of `during` (effects x firms)."""
    dof = np.full(len(se), len(before) - k)
    if len(se) == 1:
        return {
            "Student t": t_p(during / se, dof)[:, 0],
            "quantile": empirical_p(during[:, 0], before),
        }
    every = [statistics(day / se, dof, before, day[None], k) for day in during]
    return {name: [found[name][1][0] for found in every] for name in every[0]}


def size_on_days(
    table: pd.DataFrame,
    days,
    spec: Specification = PRIMARY,
    firms: list[str] | None = None,
    factors: pd.DataFrame | None = None,
    size: int = 20,
    groups: int = 5,
    level: float = 0.05,
    seed: int = 0,
) -> pd.DataFrame:
    """Rejection rates on real placebo days, where nothing is known to have happened.

    On each day: every firm alone (Student's t), all firms together, and `groups` random groups
    of `size` firms (each test of :data:`TESTS`).

    Returns:
        DataFrame: ``group`` ("one firm", "random groups", "all firms"), ``test, rejected`` (share
        of cases), ``cases, days, day_se``: the standard error over days, since cases of one day are
        not independent.
    """
    rng = np.random.default_rng(seed)
    outcomes: dict[tuple[str, str], list[float]] = {}
    cases: dict[tuple[str, str], int] = {}

    def note(group: str, test: str, rejected) -> None:
        outcomes.setdefault((group, test), []).append(float(np.mean(rejected)))
        cases[group, test] = cases.get((group, test), 0) + np.size(rejected)

    table = usable_returns(table, spec)
    every = rolling(table, days, spec, firms, factors)
    firms = list(every.car.columns)
    offset, x = inputs(table, spec, factors)
    y = table[firms].reindex(x.index).sub(offset, axis=0).to_numpy()
    design = x.to_numpy()
    b = np.stack([every.params[name].to_numpy() for name in x.columns], axis=-1)
    sars, dofs = every.t.to_numpy(), every.dof.to_numpy()
    alone = t_p(sars, dofs) < share(level)
    for i, day in enumerate(every.car.index):
        at = position(x.index, day)
        past, now = (slice(at + w[0], at + w[1] + 1) for w in (spec.estimation, spec.event_window))
        before, during = (y[rows] - design[rows] @ b[i].T for rows in (past, now))
        note("one firm", "Student t", alone[i])

        picks = np.zeros((len(firms), groups + 1), bool)
        picks[:, 0] = True
        for g in range(1, groups + 1):
            picks[rng.choice(len(firms), min(size, len(firms)), replace=False), g] = True
        found = statistics(sars[i], dofs[i], before, during, b.shape[-1], member=picks)
        for test, (_, p) in found.items():
            note(f"random groups of {size}", test, p[1:] < level)
            note("all firms", test, p[:1] < level)
    rows = [
        {
            "group": group,
            "test": test,
            "rejected": np.mean(per_day),
            "cases": cases[group, test],
            "days": len(per_day),
            "day_se": pd.Series(per_day).sem(),
        }
        for (group, test), per_day in outcomes.items()
    ]
    return pd.DataFrame(rows).sort_values("group", kind="stable", ignore_index=True)


def size_of_placebo(
    values: pd.DataFrame, group: str, first: int = 60, level: float = 0.05
) -> pd.DataFrame:
    """Rejection rate of the placebo p itself: each day is judged by the days before it only.

    Args:
        values (DataFrame, days x columns): Standardised abnormal returns of firms or baskets on
            placebo days (``Rolling.t``).
        group (str): Name of the row.
        first (int): Days that are only judged by, never judged.

    Returns:
        DataFrame: One row with the columns of :func:`size_on_days`.
    """
    if len(values) <= first + 1:
        raise StudyError(f"{len(values)} days are too few when {first} of them only judge")
    sizes = np.abs(values.to_numpy())
    found = [empirical_p(sizes[i], sizes[:i]) <= share(level) for i in range(first, len(sizes))]
    per_day = np.mean(found, axis=1)
    row = {
        "group": group,
        "test": "placebo days",
        "rejected": per_day.mean(),
        "cases": np.size(found),
        "days": len(per_day),
        "day_se": per_day.std(ddof=1) / np.sqrt(len(per_day)),
    }
    return pd.DataFrame([row])
