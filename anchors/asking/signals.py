"""Trust anchor signals (RFC 8145 5.1) in query logs and captures: which client reports which keys.

A validating resolver may report the key tags that it trusts to the resolver it queries, by a
query for ``_ta-4f66-9728``.  The query log of that resolver then shows the validators of a network.
A signal is not authenticated, and many validators send none: a signal is a hint, silence is not.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from anchors.asking.capture import BEGINNINGS, MARK, packets_in
from anchors.asking.dnstap import CONTROL, Query, Readable, queries_in
from anchors.core.root_facts import KNOWN_KEYS
from anchors.core.servers import plain_address

__all__ = ["MAX_CLIENTS", "MAX_LINE", "NEWEST", "Client", "Signals", "read_signals"]

# The key that a client should announce by now.
NEWEST = KNOWN_KEYS[-1]
MAX_CLIENTS = 200_000
# Bytes of a line: of a longer one there is nothing to learn.
MAX_LINE = 1 << 16
_BLOCK = 1 << 20
# The name is that of the root's trust point: one label, and nothing below another name.
_NAME = re.compile(r"(?<![\w.-])_ta((?:-[0-9a-f]{4})+)\.?(?![\w.-])", re.IGNORECASE | re.ASCII)
_ADDRESS = r"\[?([0-9a-fA-F.:]{2,45}(?:%[\w.-]+)?)\]?"
# Where logs have the client's address: behind the name, before the name with its port or without.
_BEHIND = re.compile(rf"[^\n]{{0,40}}?(?:\bfrom |\bremote=\"?){_ADDRESS}", re.ASCII)
_WITH_PORT = re.compile(rf"(?:^|\s){_ADDRESS}#\d{{1,5}}\b", re.ASCII)
_BEFORE = re.compile(rf"(?:^|\s){_ADDRESS} $", re.ASCII)
_PORT = re.compile(r"(?<=[\d\]]):\d{1,5}$", re.ASCII)
# What became of a question: dnsmasq, PowerDNS Recursor.
_NO_QUESTION = re.compile(
    r"\b(?:forwarded|reply|cached|cached-stale|config) $|\bmsg=\"Answer\"|\banswer to question '$"
)
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|(?<=\[)\d{9,11}(?=\])|(?<=ts=\")\d{9,11}",
    re.ASCII,
)


class Client(NamedTuple):
    """The last signal of a client.

    Attributes:
        tags: the key tags.
        since: the first time of exactly these tags, as in the log; may be empty.
        last: the last time of these tags.
        signals: the number of its signals.
    """

    tags: tuple[int, ...]
    since: str
    last: str
    signals: int

    @property
    def is_late(self) -> bool:
        """Whether it announces old keys only."""
        return NEWEST.key_tag not in self.tags


class _Signal(NamedTuple):
    address: str
    tags: tuple[int, ...]
    time: str


@dataclass(slots=True)
class Signals:
    """All clients by address, and the number of signals that were left out.

    Attributes:
        clients: the clients by address, in the order of their first signals.
        unplaced: the number of lines with a signal but without a client.
        left_out: the number of signals of clients beyond the first ``MAX_CLIENTS``.
    """

    clients: dict[str, Client]
    unplaced: int = 0
    left_out: int = 0

    def add_all(self, signals: Iterable[_Signal | None]) -> None:
        """Take what was found in a line or in a query."""
        for signal in signals:
            self.add(signal)

    def add(self, signal: _Signal | None) -> None:
        """The last signal of a client counts."""
        if signal is None:
            self.unplaced += 1
            return
        before = self.clients.get(signal.address)
        if before is None and len(self.clients) >= MAX_CLIENTS:
            self.left_out += 1
            return
        since, count = (signal.time, 0) if before is None else (before.since, before.signals)
        if before is not None and before.tags != signal.tags:
            since = signal.time
        self.clients[signal.address] = Client(signal.tags, since, signal.time, count + 1)


def read_signals(
    streams: Iterable[BinaryIO], progress: Callable[[int, int], None] = lambda _files, _size: None
) -> Signals:
    """Read query logs, dnstap files and packet captures, with constant memory.

    Args:
        streams: the logs, the oldest first.
        progress: called with the number of logs and bytes that were read.

    Raises:
        OSError: a log cannot be read.
        UsageError: a capture needs an extra that is missing, or has an unknown link type.
    """
    found = Signals({})
    size = 0
    for number, stream in enumerate(streams):
        watched = _Watched(stream, functools.partial(progress, number), size)
        begin = watched.read(len(CONTROL))
        if begin == CONTROL:
            found.add_all(_in_queries(queries_in(watched, begin)))
        elif begin in BEGINNINGS:
            found.add_all(_in_queries(packets_in(watched, begin)))
        else:
            for block in _blocks(watched, begin):
                for line in _lines(block):
                    found.add_all(_in_line(line))
        size = watched.size
        progress(number, size)
    return found


class _Watched:
    """A stream that tells now and then how much was read, of all streams together."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int], None], size: int) -> None:
        self._stream, self._tell = stream, tell
        self.size, self._told = size, size

    def read(self, size: int) -> bytes:
        block = self._stream.read(size)
        self.size += len(block)
        if self.size - self._told >= _BLOCK:
            self._told = self.size
            self._tell(self.size)
        return block


def _in_queries(queries: Iterable[Query | None]) -> Iterator[_Signal | None]:
    for query in queries:
        if query is None:
            yield None
            continue
        address, name, time = query
        match = _NAME.fullmatch(name)
        if match is not None:
            yield _Signal(address, _tags(match), time)


def _blocks(stream: Readable, begin: bytes) -> Iterator[bytes]:
    """Whole lines, a megabyte at a time."""
    rest = begin
    while block := stream.read(_BLOCK):
        end = block.rfind(b"\n") + 1
        yield rest + block[:end]
        # A line without an end is cut where it gets too long.
        rest = (rest if not end else b"") + block[end:]
        rest = rest[:MAX_LINE]
    yield rest


def _lines(block: bytes) -> Iterator[str]:
    """The lines that may have a signal."""
    position = 0
    while match := MARK.search(block, position):
        begin = block.rfind(b"\n", 0, match.start()) + 1
        end = block.find(b"\n", match.end())
        position = len(block) if end < 0 else end
        if position - begin <= MAX_LINE:
            yield block[begin:position].decode(errors="replace")


def _in_line(line: str) -> Iterator[_Signal | None]:
    """The signal in a line of a log; ``None`` where it does not say who sent it."""
    name = _NAME.search(line)
    if name is None or _NO_QUESTION.search(line, 0, name.start()):
        return
    address = _address(line, name)
    time = _TIME.search(line)
    yield None if address is None else _Signal(address, _tags(name), time[0] if time else "")


def _tags(name: re.Match[str]) -> tuple[int, ...]:
    return tuple(sorted({int(tag, 16) for tag in name[1].split("-")[1:]}))


def _address(line: str, name: re.Match[str]) -> str | None:
    before = line[max(0, name.start() - 200) : name.start()]
    for match in (
        _BEHIND.match(line, name.end()),
        _WITH_PORT.search(before),
        _BEFORE.search(before),
    ):
        if match is not None:
            try:
                return plain_address(_PORT.sub("", match[1]) if "." in match[1] else match[1])
            except ValueError:
                continue
    return None
