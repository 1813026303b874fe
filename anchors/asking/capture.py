"""Trust anchor signals in packet captures, pcap and pcapng, with dpkt, an optional extra.

Queries over UDP count, and queries over TCP if a segment contains the whole message.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

from anchors.asking.dnstap import Query, Readable, name_asked, time_of
from anchors.asking.pcapng import SECTION, Packet, packets_in_blocks
from anchors.core import records
from anchors.core.checks import Check
from anchors.core.errors import UsageError

__all__ = ["BEGINNINGS", "MARK", "MAX_PACKET", "packets_in"]

# How a file begins: pcap with microseconds or nanoseconds, in both byte orders, and pcapng.
BEGINNINGS = frozenset(
    (SECTION, *map(bytes.fromhex, ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1")))
)
# Bytes of a packet, or of a block of pcapng: no tool captures longer ones.
MAX_PACKET = 1 << 20
# The name of a signal as text and on the wire, so that nothing else is taken apart.
MARK = re.compile(rb"_ta-", re.IGNORECASE)
# By their numbers in the file (https://www.tcpdump.org/linktypes.html): the class of dpkt for what
# lies around IP, empty where nothing does.
_LINKS = MappingProxyType(
    {
        0: "loopback.Loopback",
        1: "ethernet.Ethernet",
        12: "",
        14: "",
        101: "",
        108: "loopback.Loopback",
        113: "sll.SLL",
        228: "",
        229: "",
        276: "sll2.SLL2",
    }
)
_LENGTH = 2  # bytes before a message over TCP (RFC 1035 4.2.2)
_IP_6 = 6


class _End(Exception):
    """The file is no capture any further."""


class _Bounded:
    """The stream as it is read: a length out of the file costs no more memory than is sane."""

    def __init__(self, stream: Readable, begin: bytes) -> None:
        self._stream, self._begin = stream, begin

    def read(self, size: int) -> bytes:
        if not 0 <= size <= MAX_PACKET:
            raise _End
        begin, self._begin = self._begin[:size], self._begin[size:]
        return begin + self._stream.read(size - len(begin))


def packets_in(stream: Readable, begin: bytes) -> Iterator[Query | None]:
    """Possible queries with a signal, up to the first damage of the file; ``None``: unknown.

    Args:
        stream: the file after ``begin``.
        begin: the first bytes, by which it was recognised: one of ``BEGINNINGS``.

    Raises:
        UsageError: dpkt is not installed, or the capture is not of an IP network.
    """
    dpkt = _library()
    # Whatever a damaged file makes of a reader, it ends the reading of that file alone.
    damaged = (_End, dpkt.Error, struct.error, ValueError, ArithmeticError, LookupError, TypeError)
    read = _Bounded(stream, begin)
    links: set[int] = set()
    try:
        for packet in packets_in_blocks(read.read) if begin == SECTION else _pcap(dpkt, read):
            links.add(packet.link)
            if MARK.search(packet.data):
                yield _query(dpkt, packet)
    except damaged:
        pass
    if links and links.isdisjoint(_LINKS):
        raise UsageError(
            Check.USAGE,
            "a packet capture cannot be read",
            got=f"link type {', '.join(map(str, sorted(links)))}",
            want=f"a capture with link type {', '.join(map(str, _LINKS))}",
            remedy="capture on a network interface",
        )


def _pcap(dpkt: Any, stream: _Bounded) -> Iterator[Packet]:  # noqa: ANN401 - it has no types
    reader = dpkt.pcap.Reader(stream)
    link = reader.datalink()
    for second, data in reader:
        yield Packet(link, int(second), data)


def _library() -> Any:  # noqa: ANN401 - it has no types
    try:
        import dpkt  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise UsageError(
            Check.USAGE,
            "a packet capture cannot be read",
            got="dpkt is not installed",
            want="the extra captures of this package",
            remedy="install root-anchors[captures], or give the query log instead",
        ) from error
    return dpkt


def _query(dpkt: Any, packet: Packet) -> Query | None:  # noqa: ANN401 - it has no types
    """The query in a packet; its name is empty where that has none."""
    try:
        outer = _inside(dpkt, packet)
        return str(ip_address(outer.src)), _asked(outer.data), time_of(packet.second)
    except Exception:  # noqa: BLE001 - what dpkt raises on odd packets is told nowhere
        return None


def _inside(dpkt: Any, packet: Packet) -> Any:  # noqa: ANN401 - it has no types
    """The packet of IP, out of what lies around it on this link."""
    if _LINKS[packet.link]:
        module, _, name = _LINKS[packet.link].partition(".")
        return getattr(getattr(dpkt, module), name)(packet.data).data
    return (dpkt.ip6.IP6 if packet.data[0] >> 4 == _IP_6 else dpkt.ip.IP)(packet.data)


def _asked(over: Any) -> str:  # noqa: ANN401 - as dpkt has it
    """The name in a query; empty in a reply, and in what is no whole message."""
    wire = bytes(over.data)
    if type(over).__name__ == "TCP":
        (length,) = struct.unpack_from("!H", wire)
        wire = wire[_LENGTH:]
        if length != len(wire):
            return ""
    elif type(over).__name__ != "UDP":
        return ""
    try:
        return name_asked(wire)
    except records.DNS_ERRORS:
        return ""
