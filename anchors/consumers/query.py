"""Asking a name server on loopback one question."""

from __future__ import annotations

import time
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode

__all__ = ["Endpoint", "Question", "Reply", "ask"]

_ATTEMPT_SECONDS = 2.0


class Endpoint(NamedTuple):
    """Where a server listens, over UDP and over TCP."""

    address: str
    port: int


class Question(NamedTuple):
    """What is asked; ``want_dnssec`` sets DO beside AD."""

    name: str
    rdtype: str = "A"
    rdclass: str = "IN"
    want_dnssec: bool = False


class Reply(NamedTuple):
    """What came: ``rcode`` in words, the AD flag, and the answer's rdata as text."""

    rcode: str
    authenticated: bool
    answer: tuple[str, ...]


def ask(endpoint: Endpoint, question: Question, *, seconds: float = 5.0) -> Reply | None:
    """The reply, or ``None`` where none came in time; nobody listening yet is waited for."""
    query = dns.message.make_query(
        question.name,
        question.rdtype,
        question.rdclass,
        use_edns=0,
        want_dnssec=question.want_dnssec,
        flags=dns.flags.RD | dns.flags.AD,
    )
    until = time.monotonic() + seconds
    while (remaining := until - time.monotonic()) > 0:
        try:
            reply, _ = dns.query.udp_with_fallback(
                query,
                endpoint.address,
                port=endpoint.port,
                timeout=min(_ATTEMPT_SECONDS, remaining),
            )
        except (OSError, EOFError, dns.exception.DNSException):
            time.sleep(0.02)
            continue
        return Reply(
            dns.rcode.to_text(reply.rcode()),
            bool(reply.flags & dns.flags.AD),
            tuple(rdata.to_text() for rrset in reply.answer for rdata in rrset),
        )
    return None
