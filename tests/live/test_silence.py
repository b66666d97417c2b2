"""A network that swallows everything costs a chapter five seconds in all, not per request."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from curl_cffi import requests as curl
from live_data import QUICK

from shockbook import catalog, live
from shockbook import data as flat
from shockbook.live import files, session, yahoo
from shockbook.live.faults import CHAPTER, UNATTENDED, LiveError
from shockbook.live.registry import of_chapter

CHAPTERS = sorted({c for n in catalog.names() for c in catalog.describe(n)["usedBy"]})
LIVE_CHAPTERS = [chapter for chapter in CHAPTERS if of_chapter(chapter, flat.snapshot())]


@pytest.fixture
def swallowed(monkeypatch):
    """Every request takes its whole time limit, on a clock of our own; the list of them."""
    waited: list[tuple[str, float]] = []

    def request(self, method, url, *args, timeout=None, **kwargs):
        waited.append((url, sum(timeout)))
        raise curl.exceptions.ConnectTimeout("no answer")

    monkeypatch.setattr(curl.Session, "request", request)
    return waited


@pytest.mark.parametrize("chapter", LIVE_CHAPTERS)
def test_a_chapter_waits_five_seconds(chapter, data, swallowed, monkeypatch, capfd):
    pauses = []
    monkeypatch.setenv("SHOCKBOOK_LIVE", "1")
    monkeypatch.setattr(session, "CHAPTER", dataclasses.replace(CHAPTER, sleep=pauses.append))
    banner = live.banner(chapter)
    assert banner.state == "failed" and "did not answer within 5 seconds" in banner.text
    in_turn = [seconds for url, seconds in swallowed if "/v8/" not in url]
    beside = [seconds for url, seconds in swallowed if "/v8/" in url]
    assert sum(in_turn) + max(beside, default=0) <= 5 + 1e-9
    assert len(beside) <= yahoo.WORKERS and pauses == []
    assert capfd.readouterr() == ("", "")


def test_a_session_waits_once(data, swallowed, monkeypatch, capfd):
    """A page that loads its prices above its banner does not wait again for the next chapter."""
    monkeypatch.setenv("SHOCKBOOK_LIVE", "1")
    assert len(catalog.load("prices"))
    asked = len(swallowed)
    banner = live.banner("your-event")
    assert banner.state == "failed" and len(swallowed) == asked > 0
    assert capfd.readouterr() == ("", "")
    live.forget()
    live.banner("your-event")
    assert len(swallowed) > asked


def test_every_answer_begins_the_count_again(data, truth, serve):
    """A slow source that does answer is not taken for a silent one."""
    server = serve(truth)
    patience = dataclasses.replace(QUICK, silence=0.001, connect=5, whole=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shockbook.live.net.SHORTEST", 5.0)
        assert len(files.usdcny(patience=patience)) and len(server.seen) == 1


def test_a_host_without_a_cookie_is_asked_once(data, truth, serve):
    """Blocked cookie hosts (there are lists of them) cost one time limit each, and no more."""

    def fault(request, reply):
        if request.host in ("fc.yahoo.com", "guce.yahoo.com"):
            reply.hang = 0.4
        return reply

    server = serve(truth, fault)
    patience = dataclasses.replace(UNATTENDED, connect=0.1, whole=20, sleep=lambda s: None)
    got = yahoo.prices(
        ["NVDA", "SPY"], dt.date(2025, 1, 24), dt.date(2025, 1, 28), patience=patience
    )
    assert set(got["ticker"]) == {"NVDA", "SPY"}
    hosts = [request.host for request in server.seen]
    assert hosts.count("fc.yahoo.com") == hosts.count("guce.yahoo.com") == 1


def test_a_refresh_is_more_patient(data, swallowed):
    pauses: list[float] = []
    with pytest.raises(LiveError, match="FRED did not answer within 60 seconds"):
        files.usdcny(patience=dataclasses.replace(UNATTENDED, sleep=pauses.append))
    assert len(swallowed) == UNATTENDED.tries and len(pauses) == UNATTENDED.tries - 1
