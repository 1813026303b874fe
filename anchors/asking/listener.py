"""Which program of this machine answers at an address, as /proc tells (proc(5)); Linux alone."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple

from anchors.core.servers import Server

__all__ = ["Listener", "is_loopback", "listener_at"]

_PROC = Path("/proc")
_SOCKET = re.compile(r"socket:\[([0-9]+)\]")
_INODE = 9  # the column
_MAX_TABLE = 1 << 24
_ANY: dict[int, IPv4Address | IPv6Address] = {4: IPv4Address(0), 6: IPv6Address(0)}
# The state of a TCP socket that listens; a UDP socket that is not connected has another.
_LISTENS = {"tcp": "0A", "udp": "07"}


class Listener(NamedTuple):
    """The program that answers.

    Attributes:
        name: what its processes are called.
        is_alone: whether every process of this name answers at the address.
    """

    name: str
    is_alone: bool


def is_loopback(server: Server) -> bool:
    """Whether the address is this machine's own."""
    return ip_address(server.address).is_loopback


def listener_at(server: Server) -> Listener | None:
    """The one program that answers there; ``None`` where /proc does not tell of just one.

    The processes of other users are seen by root alone.
    """
    inodes = _inodes(server)
    if not inodes:
        return None
    processes = dict(_processes())
    listening = {pid for pid in processes if not inodes.isdisjoint(_sockets(pid))}
    names = {processes[pid] for pid in listening}
    if len(names) != 1:
        return None
    (name,) = names
    return Listener(name, {pid for pid, one in processes.items() if one == name} == listening)


def _inodes(server: Server) -> set[str]:
    """The sockets that get what is sent there: those of the address before those of any."""
    address: IPv4Address | IPv6Address = ip_address(server.address)
    protocol = "tcp" if server.tls else "udp"
    rows = (
        (address.version, address),
        (address.version, _ANY[address.version]),
        # A socket of IPv6 may get what is sent to IPv4 too.
        (6, _ANY[6]),
    )
    found = (_bound(protocol, version, _hex(one, server.port)) for version, one in rows)
    return next(filter(None, found), set())


def _hex(address: IPv4Address | IPv6Address, port: int) -> str:
    """As the kernel writes it: each 32 bits of the address in its own byte order."""
    packed = address.packed
    words = struct.unpack(f"={len(packed) // 4}I", packed)
    return "".join(f"{word:08X}" for word in words) + f":{port:04X}"


def _bound(protocol: str, version: int, place: str) -> set[str]:
    table = _PROC / "net" / (protocol if version == 4 else f"{protocol}6")  # noqa: PLR2004
    try:
        with table.open("rb") as stream:
            lines = stream.read(_MAX_TABLE).decode("ascii", errors="replace").splitlines()[1:]
    except OSError:
        return set()
    rows = (line.split() for line in lines)
    return {
        row[_INODE]
        for row in rows
        if len(row) > _INODE and row[1] == place and row[3] == _LISTENS[protocol]
    }


def _processes() -> Iterator[tuple[str, str]]:
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            try:
                yield folder.name, (folder / "comm").read_text(errors="replace").strip()
            except OSError:
                continue


def _sockets(pid: str) -> set[str]:
    found = set()
    try:
        for entry in (_PROC / pid / "fd").iterdir():
            if match := _SOCKET.fullmatch(str(entry.readlink())):
                found.add(match[1])
    except OSError:
        # It ended, or it is another user's.
        return found
    return found
