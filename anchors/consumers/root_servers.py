"""Whether a prefix in a configuration has an address of a root server, or all addresses."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from anchors.core.root_facts import ROOT_SERVER_ADDRESSES

__all__ = ["has_all", "has_root_server"]

_ADDRESSES = tuple(ip_address(text) for pair in ROOT_SERVER_ADDRESSES.values() for text in pair)


def has_root_server(prefix: str, others: Iterable[str] = ()) -> bool:
    """Whether the address of a root server is in ``prefix``, or one of ``others``.

    What is no prefix may be anything, and counts as one that has.
    """
    try:
        network = ip_network(prefix, strict=False)
    except ValueError:
        return True
    return any(one in network for one in (*_ADDRESSES, *map(ip_address, others)))


def has_all(prefix: str) -> bool:
    """Whether it is the prefix of all addresses of a family."""
    try:
        return ip_network(prefix, strict=False).prefixlen == 0
    except ValueError:
        return False
