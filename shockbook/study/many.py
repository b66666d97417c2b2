"""Many dates: one firm or several over a list of events, averaged in event time.

Abnormal returns are those of :func:`event_study`, each event with its own
estimation window.  Two things set a list of dates apart from one:

* The windows of one event may hold another.  The days of every event of a firm are left out of
  its estimation windows, for an event there widens the spread and bends the slope (N. Aktas,
  E. de Bodt and J.-G. Cousin, "Event studies with a contaminated estimation period", *Journal of
  Corporate Finance*, 2007, doi:10.1016/j.jcorpfin.2006.09.001).
* Event windows that share days are not independent.  Two standardised abnormal returns over
  windows of W days, of which c are common, correlate by (c / W) r, where r is the correlation of
  the firms' daily residuals (1 for one firm).  Their mean over all pairs takes the place of
  Kolari and Pynnonen's mean correlation in the corrected tests, as in J. W. Kolari, B. Pape and
  S. Pynnonen, "Event study testing with cross-sectional correlation due to partially overlapping
  event windows", Mays Business School Research Paper 3167271 (2018).  Events whose
  windows share no day count as independent.

A *cluster* is a run of events whose event windows touch each other.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from .abnormal import event_study, forecast_se, t_p
from .checks import chosen, counted, days_of, naive, usable_returns
from .errors import StudyError, listed, share
from .inference import standardised, statistics, tests_table
from .models import inputs
from .placebo import empirical_p
from .returns import positions
from .rolling import observed, possible_days, rolling, usable
from .spec import PRIMARY, Specification


def overlap_correlation(before, at, firm, width: int) -> float:
    """Mean correlation of the standardised abnormal returns of all pairs of events.

    Args:
        before (array, L x n): Residuals of each event's estimation window, in event time (may hold
            NaN).
        at (array of int, n): Positions of the event days on the calendar.
        firm (array, n)
        width (int): Days of the event window, W.

    Returns:
        float: Zero if no event windows share a day; the mean correlation of the residuals if all
        events have one date.
    """
    e = np.asarray(before, dtype=float) - np.nanmean(before, axis=0)
    e = np.nan_to_num(e)
    unit = e / np.sqrt((e**2).sum(axis=0))
    at, firm, n = np.asarray(at), np.asarray(firm), len(at)
    total = 0.0
    for day in np.unique(at):
        for shift in range(width):
            one, other = np.flatnonzero(at == day), np.flatnonzero(at == day + shift)
            if not len(other):
                continue
            r = unit[shift:, one].T @ unit[: len(unit) - shift, other]  # the same days of both
            if shift == 0:
                total += r.sum() - np.trace(r)
            else:
                r[firm[one][:, None] == firm[other]] = 1.0
                total += 2 * (width - shift) / width * r.sum()
    return total / (n * (n - 1))


def clusters(at, width: int) -> np.ndarray:
    """Number of the cluster of each event, from 1, by position on the calendar."""
    days, index = np.unique(at, return_inverse=True)
    return (np.cumsum(np.diff(days, prepend=days[0]) >= width) + 1)[index]


@dataclass(frozen=True, repr=False)
class ManyDates:
    """A study of n events.

    Attributes:
        events (DataFrame, n rows): ``date, firm`` and further columns given; the columns of
            :meth:`EventStudy.to_frame`; ``left_out`` (days left out of the estimation window),
            ``cluster``.
        abnormal, actual (DataFrame, t of the event window x n)
        residuals (DataFrame, t of the estimation window x n): NaN on days left out.
        by_day (DataFrame, t of the event window): ``aar`` (mean abnormal return), ``caar`` (its
            running sum), ``positive`` (share), and the corrected tests of the day: ``patell,
            patell_p, bmp, bmp_p``.
        correlation (float): See :func:`overlap_correlation`.
    """

    spec: Specification
    events: pd.DataFrame
    abnormal: pd.DataFrame
    actual: pd.DataFrame
    residuals: pd.DataFrame
    by_day: pd.DataFrame
    correlation: float
    quiet: pd.DataFrame  # returns, event days left out, on the calendar
    factors: pd.DataFrame | None
    coefficients: int

    @property
    def width(self) -> int:
        """Days of the event window."""
        return len(self.abnormal)

    @property
    def note(self) -> str:
        """What overlaps and what was left out, in one sentence."""
        e = self.events
        sizes = e.groupby("cluster")["date"].nunique()
        shared, same = int(sizes[sizes > 1].sum()), e["date"].duplicated(keep=False).any()
        said = [f"{len(e)} events of {e['firm'].nunique()} firm(s) on {e['date'].nunique()} dates"]
        said.append(
            f"the event windows of {shared} dates share days with another's"
            if shared
            else "no event windows share a day" + (" but those of one date" if same else "")
        )
        low, high = e["left_out"].min(), e["left_out"].max()
        span = f"{low}" if low == high else f"{low} to {high}"
        return "; ".join([*said, f"{span} days left out of each estimation window"]) + "."

    def tests(self) -> pd.DataFrame:
        """Every test of :data:`TESTS` on the mean of the events.

        Returns:
            DataFrame, tests x (statistic, p, reference, assumption): ``attrs``: ``events, dates,
            clusters, mean_car, mean_correlation``.
        """
        e = self.events
        sar, dof = e["t"].to_numpy(float), e["dof"].to_numpy(float)
        before, during = self.residuals.to_numpy(), self.abnormal.to_numpy()
        found = statistics(sar, dof, before, during, self.coefficients, self.correlation)
        out = tests_table(found)
        count = {"events": len(e), "dates": e["date"].nunique(), "clusters": e["cluster"].nunique()}
        mean = {"mean_car": float(e["car"].mean()), "mean_correlation": self.correlation}
        out.attrs = count | mean
        return out

    def buy_and_hold(self) -> pd.DataFrame:
        """Buy-and-hold abnormal returns: growth over the event window less its normal growth.

        B. M. Barber and J. D. Lyon, "Detecting long-run abnormal stock returns", *Journal of
        Financial Economics* 43 (1997) 341-372, with the model's normal return in the place of a
        benchmark's.  Over a window of one day they equal the abnormal returns.

        Returns:
            DataFrame, events x (date, firm, bhar): ``attrs``: ``mean``; ``t, p`` (Student, events
            independent).

        Raises:
            StudyError: For log returns and volumes, which do not compound.
        """
        if self.spec.returns != "simple" or "measure" in self.quiet.attrs:
            raise StudyError("buy-and-hold compounds simple returns: pass those")
        held = (1 + self.actual).prod() - (1 + self.actual - self.abnormal).prod()
        n, mean = len(held), held.mean()
        t = np.sqrt(n) * mean / held.std()
        out = self.events[["date", "firm"]].assign(bhar=held)
        out.attrs = {"mean": float(mean), "t": float(t), "p": float(t_p(t, n - 1))}
        return out

    def placebo(self, draws: int = 999, seed: int = 0) -> pd.Series:
        """The mean t of the events beside that of as many ordinary days, drawn from the data.

        Each cluster moves as a whole to a day drawn without replacement, so that overlaps and
        firms of one date stay together.  Assumes that the events, had nothing happened, are
        exchangeable with the ordinary days.

        Returns:
            Series: ``mean_t, p, smallest_p, days`` (ordinary days to draw from), ``draws``.
        """
        days, at = self._ordinary(draws, seed)
        means = days.t.to_numpy()[at, self._columns].mean(axis=1)
        observed = self.events["t"].mean()
        out = {"mean_t": observed, "p": empirical_p(observed, means), "smallest_p": 1 / (draws + 1)}
        return pd.Series(out | {"days": len(days.car), "draws": draws})

    def power(
        self, effects=(0.0, -0.01, -0.02, -0.05), draws: int = 300, level: float = 0.05, seed=0
    ) -> pd.DataFrame:
        """How often each test would find an effect that every event shares.

        As many ordinary days as there are events are drawn from the data, as in :meth:`placebo`,
        and the effect is added.  The order of days, fat tails and correlation are the data's own.

        Args:
            effects (floats): Added to every event's cumulative abnormal return, evenly over its
                days; decimals.  Zero gives the size of the tests.

        Returns:
            DataFrame: ``test, effect, rejected`` (share), ``mc_se`` (of the drawing), ``draws,
            events``.
        """
        days, at = self._ordinary(draws, seed)
        where = self._columns
        t, se, dof = (v.to_numpy()[at, where] for v in (days.t, days.se, days.dof))
        b = np.stack([v.to_numpy()[at, where] for v in days.params.values()] or [0 * t], axis=-1)
        offset, x = inputs(self.quiet, self.spec, self.factors)
        y = self.quiet[days.car.columns].sub(offset, axis=0).to_numpy()
        x = x.to_numpy() if x.shape[1] else np.zeros((len(x), 1))
        row = self.quiet.index.get_indexer(days.car.index)[at]
        past, now = (
            np.arange(w[0], w[1] + 1)[:, None]
            for w in (self.spec.estimation, self.spec.event_window)
        )
        means, count = t.mean(axis=1), {}
        for i in range(draws):
            before, during = (
                y[row[i] + rows, where] - np.einsum("tnk,nk->tn", x[row[i] + rows], b[i])
                for rows in (past, now)
            )
            r = overlap_correlation(before, row[i], where, self.width)
            for effect in effects:
                sar = t[i] + effect / se[i]
                shocked = during + effect / self.width
                found = statistics(sar, dof[i], before, shocked, self.coefficients, r)
                found["placebo days"] = (0, [empirical_p(sar.mean(), np.delete(means, i))])
                for test, (_, (p,)) in found.items():
                    count[test, effect] = count.get((test, effect), 0) + (p <= share(level))
        rows = [(*key, float(hits) / draws) for key, hits in count.items()]
        out = pd.DataFrame(rows, columns=["test", "effect", "rejected"])
        out["mc_se"] = np.sqrt(out["rejected"] * (1 - out["rejected"]) / draws)
        return out.assign(draws=draws, events=len(self.events))

    @property
    def _columns(self) -> np.ndarray:
        return pd.Index(self.events["firm"].unique()).get_indexer(self.events["firm"])

    def _ordinary(self, draws: int, seed: int):
        """Studies of all ordinary days, and for each draw the rows of its events (draws x n)."""
        counted("draws", draws)
        offset, x = inputs(self.quiet, self.spec, self.factors)
        firms = list(self.events["firm"].unique())
        seen = self.quiet[firms].notna().to_numpy()
        calendar, spec = self.quiet.index, self.spec
        possible = possible_days(usable(x, offset), spec)
        least = spec.coverage * (spec.days - self.events["left_out"].max())
        good = observed(seen, possible, spec, least)
        at = calendar.get_indexer(self.events["date"])
        good &= (abs(possible[:, None] - at) >= self.width).all(axis=1)[:, None]
        possible = possible[good.all(axis=1)]
        group = self.events["cluster"].to_numpy() - 1
        start = np.array([at[group == g].min() for g in range(group.max() + 1)])
        lag = at - start[group]
        whole = [np.isin(possible[:, None] + lag[group == g], possible).all(axis=1)
                 for g in range(len(start))]  # fmt: skip
        anchors = [possible[one] for one in whole]
        few = min(map(len, anchors))
        gap = self.width + lag.max()  # so that no windows of two clusters share a day
        if few < max(20, 4 * gap * len(anchors)):
            raise StudyError(
                f"{few} ordinary days are too few to draw {len(anchors)} from: load more days or "
                "shorten the estimation window"
            )
        loose = spec.but(coverage=max(0.0, least / spec.days))
        days = rolling(self.quiet, calendar[possible], loose, firms, self.factors)
        rng = np.random.default_rng(seed)
        place = np.full(len(calendar), -1)
        place[possible] = np.arange(len(possible))
        drawn = np.empty((draws, len(anchors)), int)
        for row, (g, choice) in product(drawn, enumerate(anchors)):
            row[g] = rng.choice(choice)
            while (abs(row[:g] - row[g]) < gap).any():
                row[g] = rng.choice(choice)
        return days, place[drawn[:, group] + lag]

    def __repr__(self) -> str:
        p = self.tests()["p"]
        return (
            f"ManyDates: {self.note} Mean abnormal return {self.events['car'].mean():+.4f}, "
            f"{self.spec}; p {p['BMP, corrected']:.3f} (BMP, corrected)"
        )


def many_dates(
    table: pd.DataFrame,
    dates,
    spec: Specification = PRIMARY,
    firms: str | list[str] | None = None,
    factors: pd.DataFrame | None = None,
    skip=(),
) -> ManyDates:
    """A study of one firm or several over a list of dates.

    Args:
        table (DataFrame, dates x tickers): Returns, as for :func:`event_study`; or
            :func:`log_volume`.
        dates (list of dates, or DataFrame with columns ``date`` and ``firm``): Every firm on every
            date; or the pairs, whose other columns are carried along.
        firms (ticker or list of tickers): Default: all columns but the benchmark.  Not with pairs.
        skip (dates): Further days to leave out of the estimation windows of all firms.

    Raises:
        StudyError: As for a single study; or if there are fewer than two events, or one twice.
    """
    table = usable_returns(table, spec)
    events = _events(table, dates, firms, spec)
    _, x = inputs(table, spec, factors)
    calendar, (first, last) = x.index, spec.event_window
    at = positions(calendar, pd.DatetimeIndex(events["date"]))
    names = list(events["firm"].unique())
    own = table[list(dict.fromkeys([*names, *table.columns.intersection([spec.benchmark])]))]
    own = own.reindex(calendar)
    hidden = pd.DataFrame(False, index=calendar, columns=names)
    hidden.iloc[positions(calendar, skip)] = True
    for position, firm in zip(at, events["firm"], strict=True):
        rows = slice(max(position + first, 0), position + last + 1)
        hidden.iloc[rows, hidden.columns.get_loc(firm)] = True
    quiet = own.mask(hidden.reindex(columns=own.columns, fill_value=False))
    quiet.attrs = own.attrs = table.attrs
    parts = []
    for position in np.unique(at):
        rows = events.index[at == position]
        parts.append(_one_date(own, quiet, hidden, calendar[position], spec, factors, events, rows))
    found, actual, abnormal, residuals, sars, k = zip(*parts, strict=True)
    together = [pd.concat(p, axis=1)[events.index] for p in (actual, abnormal, residuals, sars)]
    actual, abnormal, residuals, sars = together
    found = pd.concat(found)
    if len(taken := events.columns.intersection(found.columns)):
        raise StudyError(f"the events' columns {listed(taken)} are names of results: rename them")
    events = events.join(found)
    events["cluster"] = clusters(at, last - first + 1)
    dof, before = events["dof"].to_numpy(), residuals.to_numpy()
    of_day = overlap_correlation(before, at, events["firm"], 1)
    by_day = abnormal.mean(axis=1).to_frame("aar")
    by_day["caar"], by_day["positive"] = by_day["aar"].cumsum(), (abnormal > 0).mean(axis=1)
    daily = standardised(sars.to_numpy(), dof, of_day, np.ones((len(dof), 1)))
    by_day[["patell", "patell_p"]] = np.hstack(daily["Patell, corrected"])
    by_day[["bmp", "bmp_p"]] = np.hstack(daily["BMP, corrected"])
    r = overlap_correlation(before, at, events["firm"], last - first + 1)
    return ManyDates(
        spec, events, abnormal, actual, residuals, by_day, r, quiet, factors, coefficients=k[0]
    )


def _one_date(own, quiet, hidden, date, spec, factors, events, rows):
    """The study of all events of one date; its tables have a column per event, by event time."""
    firms = list(events.loc[rows, "firm"])
    at = own.index.get_loc(date)
    around = own.index[max(at + spec.event_window[0], 0) : at + spec.event_window[1] + 1]
    before = own.index[max(at + spec.estimation[0], 0) : at + spec.estimation[1] + 1]
    mixed = quiet.copy()
    mixed.loc[around] = own.loc[around]
    left = hidden.loc[before, firms].sum()
    loose = spec.but(coverage=spec.coverage * (1 - left.max() / spec.days))
    study = event_study(mixed, date, loose, firms, factors)
    x0 = inputs(mixed, spec, factors)[1].loc[around]
    frame = study.to_frame().assign(left_out=left).set_axis(rows)
    daily = study.abnormal / forecast_se(study.fit, x0)

    def in_time(values, bounds):
        out = values.set_axis(pd.RangeIndex(bounds[0], bounds[1] + 1, name="t"), axis=0)
        return out.set_axis(rows, axis=1)

    tables = [own.loc[around, firms], study.abnormal, study.fit.residuals, daily]
    w = spec.event_window
    bounds = [w, w, spec.estimation, w]
    return frame, *map(in_time, tables, bounds), study.fit.params.shape[1]


def _events(table: pd.DataFrame, dates, firms, spec: Specification) -> pd.DataFrame:
    """One row per event: date, firm, and what else was given."""
    if isinstance(dates, pd.DataFrame):
        if absent := [c for c in ("date", "firm") if c not in dates]:
            raise StudyError(f"the events have no column {listed(absent)}: rename yours to these")
        if firms is not None:
            raise StudyError("the events name their firms: leave `firms` out")
        when = naive(pd.Index(dates["date"]), "the list of events")
        events = dates.reset_index(drop=True).assign(date=when)
        chosen(table, list(events["firm"].unique()))
    else:
        pairs = list(product(days_of(dates), chosen(table, firms, spec.benchmark)))
        events = pd.DataFrame(pairs, columns=["date", "firm"])
    if len(events) < 2:
        raise StudyError("many dates are at least two events: for one, use event_study")
    twice = events[events.duplicated(["date", "firm"])]
    if len(twice):
        raise StudyError(
            f"{twice['firm'].iloc[0]} on {twice['date'].iloc[0]:%Y-%m-%d} is listed twice: keep one"
        )
    return events
