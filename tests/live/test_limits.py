"""However large or slow an answer is: memory stays small, and Ctrl-C is heard at once."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
import zlib

import pytest
from live_server import Reply

from shockbook.live import net
from shockbook.live.faults import LiveError, Patience, side_by_side

#: What a refresh may take beyond what it takes with good answers, in megabytes.
SPARE = 150


def bomb(size: int):
    """Gzip of nothing but zeros that unpacks to ``size`` bytes, made as it is sent."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(size // 2**20):
        yield packer.compress(bytes(2**20))
    yield packer.flush()


def flood(request, reply):
    return Reply(stream=itertools.repeat(b"1" * 65536), kind="text/csv")


def packed(request, reply):
    return Reply(stream=bomb(2**32), kind="text/csv", headers={"Content-Encoding": "gzip"})


def command(*names: str, **environment) -> subprocess.Popen:
    """``python -m shockbook refresh`` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "shockbook", "refresh", "--dry-run", *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        # a shell that starts the tests in the background has Ctrl-C ignored, also by its children
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def peak(names, serve, truth, cache, *fault) -> tuple[int, str]:
    """The most memory that a refresh held, in megabytes, and what it said on stderr."""
    serve(truth, *fault)
    process = command(*names, SHOCKBOOK_CACHE=str(cache))
    watch = threading.Timer(60, process.kill)
    watch.start()
    said = process.stderr.read()
    watch.cancel()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_maxrss // 1024, said


ENDLESS = list(itertools.product(["usdcny", "prices"], [flood, packed]))


@pytest.mark.parametrize(
    ("dataset", "fault"), ENDLESS if os.environ.get("SOAK") else [ENDLESS[0], ENDLESS[3]]
)
def test_an_endless_answer_costs_no_memory(data, truth, serve, tmp_path, dataset, fault):
    usual, _ = peak([dataset], serve, truth, tmp_path / "usual")

    def only_data(request, reply):
        return reply if "getcrumb" in request.path else fault(request, reply)

    most, said = peak([dataset], serve, truth, tmp_path / "flood", only_data)
    assert "sent more than 32 million bytes: those are not its data." in said
    assert "the snapshot stands as it was" in said
    assert most < usual + SPARE, (most, usual)
    print(f"{dataset} {fault.__name__}: {usual} MB usual, {most} MB at most")


@pytest.mark.parametrize("dataset", ["usdcny", "prices", "capex-quarterly"])
def test_ctrl_c_against_a_slow_server(data, truth, serve, dataset):
    arrived = threading.Event()

    def slow(request, reply):
        if "getcrumb" not in request.path:
            arrived.set()
            reply.hang = 30
        return reply

    serve(truth, slow)
    process = command(dataset)
    assert arrived.wait(30)
    time.sleep(0.3)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    lasted = time.monotonic() - begin
    assert lasted < 2, lasted
    assert process.returncode == 130
    assert said == "Interrupted; the snapshot stands as it was.\n"
    print(f"{dataset}: {lasted:.2f} s")


def test_a_size_within_the_limit_is_read_whole(data, truth, serve, monkeypatch):
    text = b"observation_date,DEXCHUS\n" + b"2025-01-27,7.25\n" * 1000
    serve(truth, lambda request, reply: Reply(stream=[text], kind="text/csv"))
    with net.Session("FRED", Patience(tries=1)) as session:
        assert session.get("https://fred.stlouisfed.org/x").content == text
    monkeypatch.setattr(net, "LARGEST", len(text) - 1)
    with (
        net.Session("FRED", Patience(tries=1)) as session,
        pytest.raises(LiveError, match="more than") as told,
    ):
        session.get("https://fred.stlouisfed.org/x")
    assert told.value.reason == "contract"


def test_side_by_side():
    stop = threading.Event()
    assert side_by_side(lambda x: x * x, range(9), 4, stop) == [x * x for x in range(9)]
    assert side_by_side(str, [], 4, stop) == []
    seen = []

    def work(x):
        seen.append(x)
        if x == 2:
            raise ValueError("two")
        time.sleep(0.05)

    with pytest.raises(ValueError, match="two"):
        side_by_side(work, range(50), 2, stop)
    assert len(seen) < 10, "nothing more is begun"
