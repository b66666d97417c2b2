"""Replace several data files and their description in one step.

``datapackage.json`` says which file holds which dataset, so exchanging that one file is the
step: everything before it only adds files that nobody names yet, everything after it only tidies.

1.  The new files are written beside the old ones under names of their own (``.new-…``).
2.  ``datapackage.json`` is replaced by one that names them.  Before this the data are wholly old,
    from here on wholly new.
3.  The new content is put under the usual names, which nobody names now, each in one step.
4.  ``datapackage.json`` is replaced by one with the usual names, and the ``.new-…`` files go.

A process that dies on the way leaves a description that fits its files at every point;
:func:`settled` does the rest at the next ``check`` or ``refresh``.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from shockbook import package

STAGED = ".new-"


def replace(folder: Path, resources: list[dict], contents: dict[str, bytes]) -> None:
    """Put new files and their resources in place, all of them or, if interrupted, none.

    Parameters
    ----------
    folder : Path
        The data folder.
    resources : list of dict
        The new resource descriptors, with hash and size of the new content and the usual path.
    contents : dict
        The bytes of each file by the name of its resource.
    """
    with settled(folder):
        staged = []
        for resource in resources:
            name = STAGED + resource["path"]
            package.write_whole(folder / name, contents[resource["name"]])
            staged.append({**resource, "path": name})
        _describe(folder, staged)
        _tidy(folder)


@contextlib.contextmanager
def settled(folder: Path) -> Iterator[None]:
    """Hold the folder alone, with what an interrupted :func:`replace` left finished or cleared.

    A folder that cannot be written to is left as it is: its description fits its files anyhow.
    The lock of a process that dies goes with it.
    """
    try:
        stream = (folder / ".lock").open("w")
    except OSError:
        yield
        return
    with stream:
        with contextlib.suppress(ImportError):  # Windows has no fcntl and goes without a lock
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        _tidy(folder)
        yield


def _describe(folder: Path, resources: list[dict]) -> None:
    """Exchange resources in ``datapackage.json``: the one step in which the data change."""
    _sync(folder)
    path = folder / "datapackage.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    fresh = {resource["name"]: resource for resource in resources}
    kept = [r for r in described["resources"] if r["name"] not in fresh]
    whole = {**described, "resources": kept + list(fresh.values())}
    package.write_whole(path, package.text(whole).encode())
    _sync(folder)


def _tidy(folder: Path) -> None:
    """Steps 3 and 4, as far as they are still to do; then remove what nobody names."""
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    usual = []
    for resource in described["resources"]:
        if resource["path"].startswith(STAGED):
            path = resource["path"].removeprefix(STAGED)
            package.write_whole(folder / path, (folder / resource["path"]).read_bytes())
            usual.append({**resource, "path": path})
    if usual:
        _describe(folder, usual)
    for rest in [*folder.glob(f"{STAGED}*"), *folder.glob(".tmp-*")]:
        rest.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Make the folder's entries durable: a crash of the machine keeps the order of the steps."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
