"""One choice for a session: the live folder, if it is asked for and can be had, or the snapshot."""

import functools
import html
import os
from dataclasses import dataclass, field

from shockbook import data, words
from shockbook.data import Package
from shockbook.live import fill
from shockbook.live.faults import CHAPTER, LiveError
from shockbook.live.registry import LIVE, of_chapter


def asked() -> bool:
    """Whether the environment asks for live data."""
    return os.environ.get("SHOCKBOOK_LIVE") == "1"


@dataclass(frozen=True, repr=False)
class Banner:
    """The line under a chapter's title that says where its data come from."""

    state: str  # "snapshot", "live", "partly" (some of its live datasets) or "failed"
    text: str  # the line

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<p class="live-banner live-banner-{self.state}">{html.escape(self.text)}</p>'


@dataclass(frozen=True)
class Choice:
    """Where the data of a session come from."""

    package: Package  # the one folder that everything is read from
    live: bool = False  # whether it is the live folder
    failed: str = ""  # why it is the snapshot although the live folder was asked for
    datasets: dict[str, dict] = field(default_factory=dict)  # as fill.known tells of that folder

    def banner(self, chapter: str) -> Banner:
        """Say where a chapter's data come from, dataset by dataset.

        ``chapter``: the chapter's file name without its ending, for instance ``"nvidia"``.
        """
        names = [live.dataset for live in of_chapter(chapter, self.package)]
        if not names:
            return Banner("snapshot", "Data: the snapshot. Nothing here has a live source.")
        days = {n: words.day(self.package.describe(n).get("asOf", "")) for n in names}
        dates = "; ".join(f"{name} as of {day}" for name, day in days.items())
        if self.failed:
            return Banner("failed", f"Live failed: {self.failed} Showing the snapshot ({dates}).")
        if not self.live:
            line = f"Data: the snapshot ({dates}). SHOCKBOOK_LIVE=1 asks the live sources."
            return Banner("snapshot", line)
        got, kept = [], []
        for name in names:
            entry = self.datasets[name]
            if entry.get("failed"):
                kept.append(f"{name} as of {days[name]} is the snapshot's: {entry['failed']}")
                continue
            change = fill.as_change(name, entry)
            but = f", except {', '.join(change.failed)}" if change.failed else ""
            if change.refused:
                some = ", ".join(list(change.refused)[:3])
                more = ", ..." if len(change.refused) > 3 else ""
                but += f", without {len(change.refused)} rows in doubt ({some}{more})"
            if change.consent or change.accepted:
                but += ", with what somebody accepted"
            when = entry["at"][:16].replace("T", " ")
            got.append(
                f"{name} as of {words.day(entry['asOf'])} from {entry['source']}, "
                f"retrieved {when} UTC" + but
            )
        if not got:
            whys = dict.fromkeys(self.datasets[name]["failed"] for name in names)
            line = f"Live failed: {' '.join(whys)} Showing the snapshot ({dates})."
            return Banner("failed", line)
        if kept:
            return Banner("partly", f"Data: partly live ({'; '.join(got)}). {' '.join(kept)}")
        return Banner("live", f"Data: live ({'; '.join(got)}). All else is the snapshot.")


def choose(live: bool | None = None) -> Choice:
    """The package of this session, chosen once; it never raises for a source that fails.

    ``live``: whether the live folder is wanted; by default ``SHOCKBOOK_LIVE=1`` decides.  It is
    read if it is less than a day old, else made, which takes some minutes.
    """
    snapshot = data.snapshot()
    if not (asked() if live is None else live):
        return Choice(snapshot)
    return _choose(snapshot.folder, fill.cached().folder)


@functools.lru_cache(maxsize=4)
def _choose(home: os.PathLike, folder: os.PathLike) -> Choice:
    snapshot, package = data.snapshot(), fill.at(folder)
    names = [name for name in LIVE if name in snapshot.names()]
    try:
        found = fill.known(package, snapshot)
        if not all(name in found and fill.recent(found[name]) for name in names):
            # the smallest first, so that a dead network is found at once
            order = sorted(names, key=lambda name: LIVE[name].steps(snapshot.load(name)))
            found = fill.fill(package, snapshot, order, CHAPTER, hasty=True)
    except (LiveError, data.DataError) as error:
        return Choice(snapshot, failed=str(error))
    except OSError as error:
        why = f"{error.filename or folder} cannot be used ({error.strerror or error})."
        return Choice(snapshot, failed=why)
    failures = [entry["failed"] for entry in found.values() if entry.get("failed")]
    if len(failures) == len(names):
        return Choice(snapshot, failed=failures[0])
    return Choice(package, live=True, datasets=found)


def forget() -> None:
    """Take the choice back, as a new session would."""
    _choose.cache_clear()


def banner(chapter: str) -> Banner:
    """Say where a chapter's data come from: for its first cell."""
    try:
        return choose().banner(chapter)
    except data.DataError as error:  # the cells that read the data tell it too
        return Banner("failed", f"Data: {error}")
