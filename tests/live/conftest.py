from __future__ import annotations

import shutil

import live_data
import pytest
from live_server import Server

from shockbook import check, live


@pytest.fixture(scope="session")
def truth():
    return live_data.truth()


@pytest.fixture(scope="session")
def pattern(truth, tmp_path_factory):
    """The small data folder, once; tests get copies."""
    folder = tmp_path_factory.mktemp("pattern")
    live_data.write(folder, live_data.snapshot(truth))
    return folder


@pytest.fixture
def data(pattern, tmp_path, monkeypatch):
    """A copy of the small data folder, in use; its own cache; a contact for the SEC."""
    folder = tmp_path / "data"
    shutil.copytree(pattern, folder)
    monkeypatch.setenv("SHOCKBOOK_DATA", str(folder))
    monkeypatch.setenv("SHOCKBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SHOCKBOOK_CONTACT", "A Reader reader@example.org")
    monkeypatch.delenv("SHOCKBOOK_LIVE", raising=False)
    # the small folder lacks what an event needs beside prices
    monkeypatch.setattr(check, "event_files", lambda: [])
    live.forget()
    yield folder
    live.forget()


@pytest.fixture
def serve(monkeypatch):
    """serve(truth, fault) -> a running Server that every live source is sent to."""
    running = []

    def start(*args):
        server = Server(*args).__enter__()
        monkeypatch.setenv("SHOCKBOOK_LOOPBACK", server.base)
        running.append(server)
        return server

    yield start
    for server in running:
        server.__exit__()
