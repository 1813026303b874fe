"""IP addresses and servers as people type them and manifests keep them."""

from __future__ import annotations

import re
from ipaddress import ip_address

__all__ = ["DNS_PORT", "TLS", "TLS_PORT", "plain_address", "server_text"]

DNS_PORT = 53
# RFC 7858 3.1
TLS_PORT = 853
TLS = "tls://"

# Python takes anything for a scope, control characters included.
_SCOPE = re.compile(r"[A-Za-z0-9._-]{1,15}", re.ASCII)


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


def server_text(address: str, port: int, *, tls: bool) -> str:
    """A server as ``--server`` takes it: the port only where it is not the usual one."""
    usual = TLS_PORT if tls else DNS_PORT
    return f"{TLS if tls else ''}{address}" + ("" if port in {0, usual} else f"#{port}")
