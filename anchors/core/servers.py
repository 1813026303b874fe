"""Name servers: addresses and ports as people type them, and what a server answered."""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import ip_address
from typing import NamedTuple

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.root_facts import ROOT_SERVER_ADDRESSES

__all__ = [
    "ROOT_SERVERS",
    "Server",
    "ServerAnswer",
    "identity_of",
    "parse_server",
    "plain_address",
]

_DNS_PORT = 53
# RFC 7858 3.1
_TLS_PORT = 853
_TLS = "tls://"
_PORT = re.compile(r"[0-9]{1,5}")
_MAX_PORT = 0xFFFF
# Python takes anything for a scope, control characters included.
_SCOPE = re.compile(r"[A-Za-z0-9._-]{1,15}", re.ASCII)


class Server(NamedTuple):
    """A name server's address and port, and whether it is asked over TLS."""

    address: str
    port: int = _DNS_PORT
    tls: bool = False

    @property
    def text(self) -> str:
        """The server as ``--server`` takes it, the port only where it is not the usual one."""
        usual = _TLS_PORT if self.tls else _DNS_PORT
        port = "" if self.port in {0, usual} else f"#{self.port}"
        return f"{_TLS if self.tls else ''}{self.address}{port}"


class ServerAnswer(NamedTuple):
    """What one server sent, undigested: live, replayed, or read from a file.

    Attributes:
        address: the IP address that was asked, or ``file``.
        port: the port, 0 for a file.
        transport: ``udp``, ``tcp``, ``tls``, ``file``, or ``skr`` (signed in advance).
        observed_at: the time the answer is judged at; a recording's is what it claims.
        wire: the DNS message, or ``None`` where there was none.
        failure: ``timeout``, ``unreachable`` and the like where there was none.
        rtt_ms: the round trip in milliseconds, where one was measured.
        tries: how often it was asked over that transport.
    """

    address: str
    port: int
    transport: str
    observed_at: datetime
    wire: bytes | None
    failure: str | None = None
    rtt_ms: float | None = None
    tries: int = 1

    @property
    def server(self) -> str:
        """The server as ``--server`` takes it: the port only where it is not the usual one."""
        return Server(self.address, self.port, tls=self.transport == "tls").text


ROOT_SERVERS = tuple(Server(address) for pair in ROOT_SERVER_ADDRESSES.values() for address in pair)


def identity_of(address: str) -> str | None:
    """The name of the root server with this address, where it is one."""
    return next(
        (f"{x}.root-servers.net" for x, pair in ROOT_SERVER_ADDRESSES.items() if address in pair),
        None,
    )


def parse_server(text: str) -> Server:
    """A server from ``ADDRESS[#PORT]`` or ``tls://ADDRESS[#PORT]`` (port 853, RFC 7858).

    Raises:
        UsageError: not an IP address, or not a port.
    """
    tls = text.startswith(_TLS)
    address, separator, port = text.removeprefix(_TLS).partition("#")
    try:
        number = _port(port) if separator else (_TLS_PORT if tls else _DNS_PORT)
        return Server(plain_address(address), number, tls)
    except ValueError as error:
        raise UsageError(
            Check.USAGE,
            "the server cannot be used",
            got=f"{text}: {error}",
            want="ADDRESS or ADDRESS#PORT, where ADDRESS is an IP address; tls:// in front asks "
            "over TLS",
            remedy="for example: 193.0.14.129 or ::1#5353",
        ) from error


def _port(text: str) -> int:
    # int() also takes blanks, underscores and the digits of other scripts.
    if not _PORT.fullmatch(text) or not 0 < int(text) <= _MAX_PORT:
        message = f"{text!r:.20} is not a port"
        raise ValueError(message)
    return int(text)


def plain_address(text: str) -> str:
    """An IPv4 or IPv6 address in its usual form, an IPv6 one with a plain scope if it has one.

    Raises:
        ValueError: it is none.
    """
    address = ip_address(text)
    scope = getattr(address, "scope_id", None)
    if scope is not None and not _SCOPE.fullmatch(scope):
        message = f"{scope!r:.40} is not the name of an interface"
        raise ValueError(message)
    return str(address)
