"""Bounded fetching over HTTP: size, redirects, encoding and total time are all capped."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

import requests

from anchors import __version__
from anchors.checks import Check
from anchors.errors import SourceUnavailable
from anchors.openssl import missing_algorithms

__all__ = ["fetch_all"]

_MAX_REDIRECTS = 2
_REDIRECT_CODES = frozenset({301, 302, 303, 307, 308})
_CHUNK = 1024
_OK = 200
_REMEDY = "try again later; or use --source DIR with files you have, or --source embedded"


def fetch_all(urls: Sequence[str], *, limit: int, until: float, fresh: bool) -> list[bytes]:
    """Fetch ``urls`` side by side and return their bodies in the same order.

    Args:
        urls: http or https URLs.
        limit: the largest body, in bytes.
        until: the deadline for all of them, on :func:`time.monotonic`'s clock.
        fresh: ask caches on the way to revalidate.

    Raises:
        SourceUnavailable: any of them cannot be had within the bounds.
    """
    results: queue.SimpleQueue[tuple[int, bytes | Exception]] = queue.SimpleQueue()
    given_up = threading.Event()

    def work(index: int, url: str) -> None:
        try:
            results.put((index, _fetch(url, limit, until, given_up, fresh=fresh)))
        except Exception as error:  # noqa: BLE001 - carried over to the waiting thread
            results.put((index, error))

    # Daemon threads: a server that drips bytes must not hold the process past its deadline.
    for index, url in enumerate(urls):
        threading.Thread(target=work, args=(index, url), daemon=True).start()
    bodies: dict[int, bytes] = {}
    try:
        while len(bodies) < len(urls):
            index, outcome = results.get(timeout=max(0.0, until - time.monotonic()))
            if isinstance(outcome, Exception):
                raise outcome
            bodies[index] = outcome
    except queue.Empty:
        missing = ", ".join(url for index, url in enumerate(urls) if index not in bodies)
        raise _unavailable("the deadline passed before everything was fetched", missing) from None
    finally:
        given_up.set()
    return [bodies[index] for index in range(len(urls))]


def _unavailable(
    message: str, got: str, check: Check = Check.SOURCE_AVAILABLE
) -> SourceUnavailable:
    return SourceUnavailable(
        check, message, got=got, want="the file, whole and within the limits", remedy=_REMEDY
    )


def _fetch(url: str, limit: int, until: float, given_up: threading.Event, *, fresh: bool) -> bytes:
    headers = {"Accept-Encoding": "identity", "User-Agent": f"root-anchors/{__version__}"}
    if fresh:
        headers |= {"Cache-Control": "no-cache", "Pragma": "no-cache"}
    try:
        with requests.Session() as session:
            # Nothing here is behind a password; without this, ~/.netrc would be sent.
            session.auth = _no_auth
            response = _follow(session, url, headers, until)
            return _body(response, url, limit, given_up)
    except requests.RequestException as error:
        missing = missing_algorithms() if isinstance(error, requests.exceptions.SSLError) else None
        raise missing or _unavailable(
            "the publication cannot be fetched", f"{url}: {error}"
        ) from error
    except ValueError as error:
        # requests looks at a Location even when told not to follow it, and lets this through.
        raise _unavailable(
            "a redirect to nowhere", f"{url}: {error}", Check.SOURCE_REDIRECT
        ) from error


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _follow(
    session: requests.Session, url: str, headers: dict[str, str], until: float
) -> requests.Response:
    for _ in range(_MAX_REDIRECTS + 1):
        left = max(0.1, until - time.monotonic())
        # A name may have an address that swallows all: the others need their time as well.
        timeout = (left / 3, left)
        response = session.get(
            url, headers=headers, stream=True, allow_redirects=False, timeout=timeout
        )
        if response.status_code not in _REDIRECT_CODES:
            return response
        response.close()
        url = _next_hop(url, response.headers.get("Location", ""))
    raise _unavailable(f"more than {_MAX_REDIRECTS} redirects", url, Check.SOURCE_REDIRECT)


def _next_hop(url: str, location: str) -> str:
    if not location:
        raise _unavailable("a redirect without a Location", url, Check.SOURCE_REDIRECT)
    target = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(target)
    if there.scheme not in {"http", "https"} or (here.scheme, there.scheme) == ("https", "http"):
        raise _unavailable(
            "a redirect away from https", f"{url} -> {target}", Check.SOURCE_REDIRECT
        )
    if there.hostname != here.hostname:
        raise _unavailable(
            "a redirect to another host", f"{url} -> {target}", Check.SOURCE_REDIRECT
        )
    return target


def _body(response: requests.Response, url: str, limit: int, given_up: threading.Event) -> bytes:
    if response.status_code != _OK:
        raise _unavailable(
            "the server does not give it", f"{url}: HTTP status {response.status_code}"
        )
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise _unavailable(
            "the server encodes what was asked for as it is",
            f"{url}: Content-Encoding {encoding}",
            Check.SOURCE_ENCODING,
        )
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > limit:
            raise _unavailable(f"the server sends more than {limit} bytes", url, Check.SOURCE_SIZE)
        if given_up.is_set():
            break
    return bytes(body)
