"""Fill another folder from the live sources: a whole package, at every moment.

It begins as a copy of the snapshot.  Each dataset that has gone through every check is put in
whole, with what is made of it, and the description says so under ``live``; a fill that was
stopped goes on where it was, and what failed stands with its reason.
"""

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import pandas as pd

from shockbook.data import DataError, Package, write_whole
from shockbook.data import files as write
from shockbook.data.package import FILE
from shockbook.data.validate import validate
from shockbook.live import fresh
from shockbook.live.compare import Change, compare
from shockbook.live.faults import ContractError, LiveError, Patience, interruptibly
from shockbook.live.registry import LIVE, Live

#: What was fetched is taken for this long, and a failure for this long.
FRESH, AGAIN = dt.timedelta(hours=24), dt.timedelta(minutes=15)


def cached() -> Package:
    """The folder that is filled by default: the user's cache, or what ``SHOCKBOOK_CACHE`` names."""
    import platformdirs  # which a page's Python does without: it has no cache

    base = os.environ.get("SHOCKBOOK_CACHE") or platformdirs.user_cache_dir("shockbook")
    return at(Path(base) / "data")


def at(folder: Path) -> Package:
    """A live folder as a package."""
    return Package(folder, str(folder), f"delete {folder} and fetch again")


def known(package: Package, snapshot: Package) -> dict[str, dict]:
    """What a live folder says of its datasets, if it is whole and made of this snapshot.

    Each has ``at`` (when), and either ``failed`` (why) or the changes that it brought.
    """
    try:
        note = package.descriptor.get("live", {})
        whole = note.get("from") == _stamp(snapshot) and not any(package.changed())
        return dict(note.get("datasets", {})) if whole else {}
    except (DataError, AttributeError, TypeError):
        return {}


def recent(entry: dict) -> bool:
    """Whether an entry of :func:`known` need not be asked again."""
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(entry["at"])
    return age < (AGAIN if entry.get("failed") else FRESH)


def as_change(name: str, entry: dict) -> Change:
    """The change that an entry of :func:`known` tells of, without its table."""
    return Change(name, **entry["change"])


def _stamp(snapshot: Package) -> str:
    return hashlib.sha256((snapshot.folder / FILE).read_bytes()).hexdigest()


def refuse(package: Package, snapshot: Package) -> None:
    """Raise a LiveError for the snapshot, and for a folder with files that no fill has put there.

    One that somebody has edited is such a file too.
    """
    folder, here = package.folder.resolve(), snapshot.folder.resolve()
    if folder == here or folder in here.parents or here in folder.parents:
        raise ContractError(f"{package.folder} is not another folder than the snapshot's.")
    try:
        ours = package.descriptor["live"]["from"] and {r["path"]: r for r in package.resources}
    except (DataError, KeyError, TypeError):
        ours = {}  # somebody else's package, or none: every file in it is a stranger
    named = {path.removeprefix(write.STAGED) for path in ours} | ({FILE} if ours else set())
    found = [path.name for path in folder.glob("[!.]*")] if folder.is_dir() else []
    strange = [name for name in found if name not in named]
    if folder != cached().folder.resolve():  # in the cache what is damaged is fetched again
        strange += [n for n in found if n in ours and any(package.changed([ours[n]["name"]]))]
    if strange:
        some = ", ".join(sorted(strange)[:5]) + (", ..." if len(strange) > 5 else "")
        raise ContractError(
            f"{package.folder} holds other files than a refresh has put there ({some}): move them "
            "away or name a new folder."
        )


def prepare(package: Package, snapshot: Package) -> None:
    """Make the folder a copy of the snapshot, unless it already came of it; may :func:`refuse`."""
    if known(package, snapshot):
        return
    contents = {resource["path"]: snapshot.verify(resource) for resource in snapshot.resources}
    refuse(package, snapshot)
    if (package.folder / FILE).exists():
        with write.settled(package):  # what a killed one has left is put in place first
            old = [package.folder / resource["path"] for resource in package.resources]
        for path in old:
            path.unlink(missing_ok=True)
    # first of all whose folder it is: killed anywhere, it is a part of a copy, and known as one
    note = {"from": _stamp(snapshot), "datasets": {}}
    described = write.text(snapshot.descriptor | {"live": note})
    for name, content in {FILE: described.encode(), **contents}.items():
        write_whole(package.folder / name, content)


def fill(
    package: Package,
    snapshot: Package,
    names: Collection[str],
    patience: Patience,
    *,
    revisions: bool = False,
    rows: Collection[str] = (),
    hasty: bool = False,
    step: Callable[[str, str], None] = lambda dataset, part: None,
    told: Callable[[str, dict], None] = lambda dataset, entry: None,
) -> dict[str, dict]:
    """Bring datasets of a folder up to date; what cannot be stays as the snapshot has it.

    ``revisions`` and ``rows`` are what somebody has looked at: large revisions, and new rows by
    name.  A ``hasty`` fill gives up at the first source that does not answer at all, and raises
    its error.  ``step`` is called with dataset and part as they come, ``told`` with each dataset
    and its entry.

    Returns the entries of these datasets, as :func:`known` has them.

    Raises ``LiveError`` or ``OSError`` if the folder cannot be used.
    """
    if not known(package, snapshot):
        refuse(package, snapshot)  # before anything is put there
    package.folder.mkdir(parents=True, exist_ok=True)
    result = {}
    with write.settled(package, ".filling"):
        prepare(package, snapshot)
        for name in names:
            before = known(package, snapshot).get(name)
            good = before and not before.get("failed") and recent(before)
            if good and (hasty or _as_asked(as_change(name, before), revisions, set(rows))):
                result[name] = before | {"resumed": True}
                told(name, result[name])
                continue
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            try:
                asking = replace(patience, stop=type(patience.stop)())
                change = interruptibly(
                    lambda name=name, asking=asking: _ask(
                        LIVE[name], snapshot, asking, lambda part: step(name, part), rows
                    ),
                    asking,
                )
                if change.consent and not revisions:
                    raise ContractError(
                        f"{' '.join(change.consent)} Large revisions need --accept-revisions, "
                        "once somebody has looked at them."
                    )
                _put(package, change, now)
            except LiveError as error:
                if hasty and not error.answered:
                    raise
                entry = {"at": now, "failed": str(error), "reason": error.reason}
                made = (name, *LIVE[name].also)  # which may have been live before
                back = [r for r in snapshot.resources if r["name"] in made]
                contents = {r["name"]: snapshot.verify(r) for r in back}
                write.replace(package, back, contents, live=_noted(package, name, entry))
            result[name] = known(package, snapshot).get(name)
            if not result[name]:
                raise ContractError(
                    f"The snapshot or {package.folder} was changed meanwhile: run again."
                )
            told(name, result[name])
    return result


def _as_asked(change: Change, revisions: bool, rows: set[str]) -> bool:
    """Whether a change rests on what is accepted now, not on what another run accepted."""
    accepted = set(change.accepted)
    more = accepted - rows or (change.consent and not revisions)
    return not more and not (change.refused and rows - accepted)


def _ask(live: Live, snapshot: Package, patience: Patience, step, rows) -> Change:
    """What a dataset's source would change in the snapshot, its new rows checked."""
    old = snapshot.load(live.dataset)
    try:
        change = compare(live.dataset, old, live.fetch(old, patience, step), live.rules)
        calendars = None
        if live.rules.calendar == "tickers":
            calendars = snapshot.load("tickers").set_index("ticker")["calendar"]
        fresh.refuse(change, live.rules, calendars, rows)
        change.frame = live.completed(change.frame, change.fresh)
    except LiveError:
        raise
    except Exception as error:  # a reader of a chapter is owed a sentence, not a traceback
        raise ContractError(
            f"The live {live.dataset} cannot be used ({type(error).__name__}: {error})."
        ) from error
    return change


def _put(package: Package, change: Change, now: str) -> None:
    """Put a dataset, what is made of it and its source into the folder, if all of it is valid."""
    live, today = LIVE[change.dataset], now[:10]
    tables = {change.dataset: change.frame} if change.anything else {}
    day = live.as_of(change.frame).isoformat()
    for name, make in live.also.items():
        if tables and name in package.names():
            tables[name] = make(package.load(name), change.frame)
    listed = package.load("sources")
    if tables and live.source["id"] not in set(listed["id"]):
        row = {**live.source, "date": today, "read": "whole", "read_at": "its answer of that day"}
        row = pd.DataFrame([row]).reindex(columns=listed.columns)
        tables["sources"] = pd.concat([listed, row.astype(object)], ignore_index=True)
    resources, contents = [], {}
    for name, table in tables.items():
        resource = dict(package.describe(name))
        contents[name] = write.content(table, resource, package.verify(resource))
        as_of = today if name == "sources" else day
        resource |= {"asOf": as_of, "retrieved": today}
        origin = {key: live.source[key] for key in ("id", "title")}
        if name == change.dataset and origin["id"] not in [s["id"] for s in resource["sources"]]:
            resource["sources"] = [*resource["sources"], origin]
        resources.append(write.stamped(resource, contents[name]))
    if faults := validate(package, list(tables), contents) if tables else []:
        raise ContractError(f"The live {change.dataset} does not fit its schema: {faults[0]}")
    left = ("dataset", "frame", "fresh", "gaps")
    told = {k: v for k, v in vars(change).items() if k not in left}
    entry = {"at": now, "source": live.name, "asOf": day, "change": told}
    write.replace(package, resources, contents, live=_noted(package, change.dataset, entry))


def _noted(package: Package, name: str, entry: dict) -> dict:
    note = package.descriptor["live"]
    return {**note, "datasets": {**note["datasets"], name: entry}}
