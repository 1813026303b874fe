"""A small name server that says on purpose what no honest one would.

A :data:`Says` turns one query into the datagrams (or TCP messages) that go back: none of them is
silence, several are several.  A :class:`Liar` has one for UDP and one for TCP; without one for
TCP, the port refuses connections.
"""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.lab.nameserver import Endpoint, free_port
from tests.lab.zone import Apex

__all__ = [
    "Liar",
    "Says",
    "answers",
    "echo",
    "garbage",
    "lying",
    "noise",
    "one_after_the_other",
    "other_owner",
    "other_question",
    "rcode",
    "silent",
    "truncated",
    "wrong_id",
]

Says = Callable[[dns.message.QueryMessage], Sequence[bytes]]

HOST = "127.0.0.1"
# How long the TCP side waits for a query before it gives the connection up.
PATIENCE = 5.0
# Between one message and the next.
PAUSE = 0.05


@dataclass
class Liar:
    """A running server: where it listens, and what it was asked."""

    endpoint: Endpoint
    over_udp: list[dns.message.QueryMessage] = field(default_factory=list)
    over_tcp: list[dns.message.QueryMessage] = field(default_factory=list)

    def __str__(self) -> str:
        """As ``--server`` takes it."""
        return str(self.endpoint)


@contextlib.contextmanager
def lying(udp: Says, tcp: Says | None = None) -> Iterator[Liar]:
    """Run a liar for the time of the ``with`` block."""
    liar = Liar(Endpoint(HOST, free_port()))
    with contextlib.ExitStack() as stack:
        stack.enter_context(_running(_Datagrams(liar, udp)))
        if tcp is not None:
            stack.enter_context(_running(_Streams(liar, tcp)))
        yield liar


def answers(apex: Apex) -> Says:
    """What an honest server of this apex answers, at any size."""

    def says(query: dns.message.QueryMessage) -> Sequence[bytes]:
        response = _response(query)
        response.answer.extend(apex.rrsets)
        return [response.to_wire(max_size=0xFFFF)]

    return says


def rcode(code: dns.rcode.Rcode) -> Says:
    """NXDOMAIN, REFUSED and their like; NOERROR is an answer with nothing in it."""

    def says(query: dns.message.QueryMessage) -> Sequence[bytes]:
        response = _response(query)
        response.set_rcode(code)
        return [response.to_wire(max_size=0xFFFF)]

    return says


def truncated(apex: Apex | None = None) -> Says:
    """TC set, with an empty answer or with half of one: DNSKEYs and no RRSIG."""

    def says(query: dns.message.QueryMessage) -> Sequence[bytes]:
        response = _response(query)
        response.flags |= dns.flags.TC
        if apex is not None:
            response.answer.append(apex.dnskeys)
        return [response.to_wire(max_size=0xFFFF)]

    return says


def wrong_id(says: Says) -> Says:
    """Every message with another ID than the query's."""

    def lies(query: dns.message.QueryMessage) -> Sequence[bytes]:
        return [_with_id(wire, query.id ^ 0x5555) for wire in says(query)]

    return lies


def one_after_the_other(*lies: Says) -> Says:
    """What all of these say, in this order: somebody off the path may be faster than the server."""

    def says(query: dns.message.QueryMessage) -> Sequence[bytes]:
        return [message for lie in lies for message in lie(query)]

    return says


def other_question(apex: Apex) -> Says:
    """The right ID, but question and answer are about ``example.``."""
    name = dns.name.from_text("example.")

    def says(query: dns.message.QueryMessage) -> Sequence[bytes]:
        response = dns.message.make_response(
            dns.message.make_query(name, dns.rdatatype.DNSKEY, id=query.id)
        )
        response.answer.extend(
            dns.rrset.from_rdata_list(name, rrset.ttl, list(rrset)) for rrset in apex.rrsets
        )
        return [response.to_wire(max_size=0xFFFF)]

    return says


def other_owner(apex: Apex) -> Says:
    """The right question, answered with records that belong to ``example.``."""
    name = dns.name.from_text("example.")

    def says(query: dns.message.QueryMessage) -> Sequence[bytes]:
        response = _response(query)
        response.answer.extend(
            dns.rrset.from_rdata_list(name, rrset.ttl, list(rrset)) for rrset in apex.rrsets
        )
        return [response.to_wire(max_size=0xFFFF)]

    return says


def silent(query: dns.message.QueryMessage) -> Sequence[bytes]:  # noqa: ARG001
    """Never a word."""
    return []


def garbage(query: dns.message.QueryMessage) -> Sequence[bytes]:
    """The right ID, then bytes that are no message: a name that points at itself."""
    return [struct.pack("!HHHHHH", query.id, 0x8400, 1, 1, 0, 0) + b"\xc0\x0c" + b"\xff" * 40]


def noise(query: dns.message.QueryMessage) -> Sequence[bytes]:  # noqa: ARG001
    """Too short to be a message."""
    return [b"\x00\x01\x02"]


def echo(query: dns.message.QueryMessage) -> Sequence[bytes]:
    """The query itself: not a response (QR clear)."""
    return [query.to_wire()]


def _response(query: dns.message.QueryMessage) -> dns.message.Message:
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    return response


def _with_id(wire: bytes, message_id: int) -> bytes:
    return struct.pack("!H", message_id) + wire[2:]


@contextlib.contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    """Serve in a thread until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Datagrams(socketserver.UDPServer):
    """One datagram at a time."""

    def __init__(self, liar: Liar, says: Says) -> None:
        self.liar = liar
        self.says = says
        super().__init__((HOST, liar.endpoint.port), _Datagram)


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Datagrams)
        wire, reply_socket = self.request
        query = _query(wire)
        server.liar.over_udp.append(query)
        for number, message in enumerate(server.says(query)):
            # dnspython 2.7's asynchronous sockets drop what comes in the same instant.
            time.sleep(PAUSE if number else 0)
            reply_socket.sendto(message, self.client_address)


class _Streams(socketserver.ThreadingTCPServer):
    """One query per connection; silence keeps the connection open until the client has enough."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, liar: Liar, says: Says) -> None:
        self.liar = liar
        self.says = says
        super().__init__((HOST, liar.endpoint.port), _Stream)


class _Stream(socketserver.StreamRequestHandler):
    timeout: ClassVar[float | None] = PATIENCE

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Streams)
        with contextlib.suppress(OSError, struct.error):
            (length,) = struct.unpack("!H", self.rfile.read(2))
            query = _query(self.rfile.read(length))
            server.liar.over_tcp.append(query)
            for message in server.says(query):
                self.wfile.write(struct.pack("!H", len(message)) + message)
            self.rfile.read(1)


def _query(wire: bytes) -> dns.message.QueryMessage:
    query = dns.message.from_wire(wire)
    assert isinstance(query, dns.message.QueryMessage)
    return query
