"""Find the program of this machine that answers at an address."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from anchors.asking.processes import (
    Place,
    Process,
    bound,
    processes,
    processes_by_number,
    sockets_of,
)
from anchors.core.servers import Server

__all__ = ["Listener", "is_loopback", "listener_at"]

_ANY: dict[int, IPv4Address | IPv6Address] = {4: IPv4Address(0), 6: IPv6Address(0)}


class Listener(NamedTuple):
    """The program that answers.

    Attributes:
        name: the name of its processes.
        processes: the processes that answer at the address.
        is_alone: whether every process of this name answers at the address.
    """

    name: str
    processes: tuple[Process, ...]
    is_alone: bool


def is_loopback(server: Server) -> bool:
    """Whether the address is a loopback address."""
    return ip_address(server.address).is_loopback


def listener_at(server: Server) -> Listener | None:
    """The only program that answers there; ``None`` if /proc does not show exactly one.

    Only root sees the processes of other users.
    """
    inodes = _inodes(server)
    if not inodes:
        return None
    named = dict(processes())
    listening = {pid for pid in named if not inodes.isdisjoint(sockets_of(pid))}
    names = {named[pid] for pid in listening}
    if len(names) != 1:
        return None
    (name,) = names
    is_alone = {pid for pid, one in named.items() if one == name} == listening
    return Listener(name, tuple(processes_by_number(listening)), is_alone)


def _inodes(server: Server) -> set[str]:
    """The sockets that get what is sent there: those of the address before those of any."""
    address: IPv4Address | IPv6Address = ip_address(server.address)
    places = bound("tcp" if server.tls else "udp")
    # A socket of IPv6 may get what is sent to IPv4 too.
    for one in (address, _ANY[address.version], _ANY[6]):
        found = {inode for inode, at in places.items() if at == Place(one, server.port)}
        if found:
            return found
    return set()
