"""The way between a client and name servers: as long, lossy and narrow as a story wants it.

Every :class:`Path` gets an address of its own on loopback, for UDP and TCP, and leads to a server
behind.  One event loop in one thread carries them all.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.lab.nameserver import Endpoint

__all__ = ["Front", "Packets", "Path", "Tcp", "relaying"]

# Turns a query into the datagrams that somebody off the path sends.
Packets = Callable[[bytes], Sequence[bytes]]

_QR_TC = 0x8200
_HEADER = 12
_OPENS_WITHIN = 10.0
# Between two packets: dnspython 2.7's asynchronous sockets drop what comes in the same instant.
_PAUSE = 0.01
_QUESTION_END = _HEADER + 5  # the root's name, type and class


class Tcp(enum.Enum):
    """What becomes of a TCP connection."""

    OPEN = "open"
    REFUSED = "refused"
    SILENT = "silent"  # accepted, and then not a byte
    DRIPPING = "dripping"  # a byte a second


@dataclass(frozen=True, kw_only=True)
class Path:
    """One way to one server.

    Attributes:
        behind: the server; ``None`` is nobody, and packets to it are lost.
        host: the loopback address in front; its port is free unless told.
        port: the port in front.
        delay: one round trip in seconds.  TCP takes two: one to connect, one to ask.
        lose: so many of the first UDP queries do not arrive.
        truncate: UDP answers come with TC and nothing in them.
        tcp: what becomes of TCP connections.
        tls: the server's side of TLS, where TCP carries it.
        spoof: what arrives at once from the server's own address, before the true answer.
        spoof_elsewhere: what arrives at once from another port.
    """

    behind: Endpoint | None
    host: str = "127.0.0.1"
    port: int = 0
    delay: float = 0.0
    lose: int = 0
    truncate: bool = False
    tcp: Tcp = Tcp.OPEN
    tls: ssl.SSLContext | None = None
    spoof: Packets | None = None
    spoof_elsewhere: Packets | None = None


@dataclass
class Front:
    """Where a path begins, and how often it was taken."""

    path: Path
    endpoint: Endpoint
    over_udp: int = 0
    over_tcp: int = 0
    spoofed: int = 0
    running: set[asyncio.Task[None]] = field(default_factory=set)
    closers: list[Callable[[], None]] = field(default_factory=list)
    streams: set[asyncio.StreamWriter] = field(default_factory=set)

    def __str__(self) -> str:
        """As ``--server`` takes it."""
        return f"tls://{self.endpoint}" if self.path.tls else str(self.endpoint)


@contextlib.contextmanager
def relaying(paths: Sequence[Path]) -> Iterator[list[Front]]:
    """Open all paths for the time of the ``with`` block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    fronts: list[Front] = []
    try:
        _wait(loop, _open_all(paths, fronts))
        yield fronts
    finally:
        _wait(loop, _end_all(fronts))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _wait(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> None:
    asyncio.run_coroutine_threadsafe(work, loop).result(_OPENS_WITHIN)


async def _open_all(paths: Sequence[Path], fronts: list[Front]) -> None:
    fronts.extend([await _open(path) for path in paths])


async def _end_all(fronts: Sequence[Front]) -> None:
    """Close the doors, and end whatever still waits or sleeps."""
    for front in fronts:
        for close in front.closers:
            close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for front in fronts:
        for stream in front.streams:
            stream.transport.abort()
    # What was closed or aborted ends in the loop's next rounds.
    await asyncio.sleep(_PAUSE)


async def _open(path: Path) -> Front:
    datagrams, streams = _sockets(path)
    front = Front(path, Endpoint(path.host, datagrams.getsockname()[1]))
    loop = asyncio.get_running_loop()
    protocol = _Datagrams(front)
    protocol.transport, _ = await loop.create_datagram_endpoint(lambda: protocol, sock=datagrams)
    front.closers.append(protocol.transport.close)
    if streams is not None:
        server = await asyncio.start_server(_stream_of(front), sock=streams, ssl=path.tls)
        front.closers.append(server.close)
    return front


def _sockets(path: Path) -> tuple[socket.socket, socket.socket | None]:
    """A UDP and a TCP socket on the same port; without TCP, the port refuses connections."""
    family = socket.AF_INET6 if ":" in path.host else socket.AF_INET
    for _ in range(20):
        datagrams = socket.socket(family, socket.SOCK_DGRAM)
        datagrams.bind((path.host, path.port))
        if path.behind is None or path.tcp is Tcp.REFUSED:
            return datagrams, None
        with contextlib.suppress(OSError):
            return datagrams, socket.create_server(datagrams.getsockname()[:2], family=family)
        datagrams.close()
    raise OSError(f"no port is free on {path.host}")


class _Datagrams(asyncio.DatagramProtocol):
    """The UDP side of one path."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.transport: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.ensure_future(self._carry(data, addr))
        self._front.running.add(task)
        task.add_done_callback(self._front.running.discard)

    async def _carry(self, query: bytes, client: tuple[str, int]) -> None:
        front, path, transport = self._front, self._front.path, self.transport
        assert transport is not None
        front.over_udp += 1
        number = front.over_udp
        for packet in path.spoof(query) if path.spoof else ():
            front.spoofed += 1
            transport.sendto(packet, client)
            await asyncio.sleep(_PAUSE)
        for packet in path.spoof_elsewhere(query) if path.spoof_elsewhere else ():
            front.spoofed += 1
            _send_from_elsewhere(packet, path.host, client)
            await asyncio.sleep(_PAUSE)
        if number <= path.lose or path.behind is None:
            return
        await asyncio.sleep(path.delay)
        if path.truncate:
            transport.sendto(_truncated(query), client)
            return
        for reply in await _ask(path.behind, query):
            transport.sendto(reply, client)


def _send_from_elsewhere(packet: bytes, host: str, client: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as stranger:
        stranger.bind((host, 0))
        stranger.sendto(packet, client)


def _truncated(query: bytes) -> bytes:
    """The question alone, with QR and TC."""
    message_id, flags = struct.unpack("!HH", query[:4])
    head = struct.pack("!HHHHHH", message_id, flags | _QR_TC, 1, 0, 0, 0)
    return head + query[_HEADER:_QUESTION_END]


class _Reply(asyncio.DatagramProtocol):
    """Waits for what a server behind says to one query."""

    def __init__(self) -> None:
        self.first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        if not self.first.done():
            self.first.set_result(data)


async def _ask(server: Endpoint, query: bytes) -> Sequence[bytes]:
    """What the server behind answers, if it answers at all."""
    loop = asyncio.get_running_loop()
    transport, reply = await loop.create_datagram_endpoint(
        _Reply, remote_addr=(server.host, server.port)
    )
    try:
        transport.sendto(query)
        return [await asyncio.wait_for(reply.first, _OPENS_WITHIN)]
    except TimeoutError:
        return []
    finally:
        transport.close()


def _stream_of(
    front: Front,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]:
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        front.over_tcp += 1
        # Whoever hangs up, and whoever is told to end, is done.
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            await _carry_stream(front, reader, writer)
        writer.close()

    return carry


async def _carry_stream(
    front: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    path = front.path
    front.streams.add(writer)
    query = await _message(reader)
    if path.tcp is Tcp.SILENT or path.behind is None:
        await reader.read()
        return
    await asyncio.sleep(2 * path.delay)
    behind_reader, behind_writer = await asyncio.open_connection(path.behind.host, path.behind.port)
    front.streams.add(behind_writer)
    behind_writer.write(query)
    answer = await _message(behind_reader)
    behind_writer.close()
    if path.tcp is Tcp.DRIPPING:
        for octet in answer:
            writer.write(bytes([octet]))
            await writer.drain()
            await asyncio.sleep(1)
    writer.write(answer)
    await writer.drain()
    await reader.read()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One message with its length in front (RFC 1035 4.2.2)."""
    length = await reader.readexactly(2)
    return length + await reader.readexactly(struct.unpack("!H", length)[0])
