"""Trust anchor signals in dnstap files: Frame Streams of protocol buffers (https://dnstap.info).

Four fields of each message are read: its type, the client's address, the time and the query.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Protocol

import dns.flags
import dns.message

from anchors.core import records
from anchors.core.times import format_time

__all__ = ["CONTROL", "Query", "Readable", "name_asked", "queries_in", "time_of"]

# A frame of length 0 announces a control frame; a file begins with one.
CONTROL = bytes(4)
_MAX_FRAME = 1 << 17
_CLIENT_QUERY = 5
# The fields of dnstap.proto.
_MESSAGE, _TYPE, _ADDRESS, _SECONDS, _WIRE = 14, 1, 4, 8, 10
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

Query = tuple[str, str, str]
"""The client's address, the name it asked for, and when: empty where that is not told."""

_Fields = dict[int, int | bytes]


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; fewer at the end alone."""


def queries_in(stream: Readable, begin: bytes) -> Iterator[Query]:
    """The queries of clients, up to the first damage of the file.

    Args:
        stream: the file after ``begin``.
        begin: the first bytes, by which it was recognised: ``CONTROL``.
    """
    head = begin
    while len(head) == len(CONTROL):
        (length,) = struct.unpack("!I", head)
        if length == 0:
            (length,) = struct.unpack("!I", stream.read(4).ljust(4, b"\0"))
            if not 0 < length <= _MAX_FRAME or len(stream.read(length)) < length:
                return
        elif length > _MAX_FRAME or len(frame := stream.read(length)) < length:
            return
        else:
            with contextlib.suppress(*records.DNS_ERRORS, OverflowError):
                yield from _query(frame)
        head = stream.read(4)


def _query(frame: bytes) -> Iterator[Query]:
    message = _fields(frame).get(_MESSAGE)
    fields = _fields(message) if isinstance(message, bytes) else {}
    address, wire, seconds = (fields.get(number) for number in (_ADDRESS, _WIRE, _SECONDS))
    if fields.get(_TYPE) != _CLIENT_QUERY or not isinstance(wire, bytes):
        return
    if isinstance(address, bytes):
        time = time_of(seconds) if isinstance(seconds, int) else ""
        yield str(ip_address(address)), name_asked(wire), time


def name_asked(wire: bytes) -> str:
    """The name in a query; empty if the message is a reply.

    Raises:
        Exception: one of :data:`anchors.core.records.DNS_ERRORS`; it is not a DNS message.
    """
    message = dns.message.from_wire(wire, question_only=True)
    return "" if message.flags & dns.flags.QR else message.question[0].name.to_text()


def time_of(second: int | None) -> str:
    """The time in the form of RFC 3339; empty if there is no valid time."""
    try:
        return "" if second is None else format_time(datetime.fromtimestamp(second, UTC))
    except (OverflowError, ValueError, OSError):
        return ""


def _fields(data: bytes) -> _Fields:
    """The last value of each field.

    Raises:
        IndexError: the data ends too early.
        ValueError: a field is of a kind that dnstap does not have.
    """
    found: _Fields = {}
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        kind = key & 7
        if kind == _VARINT:
            found[key >> 3], position = _varint(data, position)
            continue
        if kind == _BYTES:
            length, position = _varint(data, position)
        elif kind in {_FIXED32, _FIXED64}:
            length = 4 if kind == _FIXED32 else 8
        else:
            message = f"field of kind {kind}"
            raise ValueError(message)
        if position + length > len(data):
            raise IndexError(position)
        found[key >> 3] = data[position : position + length]
        position += length
    return found


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A number in base 128, least significant digit first, and where it ends."""
    number = 0
    for shift in range(0, 70, 7):
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follows
            return number, position
    message = "a number of more than 64 bits"
    raise ValueError(message)
