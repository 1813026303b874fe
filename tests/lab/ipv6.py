"""Whether this machine has IPv6."""

from __future__ import annotations

import socket

__all__ = ["has_ipv6"]


def has_ipv6() -> bool:
    """Whether it has a loopback address of it."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
