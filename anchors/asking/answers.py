"""Query one resolver: over UDP, over TCP if the answer is truncated, or over TLS.

Every wait and every read has a limit.  Whatever a resolver does becomes a reply.
"""

from __future__ import annotations

import asyncio
import enum
import re
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import dns.asyncbackend
import dns.asyncquery
import dns.edns
import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.rcode
import dns.rdatatype

from anchors.asking.questions import Question, Role
from anchors.core import records
from anchors.core.servers import Server
from anchors.rootzone.query import wire_of

__all__ = ["MAX_STRAY", "SIDE_BY_SIDE", "STREAM_SECONDS", "UDP_WAITS", "Kind", "Line", "Reply"]

_EDNS_PAYLOAD = 1232
# Seconds until a question is sent again over UDP, and after the last time until it is given up:
# a resolver may have to ask far away first.
UDP_WAITS = (1.0, 2.0, 3.0)
# Seconds for all that is asked over one connection, its opening included.
STREAM_SECONDS = 6.0
# A resolver may close a connection after some questions; the others are asked on the next.
_CONNECTIONS = 3
# Messages that reply to nothing that was asked, until nobody listens any more.
MAX_STRAY = 32
# Questions that wait for a reply at one time: a resolver may take more for an attack.
SIDE_BY_SIDE = 24
# Once so many waited in vain, the others are not asked.
_MAX_SILENT = 6
_MAX_TEXTS, _MAX_TAGS = 16, 32
_TAG = re.compile(r"\b[0-9]{1,5}\b", re.ASCII)


class Kind(enum.StrEnum):
    """The result of a query."""

    OK = "answer"
    NX = "no such name"
    FAIL = "SERVFAIL"
    REFUSED = "REFUSED"
    OTHER = "another error"
    BROKEN = "no DNS message"
    NONE = "no reply"


class Reply(NamedTuple):
    """One reply.

    Attributes:
        kind: the result.
        marked: the AD flag.
        recursive: the RA flag.
        ede: the codes of extended DNS errors (RFC 8914), which are hints, never a proof.
        tags: the key tags of the root in TXT records.
        wire: the message, only for the root's keys.
    """

    kind: Kind
    marked: bool = False
    recursive: bool = False
    ede: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    wire: bytes | None = None


Heard = Callable[[Question, Reply], None]

_SILENT, _BROKEN = Reply(Kind.NONE), Reply(Kind.BROKEN)
_KINDS = {
    dns.rcode.NOERROR: Kind.OK,
    dns.rcode.NXDOMAIN: Kind.NX,
    dns.rcode.SERVFAIL: Kind.FAIL,
    dns.rcode.REFUSED: Kind.REFUSED,
}


class Line:
    """The connection to one resolver, with a limit of parallel queries."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._free = asyncio.Semaphore(SIDE_BY_SIDE)
        self._silent = 0

    async def ask(self, questions: Sequence[Question], heard: Heard) -> None:
        """Ask all of them, and tell each reply as it comes.

        Over UDP each question has a socket of its own, so that a pool behind the address shows
        all its members; over TLS they share a connection.
        """
        if self._server.tls:
            for question, reply in zip(
                questions, await _over_stream(self._server, questions), strict=True
            ):
                heard(question, reply)
            return
        await asyncio.gather(*(self._ask(question, heard) for question in questions))

    async def _ask(self, question: Question, heard: Heard) -> None:
        async with self._free:
            reply = _SILENT
            if self._silent < _MAX_SILENT:
                reply = await _over_udp(self._server, question)
                witness = question.subject.role is Role.WITNESS
                self._silent += reply.kind is Kind.NONE and not witness
        heard(question, reply)


def _query(question: Question) -> dns.message.QueryMessage:
    flags = dns.flags.RD
    if question.ad:
        flags |= dns.flags.AD
    if question.cd:
        flags |= dns.flags.CD
    return dns.message.make_query(
        question.name,
        question.rdtype,
        question.rdclass,
        use_edns=0,
        want_dnssec=question.do,
        payload=_EDNS_PAYLOAD,
        flags=flags,
    )


class _Listener(asyncio.DatagramProtocol):
    """Takes the one datagram that replies to the query, from the address that was asked."""

    def __init__(self, query: dns.message.QueryMessage) -> None:
        self._query = query
        self._strays = 0
        self.heard: asyncio.Future[dns.message.Message | Reply]
        self.heard = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Ignore what is no reply to the query, up to a bound."""
        del addr  # the socket is connected
        if self.heard.done():
            return
        try:
            message = dns.message.from_wire(data)
            if self._query.is_response(message):
                self.heard.set_result(message)
                return
        except records.DNS_ERRORS:
            pass
        self._strays += 1
        if self._strays >= MAX_STRAY:
            self.heard.set_result(_BROKEN)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there."""
        del exc
        if not self.heard.done():
            self.heard.set_result(_SILENT)


async def _over_udp(server: Server, question: Question) -> Reply:
    query = _query(question)
    try:
        transport, listener = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Listener(query), remote_addr=(server.address, server.port)
        )
    except OSError:
        return _SILENT
    try:
        # Who does not tell of its anchors may drop the question: nobody has to wait for that.
        waits = UDP_WAITS[:1] if question.subject.role is Role.WITNESS else UDP_WAITS
        heard = await _sent_again_and_again(transport, listener, query.to_wire(), waits)
    finally:
        transport.abort()
    if isinstance(heard, Reply):
        return heard
    if heard.flags & dns.flags.TC:
        (reply,) = await _over_stream(server, [question])
        return reply
    return _told(question, heard)


async def _sent_again_and_again(
    transport: asyncio.DatagramTransport, listener: _Listener, wire: bytes, waits: Sequence[float]
) -> dns.message.Message | Reply:
    """A late reply to the first try counts as well."""
    for seconds in waits:
        transport.sendto(wire)
        done, _ = await asyncio.wait([listener.heard], timeout=seconds)
        if done:
            return listener.heard.result()
    return _SILENT


async def _over_stream(server: Server, questions: Sequence[Question]) -> list[Reply]:
    """All questions on one connection, one behind the other without waiting (RFC 7766 6.2.1.1)."""
    replies: dict[Question, Reply] = {}
    lacking = _SILENT
    for _ in range(_CONNECTIONS):
        left = [question for question in questions if question not in replies]
        before = len(replies)
        try:
            async with asyncio.timeout(STREAM_SECONDS):
                await _talk(server, left, replies)
        except (OSError, EOFError, dns.exception.Timeout):
            # TimeoutError is an OSError; a second wait of that length would be one too many.
            pass
        except records.DNS_ERRORS:
            lacking = _BROKEN
        if len(replies) in {before, len(questions)} or lacking is _BROKEN:
            break
    return [replies.get(question, lacking) for question in questions]


async def _talk(
    server: Server, questions: Sequence[Question], replies: dict[Question, Reply]
) -> None:
    """Ask on one connection; every reply is kept as it comes."""
    queries = _with_ids(questions)
    backend = dns.asyncbackend.get_backend("asyncio")
    family = dns.inet.af_for_address(server.address)
    place = (server.address, server.port)
    tls = _any_certificate() if server.tls else None
    stream = await backend.make_socket(
        family, socket.SOCK_STREAM, 0, None, place, STREAM_SECONDS, tls, None
    )
    try:
        for query, _ in queries.values():
            await dns.asyncquery.send_tcp(stream, query)
        waiting = set(queries)
        # A message that replies to nothing costs a turn, so that a flood comes to an end.
        for _ in range(len(queries) + MAX_STRAY):
            if not waiting:
                return
            message, _ = await dns.asyncquery.receive_tcp(stream)
            if message.id in waiting:
                query, question = queries[message.id]
                if query.is_response(message):
                    waiting.discard(message.id)
                    replies[question] = _told(question, message)
    finally:
        # Closing in good form takes the event loop longer than it lives here.
        stream.writer.transport.abort()


def _with_ids(
    questions: Sequence[Question],
) -> Mapping[int, tuple[dns.message.QueryMessage, Question]]:
    """Each question as a message with an ID that no other of them has."""
    queries: dict[int, tuple[dns.message.QueryMessage, Question]] = {}
    for question in questions:
        query = _query(question)
        while query.id in queries:
            query = _query(question)
        queries[query.id] = query, question
    return queries


def _any_certificate() -> ssl.SSLContext:
    """An address has no name to hold a certificate against (RFC 7858 4.1)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _told(question: Question, message: dns.message.Message) -> Reply:
    role = question.subject.role
    keeps = role in {Role.DNSKEY, Role.DNSKEY_CD}
    return Reply(
        kind=_KINDS.get(message.rcode(), Kind.OTHER),
        marked=bool(message.flags & dns.flags.AD),
        recursive=bool(message.flags & dns.flags.RA),
        ede=tuple(
            sorted({int(o.code) for o in message.options if isinstance(o, dns.edns.EDEOption)})
        ),
        tags=_tags(message) if role is Role.WITNESS else (),
        wire=wire_of(message) if keeps else None,
    )


def _tags(message: dns.message.Message) -> tuple[int, ...]:
    """The tags of the root's anchors: ``". 20326 38696"``."""
    texts = [
        rdata.to_text().strip('"')
        for rrset in message.answer
        if rrset.rdtype == dns.rdatatype.TXT
        for rdata in list(rrset)[:_MAX_TEXTS]
    ]
    of_root = [text for text in texts if text.startswith(". ")]
    return tuple(sorted({int(tag) for text in of_root for tag in _TAG.findall(text)}))[:_MAX_TAGS]
