"""Asking many servers at once for the root's DNSKEY RRset; imported only where one is asked."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import ssl
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import dns.asyncbackend
import dns.asyncquery
import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.rdatatype

from anchors.core import records
from anchors.core.servers import Server, ServerAnswer

__all__ = ["ask", "tell_but_interrupts", "wire_of"]

_EDNS_PAYLOAD = 1232
# Seconds to wait for each UDP try, for the last as long as there is; a root server is rarely
# farther than 0.3 s.
_UDP_WAITS = (0.6, 1.2, math.inf)
# Once a third of the servers answered, the others get this long, or this many of the slowest's
# time: enough for one lost packet and TCP at 300 ms.
_PATIENCE_SECONDS = 1.5
_PATIENCE_FACTOR = 2.5
_ENOUGH = 3
# Packets that are no answer, for each UDP try: more are a flood, which is not waited out.
_MAX_PACKETS = 500
# How long, and how often, tasks are asked to end that nobody waits for any more.
_END_SECONDS, _END_EVERY = 1.0, 0.02


def ask(
    servers: Sequence[Server], *, observed_at: datetime, until: float, recursion: bool = False
) -> list[ServerAnswer]:
    """Ask all ``servers`` side by side and return their answers in the same order.

    UDP with EDNS and DO first, TCP when truncated; TLS where the server asks for it.  A slow or
    dead server never delays the others, and the end only a little.

    Args:
        servers: whom to ask.
        observed_at: the time of judgement, kept with each answer.
        until: the deadline for all of them, on :func:`time.monotonic`'s clock.
        recursion: set RD and CD, as a resolver wants it that is to hand over what it has.
    """

    def run() -> list[ServerAnswer]:
        return _run(_ask_all(servers, observed_at, until, recursion=recursion))

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    # The caller's own loop runs in this thread, and waits as it would for any call.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(run).result()


def _run(asking: Coroutine[Any, Any, list[ServerAnswer]]) -> list[ServerAnswer]:
    """As :func:`asyncio.run`, which waits without a bound for tasks to end."""
    loop = asyncio.new_event_loop()
    try:
        try:
            return loop.run_until_complete(asking)
        finally:
            loop.run_until_complete(_end(asyncio.all_tasks(loop)))
    finally:
        loop.close()


async def _end(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they end: one cancellation may be lost in a library (Python 3.11)."""
    until = time.monotonic() + _END_SECONDS
    while tasks and time.monotonic() < until:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=_END_EVERY)


def tell_but_interrupts(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An interrupt ends the run: it is no error of the task it strikes, nor of one that waits."""
    if isinstance(context.get("exception"), Exception):
        loop.default_exception_handler(context)


async def _ask_all(
    servers: Sequence[Server], observed_at: datetime, until: float, *, recursion: bool
) -> list[ServerAnswer]:
    asyncio.get_running_loop().set_exception_handler(tell_but_interrupts)
    started = time.monotonic()
    questions = [_Question(server, observed_at, until, recursion=recursion) for server in servers]
    tasks = [asyncio.ensure_future(question.answer()) for question in questions]
    pending, end, patient = set(tasks), until, True
    try:
        # The bound is here, and not in the tasks: a server may keep one from seeing its own.
        while pending and (left := end - time.monotonic()) > 0:
            _, pending = await asyncio.wait(
                pending, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            slowest = time.monotonic() - started
            answered = sum(1 for question in questions if question.useful)
            if patient and answered * _ENOUGH >= len(servers):
                patient = False
                end = min(until, started + max(_PATIENCE_SECONDS, _PATIENCE_FACTOR * slowest))
    finally:
        for question in questions:
            question.give_up()
    return [
        task.result() if task.done() else question.told("timeout")
        for task, question in zip(tasks, questions, strict=True)
    ]


class _Question:
    """One server's question: where it stands, so that giving up still tells how far it came."""

    def __init__(
        self, server: Server, observed_at: datetime, until: float, *, recursion: bool
    ) -> None:
        self._server = server
        self._observed_at = observed_at
        self._until = until
        self._flags = dns.flags.RD | dns.flags.CD if recursion else dns.flags.Flag(0)
        self._transport = "tls" if server.tls else "udp"
        self._tries = 0
        self._sent = time.monotonic()
        self.useful = False

    def give_up(self) -> None:
        """Take no more packets."""
        self._until = -math.inf

    def _left(self) -> float:
        """Seconds until the deadline."""
        return self._until - time.monotonic()

    async def answer(self) -> ServerAnswer:
        """Ask, and turn whatever happens into an answer."""
        wire, failure = None, None
        try:
            response = await self._ask()
            wire = wire_of(response)
            self.useful = bool(response.answer)
        except (TimeoutError, dns.exception.Timeout):
            failure = "timeout"
        except (OSError, EOFError):
            failure = "unreachable"
        except records.DNS_ERRORS:
            failure = "malformed"
        return self.told(failure, wire)

    def told(self, failure: str | None, wire: bytes | None = None) -> ServerAnswer:
        """The answer as it is now, or why there is none."""
        rtt_ms = None if failure else round((time.monotonic() - self._sent) * 1000, 1)
        return ServerAnswer(
            address=self._server.address,
            port=self._server.port,
            transport=self._transport,
            observed_at=self._observed_at,
            wire=wire,
            failure=failure,
            rtt_ms=rtt_ms,
            tries=self._tries,
        )

    async def _ask(self) -> dns.message.Message:
        if self._server.tls:
            return await self._over_tls()
        try:
            return await self._over_udp()
        except dns.message.Truncated:
            return await self._over_tcp()

    def _query(self) -> dns.message.QueryMessage:
        self._tries += 1
        self._sent = time.monotonic()
        return dns.message.make_query(
            ".",
            dns.rdatatype.DNSKEY,
            use_edns=0,
            want_dnssec=True,
            payload=_EDNS_PAYLOAD,
            flags=self._flags,
        )

    async def _over_udp(self) -> dns.message.Message:
        for wait in _UDP_WAITS:
            if (left := self._left()) > 0:
                with contextlib.suppress(dns.exception.Timeout):
                    return await self._try_udp(min(wait, left))
        raise TimeoutError

    async def _try_udp(self, seconds: float) -> dns.message.Message:
        address, port = self._server.address, self._server.port
        family = dns.inet.af_for_address(address)
        backend = dns.asyncbackend.get_backend("asyncio")
        async with await backend.make_socket(family, socket.SOCK_DGRAM) as opened:
            sock: Any = _Bounded(opened, self._left)
            # Packets from elsewhere or with another ID never count: the wait goes on.
            return await dns.asyncquery.udp(
                self._query(),
                address,
                port=port,
                timeout=seconds,
                sock=sock,
                ignore_unexpected=True,
                ignore_errors=True,
                raise_on_truncation=True,
            )

    async def _over_tcp(self) -> dns.message.Message:
        self._transport, self._tries = "tcp", 0
        query = self._query()
        address, port = self._server.address, self._server.port
        return await dns.asyncquery.tcp(query, address, port=port)

    async def _over_tls(self) -> dns.message.Message:
        # Any certificate will do (RFC 7858 4.1): the RRSIG is what is believed.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        query = self._query()
        address, port = self._server.address, self._server.port
        family = dns.inet.af_for_address(address)
        backend = dns.asyncbackend.get_backend("asyncio")
        stream = await backend.make_socket(
            family, socket.SOCK_STREAM, 0, None, (address, port), None, context, None
        )
        try:
            return await dns.asyncquery.tls(query, address, port=port, sock=stream)
        finally:
            # Closing in good form takes the event loop longer than it lives here.
            stream.writer.transport.abort()


class _Bounded:
    """A socket of dnspython's, from which no packet is taken once there are too many or time is up.

    While packets wait to be read, Python 3.11 loses every cancellation.
    """

    def __init__(self, opened: Any, left: Callable[[], float]) -> None:  # noqa: ANN401 - it has no public type
        self.family = opened.family
        self._opened = opened
        self._left = left
        self._packets = _MAX_PACKETS

    async def sendto(self, *packet: Any) -> Any:  # noqa: ANN401 - as dnspython calls it
        return await self._opened.sendto(*packet)

    async def recvfrom(self, size: int, timeout: float | None) -> Any:  # noqa: ANN401, ASYNC109 - as dnspython calls it
        self._packets -= 1
        if self._packets < 0 or self._left() <= 0:
            raise dns.exception.Timeout
        return await self._opened.recvfrom(size, timeout)


def wire_of(response: dns.message.Message) -> bytes:
    """The very bytes that came, not our own rendering of them."""
    return response.wire if response.wire is not None else response.to_wire(max_size=0xFFFF)
