"""DER by hand: strict libraries cannot write what an attacker writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

__all__ = [
    "boolean",
    "content",
    "context",
    "elements",
    "generalized_time",
    "indefinite",
    "integer",
    "long_length",
    "null",
    "octet_string",
    "oid",
    "sequence",
    "set_of",
    "streamed",
    "tlv",
    "utc_time",
    "utf8_string",
]


def tlv(tag: int, inside: bytes) -> bytes:
    """One element with a definite length in its shortest form."""
    size = len(inside)
    if size < 0x80:
        return bytes([tag, size]) + inside
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + inside


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return tlv(0x30, b"".join(parts))


def set_of(parts: Iterable[bytes], *, ordered: bool = True) -> bytes:
    """SET OF, in DER order unless told otherwise."""
    return tlv(0x31, b"".join(sorted(parts) if ordered else parts))


def context(number: int, inside: bytes) -> bytes:
    """A constructed context-specific tag, such as ``[0]``."""
    return tlv(0xA0 | number, inside)


def integer(value: int) -> bytes:
    """INTEGER."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def boolean(*, value: bool) -> bytes:
    """BOOLEAN."""
    return tlv(0x01, b"\xff" if value else b"\x00")


def octet_string(inside: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, inside)


def utf8_string(text: str) -> bytes:
    """UTF8String."""
    return tlv(0x0C, text.encode())


def null() -> bytes:
    """NULL."""
    return tlv(0x05, b"")


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(0x06, b"".join(_base128(arc) for arc in (first * 40 + second, *rest)))


def utc_time(when: datetime) -> bytes:
    """UTCTime, as CMS writes times up to 2049."""
    return tlv(0x17, when.strftime("%y%m%d%H%M%SZ").encode())


def generalized_time(when: datetime) -> bytes:
    """GeneralizedTime, as CMS writes times from 2050 on."""
    return tlv(0x18, when.strftime("%Y%m%d%H%M%SZ").encode())


def indefinite(element: bytes) -> bytes:
    """The outermost element again with BER's indefinite length."""
    return element[:1] + b"\x80" + content(element) + b"\x00\x00"


def streamed(element: bytes, depth: int = 3) -> bytes:
    """A signature as a streaming signer writes it: BER, with signed parts and certificates in DER.

    What is constructed has an indefinite length, down to the parts of SignedData.
    """
    if not depth or not element[0] & 0x20:
        return indefinite(element) if element[0] & 0x20 else element
    inside = b"".join(streamed(part, depth - 1) for part in elements(content(element)))
    return element[:1] + b"\x80" + inside + b"\x00\x00"


def long_length(element: bytes) -> bytes:
    """The outermost element again with a length one byte longer than it needs."""
    inside = content(element)
    return element[:1] + b"\x84" + len(inside).to_bytes(4) + inside


def content(element: bytes) -> bytes:
    """What is inside an element of definite length."""
    return element[_header(element, 0) :]


def elements(data: bytes) -> list[bytes]:
    """The elements of definite length that lie side by side in the bytes.

    Raises:
        ValueError: the bytes are something else.
    """
    found, at = [], 0
    while at < len(data):
        header = _header(data, at)
        short = header == 2
        size = data[at + 1] if short else int.from_bytes(data[at + 2 : at + header])
        end = at + header + size
        if end > len(data) or data[at + 1] == 0x80:
            raise ValueError("an element that does not end")
        found.append(data[at:end])
        at = end
    return found


def _header(data: bytes, at: int) -> int:
    if at + 2 > len(data):
        raise ValueError("an element without a length")
    return 2 if data[at + 1] < 0x80 else 2 + (data[at + 1] & 0x7F)


def _base128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(0x80 | arc & 0x7F)
    return bytes(reversed(digits))
