"""The processes of this machine and their sockets, from /proc (proc(5)); only on Linux."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import NamedTuple

from anchors.core.servers import Server

__all__ = [
    "Place",
    "Process",
    "bound",
    "processes",
    "processes_by_number",
    "processes_named",
    "sockets_of",
]

_PROC = Path("/proc")
_SOCKET = re.compile(r"socket:\[([0-9]+)\]")
_LOCAL, _STATE, _INODE = 1, 3, 9  # columns of /proc/net/udp and its like
_UNIX_INODE, _UNIX_PATH = 6, 7
_MAX_TABLE = 1 << 24
_MAX_ARGUMENTS = 1 << 16
_MAX_PROCESSES = 64
# The state of a TCP socket that listens; a UDP socket that is not connected has another.
_LISTENS = {"tcp": "0A", "udp": "07"}
_DNS = 53
_PARENT, _STARTED = 1, 19  # the columns of /proc/PID/stat, counted behind the name
# Where these differ, the process is in a container, and its names are not ours.
_NAMESPACES = ("net", "pid")
_TWO_WORDS = re.compile(r"-[A-Za-z]|--[^=]+")


class Place(NamedTuple):
    """The address of a bound socket."""

    address: IPv4Address | IPv6Address
    port: int


class Process(NamedTuple):
    """A process.

    Attributes:
        pid: its number.
        directory: its working directory, if it is visible.
        arguments: its command line, or that of its manager.
        started: the time of its start, to the second; ``None`` if unknown.
        answers: the address at which it answers over UDP and TCP, preferably with port 53;
            ``None`` if there is none or its sockets are not visible.
        channels: the paths of its Unix sockets, as the process bound them.
    """

    pid: str
    directory: Path | None
    arguments: tuple[str, ...]
    started: datetime | None
    answers: Server | None
    channels: tuple[Path, ...]

    def given(self, options: Collection[str]) -> list[Path]:
        """What the command line gives these options: ``-c FILE``, ``-cFILE`` or ``--dir=DIR``."""
        found: list[str] = []
        for number, argument in enumerate(self.arguments):
            for option in options:
                if argument == option and _TWO_WORDS.fullmatch(option):
                    found += self.arguments[number + 1 : number + 2]
                elif option.startswith("--") and argument.startswith(f"{option}="):
                    found.append(argument.removeprefix(f"{option}="))
                elif not option.startswith("--") and argument.startswith(option):
                    found.append(argument.removeprefix(option))
        return [(self.directory or Path("/")) / one for one in found if one and "\0" not in one]


def processes() -> Iterator[tuple[str, str]]:
    """Every process: its number and its name (``comm``)."""
    try:
        folders = [folder for folder in _PROC.iterdir() if folder.name.isdecimal()]
    except OSError:
        return
    for folder in folders:
        try:
            yield folder.name, (folder / "comm").read_text(errors="replace").strip()
        except OSError:
            continue


def sockets_of(pid: str) -> frozenset[str]:
    """The inodes of its sockets; only root sees those of other users' processes."""
    found = set()
    try:
        for entry in (_PROC / pid / "fd").iterdir():
            if match := _SOCKET.fullmatch(str(entry.readlink())):
                found.add(match[1])
    except OSError:
        # It ended, or it is another user's.
        return frozenset(found)
    return frozenset(found)


def bound(protocol: str) -> dict[str, Place]:
    """The addresses of the sockets that receive from anybody, by inode.

    Args:
        protocol: ``udp`` or ``tcp``.
    """
    found: dict[str, Place] = {}
    for name in (protocol, f"{protocol}6"):
        for row in _rows(name):
            if len(row) > _INODE and row[_STATE] == _LISTENS[protocol]:
                found[row[_INODE]] = _place(row[_LOCAL])
    return found


def processes_named(names: Collection[str], manager: str = "") -> list[Process]:
    """The processes with one of these names, except those in containers.

    Args:
        names: the names.
        manager: a word in the command line of a process with the same parent, if there is
            one: only this process has the configuration in its command line.
    """
    return processes_by_number((pid for pid, name in processes() if name in names), manager)


def processes_by_number(pids: Iterable[str], manager: str = "") -> list[Process]:
    """The processes with these numbers, except those in containers."""
    found = sorted((pid for pid in pids if not _is_apart(pid)), key=int)[:_MAX_PROCESSES]
    tables = bound("udp"), bound("tcp"), _unix()
    managers = _managers(manager) if manager and found else {}
    return [_process(pid, managers.get(_stat(pid, _PARENT), pid), *tables) for pid in found]


def _managers(word: str) -> dict[str, str]:
    """The process with this word in its command line, by its parent."""
    pids = [pid for pid, _ in processes() if word in _arguments(pid)]
    return {_stat(pid, _PARENT): pid for pid in pids if not _is_apart(pid)}


def _process(
    pid: str,
    given: str,
    udp: dict[str, Place],
    tcp: dict[str, Place],
    unix: dict[str, Path],
) -> Process:
    """The process; ``given``: the one whose command line has its configuration."""
    sockets = sockets_of(pid)
    over_both = {udp[one] for one in sockets & udp.keys()} & {
        tcp[one] for one in sockets & tcp.keys()
    }
    return Process(
        pid=pid,
        directory=_directory(pid),
        arguments=_arguments(given),
        started=_started(pid),
        answers=_server(over_both),
        channels=tuple(sorted(unix[one] for one in sockets & unix.keys())),
    )


def _server(places: Collection[Place]) -> Server | None:
    """An address of this machine before those of the network; any address is asked as its own."""
    usable = [one for one in places if not one.address.is_link_local]
    if not usable:
        return None
    best = min(usable, key=_rank)
    if best.address.is_unspecified:
        own = "127.0.0.1" if best.address.version == 4 else "::1"  # noqa: PLR2004
        return Server(own, best.port)
    return Server(str(best.address), best.port)


def _rank(place: Place) -> tuple[bool, int, bool, int, Place]:
    address = place.address
    is_own = address.is_loopback or address.is_unspecified
    return place.port != _DNS, place.port, not is_own, address.version, place


def _place(text: str) -> Place:
    """As the kernel writes it: each 32 bits of the address in its own byte order."""
    address, port = text.split(":")
    words = [int(address[at : at + 8], 16) for at in range(0, len(address), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    return Place(
        IPv4Address(packed) if len(words) == 1 else IPv6Address(packed),
        int(port, 16),
    )


def _unix() -> dict[str, Path]:
    return {
        row[_UNIX_INODE]: Path(row[_UNIX_PATH])
        for row in _rows("unix")
        if len(row) > _UNIX_PATH and not row[_UNIX_PATH].startswith("@")
    }


def _rows(name: str) -> list[Sequence[str]]:
    try:
        with (_PROC / "net" / name).open("rb") as stream:
            lines = stream.read(_MAX_TABLE).decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    return [line.split() for line in lines[1:]]


def _is_apart(pid: str) -> bool:
    for name in _NAMESPACES:
        try:
            if (_PROC / pid / "ns" / name).readlink() != (_PROC / "self" / "ns" / name).readlink():
                return True
        except OSError:
            continue
    return False


def _directory(pid: str) -> Path | None:
    try:
        return (_PROC / pid / "cwd").readlink()
    except OSError:
        return None


def _arguments(pid: str) -> tuple[str, ...]:
    try:
        with (_PROC / pid / "cmdline").open("rb") as stream:
            text = stream.read(_MAX_ARGUMENTS)
    except OSError:
        return ()
    return tuple(os.fsdecode(one) for one in text.removesuffix(b"\0").split(b"\0"))[1:]


def _started(pid: str) -> datetime | None:
    try:
        ticks = int(_stat(pid, _STARTED))
        lines = (_PROC / "stat").read_text().splitlines()
        boot = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    return datetime.fromtimestamp(boot + ticks // os.sysconf("SC_CLK_TCK"), UTC)


def _stat(pid: str, column: int) -> str:
    """A column of its status; empty where it ended."""
    try:
        behind_name = (_PROC / pid / "stat").read_text(errors="replace").rpartition(")")[2]
        return behind_name.split()[column]
    except (OSError, IndexError):
        return ""
