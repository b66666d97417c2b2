"""One way to the network for every live source: time limits, patience, and one kind of error.

:class:`Session` is a curl_cffi session (the kind that yfinance takes) that tries again with
exponential back-off when a server is busy or breaks off, looks at what comes back, and ends every
failure in a :class:`LiveError`: one sentence, and whether the *fetch* or the *contract* broke.
"""

import json
import os
import time
from email.utils import mktime_tz, parsedate_tz
from urllib.parse import urlsplit

from curl_cffi import requests as curl
from curl_cffi.curl import CURL_WRITEFUNC_ERROR

from shockbook.live.faults import ContractError, LiveError, Unknown

LOOPBACK = "SHOCKBOOK_LOOPBACK"
#: No answer of these sources has more bytes, unpacked; the largest known has eight million.
LARGEST = 32_000_000
#: Seconds that a request gets in any case.
SHORTEST = 0.5


def _loopback() -> str:
    """The address of a test's server, which takes the place of every host; else nothing."""
    base = os.environ.get(LOOPBACK, "")
    if base and urlsplit(base).hostname != "127.0.0.1":
        raise LiveError("fetch", f"{LOOPBACK} is for tests and takes only http://127.0.0.1:PORT.")
    return base


def _seconds(text: str | None) -> float:
    """The header Retry-After in seconds, of which it gives a number or the day that they end."""
    if text and text.isdecimal():
        return float(text)
    day = parsedate_tz(text)
    return max(0.0, mktime_tz(day) - time.time()) if day else 0.0


class Session(curl.Session):
    """A session with one source, whose name stands in sentences.

    ``holds`` says of an address whether it holds data.  Only such answers are judged and asked for
    again; the rest (Yahoo's cookie and crumb) is left to the client library, which copes.  For
    those the limit is that of a connection, and a host that kept silent is not asked again:
    yfinance would, before each request for data.  All else is for curl_cffi, for instance
    ``impersonate`` and ``headers``.
    """

    def __init__(self, source, patience, holds=lambda url: True, **kwargs):
        super().__init__(**kwargs)
        self.source, self.patience, self.holds = source, patience, holds
        self.silent = 0.0  # seconds waited since the last answer
        #: What is not asked again, and why: other threads do not wait in turn.
        self.gave_up: dict[tuple[str, bool], Exception] = {}

    def data(self, url, get=None, **kwargs):
        """The answer of an address that holds data, got with a client library's ``get`` if given.

        Raises :class:`LiveError` for any other answer.
        """
        response = (get or self.get)(url, **kwargs)
        if fault := self._fault(response, url):
            raise fault
        self.patience.heard()
        return response

    def request(self, method, url, *args, **kwargs):
        """One request, with tries; what a client library may yet put right comes back unjudged."""
        host, holds = place = urlsplit(url).hostname, self.holds(url)
        tries, limit = self.patience.tries, self.patience.whole
        if not holds:
            tries, limit = 1, self.patience.connect
        for attempt in range(1, tries + 1):
            if place in self.gave_up:
                raise self.gave_up[place]
            if self.patience.stop.is_set():
                raise LiveError("fetch", f"{self.source} was not asked to the end.")
            asked = 0.0
            try:
                response = self._timed(limit, method, url, *args, **kwargs)
            except curl.exceptions.RequestException as error:
                if not holds:
                    self.gave_up[place] = error
                    raise
                # a name without an address does not get one within seconds
                again = self.patience.network and not isinstance(error, curl.exceptions.DNSError)
                fault = self._broken(error, host)
            else:
                fault = self._fault(response, url) if holds else None
                # a crumb that is refused, a form to agree to
                if not fault or type(fault) is ContractError or response.status_code == 401:
                    return response
                again = fault.reason == "fetch" and response.status_code != 403
                asked = _seconds(response.headers.get("Retry-After"))
            if not again or self.silent >= self.patience.silence or attempt == tries:
                if not isinstance(fault, Unknown):
                    self.gave_up[place] = fault
                raise fault
            self.patience.pause(attempt, asked)
        raise AssertionError("Patience.tries is below 1")

    def _timed(self, limit, method, url, *args, **kwargs):
        """One request within ``limit`` seconds and what is left of the patience with silence."""
        limit = min(limit, max(SHORTEST, self.patience.silence - self.silent))
        connect = min(self.patience.connect, 0.9 * limit)
        # curl_cffi adds the two up to the limit of the whole
        kwargs["timeout"] = (connect, limit - connect)
        host = urlsplit(url).hostname
        if base := _loopback():
            kwargs["headers"] = {**(kwargs.get("headers") or {}), "X-Was": host}
            kwargs["proxies"] = {"all": ""}
            url = base + urlsplit(url)._replace(scheme="", netloc="").geturl()
        parts, size = [], 0

        def take(part: bytes) -> int:  # unpacked by libcurl, piece by piece
            nonlocal size
            size += len(part)
            if size > LARGEST or self.patience.stop.is_set():
                return CURL_WRITEFUNC_ERROR  # which ends the transfer
            parts.append(bytes(part))
            return len(part)

        try:
            response = super().request(method, url, *args, content_callback=take, **kwargs)
        except curl.exceptions.Timeout:
            self.silent += limit
            raise
        except curl.exceptions.RequestException:
            if size > LARGEST:
                raise ContractError(
                    f"{self.source} sent more than {LARGEST / 1e6:g} million bytes: those are "
                    "not its data."
                ) from None
            raise
        response.content = b"".join(parts)
        self.silent = 0.0
        if base:  # where a redirection has led
            host = response.headers.get("X-Now", host)
            response.url = urlsplit(response.url)._replace(scheme="https", netloc=host).geturl()
        return response

    def _broken(self, error: Exception, host: str) -> LiveError:
        """The sentence for a request without a whole answer."""
        kinds = curl.exceptions
        if isinstance(error, kinds.DNSError):
            text = f"{self.source} could not be reached: no network, or {host} has no address."
        elif isinstance(error, kinds.Timeout):
            limit = min(self.patience.whole, self.patience.silence)
            text = f"{self.source} did not answer within {limit:g} seconds."
        elif isinstance(error, kinds.IncompleteRead | kinds.ChunkedEncodingError):
            text = f"{self.source} broke off in the middle of an answer."
        else:
            text = f"{self.source} could not be reached: no connection to {host}."
        return LiveError("fetch", text, answered=False)

    def _fault(self, response, url: str) -> LiveError | None:
        """What is wrong with an answer, if anything."""
        code, asked, led = response.status_code, urlsplit(url), urlsplit(response.url)
        tries = f"after {self.patience.tries} tries" if self.patience.tries > 1 else "at once"
        if code == 429:
            return LiveError(
                "fetch", f"{self.source} says 'too many requests' (429) {tries}: wait an hour."
            )
        if code >= 500:
            return LiveError("fetch", f"{self.source} is out of order (answer {code}) {tries}.")
        if code == 404:
            return Unknown(f"{self.source} knows nothing at {asked.path} (answer 404).")
        if code >= 400:
            return LiveError("fetch", f"{self.source} refused the request (answer {code}).")
        text = response.text.lstrip()[:1]
        cut = asked.path.endswith(".csv") and not response.text.endswith("\n")
        if "html" in response.headers.get("Content-Type", "") or text == "<":
            return ContractError(
                f"{self.source} sent a web page (a consent or sign-in page) instead of data."
            )
        if asked.path.endswith(".json") or text in "{[":
            try:
                json.loads(response.text)
            except ValueError:
                cut = True
        if cut:  # each of these tables ends its last row
            return LiveError("fetch", f"{self.source} sent an answer that is cut short.")
        if led.hostname.split(".")[-2:] != asked.hostname.split(".")[-2:]:
            return ContractError(f"{self.source} led on to another host, {led.hostname}.")
        return None
