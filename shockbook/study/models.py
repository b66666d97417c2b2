"""Models of the normal return, fitted by least squares for one firm or a matrix of firms.

Source of the models: J. Y. Campbell, A. W. Lo and A. C. MacKinlay, *The Econometrics of Financial
Markets* (1997), chapter 4; A. C. MacKinlay, "Event studies in economics and finance", *Journal of
Economic Literature* 35 (1997) 13-39; factors as defined by E. F. Fama and K. R. French (1993,
2015) and M. M. Carhart (1997).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .checks import dated, usable_returns
from .errors import StudyError, listed
from .returns import calendar_of
from .spec import FACTOR_MODELS, MODELS, Specification

EXACT = 1e-10  # residual over total spread below which a fit leaves nothing to test


@dataclass(frozen=True, repr=False)
class Fit:
    """Least squares of n firms on the same k regressors (k may be 0).

    Attributes:
        params (DataFrame, n firms x k)
        sigma (Series, n): Residual standard deviation, ``sqrt(sum of squares / dof)``, per day.
        dof (Series, n): Observations of the firm less k.
        r2 (Series, n): Share of the variance about the mean that is explained; for the
            market-adjusted model, which fits nothing, zero or below.
        xtx_inv (array, n x k x k): (X'X)^-1 over the days the firm was observed.
        residuals (DataFrame, days x n): NaN on days without an observation of the firm.
    """

    params: pd.DataFrame
    sigma: pd.Series
    dof: pd.Series
    r2: pd.Series
    xtx_inv: np.ndarray
    residuals: pd.DataFrame

    @property
    def firms(self) -> pd.Index:
        return self.sigma.index

    def to_frame(self) -> pd.DataFrame:
        """One row per firm: parameters, residual standard deviation, R2, degrees of freedom."""
        return self.params.assign(sigma=self.sigma, r2=self.r2, dof=self.dof)

    def __repr__(self) -> str:
        return f"Fit of {len(self.firms)} firm(s)\n{self.to_frame()}"


def ols(y: pd.DataFrame, x: pd.DataFrame) -> Fit:
    """Regress every column of `y` on the same regressors.

    Firms with the same missing days are solved together in one QR decomposition; firms with gaps
    are solved exactly, on the days they have.

    Args:
        y (DataFrame, days x n firms): May hold NaN.
        x (DataFrame, days x k): Complete; the constant is a column of its own.

    Raises:
        StudyError: If the days differ, a regressor is missing on a day, the regressors are
            collinear, a firm has too few days, does not move, or is fitted exactly (it is its own
            benchmark).
    """
    if not y.index.equals(x.index):
        raise StudyError("the firms' days and the regressors' days differ: align them first")
    values, design = y.to_numpy(dtype=float), x.to_numpy(dtype=float)
    if np.isnan(design).any():
        row, col = np.argwhere(np.isnan(design))[0]
        raise StudyError(f"{x.columns[col]} has no value on {x.index[row]:%Y-%m-%d}")
    k, n = design.shape[1], values.shape[1]
    params, inverse = np.empty((n, k)), np.empty((n, k, k))
    for days, firms in _same_days(~np.isnan(values)):
        if days.sum() < k + 3:
            raise StudyError(
                f"{listed(y.columns[firms])}: {days.sum()} days with a return are too few for "
                f"{k} coefficients"
            )
        params[firms], inverse[firms] = solve(design[days], values[np.ix_(days, firms)])
    residuals = values - design @ params.T
    dof = (~np.isnan(values)).sum(axis=0) - k
    rss = np.nansum(residuals**2, axis=0)
    tss = np.nansum((values - np.nanmean(values, axis=0)) ** 2, axis=0)
    _check_spread(y.columns, rss, tss)
    per_firm = {"index": y.columns}
    return Fit(
        params=pd.DataFrame(params, columns=x.columns, **per_firm),
        sigma=pd.Series(np.sqrt(rss / dof), name="sigma", **per_firm),
        dof=pd.Series(dof, name="dof", **per_firm),
        r2=pd.Series(1 - rss / tss, name="r2", **per_firm),
        xtx_inv=inverse,
        residuals=pd.DataFrame(residuals, index=y.index, columns=y.columns),
    )


def _same_days(observed: np.ndarray):
    """Firms grouped by the days they were observed: pairs (days, positions of firms)."""
    groups: dict[bytes, list[int]] = {}
    for firm, key in enumerate(np.packbits(observed, axis=0).T):
        groups.setdefault(key.tobytes(), []).append(firm)
    for firms in groups.values():
        yield observed[:, firms[0]], np.array(firms)


def solve(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Parameters (firms x k) and (X'X)^-1 from one QR decomposition of x (days x k)."""
    if x.shape[1] == 0:
        return np.empty((y.shape[1], 0)), np.empty((0, 0))
    q, r = np.linalg.qr(x)
    if (np.abs(np.diag(r)) <= 1e-9 * np.linalg.norm(r, axis=0)).any():  # of each one's own size
        raise StudyError(
            "the regressors are collinear in the estimation window (a benchmark that does not "
            "move, or the same one twice): leave one out"
        )
    inverse = np.linalg.inv(r)
    return (inverse @ (q.T @ y)).T, inverse @ inverse.T


def _check_spread(firms: pd.Index, rss: np.ndarray, tss: np.ndarray) -> None:
    # A constant price gives a sum of squares of exactly zero, or rounding of the mean.
    still = tss < 1e-20
    if still.any():
        raise StudyError(
            f"{listed(firms[still])}: the price does not move in the estimation window, so there "
            "is no spread to judge the event by; leave it out"
        )
    exact = rss < EXACT**2 * tss
    if exact.any():
        raise StudyError(
            f"{listed(firms[exact])}: the model fits exactly, as for a firm that is its own "
            "benchmark; leave it out or choose another benchmark"
        )


def check_factors(factors: pd.DataFrame | None, needed: list[str]) -> pd.DataFrame:
    """The needed factors, in decimals.

    Raises ``StudyError`` if a factor is missing, or the figures are per cent.
    """
    if factors is None:
        raise StudyError(f"this model needs the factors {', '.join(needed)}: pass `factors`")
    factors = dated(factors, "the table of factors")
    absent = [f for f in needed if f not in factors]
    if absent:
        raise StudyError(f"the factors lack {listed(absent)}")
    table = factors[needed]
    # A day's factor above 1, or a day's risk-free return above half a per cent, is no decimal.
    if (table.abs().max() > [0.005 if f == "rf" else 1 for f in needed]).any():
        raise StudyError(
            "the factors look like per cent: divide them by 100, a return is a decimal"
        )
    return table


def inputs(
    table: pd.DataFrame, spec: Specification, factors: pd.DataFrame | None = None
) -> tuple[pd.Series, pd.DataFrame]:
    """What a model takes from each firm's return, and its regressors.

    Args:
        table (DataFrame, dates x tickers): Returns of the kind that `spec` names, the benchmark
            among them.
        factors (DataFrame, dates x factors, optional): Fama-French factors in decimals, ``rf``
            among them.  For log returns the market and risk-free return are taken as logs too; the
            other factors are returns of long-short portfolios and stay as published.

    Returns:
        Series, dates, and DataFrame, dates x k: What is subtracted from every firm's return (zero,
        the benchmark, or the risk-free rate), and the regressors, a constant first; no column for
        the market-adjusted model.  The dates are the calendar of the study: those of the benchmark.
    """
    table = usable_returns(table, spec)
    stated = table.attrs.get("returns", spec.returns)
    if stated != spec.returns:
        raise StudyError(f"the returns are {stated}, the specification says {spec.returns}")
    if spec.benchmark == "mkt_rf":
        if spec.model not in ("capm", *FACTOR_MODELS, "mean"):
            raise StudyError(f"mkt_rf is an excess return: use it with capm, not {spec.model}")
        calendar = calendar_of(check_factors(factors, ["mkt_rf"]), "mkt_rf")
        calendar = calendar.intersection(table.index).sort_values()
    else:
        calendar = calendar_of(table, spec.benchmark)
    offset, regressors = pd.Series(0.0, index=calendar), {}
    if spec.model in ("market-adjusted", "market"):
        benchmark = table[spec.benchmark].reindex(calendar)
        if spec.model == "market":
            regressors = {spec.benchmark: benchmark}
        else:
            offset = benchmark
    elif spec.model == "capm" and spec.benchmark != "mkt_rf":
        offset = _kind(check_factors(factors, ["rf"]), spec.returns).reindex(calendar)["rf"]
        excess = table[spec.benchmark].reindex(calendar) - offset
        regressors = {f"{spec.benchmark} - rf": excess}
    elif spec.model != "mean":
        names = ["mkt_rf"] if spec.model == "capm" else list(MODELS[spec.model][1])
        known = _kind(check_factors(factors, [*names, "rf"]), spec.returns).reindex(calendar)
        offset, regressors = known["rf"], known[names]
    x = pd.DataFrame(regressors, index=calendar).rename_axis(columns=None)
    if spec.model != "market-adjusted":
        x.insert(0, "const", 1.0)
    return offset, x


def _kind(factors: pd.DataFrame, kind: str) -> pd.DataFrame:
    if kind == "simple":
        return factors
    out = factors.copy()
    out["rf"] = np.log1p(factors["rf"])
    if "mkt_rf" in factors:
        out["mkt_rf"] = np.log1p(factors["mkt_rf"] + factors["rf"]) - out["rf"]
    return out


def window_data(
    table: pd.DataFrame, offset: pd.Series, x: pd.DataFrame, days: pd.DatetimeIndex, what: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Firms' returns less the offset, and the regressors, on the days of one window.

    Raises ``StudyError`` if a regressor or the offset has no value on a day of the window.
    """
    both = pd.concat([offset.rename("risk-free rate or benchmark"), x], axis=1).loc[days]
    if both.isna().to_numpy().any():
        col = both.columns[both.isna().any()][0]
        day = both.index[both[col].isna()][0]
        raise StudyError(f"{col} has no value on {day:%Y-%m-%d}, a day of the {what} window")
    return table.reindex(days).sub(both.iloc[:, 0], axis=0), both.iloc[:, 1:]
