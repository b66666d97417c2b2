"""Hold a live answer against the snapshot: its form, its overlap, and what would change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shockbook.live.faults import ContractError

#: Relative difference below which two cells are the same: the same request to Yahoo differs in
#: the seventh digit, and some of the snapshot's sources round to two decimals.
TOLERANCE = 1e-5
#: How near to 10, 100, 1000 or their inverses a ratio must be to count as a slip of the point.
NEAR_TEN = 0.02
#: Dividends of a year or two move a whole series of adjusted closes by less than this.
WHOLE = 0.25
#: More of a series' rows than this revised in one direction: it is another series.
DRIFT = 0.1
#: The newest adjusted closes are the closes, but for a dividend of the last days.
NEWEST = 0.05
#: A day of a row may move by this much unasked.
YEAR = pd.Timedelta(days=366)
#: More of the rows or tickers than this gone: the source is not what it was.
GONE = 0.05


@dataclass(frozen=True)
class Rules:
    """What may differ between a dataset's snapshot and its live answer."""

    key: tuple[str, ...]  # columns that name a row
    group: str | None = None  # column of the series (ticker) that a split restates as a whole
    values: dict[str, float] = field(default_factory=dict)  # revision that needs consent, by column
    texts: tuple[str, ...] = ()  # other columns that the source gives
    fresh: tuple[str, ...] = ()  # columns that it gives for new rows only
    #: Columns whose level is free by one factor for each series, as every later dividend changes
    #: all adjusted closes by the same ratio.
    rescaled: tuple[str, ...] = ()
    tolerance: float = TOLERANCE  # relative and absolute difference of numbers that are the same
    near: float = 0.0
    tens: bool = True  # whether a number ten times off is taken for a slip of the decimal point
    #: Which rows of the snapshot the source need not know (their key frame -> booleans).
    kept: Callable[[pd.DataFrame], pd.Series] | None = None
    # of new rows, see shockbook.live.fresh
    order: str = "date"  # the column of their day
    longest: int = 0  # days from one row of a series to the next, where there is no calendar
    calendar: str = ""  # whose sessions they are: an exchange, or as the table ``tickers`` says
    moves: tuple[str, ...] = ()  # columns that move by no more than they have ever done
    range: tuple[str, ...] = ()  # columns that stay near the range that they have had


@dataclass
class Change:
    """What a live answer would change in one dataset."""

    dataset: str
    frame: pd.DataFrame | None = None  # the dataset as it would be
    added: int = 0  # rows that are new
    lost: int = 0  # rows that are gone
    filled: int = 0  # cells that were empty
    revised: int = 0  # cells that differ beyond the tolerance
    rescaled: list[str] = field(default_factory=list)  # series moved by one ratio, as by a dividend
    largest: tuple[float, str] | None = None  # the largest relative revision, and where
    consent: list[str] = field(default_factory=list)  # what --accept-revisions would accept
    failed: list[str] = field(default_factory=list)  # tickers unknown to the source: rows stay
    refused: dict[str, str] = field(default_factory=dict)  # new rows left out, and why
    accepted: dict[str, str] = field(default_factory=dict)  # let in by --accept-rows, and the doubt
    notes: list[str] = field(default_factory=list)  # what else a reader should know
    fresh: pd.Series | None = None  # which rows of the frame are new
    gaps: pd.DataFrame | None = None  # which of its cells were empty, by column

    @property
    def anything(self) -> bool:
        """Whether the file would change."""
        return bool(self.added or self.lost or self.filled or self.revised or self.rescaled)


def _where(row: pd.Series, key: Sequence[str]) -> str:
    """The name of a row in a sentence: ``NVDA, 2025-01-27``."""
    parts = [row[k].date().isoformat() if isinstance(row[k], pd.Timestamp) else row[k] for k in key]
    return ", ".join(str(part) for part in reversed(parts))


def _count(number: int, thing: str) -> str:
    """``a row`` or ``3 rows``."""
    return f"a {thing}" if number == 1 else f"{number:,} {thing}s"


def _is_ten(ratio: np.ndarray) -> np.ndarray:
    """Which ratios are a power of ten other than one, within a few per cent."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.log10(ratio)
    power = np.where(np.isfinite(power), power, 0)  # from or to zero: no slip, but a revision
    nearest = np.round(power)
    return (nearest != 0) & (np.abs(10 ** (power - nearest) - 1) < NEAR_TEN)


def compare(dataset: str, old: pd.DataFrame, new: pd.DataFrame, rules: Rules) -> Change:
    """Compare a live answer with the snapshot and merge them.

    Cells within the tolerance keep the snapshot's digits, so that a file changes only where the
    data do; columns and rows that the source does not give stay.  The attributes ``unknown`` and
    ``splits`` of ``new`` are those that :func:`shockbook.live.yahoo.prices` sets.

    Raises ``LiveError`` with reason ``contract`` where consent would be no cure: doubled rows, many
    rows or tickers gone, dates shifted, a price ten times off.
    """
    key = list(rules.key)
    _no_doubles(dataset, new, key)
    unknown = new.attrs.get("unknown", [])
    columns = [c for c in [*rules.values, *rules.texts, *rules.fresh] if c in new]
    both = _side_by_side(old, new[key + columns], rules)
    change = Change(dataset, both, failed=list(unknown))
    _rows(change, both, old, rules, unknown)
    given = both["_merge"] != "left_only"
    fresh = both["_merge"] == "right_only"
    gaps = pd.DataFrame(False, both.index, columns)
    for column in columns:
        if column not in rules.fresh:
            gaps[column] = given & both[column].isna() & both[f"{column} new"].notna() & ~fresh
        if column in rules.values:
            _numbers(change, both, column, given & ~fresh, rules, new.attrs.get("splits", []))
        elif column in rules.texts:
            _texts(change, both, column, given & ~fresh, rules)
        both.loc[fresh, column] = both.loc[fresh, f"{column} new"]
    for name in change.rescaled:
        mine = new[new[rules.group] == name] if rules.group else new
        level = (mine[rules.rescaled[0]] / mine["close"]).tail(5).median()
        if abs(level - 1) > NEWEST:
            change.consent.append(
                f"{dataset}: the newest {rules.rescaled[0]} of {name} is {level:.2g} of its close."
            )
    stay = ~both["_lost"]
    frame = both.loc[stay, list(old.columns)].reset_index(drop=True)
    change.fresh, change.gaps = (x[stay].reset_index(drop=True) for x in (fresh, gaps))
    change.filled = int(change.gaps.to_numpy().sum())
    for column, kind in old.dtypes.items():  # whole numbers and truths may have got gaps
        if kind.kind not in "iub" or frame[column].notna().all():
            frame[column] = frame[column].astype(kind)
    frame.attrs = {}
    change.frame = frame
    return change


def _side_by_side(old: pd.DataFrame, new: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Both tables by key: series in the snapshot's order, each by date if its rows have one.

    Other rows stay in the snapshot's order, and a new one comes after the last of its series.
    """
    key = list(rules.key)
    places = old.assign(_place=np.arange(len(old), dtype="float64"))
    both = places.merge(new, on=key, how="outer", suffixes=("", " new"), indicator=True)
    place = both["_place"]
    end = place.groupby(both[rules.group]).transform("max") if rules.group else len(old)
    both["_place"] = end if "date" in key else place.fillna(end)
    both["_place"] = both["_place"].fillna(len(old))
    both = both.sort_values(["_place", "date" if "date" in key else "_merge", *key])
    both = both.reset_index(drop=True)
    for column in new.columns.difference(key):
        if f"{column} new" not in both:  # only the snapshot has it otherwise
            raise KeyError(column)
    return both


def _no_doubles(dataset: str, new: pd.DataFrame, key: list[str]) -> None:
    """Each row once."""
    doubled = new.duplicated(key)
    if doubled.any():
        raise ContractError(
            f"The live {dataset} has a row twice: {_where(new[doubled].iloc[0], key)}."
        )


def _rows(change, both, old, rules, unknown) -> None:
    """Rows that are new or gone; marks the gone ones in the column ``_lost``."""
    missing = both["_merge"] == "left_only"
    excused = pd.Series(False, index=both.index)
    if rules.group and unknown:
        excused |= both[rules.group].isin(unknown)
        series = old[rules.group].nunique()
        if len(unknown) > max(1, GONE * series):
            raise ContractError(
                f"The source of {change.dataset} no longer knows {len(unknown)} of {series} "
                f"tickers ({', '.join(unknown[:5])}, ...)."
            )
    if rules.kept is not None:
        excused |= rules.kept(both)
    both["_lost"] = missing & ~excused
    change.added = int((both["_merge"] == "right_only").sum())
    change.lost = int(both["_lost"].sum())
    if not change.lost:
        return
    lost = both[both["_lost"]]
    example = _where(lost.iloc[-1], rules.key)
    if "date" in rules.key and rules.group:
        _no_shift(change.dataset, both, rules)
    if change.lost > max(1, GONE * len(old)):
        raise ContractError(
            f"The live {change.dataset} lacks {change.lost} of the snapshot's {len(old)} rows "
            f"(for instance {example})."
        )
    rows = _count(change.lost, "row")
    change.consent.append(f"{change.dataset} would lose {rows}: {example}.")


def _no_shift(dataset: str, both: pd.DataFrame, rules: Rules) -> None:
    """Days gone and other days come within the same span: the dates have moved."""
    for name, part in both.groupby(rules.group):
        lost = part[part["_lost"]]
        if lost.empty:
            continue
        come = part[part["_merge"] == "right_only"]
        span = part.loc[part["_merge"] != "right_only", "date"]
        inside = come["date"].between(lost["date"].min(), span.max())
        if len(lost) >= 3 and inside.sum() >= len(lost) // 2:
            raise ContractError(
                f"The dates of {name} in the live {dataset} have shifted: {len(lost)} days gone, "
                f"{int(inside.sum())} others in their place."
            )


def _numbers(change, both, column, overlap, rules, splits) -> None:
    """Compare one numeric column on the overlap and put the new value where it differs."""
    old, new = both[column], both[f"{column} new"]
    both.loc[overlap & old.isna(), column] = new
    here = overlap & old.notna()
    gone = here & new.isna()
    if gone.any():
        change.revised += int(gone.sum())
        values, example = _count(int(gone.sum()), "value"), _where(both[gone].iloc[0], rules.key)
        change.consent.append(f"{change.dataset} would lose {values} of {column}: {example}.")
        both.loc[gone, column] = new
        here &= new.notna()
    if not here.any():
        return
    part = pd.DataFrame(
        {
            "old": old[here].astype("float64"),
            "new": new[here].astype("float64"),
            "group": both.loc[here, rules.group] if rules.group else change.dataset,
        }
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        same = (part["new"] - part["old"]).abs() <= rules.near
        part["ratio"] = np.where(same, 1.0, part["new"] / part["old"])
    whole = _whole_series(change, part, column, rules, splits)
    both.loc[part.index[whole], column] = new[part.index[whole]]
    _no_slip(both, part, column, rules)
    off = (part["ratio"] - 1).abs()
    off = off.where(np.isfinite(off), np.inf)
    revised = off > rules.tolerance
    change.revised += int(revised.sum())
    both.loc[part.index[revised], column] = new[part.index[revised]]
    if not revised.any():
        return
    way = np.sign(part["ratio"] - 1).where(revised, 0).groupby(part["group"]).agg(["sum", "mean"])
    drifts = way.index[(way["sum"].abs() > 3) & (way["mean"].abs() > DRIFT)]
    if len(drifts) and column != "volume":
        change.consent.append(
            f"{change.dataset} would revise {column} of {', '.join(drifts)} in one direction."
        )
    top = off.idxmax()
    place = f"{column} of {_where(both.loc[top], rules.key)}"
    if change.largest is None or off[top] > change.largest[0]:
        change.largest = (float(off[top]), place)
    large = int((off > rules.values[column]).sum())
    if large:
        change.consent.append(
            f"{change.dataset} would revise {_count(large, 'value')} of {column} by more than "
            f"{rules.values[column]:.1%}, the most for {place}: "
            f"{part.at[top, 'old']:g} becomes {part.at[top, 'new']:g}."
        )


def _whole_series(change, part, column, rules, splits) -> np.ndarray:
    """Series that moved by one ratio, which dividends or a split explain; takes that ratio out.

    Returns a boolean array over ``part``.
    """
    whole = np.zeros(len(part), dtype=bool)
    common = part.groupby("group")["ratio"].median()
    for name, ratio in common[(common - 1).abs() > rules.tolerance].items():
        explained = [1.0] if column in rules.rescaled else []
        near = WHOLE if column in rules.rescaled else NEAR_TEN
        product, own = 1.0, [s for s in splits if s[0] == name or not rules.group]
        for _, _, shares in sorted(own, reverse=True):
            product *= shares
            explained.append(product if column == "volume" else 1 / product)
        cause = next((e for e in explained if abs(ratio / e - 1) < near), None)
        if cause is None:
            continue
        mine = (part["group"] == name).to_numpy()
        whole |= mine
        part.loc[mine, "ratio"] /= ratio
        if cause == 1.0:
            change.rescaled.append(name)
        elif column != "volume":
            days = ", ".join(f"{shares:g} for 1 on {day}" for _, day, shares in own)
            line = f"{change.dataset}: {name} was split ({days}) and its history is restated."
            if line not in change.consent:
                change.consent.append(line)
    return whole


def _no_slip(both, part, column, rules) -> None:
    """No cell is ten, a hundred or a thousand times what it was."""
    ten = _is_ten(part["ratio"].to_numpy()) & (rules.tens and column != "volume")
    if ten.any():
        row = part[ten].iloc[-1]
        place = _where(both.loc[row.name], rules.key)
        raise ContractError(
            f"The live {column} of {place} is {row['new']:g} where the snapshot has "
            f"{row['old']:g}: {row['ratio']:.3g} times looks like a slip of the decimal point."
        )


def _texts(change, both, column, overlap, rules) -> None:
    """Compare one column of texts or dates on the overlap."""
    old, new = both[column], both[f"{column} new"]
    filled = overlap & old.isna() & new.notna()
    revised = overlap & old.notna() & new.notna() & (old != new)
    if column == rules.order and (far := revised & ((new - old).abs() > YEAR)).any():
        days = f"{old[far].iloc[0]:%Y-%m-%d} becomes {new[far].iloc[0]:%Y-%m-%d}"
        what = f"{_count(int(far.sum()), column)} by more than a year"
        row = _where(both[far].iloc[0], rules.key)
        change.consent.append(f"{change.dataset} would move {what}: {row}, {days}.")
    change.revised += int(revised.sum())
    both.loc[filled | revised, column] = new
