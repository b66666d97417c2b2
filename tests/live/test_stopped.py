"""A refresh that cannot write, or that is stopped by hand, says so and loses nothing."""

from __future__ import annotations

import errno
import re

import pytest
from live_data import run_refresh
from test_faults import sums

from shockbook import __main__
from shockbook.data import files
from shockbook.live import fill


def full_disk(place):
    """A ``write_whole`` that meets a full disk when it writes such a file."""
    write = files.write_whole

    def fails(path, content):
        if place(path):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, content)

    return fails


@pytest.mark.parametrize("name", [".new-usdcny.csv", ".new-sources.csv", "datapackage.json"])
def test_a_full_disk(data, truth, serve, capsys, monkeypatch, name):
    serve(truth)
    before = sums(data)
    with monkeypatch.context() as patch:
        patch.setattr(files, "write_whole", full_disk(lambda path: path == data / name))
        assert run_refresh("usdcny") == 3
    said = capsys.readouterr().err
    assert f"{name} cannot be written (No space left on device)" in said
    assert "the snapshot stands as it was" in said and len(said.splitlines()) == 1
    assert {k: v for k, v in sums(data).items() if k[0] != "."} == before
    assert run_refresh("usdcny") == 0, "once there is room"
    assert not list(data.glob(".new-*"))


def test_a_full_disk_that_names_no_file(data, truth, serve, capsys, monkeypatch):
    """As the system tells it when a part has been written."""
    serve(truth)
    before = sums(data)

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", full)
        assert run_refresh("usdcny") == 3
    assert "datapackage.json cannot be written (No space left on dev" in capsys.readouterr().err
    assert sums(data) == before and run_refresh("usdcny") == 0


def test_a_full_disk_after_the_step_is_told_as_such(data, truth, serve, capsys, monkeypatch):
    serve(truth)
    with monkeypatch.context() as patch:
        patch.setattr(files, "write_whole", full_disk(lambda path: path == data / "usdcny.csv"))
        assert run_refresh("usdcny") == 3
    assert "only after the new snapshot was in place" in capsys.readouterr().err
    assert run_refresh("usdcny") == 0
    out = capsys.readouterr().out  # with the day, so that one sees a source that stands still
    assert re.search(r"Nothing has changed since the snapshot \(usdcny to 20\d\d-", out)


def test_a_report_that_cannot_be_written(data, truth, serve, capsys, tmp_path):
    serve(truth)
    before = sums(data)
    assert run_refresh("usdcny", report=str(tmp_path / "no" / "such" / "report.md")) == 3
    assert "report.md cannot be written (No such file or directory)" in capsys.readouterr().err
    assert sums(data) == before


@pytest.mark.parametrize("dataset", ["usdcny", "prices"])
def test_stopped_by_hand(data, truth, serve, capsys, monkeypatch, dataset):
    before = sums(data)
    serve(truth)

    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(fill, "interruptibly", stop)
    assert run_refresh(dataset) == 130
    assert capsys.readouterr().err == "Interrupted; the snapshot stands as it was.\n"
    assert sums(data) == before


def test_a_dry_run_names_the_chapters(data, truth, serve, capsys):
    serve(truth)
    assert run_refresh("usdcny", "api-prices", dry_run=True) == 0
    said = capsys.readouterr().out
    assert "Chapters with these data: cost, enterprise, nvidia. " in said
    assert "`python -m shockbook live-report cost enterprise nvidia` lists" in said
    assert run_refresh("usdcny") == run_refresh("usdcny", dry_run=True) == 0
    assert capsys.readouterr().out.count("Chapters with") == 1, "none where nothing changes"


def test_what_an_old_lock_holds_does_not_matter(data, truth, serve, capsys):
    serve(truth)
    (data / ".lock").write_bytes(b"pid 12")
    assert run_refresh("usdcny") == 0


def test_a_dataset_without_a_live_source(data, capsys):
    assert __main__.main(["refresh", "nosuch"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1
    assert said.err.startswith("nosuch has no live source; these have: prices, ")
