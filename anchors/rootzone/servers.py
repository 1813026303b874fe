"""The root servers: 13 identities, 26 addresses (https://www.iana.org/domains/root/servers)."""

from __future__ import annotations

import re
from typing import NamedTuple

from anchors.addresses import DNS_PORT, TLS, TLS_PORT, plain_address, server_text
from anchors.checks import Check
from anchors.errors import UsageError

__all__ = ["ROOT_SERVERS", "Server", "identity_of", "parse_server"]

_PORT = re.compile(r"[0-9]{1,5}")
_MAX_PORT = 0xFFFF


class Server(NamedTuple):
    """A name server's address and port, and whether it is asked over TLS."""

    address: str
    port: int = DNS_PORT
    tls: bool = False

    @property
    def text(self) -> str:
        """The server as ``--server`` takes it, always with its port."""
        return server_text(self.address, self.port, tls=self.tls)


_ADDRESSES = {
    "a": ("198.41.0.4", "2001:503:ba3e::2:30"),
    "b": ("170.247.170.2", "2801:1b8:10::b"),
    "c": ("192.33.4.12", "2001:500:2::c"),
    "d": ("199.7.91.13", "2001:500:2d::d"),
    "e": ("192.203.230.10", "2001:500:a8::e"),
    "f": ("192.5.5.241", "2001:500:2f::f"),
    "g": ("192.112.36.4", "2001:500:12::d0d"),
    "h": ("198.97.190.53", "2001:500:1::53"),
    "i": ("192.36.148.17", "2001:7fe::53"),
    "j": ("192.58.128.30", "2001:503:c27::2:30"),
    "k": ("193.0.14.129", "2001:7fd::1"),
    "l": ("199.7.83.42", "2001:500:9f::42"),
    "m": ("202.12.27.33", "2001:dc3::35"),
}

ROOT_SERVERS = tuple(Server(address) for pair in _ADDRESSES.values() for address in pair)


def identity_of(address: str) -> str | None:
    """The name of the root server with this address, where it is one."""
    return next(
        (f"{letter}.root-servers.net" for letter, a in _ADDRESSES.items() if address in a), None
    )


def parse_server(text: str) -> Server:
    """A server from ``ADDRESS[#PORT]`` or ``tls://ADDRESS[#PORT]`` (port 853, RFC 7858).

    Raises:
        UsageError: not an IP address, or not a port.
    """
    tls = text.startswith(TLS)
    address, separator, port = text.removeprefix(TLS).partition("#")
    try:
        number = _port(port) if separator else (TLS_PORT if tls else DNS_PORT)
        return Server(plain_address(address), number, tls)
    except ValueError as error:
        raise UsageError(
            Check.USAGE,
            "the server cannot be used",
            got=f"{text}: {error}",
            want="ADDRESS or ADDRESS#PORT, with an IP address, and tls:// in front for TLS",
            remedy="write for example --server 193.0.14.129 or --server ::1#5353",
        ) from error


def _port(text: str) -> int:
    # int() also takes blanks, underscores and the digits of other scripts.
    if not _PORT.fullmatch(text) or not 0 < int(text) <= _MAX_PORT:
        message = f"{text!r:.20} is not a port"
        raise ValueError(message)
    return int(text)
