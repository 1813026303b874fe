"""Asking many servers at once for the root's DNSKEY RRset; imported only where one is asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

import dns.asyncquery
import dns.exception
import dns.message
import dns.rdatatype

from anchors.model import ServerAnswer
from anchors.rootzone.servers import Server

__all__ = ["ask"]

_EDNS_PAYLOAD = 1232
_UDP_TRIES = 2
_UDP_TIMEOUT = 1.5


def ask(servers: Sequence[Server], *, observed_at: datetime, until: float) -> list[ServerAnswer]:
    """Ask all ``servers`` side by side and return their answers in the same order.

    UDP with EDNS and DO first, TCP when truncated; one slow server never delays the others.

    Args:
        servers: whom to ask.
        observed_at: the time of judgement, kept with each answer.
        until: the deadline for all of them, on :func:`time.monotonic`'s clock.
    """
    return asyncio.run(_ask_all(servers, observed_at, until))


async def _ask_all(
    servers: Sequence[Server], observed_at: datetime, until: float
) -> list[ServerAnswer]:
    return list(await asyncio.gather(*(_ask(server, observed_at, until) for server in servers)))


async def _ask(server: Server, observed_at: datetime, until: float) -> ServerAnswer:
    transport = "udp"
    started = time.monotonic()
    wire, failure = None, None
    try:
        async with asyncio.timeout(max(0.0, until - started)):
            try:
                wire = await _over_udp(server)
            except dns.message.Truncated:
                transport, started = "tcp", time.monotonic()
                wire = await _over_tcp(server, until)
    except (TimeoutError, dns.exception.Timeout):
        failure = "timeout"
    except (OSError, EOFError):
        failure = "unreachable"
    except (dns.exception.DNSException, ValueError):
        failure = "malformed"
    rtt_ms = None if failure else round((time.monotonic() - started) * 1000, 1)
    return ServerAnswer(server.address, server.port, transport, observed_at, wire, failure, rtt_ms)


def _query() -> dns.message.QueryMessage:
    return dns.message.make_query(
        ".", dns.rdatatype.DNSKEY, use_edns=0, want_dnssec=True, payload=_EDNS_PAYLOAD, flags=0
    )


async def _over_udp(server: Server) -> bytes:
    for attempt in range(1, _UDP_TRIES + 1):
        try:
            # Packets from elsewhere or with another ID never count: the wait goes on.
            response = await dns.asyncquery.udp(
                _query(),
                server.address,
                port=server.port,
                timeout=_UDP_TIMEOUT * attempt,
                ignore_unexpected=True,
                ignore_errors=True,
                raise_on_truncation=True,
            )
        except dns.exception.Timeout:
            if attempt == _UDP_TRIES:
                raise
        else:
            return _wire_of(response)
    raise AssertionError


async def _over_tcp(server: Server, until: float) -> bytes:
    remaining = max(0.1, until - time.monotonic())
    response = await dns.asyncquery.tcp(
        _query(), server.address, port=server.port, timeout=remaining
    )
    return _wire_of(response)


def _wire_of(response: dns.message.Message) -> bytes:
    # The very bytes that came, not our own rendering of them.
    return response.wire if response.wire is not None else response.to_wire(max_size=0xFFFF)
