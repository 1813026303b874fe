"""IP addresses as people type them and manifests keep them."""

from __future__ import annotations

import re
from ipaddress import ip_address

__all__ = ["plain_address"]

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
