"""The data of this session: one package, chosen once, under short names for chapters.

It is the snapshot, or the live folder if ``SHOCKBOOK_LIVE=1`` asks for it
(:func:`shockbook.live.choose`).  Everything here asks that :class:`shockbook.data.Package`.
"""

# ruff: noqa: F401  what others find here
import functools

import pandas as pd

from shockbook import data
from shockbook.data import NOT_STATED, READ, DataError, Package


def current(live: bool | None = None) -> Package:
    """The package that is read: what the session chose, or the snapshot if ``live`` is False."""
    if live is False:
        return data.snapshot()
    from shockbook.live import choose  # the network's libraries load only when asked for

    return choose(live).package


def load(name: str, live: bool | None = None) -> pd.DataFrame:
    """Load one dataset; see :meth:`shockbook.data.Package.load`.

    ``live`` False reads the snapshot, True the live folder if there can be one; by default the
    environment variable ``SHOCKBOOK_LIVE=1`` decides.
    """
    return current(live).load(name)


def names() -> list[str]:
    """The names of all datasets, in alphabetical order."""
    return data.snapshot().names()


def describe(name: str) -> dict:
    """The description of one dataset of the snapshot."""
    return data.snapshot().describe(name)


def sources() -> pd.DataFrame:
    """The snapshot's list of sources: what each is, where it stands, and how it was read."""
    return data.snapshot().load("sources")


def sources_by_id() -> dict[str, dict]:
    """The sources of the snapshot by id, each a dictionary; an empty cell is an empty text."""
    return _sources_by_id(describe("sources")["hash"])


@functools.lru_cache(maxsize=1)
def _sources_by_id(stamp: str) -> dict[str, dict]:
    """The same, read once for each state of the data, which ``stamp`` tells apart."""
    return sources().fillna("").set_index("id").to_dict("index")
