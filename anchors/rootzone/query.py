"""Asking many servers at once for the root's DNSKEY RRset; imported only where one is asked."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
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

from anchors import records
from anchors.model import ServerAnswer
from anchors.rootzone.servers import Server

__all__ = ["ask"]

_EDNS_PAYLOAD = 1232
# Seconds to wait for each UDP try, for the last as long as there is; a root server is rarely
# farther than 0.3 s.
_UDP_WAITS = (0.6, 1.2, None)
# Once a third of the servers answered, the others get this long, or this many of the slowest's
# time: enough for one lost packet and TCP at 300 ms.
_PATIENCE_SECONDS = 1.5
_PATIENCE_FACTOR = 2.5
_ENOUGH = 3


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
        return asyncio.run(_ask_all(servers, observed_at, until, recursion=recursion))

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    # The caller's own loop runs in this thread, and waits as it would for any call.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(run).result()


def _tell_but_interrupts(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An interrupt ends the run: it is no error of the task it strikes, nor of one that waits."""
    if isinstance(context.get("exception"), Exception):
        loop.default_exception_handler(context)


async def _ask_all(
    servers: Sequence[Server], observed_at: datetime, until: float, *, recursion: bool
) -> list[ServerAnswer]:
    asyncio.get_running_loop().set_exception_handler(_tell_but_interrupts)
    started = time.monotonic()
    questions = [_Question(server, recursion=recursion) for server in servers]
    tasks = [asyncio.ensure_future(q.answer(observed_at, until)) for q in questions]
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        slowest = time.monotonic() - started
        answered = sum(1 for question in questions if question.useful)
        if done and answered * _ENOUGH >= len(servers):
            patience = max(_PATIENCE_SECONDS, _PATIENCE_FACTOR * slowest)
            for question in questions:
                question.give_up_at(min(until, started + patience))
    return [task.result() for task in tasks]


class _Question:
    """One server's question: where it stands, so that giving up still tells how far it came."""

    def __init__(self, server: Server, *, recursion: bool) -> None:
        self._server = server
        self._flags = dns.flags.RD | dns.flags.CD if recursion else dns.flags.Flag(0)
        self._transport = "tls" if server.tls else "udp"
        self._tries = 0
        self._sent = time.monotonic()
        self._limit: asyncio.Timeout | None = None
        self._ends = False
        self.useful = False

    def give_up_at(self, moment: float) -> None:
        """Wait no longer than ``moment`` (on the monotonic clock); once is enough."""
        if self._limit is not None and not self._ends and not self._limit.expired():
            self._ends = True
            remaining = max(0.0, moment - time.monotonic())
            self._limit.reschedule(asyncio.get_running_loop().time() + remaining)

    async def answer(self, observed_at: datetime, until: float) -> ServerAnswer:
        """Ask, and turn whatever happens into an answer."""
        wire, failure = None, None
        try:
            async with asyncio.timeout(max(0.0, until - time.monotonic())) as self._limit:
                response = await self._ask()
            wire = _wire_of(response)
            self.useful = bool(response.answer)
        except (TimeoutError, dns.exception.Timeout):
            failure = "timeout"
        except (OSError, EOFError):
            failure = "unreachable"
        except records.DNS_ERRORS:
            failure = "malformed"
        self._ends = True
        rtt_ms = None if failure else round((time.monotonic() - self._sent) * 1000, 1)
        return ServerAnswer(
            address=self._server.address,
            port=self._server.port,
            transport=self._transport,
            observed_at=observed_at,
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
            try:
                # Packets from elsewhere or with another ID never count: the wait goes on.
                return await dns.asyncquery.udp(
                    self._query(),
                    self._server.address,
                    port=self._server.port,
                    timeout=wait,
                    ignore_unexpected=True,
                    ignore_errors=True,
                    raise_on_truncation=True,
                )
            except dns.exception.Timeout:
                continue
        raise TimeoutError

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


def _wire_of(response: dns.message.Message) -> bytes:
    # The very bytes that came, not our own rendering of them.
    return response.wire if response.wire is not None else response.to_wire(max_size=0xFFFF)
