"""One way to the network for every live source: time limits, patience, and one kind of error.

:class:`Session` is a curl_cffi session (the kind that yfinance takes) that tries again with
exponential back-off when a server is busy or breaks off, looks at what comes back, and ends every
failure in a :class:`LiveError`: one sentence, and whether the *fetch* or the *contract* broke.
"""

import json
import os
from urllib.parse import parse_qsl, unquote, urlsplit

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
    """The header Retry-After in seconds; its other form, a date, counts as none."""
    return float(text) if text and text.isdecimal() else 0.0


class Session(curl.Session):
    """A session with one source, whose name stands in sentences.

    ``data`` says of an address whether it holds data.  Only such answers are judged and asked for
    again; the rest (Yahoo's cookie and crumb) is left to the client library, which copes.  For
    those the limit is that of a connection, and a host that kept silent is not asked again:
    yfinance would, before each request for data.

    ``look`` is called with path, query and answer of each good one, and may raise a LiveError.
    ``mends`` says of an answer that the client library puts it right by itself; it gets that
    unjudged.  All else is for curl_cffi, for instance ``impersonate`` and ``headers``.
    """

    def __init__(self, source, patience, data=lambda url: True, look=None, mends=None, **kwargs):
        super().__init__(**kwargs)
        self.mends = mends or (lambda path, response: False)
        self.source, self.patience, self.data, self.look = source, patience, data, look
        self.gave_up: LiveError | None = None  # so that other threads do not wait in turn
        self.silent = 0.0  # seconds waited since the last answer
        self.mute: set[str] = set()  # hosts that gave no cookie in time

    def request(self, method, url, *args, **kwargs):
        """One request, with tries.  Raises :class:`LiveError` for an address that holds data."""
        parts, asked_for = urlsplit(url), url
        if base := _loopback():
            kwargs["headers"] = {**(kwargs.get("headers") or {}), "X-Was": parts.hostname}
            kwargs["proxies"] = {"all": ""}
            url = base + parts._replace(scheme="", netloc="").geturl()
        if not self.data(parts.geturl()):
            return self._aside(parts.hostname, method, url, *args, **kwargs)
        for attempt in range(1, self.patience.tries + 1):
            if self.gave_up:
                raise self.gave_up
            if self.patience.stop.is_set():
                raise LiveError("fetch", f"{self.source} was not asked to the end.")
            again, asked = True, 0.0
            try:
                response = self._timed(self.patience.whole, method, url, *args, **kwargs)
            except curl.exceptions.RequestException as error:
                # a name without an address does not get one within seconds
                again = self.patience.network and not isinstance(error, curl.exceptions.DNSError)
                fault = self._broken(error, parts.hostname)
            else:
                if self.mends(parts.path, response):
                    return response
                fault = self._fault(response, parts.path)
                led = urlsplit(response.url).hostname
                ends = {tuple(urlsplit(u).hostname.split(".")[-2:]) for u in (url, asked_for)}
                if not fault and tuple(led.split(".")[-2:]) not in ends:  # not the source
                    fault = ContractError(f"{self.source} led on to another host, {led}.")
                if fault:
                    again = fault.reason == "fetch" and response.status_code not in (401, 403)
                    asked = _seconds(response.headers.get("Retry-After"))
                else:
                    if self.look:
                        self.look(parts.path, kwargs.get("params") or {}, response)
                    return response
            over = self.silent >= self.patience.silence
            if not again or over or attempt == self.patience.tries:
                self.gave_up = None if isinstance(fault, Unknown) else fault
                raise fault
            self.patience.pause(attempt, asked)
        raise AssertionError("Patience.tries is below 1")

    def _timed(self, limit, method, url, *args, **kwargs):
        """One request within ``limit`` seconds and what is left of the patience with silence."""
        limit = min(limit, max(SHORTEST, self.patience.silence - self.silent))
        connect = min(self.patience.connect, 0.9 * limit)
        # curl_cffi adds the two up to the limit of the whole
        kwargs["timeout"] = (connect, limit - connect)
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
        if now := _loopback() and response.headers.get("X-Now"):  # where a redirection has led
            response.url = urlsplit(response.url)._replace(scheme="https", netloc=now).geturl()
        return response

    def _aside(self, host, method, url, *args, **kwargs):
        """A request for a cookie or a crumb, or a form that leads on to data."""
        if host in self.mute:
            raise curl.exceptions.Timeout(f"{host} did not answer before")
        try:
            response = self._timed(self.patience.connect, method, url, *args, **kwargs)
        except curl.exceptions.Timeout:
            self.mute.add(host)
            raise
        if self.data(response.url):
            parts = urlsplit(response.url)
            if fault := self._fault(response, parts.path):
                raise fault
            if self.look:
                self.look(unquote(parts.path), dict(parse_qsl(parts.query)), response)
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

    def _fault(self, response, path: str) -> LiveError | None:
        """What is wrong with an answer, if anything."""
        code = response.status_code
        tries = f"after {self.patience.tries} tries" if self.patience.tries > 1 else "at once"
        if code == 429:
            return LiveError(
                "fetch", f"{self.source} says 'too many requests' (429) {tries}: wait an hour."
            )
        if code >= 500:
            return LiveError("fetch", f"{self.source} is out of order (answer {code}) {tries}.")
        if code == 404:
            return Unknown(f"{self.source} knows nothing at {path} (answer 404).")
        if code >= 400:
            return LiveError("fetch", f"{self.source} refused the request (answer {code}).")
        text = response.text.lstrip()[:1]
        cut = path.endswith(".csv") and not response.text.endswith("\n")
        if "html" in response.headers.get("Content-Type", "") or text == "<":
            return ContractError(
                f"{self.source} sent a web page (a consent or sign-in page) instead of data."
            )
        if path.endswith(".json") or text in "{[":
            try:
                json.loads(response.text)
            except ValueError:
                cut = True
        if cut:  # each of these tables ends its last row
            return LiveError("fetch", f"{self.source} sent an answer that is cut short.")
        return None
