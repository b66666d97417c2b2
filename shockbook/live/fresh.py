"""Rows that are new: nothing stands against them yet, so they are held against everything else.

Against the calendar of their exchange, against what their own series has ever done, against each
other.  A row in doubt is left out by name, with all that come after it in its series, since a gap
would make one return of two days; ``--accept-rows`` lets it in.  A cell that was empty is as new;
in doubt it stays empty, with all others that would be put between or before a series' old rows.
"""

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from shockbook.data import exchanges
from shockbook.live.compare import Change, Rules

#: A move may be this many times the largest that the series has made, and this much in any case.
MARGIN, ALWAYS = 1.5, 0.05
#: Where only the range of a column is known, values may lie this many times beyond it.
BEYOND = 10
#: The adjusted close may lie this far above the close, and rise against it by this much in a day
#: (a large special dividend).
ABOVE, DIVIDEND = 0.005, 0.2
#: No list price in the snapshot became more than five times the same model's last, or less than
#: a fifth of it; a new one may do a little more.
REPRICED = 6
#: Of a series' old rows so many must have a cell, for a new one without it to be in doubt.
USUAL = 0.99


def sessions(calendar: str, first: pd.Timestamp) -> pd.DatetimeIndex:
    """The trading days of an exchange from ``first`` on, up to today by its own clock.

    ``XNYS`` and the like are those of exchange_calendars; ``H.10`` is the Federal Reserve's
    exchange rates, which are noon rates of New York and have its bank holidays.
    """
    if calendar == "H.10":
        from pandas.tseries.holiday import USFederalHolidayCalendar
        from pandas.tseries.offsets import CustomBusinessDay

        day = CustomBusinessDay(calendar=USFederalHolidayCalendar())
        today = pd.Timestamp.now(tz="America/New_York").tz_localize(None).normalize()
        return pd.date_range(first, today, freq=day)
    return exchanges.sessions(calendar, first)


def refuse(
    change: Change,
    rules: Rules,
    calendars: pd.Series | None = None,
    accepted: Collection[str] = (),
) -> None:
    """Leave doubtful new rows out of a change, and say which and why.

    The change gets ``refused``, ``accepted`` and ``notes``.  ``calendars`` gives the exchange of
    each ticker, for ``rules.calendar`` ``"tickers"``; ``accepted`` names rows to let in
    (``NVDA:2026-11-27``) and days that were no sessions (``XNYS:2026-11-27``).
    """
    table, fresh, gaps = change.frame, change.fresh, change.gaps
    touched = fresh | gaps.any(axis=1)
    if not touched.any():
        return
    series = table[rules.group] if rules.group else pd.Series(change.dataset, index=table.index)
    doubt = pd.Series("", index=table.index, dtype=object)
    looked_at = pd.Series(False, index=table.index)

    def new(*columns: str) -> pd.Series:
        return fresh | gaps[gaps.columns.intersection(columns)].any(axis=1)

    def add(wrong: pd.Series, why: str | Callable[[int], str], *columns: str) -> None:
        for row in doubt.index[new(*columns) & wrong & (doubt == "")]:
            doubt[row] = why if isinstance(why, str) else why(row)

    _cells(table, new, series, rules, add)
    if rules.calendar:
        _days(change, series, rules, calendars, accepted, add)
    else:
        tomorrow = pd.Timestamp.now(tz="UTC").tz_localize(None).normalize() + pd.Timedelta(days=1)
        add(table[rules.order] > tomorrow, "its day has not come yet", rules.order)
    if rules.longest:
        since = table[rules.order] - table[rules.order].groupby(series).shift()
        add(since.dt.days > rules.longest, "its series lacks what comes before it")
    _moves(table, new, series, rules, add)
    if {"close", "adj_close"} <= set(table):
        _adjusted(table, series, add)
    if "input_usd_per_m" in table:
        _priced(table, fresh, add)
    names = _labels(change.dataset, table[touched], rules)
    for row in names.index[names.isin(list(accepted))]:
        change.accepted[names[row]] = doubt[row] or "there was no doubt"
        doubt[row], looked_at[row] = "", True
    last_old = table[rules.order].where(~fresh).groupby(series).transform("max")
    tail = fresh & ~(table[rules.order] <= last_old)
    out = doubt != ""
    if rules.moves:
        out |= touched & ~tail & ~looked_at & (out & ~tail).groupby(series).transform("any")
        broken = out.where(~tail).groupby(series).transform("last").eq(True)  # the last old row
        out |= tail & (broken | (out & tail).groupby(series).cummax())
    change.refused = {
        names[row]: ("" if fresh[row] else "its empty cells stay empty, as ")
        + (doubt[row] or f"it {'comes after' if tail[row] else 'stands with'} a row in doubt")
        for row in out[out].index
    }
    for column in gaps:
        table.loc[out & gaps[column], column] = None
    change.filled -= int(gaps[out].to_numpy().sum())
    out &= fresh
    change.frame, change.fresh = (x[~out].reset_index(drop=True) for x in (table, fresh))
    change.added -= int(out.sum())


def _labels(dataset: str, table: pd.DataFrame, rules: Rules) -> pd.Series:
    """How a row is named on the command line."""
    if "date" in rules.key:
        owner = table[rules.group] if rules.group else dataset
        return owner + ":" + table["date"].dt.strftime("%Y-%m-%d")
    return dataset + ":" + table[rules.key[0]].astype(str)


def _cells(table, new, series, rules, add) -> None:
    """A number that is not finite, or is missing where the series usually has one."""
    for column in dict.fromkeys([*rules.values, *rules.moves, *rules.range]):
        cells = table[column].astype("float64")
        add(cells.notna() & ~np.isfinite(cells), f"its {column} is not a finite number", column)
        if column not in rules.moves and column != "volume":
            continue
        good = cells > 0
        usual = good.where(~new()).astype("float64").groupby(series).transform("mean")
        add(~good & (usual > USUAL), f"it has no {column}, which its series always has")
        low = cells <= 0 if column in rules.moves else cells < 0
        add(low, f"its {column} is not positive", column)


def _days(change, series, rules, calendars, accepted, add) -> None:
    """Every new day a session that has come, and no session left out before it."""
    table, fresh = change.frame, change.fresh
    exchange = series.map(calendars) if rules.calendar == "tickers" else rules.calendar
    exchange = pd.Series(exchange, index=table.index)
    day, before = table["date"], table["date"].groupby(series).shift()
    for name in exchange[fresh].dropna().unique():
        mine = exchange == name
        new = mine & fresh
        # sessions are needed from the day before the first new row of each series
        first = pd.concat([before[new], day[new]]).min()
        known = sessions(name, first)
        closed = known.strftime(f"{name}:%Y-%m-%d").isin(list(accepted))
        for closing in known[closed]:
            change.accepted[f"{name}:{closing:%Y-%m-%d}"] = "no session on that day"
        known = known[~closed]
        today = known[-1] if len(known) else first
        add(mine & (day > today), f"its day lies after the last session of {name}")
        place = pd.Series(known.get_indexer(day), index=table.index)
        add(mine & (place < 0), f"it is not on a session of {name}")
        gap = place - known.get_indexer(before) - 1
        gap = gap.where((place >= 0) & (known.get_indexer(before) >= 0) & before.notna(), 0)

        def lacks(row, known=known, name=name, before=before) -> str:
            days = known[(known > before[row]) & (known < day[row])]
            text = ", ".join(days[:3].strftime("%Y-%m-%d")) + (", ..." if len(days) > 3 else "")
            first = f"{name}:{days[0]:%Y-%m-%d}"
            return (
                f"its series lacks {len(days)} sessions of {name} before it ({text}; if there was "
                f"none, `--accept-rows {first}`)"
            )

        add(mine & (gap > 0), lacks)
        _late(change, series[new], day[new], name)


def _late(change: Change, series: pd.Series, day: pd.Series, name: str) -> None:
    """Tell which series end before most others of their exchange."""
    ends = day.groupby(series).max()
    late = ends[ends < ends.mode().max()]
    if len(late):
        some = ", ".join(late.index[:5]) + (", ..." if len(late) > 5 else "")
        change.notes.append(
            f"{change.dataset}: {len(late)} series end before {ends.mode().max():%Y-%m-%d}, the "
            f"last day of most on {name}: {some}."
        )


def _beside(cells: pd.Series, series: pd.Series, way: int) -> pd.Series:
    """The nearest cell before (1) or after (-1) each in its series that is not empty."""
    near = cells.groupby(series)
    return (near.ffill() if way == 1 else near.bfill()).groupby(series).shift(way)


def _moves(table, new, series, rules, add) -> None:
    """No step larger than the series has ever made, with a margin; no value far off the range.

    A new cell is judged by the step into it, and by the one from it to an old cell after it.
    """
    for column in rules.moves:
        with np.errstate(divide="ignore", invalid="ignore"):
            level = np.log(table[column].astype("float64"))
        level = level.where(np.isfinite(level))
        given = new(column).astype("float64").where(level.notna())
        step, onward = ((level - _beside(level, series, way)).abs() for way in (1, -1))
        old = step.where((given == 0) & (_beside(given, series, 1) == 0))
        most = old.groupby(series).transform("max").fillna(old.max())
        step = np.fmax(step, onward.where(_beside(given, series, -1) == 0))
        limit = MARGIN * most.fillna(np.inf) + ALWAYS

        def moved(row, column=column, step=step, most=most) -> str:
            now, ever = (f"{np.exp(min(x[row], 700)) - 1:.3g}" for x in (step, most))
            return f"its {column} moves by {now} of its value, and never did by more than {ever}"

        add(step > limit, moved, column)
    for column in rules.range:
        cells = table[column].astype("float64")
        old = cells.where(~new(column) & (cells > 0)).groupby(series)
        low, top = old.transform("min") / BEYOND, old.transform("max") * BEYOND
        wrong = (cells > top) | ((cells > 0) & (cells < low))
        add(wrong | (cells < 0), f"its {column} lies far from all that were there before", column)


def _adjusted(table, series, add) -> None:
    """The adjusted close follows the close, but for dividends."""
    ratio = table["adj_close"] / table["close"]
    add(ratio > 1 + ABOVE, "its adjusted close lies above its close", "close", "adj_close")
    step = ratio / _beside(ratio, series, 1) - 1
    odd = (step < -ABOVE) | (step > DIVIDEND)
    add(odd, "its adjusted close does not move with its close", "close", "adj_close")


def _priced(table, fresh, add) -> None:
    """A list price against the same model's last one, and against its other prices."""
    usd = ["input_usd_per_m", "output_usd_per_m"]
    old = table[~fresh].sort_values("date", kind="stable").groupby("model_family")
    last = table[["model_family"]].join(old[["date", *usd]].last(), on="model_family")
    for column in usd:
        add(~(table[column] > 0), f"its {column} is not positive")
        ratio = table[column] / last[column]
        off = (ratio > REPRICED) | (ratio < 1 / REPRICED)
        is_now = [f"its {column} is {r:.3g} times the same model's last" for r in ratio]
        add(off, is_now.__getitem__)
    turned = (table[usd[1]] < table[usd[0]]) & (last[usd[1]] > last[usd[0]])
    add(turned, "its output costs less than its input, which was the other way round")
    cached = table["cached_input_usd_per_m"]
    add((cached > table[usd[0]]) | (cached < 0), "its cached input is not below its input")
    add(table["date"] < last["date"], "it is dated before the same model's last price")
