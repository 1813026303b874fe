"""Bounded fetching over HTTP: size, redirects, encoding and total time are all capped."""

from __future__ import annotations

import contextlib
import http.client
import io
import queue
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from anchors import __version__
from anchors.core.checks import Check
from anchors.core.errors import SourceUnavailable
from anchors.core.escape import without_userinfo
from anchors.core.openssl import missing_algorithms
from anchors.publication.fetch_errors import why_it_failed

__all__ = ["fetch_all"]

_MAX_REDIRECTS = 2
_REDIRECT_CODES = frozenset({301, 302, 303, 307, 308})
_CHUNK = 1024
_OK = 200
_REMEDY = (
    "try again later, use files that you have (--source DIR), or use the publication and the DNS "
    "answers in this package (--offline)"
)
# A body in chunks of one byte (RFC 9112 7.1) is six times as long as it is alone.
_CHUNKED = 8
# Bytes of status lines, headers and trailers beside a body.
_AROUND = 1 << 18
# How long to wait for threads whose connections were shut down.
_STOP_SECONDS = 0.5


def fetch_all(urls: Sequence[str], *, limit: int, until: float, fresh: bool) -> list[bytes]:
    """Fetch ``urls`` side by side and return their bodies in the same order.

    Whatever comes of it, the connections are shut down, and nothing is read any more.

    Args:
        urls: http or https URLs.
        limit: the largest body, in bytes.
        until: the deadline for all of them, on :func:`time.monotonic`'s clock.
        fresh: ask caches on the way to revalidate.

    Raises:
        SourceUnavailable: any of them cannot be had within the bounds.
    """
    results: queue.SimpleQueue[tuple[int, bytes | Exception]] = queue.SimpleQueue()
    transfers = [_Transfer(limit, until) for _ in urls]

    def work(index: int) -> None:
        try:
            results.put((index, _fetch(urls[index], transfers[index], fresh=fresh)))
        except Exception as error:  # noqa: BLE001 - carried over to the waiting thread
            results.put((index, error))

    # Daemon threads: a name that is never resolved must not hold the process past its deadline.
    threads = [
        threading.Thread(target=work, args=(index,), daemon=True) for index in range(len(urls))
    ]
    for thread in threads:
        thread.start()
    bodies: dict[int, bytes] = {}
    try:
        while len(bodies) < len(urls):
            index, outcome = results.get(timeout=max(0.0, until - time.monotonic()))
            if time.monotonic() > until:
                # A thread may see the deadline pass before this one is woken.
                raise queue.Empty
            if isinstance(outcome, Exception):
                raise outcome
            bodies[index] = outcome
    except queue.Empty:
        missing = ", ".join(url for index, url in enumerate(urls) if index not in bodies)
        raise _unavailable(
            "the publication could not be fetched within --timeout", missing
        ) from None
    finally:
        _stop(transfers, threads)
    return [bodies[index] for index in range(len(urls))]


class _Transfer:
    """What one fetch may still take, in bytes and time, and its connections."""

    def __init__(self, limit: int, until: float) -> None:
        self.limit = limit
        self.until = until
        self.exceeded = False
        self._left = _CHUNKED * limit + _AROUND
        self._lock = threading.Lock()
        self._stopped = False
        self._connections: list[socket.socket] = []

    def require_wanted(self) -> None:
        """Raise ``TimeoutError`` once nobody waits any more."""
        if self._stopped or time.monotonic() > self.until:
            message = "the transfer was cancelled"
            raise TimeoutError(message)

    def count(self, size: int) -> None:
        """Take note of bytes that came, of whatever part of the answer; raise at the limit."""
        self.require_wanted()
        self._left -= size
        if self._left < 0:
            self.exceeded = True
            message = "the server sent too many bytes"
            raise OSError(message)

    def watch(self, connection: socket.socket) -> None:
        """Keep a connection to shut it down with the others."""
        # A descriptor of our own: TLS takes the other away from its object.
        own = connection.dup()
        with self._lock:
            if not self._stopped:
                self._connections.append(own)
                return
        _shut_down(own)

    def stop(self) -> None:
        """Shut down every connection: a thread that reads from one is woken."""
        with self._lock:
            self._stopped = True
            for connection in self._connections:
                _shut_down(connection)
            self._connections.clear()


def _shut_down(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _stop(transfers: Sequence[_Transfer], threads: Sequence[threading.Thread]) -> None:
    for transfer in transfers:
        transfer.stop()
    until = time.monotonic() + _STOP_SECONDS
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


class _Counted(io.RawIOBase):
    """What comes over a connection, counted: headers, chunks and trailers as well."""

    def __init__(self, raw: io.RawIOBase, transfer: _Transfer) -> None:
        self._raw, self._transfer = raw, transfer

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - as the base class has it
        size: int | None = self._raw.readinto(buffer)
        self._transfer.count(size or 0)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Adapter(HTTPAdapter):
    """Connections that count for one transfer."""

    def __init__(self, transfer: _Transfer) -> None:
        super().__init__()
        self._transfer = transfer

    def get_connection_with_tls_context(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401
        pool: Any = super().get_connection_with_tls_context(*given, **named)
        pool.ConnectionCls = _counting(pool.ConnectionCls, self._transfer)
        return pool


def _counting(kind: Any, transfer: _Transfer) -> type:  # noqa: ANN401 - the pool chooses the class
    def response(connection: socket.socket, *given: Any, **named: Any) -> http.client.HTTPResponse:  # noqa: ANN401
        made = http.client.HTTPResponse(connection, *given, **named)
        made.fp = io.BufferedReader(_Counted(made.fp.detach(), transfer))
        return made

    class Counting(kind):  # type: ignore[misc]
        response_class = staticmethod(response)

        def _new_conn(self) -> socket.socket:
            transfer.require_wanted()
            connection: socket.socket = super()._new_conn()
            transfer.watch(connection)
            return connection

    # Errors are told by its name.
    Counting.__name__ = kind.__name__
    return Counting


class _Session(requests.Session):
    """One that looks at a redirect no further than at its headers."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None that requests would follow: it reads the body of a redirect whole first."""


def _unavailable(
    message: str, got: str, check: Check = Check.SOURCE_AVAILABLE
) -> SourceUnavailable:
    return SourceUnavailable(
        check,
        message,
        got=without_userinfo(got),
        want="the complete file, within the size limits",
        remedy=_REMEDY,
    )


def _fetch(url: str, transfer: _Transfer, *, fresh: bool) -> bytes:
    headers = {"Accept-Encoding": "identity", "User-Agent": f"root-anchors/{__version__}"}
    if fresh:
        headers |= {"Cache-Control": "no-cache", "Pragma": "no-cache"}
    try:
        with _Session() as session:
            for scheme in ("http://", "https://"):
                session.mount(scheme, _Adapter(transfer))
            # Nothing here is behind a password; without this, ~/.netrc would be sent.
            session.auth = _no_auth
            with _follow(session, url, headers, transfer) as response:
                return _body(response, url, transfer)
    except (OSError, ValueError, TypeError) as error:
        # Not only errors of requests come: a setting of the environment fails as it happens to.
        missing = missing_algorithms() if isinstance(error, requests.exceptions.SSLError) else None
        raise missing or _failed(url, transfer, error) from error


def _failed(url: str, transfer: _Transfer, error: Exception) -> SourceUnavailable:
    if transfer.exceeded:
        return _unavailable(
            f"the server sent far more than {transfer.limit} bytes", url, Check.SOURCE_SIZE
        )
    return _unavailable("the publication cannot be fetched", f"{url}: {_words(error)}")


def _words(error: Exception) -> str:
    """An error of the library, without the password of a proxy."""
    known = isinstance(error, OSError) and not isinstance(error, requests.exceptions.InvalidURL)
    if not known:
        # The words may be a part of the password.
        return "the address of the server, or of a proxy in the environment, is unusable"
    return why_it_failed(error)


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _follow(
    session: requests.Session, url: str, headers: dict[str, str], transfer: _Transfer
) -> requests.Response:
    for _ in range(_MAX_REDIRECTS + 1):
        transfer.require_wanted()
        left = max(0.1, transfer.until - time.monotonic())
        # A name may have an address that swallows all: the others need their time as well.
        timeout = (left / 3, left)
        response = session.get(
            url, headers=headers, stream=True, allow_redirects=False, timeout=timeout
        )
        if response.status_code not in _REDIRECT_CODES:
            return response
        response.close()
        url = _next_hop(url, response.headers.get("Location", ""))
    raise _unavailable(
        f"the server redirected more than {_MAX_REDIRECTS} times", url, Check.SOURCE_REDIRECT
    )


def _next_hop(url: str, location: str) -> str:
    if not location:
        raise _unavailable(
            "the server sent a redirect without a Location", url, Check.SOURCE_REDIRECT
        )
    try:
        target = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(target)
        _ = there.port
    except ValueError as error:
        raise _unavailable(
            "the server redirected to an unusable URL", f"{url}: {error}", Check.SOURCE_REDIRECT
        ) from error
    if there.scheme not in {"http", "https"} or (here.scheme, there.scheme) == ("https", "http"):
        raise _unavailable(
            "the server redirected from https to http", f"{url} -> {target}", Check.SOURCE_REDIRECT
        )
    if there.hostname != here.hostname:
        raise _unavailable(
            "the server redirected to another host", f"{url} -> {target}", Check.SOURCE_REDIRECT
        )
    return target


def _body(response: requests.Response, url: str, transfer: _Transfer) -> bytes:
    if response.status_code != _OK:
        raise _unavailable(
            "the server did not return the file", f"{url}: HTTP status {response.status_code}"
        )
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise _unavailable(
            "the server sent an encoded file, though none was asked for",
            f"{url}: Content-Encoding {encoding}",
            Check.SOURCE_ENCODING,
        )
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        transfer.require_wanted()
        if len(body) > transfer.limit:
            raise _unavailable(
                f"the server sent more than {transfer.limit} bytes", url, Check.SOURCE_SIZE
            )
    return bytes(body)
