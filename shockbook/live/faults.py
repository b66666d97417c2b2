"""How a live source fails, and how long one waits for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


class LiveError(Exception):
    """A live source failed.  One sentence that names the source and what happened.

    Attributes
    ----------
    reason : str
        ``"fetch"``: no answer, or the server is busy; another day may be better.
        ``"contract"``: an answer that is not what was agreed; somebody has to look.
    """

    def __init__(self, reason: str, sentence: str):
        super().__init__(sentence)
        self.reason = reason


class Unknown(LiveError):
    """The source does not know what was asked for (a ticker that was delisted or renamed)."""

    def __init__(self, sentence: str):
        super().__init__("contract", sentence)


@dataclass(frozen=True)
class Patience:
    """How long to wait for a source and how often to ask.

    Attributes
    ----------
    tries : int
        Requests in all.
    wait, cap : float
        Seconds before the second request, and at most; the wait doubles each time and a random
        half of it is taken off, so that clients do not come back together.
    connect, whole : float
        Time limits in seconds, for the connection and for a whole request.
    silence : float
        Seconds of waiting without any answer, after which a source is given up: a network that
        swallows everything shall not cost one time limit for each request.
    network : bool
        Try again also when there is no connection, not only when the server says that it is busy.
    sleep, chance : callable
        The clock and the dice, exchanged in tests.
    """

    tries: int = 5
    wait: float = 2.0
    cap: float = 60.0
    connect: float = 10.0
    whole: float = 60.0
    silence: float = float("inf")
    network: bool = True
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

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
