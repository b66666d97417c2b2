"""Returns on the exchange's own calendar, never by position.

The calendar of a study is the set of dates on which its benchmark has an observation.  Prices are
aligned to that calendar first and turned into returns afterwards.  So

* a return on date d is the change from the series' own previous price *on the calendar*;
* a series that trades when the exchange is shut (crypto at weekends, Tokyo on a New York holiday)
  has the moves of those days compounded into the next day of the calendar, for instance
  Friday's close to Monday's;
* a date on which the series has no price is NaN, and its next return spans the gap, for instance
  a Tokyo holiday.

A return that spans a gap covers more sessions than the benchmark's return of the same date.
"""

import numpy as np
import pandas as pd

from .checks import chosen, dated, day, days_of, naive, several
from .errors import StudyError, listed, share

KINDS = ("simple", "log")


def wide(long: pd.DataFrame, value: str = "adj_close") -> pd.DataFrame:
    """Turn a long table (``date``, ``ticker``, ``value``) into dates x tickers, dates sorted.

    Raises:
        StudyError: If a ticker has two rows for one date, or a column is missing.
    """
    absent = [c for c in ("date", "ticker", value) if c not in long]
    if absent:
        raise StudyError(f"the long table has no column {listed(absent)}: rename yours to these")
    if long["ticker"].isna().any():
        raise StudyError("the long table has a row without a ticker: drop it")
    long = long.assign(date=naive(pd.Index(long["date"]), "the long table"))
    try:
        table = long.pivot(index="date", columns="ticker", values=value)
    except ValueError:
        double = long.duplicated(["date", "ticker"])
        if not double.any():
            raise
        row = long[double].iloc[0]
        raise StudyError(
            f"{row['ticker']} has two rows for {row['date']:%Y-%m-%d}: keep one before pivoting"
        ) from None
    return table.dropna(how="all").sort_index()


def align(prices: pd.DataFrame, calendar: pd.DatetimeIndex) -> pd.DataFrame:
    """Prices on the dates of `calendar` only; a date without an observation is NaN, never filled.

    Raises:
        StudyError: If a date stands twice in `prices`.
    """
    return dated(prices, "the table of prices").reindex(_sorted(calendar))


def _sorted(calendar) -> pd.DatetimeIndex:
    """Dates in whatever dress, each once and in order."""
    return naive(pd.Index(calendar), "the calendar").unique().sort_values()


def calendar_of(table: pd.DataFrame, reference: str) -> pd.DatetimeIndex:
    """The dates on which `reference` (the benchmark) has an observation, sorted."""
    table = dated(table)
    if reference not in table:
        raise StudyError(f"no column {reference}: the calendar is that of the benchmark, add it")
    return pd.DatetimeIndex(table[reference].dropna().index).sort_values()


def returns(
    prices: pd.DataFrame, kind: str = "simple", calendar: pd.DatetimeIndex | None = None
) -> pd.DataFrame:
    """Returns of each column from its own previous observation.

    Args:
        prices (DataFrame, dates x tickers): Closes, adjusted for splits and dividends.  Rows may
            come in any order.
        kind ({"simple", "log"}): ``p / q - 1`` or ``ln(p / q)``, as decimals (0.01 is one per
            cent).
        calendar (DatetimeIndex, optional): The exchange's trading days (see :func:`calendar_of`).
            Prices are aligned to it *before* returns are taken.  Without it each column keeps its
            own calendar.

    Returns:
        DataFrame, dates x tickers: NaN on the first date of each column and where it has no
        observation.  ``attrs["returns"]`` holds `kind`.

    Raises:
        StudyError: For an unknown kind, a price that is zero or negative, or a date that stands
            twice.
    """
    if kind not in KINDS:
        raise StudyError(f"returns of kind {kind!r} are not known: choose simple or log")
    prices = dated(prices, "the table of prices")
    table = align(prices, prices.index if calendar is None else calendar)
    values = table.to_numpy(dtype=float)
    bad = (values <= 0) | np.isinf(values)
    if bad.any():
        row, col = np.argwhere(bad)[0]
        raise StudyError(
            f"the price of {table.columns[col]} on {table.index[row]:%Y-%m-%d} is "
            f"{values[row, col]:g}: a return needs finite prices above zero"
        )
    ratio = values / table.ffill().shift().to_numpy(dtype=float)
    out = np.log(ratio) if kind == "log" else ratio - 1
    result = pd.DataFrame(out, index=table.index, columns=table.columns)
    result.attrs["returns"] = kind
    return result


def to_log(simple: pd.DataFrame) -> pd.DataFrame:
    """Log returns from simple ones, ln(1 + R): for baskets, whose simple returns are means.

    Raises:
        StudyError: If the table says that it holds log returns already, or a return is -1 or below.
    """
    if simple.attrs.get("returns", "simple") != "simple":
        raise StudyError("these are log returns already: pass simple ones")
    if (simple <= -1).to_numpy().any():
        raise StudyError("a simple return of -1 or below has no logarithm: look at the prices")
    result = np.log1p(simple)
    result.attrs = {**simple.attrs, "returns": "log"}
    return result


def log_volume(volume: pd.DataFrame) -> pd.DataFrame:
    """Natural logarithm of traded volume, for studies of abnormal volume; zero becomes NaN.

    With ``Specification(model="mean")`` an abnormal value of 0.7 is a day of twice (e^0.7) the
    usual volume, with ``model="market"`` beyond what the benchmark's volume suggests.  Source:
    C. J. Campbell and C. E. Wasley, "Measuring abnormal daily trading volume for samples of
    NYSE/ASE and NASDAQ securities using parametric and nonparametric test statistics", *Review of
    Quantitative Finance and Accounting* 6 (1996) 309-326, who find the rank test the safest:
    volume is skewed and one busy day follows another, so prefer it and placebo days.

    Args:
        volume (DataFrame, dates x tickers): Shares, or currency; with the benchmark's column, whose
            dates are the calendar.  Of a table of ``yfinance.download`` the volumes are taken.

    Raises:
        StudyError: If a volume is negative or infinite.
    """
    table = dated(volume, "the table of volumes", ("Volume",))
    if ((table < 0) | np.isinf(table)).to_numpy().any():
        raise StudyError("a volume is negative or infinite: look at the table")
    result = np.log(table.where(table > 0))
    result.attrs["measure"] = "log volume"
    return result


def position(calendar: pd.DatetimeIndex, event) -> int:
    """Where the event day stands on the calendar.

    Raises:
        StudyError: If the event day is no date of the calendar; the message names the next session.
    """
    event, calendar = day(event), _sorted(calendar)
    at = int(calendar.searchsorted(event))
    if at < len(calendar) and calendar[at] == event:
        return at
    if not len(calendar):
        raise StudyError("the calendar is empty: the benchmark has no observation")
    named = f"the event day {event:%Y-%m-%d} ({event:%A}) is no trading day of these data"
    if 0 < at < len(calendar):
        raise StudyError(
            f"{named}: take the next session, {calendar[at]:%Y-%m-%d} ({calendar[at]:%A}), if the "
            f"news came after the close of {calendar[at - 1]:%Y-%m-%d} ({calendar[at - 1]:%A}), "
            "else that day"
        )
    raise StudyError(
        f"{named}, which run from {calendar[0]:%Y-%m-%d} to {calendar[-1]:%Y-%m-%d}: the nearest "
        f"is {calendar[min(at, len(calendar) - 1)]:%Y-%m-%d}"
    )


def positions(calendar: pd.DatetimeIndex, events) -> np.ndarray:
    """Where many days stand on the calendar; StudyError as for one."""
    events = days_of(events)
    at = calendar.get_indexer(events)
    for missing in events[at < 0][:1]:
        position(calendar, missing)
    return at


def window(calendar: pd.DatetimeIndex, event, bounds: tuple[int, int]) -> pd.DatetimeIndex:
    """The dates from t = ``bounds[0]`` to t = ``bounds[1]``, both included.

    Raises:
        StudyError: If the window reaches beyond the calendar.
    """
    calendar, (first, last) = _sorted(calendar), bounds
    if first > last:
        raise StudyError(f"the window {first, last} runs backwards: write the earlier day first")
    at = position(calendar, event)
    if at + first < 0 or at + last >= len(calendar):
        raise StudyError(
            f"the window t = {first} to {last} around {calendar[at]:%Y-%m-%d} reaches beyond the "
            f"data: there are {at} trading days before it and {len(calendar) - at - 1} after; "
            "choose a shorter window or load more days"
        )
    return calendar[at + first : at + last + 1]


def equal_weight(table: pd.DataFrame, leave_out: list[str] = ()) -> pd.Series:
    """Mean return of all columns but those left out, over the columns observed that day.

    A benchmark rebalanced daily to equal weights; ``leave_out=["NVDA"]`` takes the firm out of
    its own benchmark.
    """
    table, leave_out = dated(table), several(leave_out)
    kept = table.drop(columns=chosen(table, leave_out) if leave_out else [])
    if kept.shape[1] == 0:
        raise StudyError("no column is left for the equally weighted benchmark")
    name = "equal weight" + (f" without {listed(leave_out)}" if leave_out else "")
    return kept.mean(axis=1).rename(name)


def without(benchmark: pd.Series, firm: pd.Series, weight: float) -> pd.Series:
    """The benchmark's simple return with one firm of known weight taken out: (b - w r) / (1 - w).

    `weight` is the firm's share at the close before, as a decimal, held fixed over the dates
    given.
    """
    weight = share(weight, "the weight", least=0)
    return ((benchmark - weight * firm) / (1 - weight)).rename(f"{benchmark.name} without firm")
