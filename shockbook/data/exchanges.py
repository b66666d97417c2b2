"""When exchanges are open, and on which session news can first have moved a price.

The calendars are those of exchange_calendars, which knows holidays, half days and the hours of
some seventy exchanges, tells them to the minute and says from when on it knows them.
"""

import difflib
import functools
import warnings

import pandas as pd

from shockbook.data.package import DataError

#: When on its day news came.
WHEN = ("before open", "during", "after close", "unknown")


@functools.cache
def _library():
    """The library, which takes a second to import and is needed seldom."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is a little behind pandas
        import exchange_calendars

    return exchange_calendars


def resolve(name: str) -> str:
    """The code of an exchange, which may go by another name (``NYSE`` is ``XNYS``).

    Raises ``DataError`` if it is not known; the sentence names the likeliest.
    """
    library = _library()
    names = library.get_calendar_names()
    found = {n.casefold(): n for n in names}.get(name.strip().casefold())
    if found is None:
        near = difflib.get_close_matches(name.upper(), names, 4, 0.5)
        known = [*near, "XNYS", "XETR", "XTKS", "XHKG", "XLON", "24/7"]
        raise DataError(
            f"the exchange {name!r} is not known; there may be "
            f"{', '.join(dict.fromkeys(known))} and others of exchange_calendars."
        )
    return library.resolve_alias(found)


@functools.lru_cache(maxsize=16)
def calendar(name: str, first: pd.Timestamp, last: pd.Timestamp):
    """The calendar of an exchange over some days.

    Raises ``DataError`` if the exchange is not known, or not over these days.
    """
    code = resolve(name)
    margin = pd.Timedelta(days=15)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _library().get_calendar(code, start=first - margin, end=last + margin)
    except ValueError:
        raise DataError(
            f"the calendar of {code} is not known from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
        ) from None


def sessions(name: str, first: pd.Timestamp, last: pd.Timestamp | None = None) -> pd.DatetimeIndex:
    """The trading days from `first` to `last`, by default today by the exchange's own clock."""
    now = pd.Timestamp.now(tz="UTC").tz_localize(None).normalize() + pd.Timedelta(days=1)
    known = calendar(name, first, max(first, now if last is None else last))
    if last is None:
        last = pd.Timestamp.now(tz=known.tz).tz_localize(None).normalize()
    return known.sessions[(known.sessions >= first) & (known.sessions <= last)]


def first_session(name: str, announced: pd.Timestamp, when: str) -> tuple[pd.Timestamp, str]:
    """The session on which news can first have moved prices, and a sentence that says why.

    `announced` is a day by the exchange's clock, and `when` one of :data:`WHEN`; or it is a
    moment, which is taken there if it has no time zone, and `when` is not looked at.
    """
    day = announced.tz_localize(None).normalize()
    known = calendar(name, day, day)
    exact = announced != announced.normalize() or announced.tz is not None
    clock = ""
    if exact:
        # an hour that clocks skip or repeat is one of the night, whichever of the two it was
        fixed = announced if announced.tz else announced.tz_localize(
            known.tz, ambiguous=True, nonexistent="shift_forward")  # fmt: skip
        local = fixed.tz_convert(known.tz)
        day = local.tz_localize(None).normalize()
        clock = f" at {local:%H:%M} of the exchange's clock"
    at = int(known.sessions.searchsorted(day))
    following = known.sessions[at:]
    session, later = following[:2]
    if session == day and exact and name != "24/7":
        opens, closes = known.opens[day], known.closes[day]
        when = "before open" if local < opens else "after close" if local >= closes else "during"
    if session != day:
        why = f", when {name} was shut; the event is its next session, {written(session)}."
    elif when == "after close":
        session = later
        why = f", after the close of {name}; the event is the next session, {written(later)}."
    elif when == "unknown" and name == "24/7":
        why = ", a day of universal time, which is the event."
    elif when == "unknown":
        why = ("; the hour is not known. The event is that session. If the news came after the "
               f"close, it is {written(later)}.")  # fmt: skip
    else:
        hour = {"before open": f"before {name} opened", "during": f"while {name} was open"}[when]
        why = f", {hour}; the event is that session."
    return session, f"The news came on {written(day)}{clock}{why}"


def written(day: pd.Timestamp) -> str:
    """A day in words, with its weekday."""
    return f"{day:%A} {day.day} {day:%B %Y}"
