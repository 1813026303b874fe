"""The packets of a pcapng file, each with the link type and the clock of its interface.

Source: draft-ietf-opsawg-pcapng.  dpkt reads only the first interface, and takes quadratic time for
options.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["SECTION", "Packet", "packets_in_blocks"]

SECTION = bytes.fromhex("0a0d0d0a")
_ORDERS = {bytes.fromhex("1a2b3c4d"): ">", bytes.fromhex("4d3c2b1a"): "<"}
_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 1, 2, 3, 6
# Of a packet: its interface, the upper and lower half of its time, how many bytes of it are there.
_HEADS = {_PACKET: "IIIIxxxx", _OLD_PACKET: "HxxIIIxxxx"}
_RESOLUTION, _OFFSET = 9, 14
_MAX_INTERFACES = 10_000
_LENGTHS = 12  # bytes of a block around its body


class Packet(NamedTuple):
    """A packet: its link type, its second since the epoch (``None``: unknown), its bytes."""

    link: int
    second: int | None
    data: bytes


class _Interface(NamedTuple):
    link: int
    most: int
    per_second: int = 10**6
    offset: int = 0


def packets_in_blocks(read: Callable[[int], bytes]) -> Iterator[Packet]:
    """The packets of all interfaces of all sections, up to the first damage of the file.

    Args:
        read: reads this number of bytes, or fewer at the end.

    Raises:
        struct.error: a block is too short for its fields.
        LookupError: a packet has no interface, or a section has no byte order.
    """
    order = "<"
    interfaces: list[_Interface] = []
    while len(head := read(8)) == 8:  # noqa: PLR2004 - two numbers
        if head.startswith(SECTION):
            mark = read(4)
            order, interfaces, taken = _ORDERS[mark], [], len(mark)
        else:
            taken = 0
        kind, length = struct.unpack(f"{order}II", head)
        body = read(length - _LENGTHS - taken)
        if read(4) != struct.pack(f"{order}I", length):
            return
        if len(interfaces) > _MAX_INTERFACES:
            return
        if kind == _INTERFACE:
            interfaces.append(_interface(order, body))
        elif kind in _HEADS:
            yield _packet(order + _HEADS[kind], body, interfaces)
        elif kind == _SIMPLE_PACKET:
            (size,) = struct.unpack_from(f"{order}I", body)
            first = interfaces[0]
            yield Packet(first.link, None, body[4:][: min(size, first.most or size)])


def _packet(head: str, body: bytes, interfaces: list[_Interface]) -> Packet:
    number, upper, lower, size = struct.unpack_from(head, body)
    one = interfaces[number]
    begin = struct.calcsize(head)
    second = (upper << 32 | lower) // one.per_second + one.offset
    return Packet(one.link, second, body[begin : begin + size])


def _interface(order: str, body: bytes) -> _Interface:
    link, most = struct.unpack_from(f"{order}HxxI", body)
    found = _Interface(link, most)
    position = 8
    while position + 4 <= len(body):
        code, length = struct.unpack_from(f"{order}HH", body, position)
        position += 4
        if code == 0:
            break
        if code == _RESOLUTION:
            (power,) = struct.unpack_from("B", body, position)
            # The highest bit tells whether it is a power of two or of ten.
            base = 2 if power & 0x80 else 10
            found = found._replace(per_second=base ** (power & 0x7F))
        elif code == _OFFSET:
            (offset,) = struct.unpack_from(f"{order}q", body, position)
            found = found._replace(offset=offset)
        position += length + -length % 4
    return found
