"""A refresh that is killed leaves the data wholly old or wholly new, and `check` passes."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time

import pytest
from live_data import run_refresh

from shockbook import catalog, check
from shockbook import data as flat
from shockbook.data import files
from shockbook.live import fill

#: Datasets that change in these tests: several files, from two sources.
NAMES = ("usdcny", "capex-quarterly")
SOAK = bool(os.environ.get("SOAK"))
KILLS = 200 if SOAK else 20
#: The full check after one kill in so many, the quick check after each.
FULL = 20


def state(folder) -> dict[str, str]:
    """Hash of each dataset's file, if it is the one that the description names."""
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    found = {}
    for resource in described["resources"]:
        content = (folder / resource["path"]).read_bytes()
        found[resource["name"]] = f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert found[resource["name"]] == resource["hash"], resource["path"]
    return found


def checked(full: bool) -> int:
    """Exit status of `python -m shockbook check`."""
    return check.run(argparse.Namespace(names=[], quick=not full, accept=False))


def in_child(work) -> int:
    """Run ``work`` in a process of its own; returns its id."""
    child = os.fork()
    if not child:
        try:
            os._exit(work() or 0)
        finally:
            os._exit(99)
    return child


@pytest.fixture
def fresh(data, pattern):
    """fresh() puts the old snapshot back."""

    def put():
        shutil.rmtree(data)
        shutil.copytree(pattern, data)

    return put


def test_killed_at_random(data, truth, serve, fresh, capsys, monkeypatch):
    if not SOAK:  # half of the time, and it writes nothing into the data folder
        monkeypatch.setattr(fill, "validate", lambda *_: [])
    serve(truth)
    old = state(data)
    assert run_refresh(*NAMES, dry_run=True) == 0  # the children need not import anything
    begin = time.monotonic()
    assert os.waitpid(in_child(lambda: run_refresh(*NAMES)), 0)[1] == 0
    lasts = time.monotonic() - begin
    new = state(data)
    assert {name for name in old if old[name] != new[name]} == {*NAMES, "sources"}
    dice, seen = random.Random(20250127), []
    for kill in range(KILLS):
        fresh()
        child = in_child(lambda: run_refresh(*NAMES))
        if kill % 2:  # while the files are being replaced
            while not any(data.glob(".new-*")) and os.waitpid(child, os.WNOHANG) == (0, 0):
                time.sleep(0.0005)
            time.sleep(dice.uniform(0, 0.02))
        else:
            time.sleep(dice.uniform(0, lasts))
        try:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        except (ProcessLookupError, ChildProcessError):
            pass  # it was done
        now = state(data)
        assert now in (old, new)
        seen.append(now == new)
        assert checked(full=kill % FULL == 0) == 0
        assert state(data) == now
        assert not any(data.glob(".new-*"))
    assert True in seen and False in seen


def replacement(data, truth) -> tuple[list[dict], dict[str, bytes]]:
    """Two changed files, ready to be put in place."""
    resources, contents = [], {}
    for name in NAMES:
        resource = catalog.describe(name)
        contents[name] = files.content(truth[name].reset_index(drop=True), resource)
        resources.append(files.stamped(resource, contents[name]))
    return resources, contents


def kill_at(step: int, folder):
    """Kill this process before its file operation number ``step`` in the folder."""
    left = [step]

    def hook(event, args):
        if event in ("open", "os.rename", "os.remove") and str(folder) in str(args[0]):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def test_killed_before_every_step(data, truth, fresh, capsys):
    resources, contents = replacement(data, truth)
    old = state(data)
    seen, step = [], 0
    while True:
        fresh()

        def work(step=step):
            kill_at(step, data)
            files.replace(flat.snapshot(), resources, contents)

        done = os.waitpid(in_child(work), 0)[1] == 0
        now = state(data)
        changed = {name for name in old if old[name] != now[name]}
        assert changed in (set(), set(NAMES))
        seen.append(bool(changed))
        assert checked(full=False) == 0
        assert state(data) == now
        if done:
            break
        step += 1
    assert step > 20
    assert seen == sorted(seen), "it is old up to one step and new from there on"
    assert not seen[0] and seen[-1] and seen.count(False) > 5 and seen.count(True) > 5


def test_what_a_killed_refresh_left_is_cleared_or_finished(data, truth):
    (data / ".new-usdcny.csv").write_bytes(b"half a fi")
    (data / ".tmp-datapackage.json-1").write_bytes(b"{")
    with files.settled(flat.snapshot()):
        pass
    assert not [path for path in data.iterdir() if path.name[:5] in (".new-", ".tmp-")]
    assert checked(full=False) == 0


def test_a_reader_is_overtaken_by_a_refresh(data, truth, monkeypatch):
    """The description is read before the files are exchanged, the file after."""
    resources, contents = replacement(data, truth)
    read, overtaken = flat.Package.verify, []

    def slowly(package, resource):
        if not overtaken:
            overtaken.append(resource)
            files.replace(flat.snapshot(), resources, contents)
        return read(package, resource)

    monkeypatch.setattr(flat.Package, "verify", slowly)
    assert len(catalog.load("usdcny")) == len(truth["usdcny"])
    assert overtaken


def test_a_folder_that_cannot_be_written_to_is_still_read(data, truth):
    """Between the two exchanges of the description the data are read where they lie."""
    resources, contents = replacement(data, truth)
    for resource in resources:
        (data / f".new-{resource['path']}").write_bytes(contents[resource["name"]])
    staged = [{**r, "path": f".new-{r['path']}"} for r in resources]
    whole = flat.snapshot().descriptor
    kept = [r for r in whole["resources"] if r["name"] not in contents]
    described = {**whole, "resources": kept + staged}
    (data / "datapackage.json").write_text(files.text(described), encoding="utf-8")
    assert len(catalog.load("usdcny")) == len(truth["usdcny"])
