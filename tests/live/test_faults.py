"""Every fault ends in the stated sentence and exit status, and never in half of the data."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib

import live_faults
import pytest
from live_data import QUICK, run_refresh

from shockbook import live
from shockbook.live import session
from shockbook.live.faults import Patience
from shockbook.live.registry import LIVE

#: A warning would be a line on stderr in a chapter.
pytestmark = [
    pytest.mark.filterwarnings(f"error::{kind}")
    for kind in ("RuntimeWarning", "FutureWarning", "UserWarning")
]
#: A chapter's patience, without the waiting.
CHAPTER = Patience(tries=2, connect=1, whole=5, network=False, sleep=lambda seconds: None)


def patience(case, usual):
    """The usual patience, but a short one where the server lets us wait."""
    slow = case.fault == "no answer in time"
    return dataclasses.replace(usual, tries=2, connect=0.1, whole=0.5) if slow else usual


def sums(folder) -> dict:
    """The state of the data folder."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != ".lock"
    }


def wording(case, usual) -> str:
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    return case.sentence(patience(case, usual), yesterday)


def name(case) -> str:
    return f"{case.dataset}: {case.fault}"


@pytest.mark.parametrize("case", live_faults.CASES, ids=name)
def test_refresh(case, data, truth, serve, capsys):
    serve(truth, case.breaks)
    before = sums(data)
    code = run_refresh(case.dataset, patience=patience(case, QUICK), dry_run=case.code == 0)
    said = capsys.readouterr()
    assert code == case.code, said
    assert sums(data) == before
    if case.code:
        assert wording(case, QUICK) in said.out + said.err
        assert "the snapshot stands as it was" in said.err
    else:
        assert said.err == ""
        if case.says:
            assert case.says in said.out


@pytest.mark.parametrize("case", live_faults.CASES, ids=name)
def test_chapter(case, data, truth, serve, capfd, monkeypatch):
    serve(truth, case.breaks)
    monkeypatch.setenv("SHOCKBOOK_LIVE", "1")
    monkeypatch.setattr(session, "CHAPTER", patience(case, CHAPTER))
    monkeypatch.setattr(session, "LIVE", {case.dataset: LIVE[case.dataset]})
    monkeypatch.setattr(session, "of_chapter", lambda chapter, package: [LIVE[case.dataset]])
    banner = live.banner("any")
    assert banner.state == case.chapter, banner
    if case.chapter == "failed":
        assert banner.text.startswith(f"Live failed: {wording(case, CHAPTER)} ")
        assert " Showing the snapshot (" in banner.text and not live.choose().live
    else:
        assert live.choose().live
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("case", [case for case in live_faults.CASES if case.accepted], ids=name)
def test_accepted(case, data, truth, serve, capsys):
    serve(truth, case.breaks)
    before = sums(data)
    assert run_refresh(case.dataset, accept_revisions=True) == 0
    assert sums(data) != before


@pytest.mark.parametrize("name", live_faults.FRAGMENTS)
def test_the_docs_are_in_step(name):
    """To write them again: python tests/live/live_faults.py"""
    stored = (live_faults.CHAPTERS / name).read_text(encoding="utf-8")
    assert stored == live_faults.FRAGMENTS[name]()
