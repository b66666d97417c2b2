"""What the live sources are, how one fails, and how long one waits for it."""

import queue
import random
import threading
import time
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

#: The table of the sources, sources.toml.
SOURCES = tomllib.loads(Path(__file__).with_name("sources.toml").read_text(encoding="utf-8"))


class LiveError(Exception):
    """A live source failed.  One sentence that names the source and what happened.

    The reason is ``"fetch"`` (no answer, or the server is busy; another day may be better) or
    ``"contract"`` (an answer that is not what was agreed; somebody has to look); ``answered`` says
    whether there was any answer at all.
    """

    def __init__(self, reason: str, sentence: str, answered: bool = True):
        super().__init__(sentence)
        self.reason, self.answered = reason, answered


class ContractError(LiveError):
    """An answer that is not what was agreed."""

    def __init__(self, sentence: str):
        super().__init__("contract", sentence)


class Unknown(ContractError):
    """The source does not know what was asked for (a ticker that was delisted or renamed)."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for a source and how often to ask.

    The wait doubles each time and a random half of it is taken off, so that clients do not come
    back together.  A network that swallows everything shall not cost one time limit for each
    request: hence ``silence``.
    """

    tries: int = 5  # requests in all
    wait: float = 2.0  # seconds before the second request
    cap: float = 60.0  # seconds before any
    connect: float = 10.0  # limit in seconds, for the connection
    whole: float = 60.0  # and for a whole request
    silence: float = float("inf")  # seconds without any answer, until a source is given up
    network: bool = True  # try again without a connection too, not only if the server is busy
    sleep: Callable[[float], None] = time.sleep  # the clock and
    chance: Callable[[], float] = random.random  # the dice, exchanged in tests
    #: Set when somebody wants no more: nothing is asked from then on.
    stop: threading.Event = field(default_factory=threading.Event, compare=False)

    def pause(self, failed: int, asked: float = 0.0) -> float:
        """Wait after ``failed`` requests, ``asked`` seconds at least if the server said so."""
        backoff = min(self.cap, self.wait * 2 ** (failed - 1)) * (0.5 + 0.5 * self.chance())
        seconds = min(self.cap, max(backoff, asked))
        self.sleep(seconds)
        return seconds


#: For a refresh, which nobody waits for.
UNATTENDED = Patience()
#: For a chapter, in which a reader waits: without a network it gives up within seconds.
CHAPTER = Patience(tries=2, wait=0.5, cap=2.0, connect=2.0, whole=5.0, silence=5.0, network=False)


def side_by_side(work: Callable, items: Iterable, workers: int, stop: threading.Event) -> list:
    """``[work(item) for item in items]`` in threads, given up at once on Ctrl-C.

    A thread in the middle of a request cannot be woken, so they are daemons, which nothing waits
    for; ``stop`` keeps those that go on from asking again.  The first error is raised.
    """
    todo, done, items = queue.SimpleQueue(), queue.SimpleQueue(), list(items)
    for place in range(len(items)):
        todo.put(place)

    def run() -> None:
        while not stop.is_set():
            try:
                place = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((place, work(items[place]), None))
            except BaseException as error:
                done.put((place, None, error))

    threads = [threading.Thread(target=run, daemon=True) for _ in items[:workers]]
    for thread in threads:
        thread.start()
    results = [None] * len(items)
    try:
        for _ in items:
            place, results[place], error = done.get()
            if error:
                raise error
    except Exception:
        while not todo.empty():  # whoever is still at work asks no further
            todo.get_nowait()
        for thread in threads:
            thread.join()
        raise
    except KeyboardInterrupt:
        stop.set()
        raise
    return results


def interruptibly(work: Callable, patience: Patience):
    """``work()`` in a thread of its own, so that Ctrl-C is heard at once, not after a request."""
    return side_by_side(lambda _: work(), [None], 1, patience.stop)[0]
