"""One decision for a chapter: all of its live datasets are live, or none is.

The first cell of a chapter shows :func:`banner`.  If live data are asked for, it fetches every
dataset of the chapter that has a live source; one failure, and all come from the snapshot.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import json
import os
import time
from dataclasses import dataclass, field

import pandas as pd

from shockbook import catalog, package
from shockbook.live.ask import ask
from shockbook.live.cache import FRESH, cache_folder
from shockbook.live.faults import CHAPTER, LiveError
from shockbook.live.registry import LIVE, Live, of_chapter


@dataclass
class Decision:
    """What the datasets of this session come from.

    Attributes
    ----------
    frames : dict
        Live tables by dataset; empty if one of them failed.
    failed : str
        The sentence that says why, or nothing.
    """

    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    failed: str = ""


_decision: Decision | None = None
#: A dataset whose source has failed is not asked again for this many seconds: a page that loads
#: it above its banner, as *Run your own event* does, waits for a dead network once.
AGAIN = 60
_failures: dict[str, tuple[float, LiveError]] = {}


def asked() -> bool:
    """Whether the environment asks for live data."""
    return os.environ.get("SHOCKBOOK_LIVE") == "1"


def forget() -> None:
    """Take the decision back, as a new session would."""
    global _decision
    _decision = None
    _failures.clear()


def _decide(lives: list[Live]) -> Decision:
    """Fetch all, the smallest first, so that a failure comes soon; one failure fails all."""
    decision = Decision()
    try:
        for live in sorted(lives, key=lambda live: live.steps(_snapshot(live))):
            decision.frames[live.dataset] = _asked_once(live)
    except LiveError as error:
        decision = Decision(failed=str(error))
    return decision


def _asked_once(live: Live) -> pd.DataFrame:
    """The live table, or the failure of a moment ago."""
    when, failure = _failures.get(live.dataset, (-AGAIN, None))
    if failure and time.monotonic() - when < AGAIN:
        raise failure
    try:
        return _table(live)
    except LiveError as error:
        _failures[live.dataset] = (time.monotonic(), error)
        raise


def _snapshot(live: Live) -> pd.DataFrame:
    return catalog.load(live.dataset, live=False)


def _table(live: Live) -> pd.DataFrame:
    """The live table, from the cache if it is recent, with its ``attrs``."""
    resource = catalog.describe(live.dataset)
    known = cache_folder() / f"{live.dataset}.json"
    stored = known.with_suffix(".csv.gz")
    now = dt.datetime.now(dt.UTC)
    packed = {**resource, "compression": "gz"}
    try:
        note = json.loads(known.read_text(encoding="utf-8"))
        age = now - dt.datetime.fromisoformat(note["retrieved"])
        recent = age < FRESH and note["snapshot"] == resource["hash"]
        content = stored.read_bytes()
        table = catalog.parse(packed, content) if recent else None
        if hashlib.sha256(content).hexdigest() != note["sha256"]:
            table = None
    except (OSError, ValueError, KeyError, catalog.DataError):
        table = None
    if table is None:
        change = ask(live, CHAPTER, strict=True)
        content = package.content(change.frame, packed)
        note = {
            "retrieved": now.isoformat(timespec="seconds"),
            "as_of": live.as_of(change.frame).isoformat(),
            "snapshot": resource["hash"],
            "sha256": hashlib.sha256(content).hexdigest(),
            "kept": change.failed,
        }
        package.write_whole(stored, content)
        package.write_whole(known, json.dumps(note).encode())
        table = catalog.parse(packed, content)
    table.attrs = {
        "dataset": live.dataset,
        "title": resource["title"],
        "source": f"{live.name}, live",
        "as_of": note["as_of"],
        "retrieved": note["retrieved"],
        "live": True,
        "kept": note["kept"],
    }
    return table


def latest(name: str) -> pd.DataFrame | None:
    """The live table of a dataset, or None if it comes from the snapshot.

    After :func:`banner` the chapter's decision holds.  Without one, the dataset decides for
    itself, and a failure is said in one printed sentence.
    """
    global _decision
    if name not in LIVE:
        return None
    if _decision is None:
        _decision = Decision()
    if not _decision.failed and name not in _decision.frames:
        one = _decide([LIVE[name]])
        if one.failed:
            print(f"Live failed: {one.failed} {name} comes from the snapshot.")
            if not _decision.frames:  # nothing is live yet, and nothing shall be
                _decision.failed = one.failed
            return None
        _decision.frames |= one.frames
    if _decision.failed:
        return None
    frame = _decision.frames[name]
    copy = frame.copy()
    copy.attrs = dict(frame.attrs)
    return copy


class Banner:
    """The line under a chapter's title that says where its data come from.

    Attributes
    ----------
    state : str
        ``"snapshot"``, ``"live"`` or ``"failed"``.
    text : str
        The line.
    """

    def __init__(self, state: str, text: str):
        self.state, self.text = state, text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<p class="live-banner live-banner-{self.state}">{html.escape(self.text)}</p>'


def _day(iso: str) -> str:
    day = dt.date.fromisoformat(iso[:10])
    return f"{day.day} {day:%B %Y}"


def banner(chapter: str) -> Banner:
    """Decide where a chapter's data come from, and say so.

    Parameters
    ----------
    chapter : str
        The chapter's file name without its ending, for instance ``"nvidia"``.

    Returns
    -------
    Banner
        For the first cell.  It never raises for a failing source and prints nothing.
    """
    global _decision
    lives = of_chapter(chapter)
    dates = "; ".join(
        f"{live.dataset} as of {_day(catalog.describe(live.dataset)['asOf'])}" for live in lives
    )
    if not asked():
        return Banner(
            "snapshot", f"Data: the snapshot ({dates}). SHOCKBOOK_LIVE=1 asks the live sources."
        )
    _decision = _decide(lives)
    if _decision.failed:
        return Banner("failed", f"Live failed: {_decision.failed} Showing the snapshot ({dates}).")
    parts = [
        f"{name} as of {_day(frame.attrs['as_of'])} from {LIVE[name].name}, "
        f"retrieved {frame.attrs['retrieved'][:16].replace('T', ' ')} UTC"
        + (f", except {', '.join(kept)}" if (kept := frame.attrs["kept"]) else "")
        for name, frame in _decision.frames.items()
    ]
    return Banner("live", f"Data: live ({'; '.join(parts)}). All else is the snapshot.")
