"""All forms of a root key in programs and texts, for which the audit searches.

All of it is made of :data:`~anchors.core.root_facts.KNOWN_KEYS` and the public keys of the embedded
publication.  What may stand between two digits or characters is left out of the text that is
searched and of what is searched for alike, so a shape is found however it is folded or quoted.
"""

from __future__ import annotations

import base64
import enum
import functools
import re
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple

from anchors.core import records
from anchors.core.match import KSK_FLAGS, digests_of
from anchors.core.root_facts import KNOWN_KEYS, ROOT_CAS, KnownKey
from anchors.publication.document import public_keys
from anchors.publication.source import open_source

__all__ = [
    "EXPONENT",
    "Shape",
    "Stream",
    "may_have_escapes",
    "parts_of",
    "shapes",
    "siblings_of",
    "spellings",
    "unescaped",
]

_DIGITS = frozenset(b"0123456789abcdefABCDEF")
# Neither the two signs of base64, which stand between pieces as well, nor n, r and t, which stand
# for the end of a line behind a backslash.
_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmopqsuvwxyz0123456789")
_NO_DIGITS = bytes(byte for byte in range(256) if byte not in _DIGITS)
_NO_LETTERS = bytes(byte for byte in range(256) if byte not in _LETTERS)
_TO_LOWER = bytes(range(256)).lower()
# A shorter shape could slip through between the samples that the search takes.
_SHORTEST = 31
# Of the exponent 65537, with its length before it (RFC 3110 2): the modulus is what is left.
EXPONENT = b"\x03\x01\x00\x01"
# How many characters of base64 belong in part to what stands before.
_SHARED = (0, 2, 3)
# In lists of numbers of so many bytes each.
_WORD_SIZES = (1, 2, 4, 8)
# A text with fewer escapes has no key in them.
_MANY_ESCAPES = 8
_ESCAPE = re.compile(
    rb"""\\(?:x([0-9A-Fa-f]{2})|u00([0-9A-Fa-f]{2})|([0-3][0-7]{2})|([abfnrtv\\"']))"""
)
_SIMPLE = dict(zip(b"abfnrtv\\\"'", b"\a\b\f\n\r\t\v\\\"'", strict=True))


class Stream(enum.Enum):
    """What is left of a text for the search."""

    DIGITS = "hexadecimal digits"  # in lower case
    LETTERS = "letters and digits"  # of base64, those that stand for nothing else
    BYTES = "bytes"

    def of(self, content: bytes) -> bytes:
        """The stream of some content."""
        if self is Stream.DIGITS:
            return content.translate(_TO_LOWER, _NO_DIGITS)
        return content.translate(None, _NO_LETTERS) if self is Stream.LETTERS else content

    @property
    def kept(self) -> bytes:
        """What is left of a text that has every byte."""
        return bytes(sorted(_KEPT[self]))


_KEPT = {Stream.DIGITS: _DIGITS, Stream.LETTERS: _LETTERS, Stream.BYTES: frozenset(range(256))}
# Of a certificate its end is looked for, which is signature: nothing else ends so.
_CERTIFICATE_END = 128
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
# A part has so many bytes.  The fewer bytes parts begin with, and the rarer these are in files, the
# longer are the strides of an engine: with these every half of a shape has one, as was measured.
_PART = {Stream.DIGITS: 8, Stream.LETTERS: 6, Stream.BYTES: 8}
_RARE = {Stream.DIGITS: b"70", Stream.LETTERS: b"VUjYXK", Stream.BYTES: b""}


class Shape(NamedTuple):
    """A key or a certificate as it stands in a stream.

    Attributes:
        stream: the stream.
        content: what stands there.
        digest: the SHA-256 DS digest of the key that it stands for.
        root: the fingerprint of the certificate that it stands for.
        what: what it is, in words, where a copy with a slip is told; empty for the others.
    """

    stream: Stream
    content: bytes
    digest: bytes | None = None
    root: str | None = None
    what: str = ""


@functools.cache
def parts_of(shape: Shape) -> tuple[bytes, ...]:
    """The parts of a shape that every copy has one of: one of each half where a slip may be told.

    An engine looks for these, so that no copy without any is taken for one.
    """
    content = shape.content
    half = len(content) // 2
    halves = (content[:half], content[half:]) if shape.what else (content,)
    size, rare = _PART[shape.stream], _RARE[shape.stream]
    found = []
    for piece in halves:
        beginnings = piece[: len(piece) - size + 1]
        first = next((byte for byte in rare if byte in beginnings), beginnings[0])
        at = beginnings.index(first)
        found.append(piece[at : at + size])
    return tuple(found)


def may_have_escapes(content: bytes) -> bool:
    """Whether it is a text in which a key may be written in escapes."""
    return b"\0" not in content and content.count(b"\\") >= _MANY_ESCAPES


@functools.cache
def siblings_of(digest: bytes, stream: Stream) -> tuple[Shape, ...]:
    """All shapes of a key in a stream: some lists of numbers differ in a digit or two."""
    return tuple(shape for shape in shapes() if (shape.digest, shape.stream) == (digest, stream))


def unescaped(content: bytes) -> bytes:
    """A text with the bytes that its escapes stand for."""
    return _ESCAPE.sub(_byte, content)


def _byte(match: re.Match[bytes]) -> bytes:
    in_hex = match[1] or match[2]
    if in_hex:
        return bytes.fromhex(in_hex.decode())
    return bytes([int(match[3], 8) if match[3] else _SIMPLE[match[4][0]]])


def spellings(byte: int) -> Iterator[bytes]:
    """Everything that :func:`unescaped` takes for a byte; hexadecimal digits in lower case."""
    yield bytes([byte])
    yield from (f"\\x{byte:02x}".encode(), f"\\u00{byte:02x}".encode(), f"\\{byte:03o}".encode())
    yield from (b"\\%c" % name for name, stands_for in _SIMPLE.items() if stands_for == byte)


def shapes() -> Iterator[Shape]:
    """All forms for which the audit searches."""
    yield from _key_shapes()
    yield from _root_shapes()


def _key_shapes() -> Iterator[Shape]:
    """The shapes of every known key that are long enough to be no chance."""
    published = _published()
    for key in KNOWN_KEYS:
        own = bytes.fromhex(key.digest)
        public_key = published.get(own)
        yield from _shapes(own, own, "digest")
        yield from _listed(own, own, "digest")
        for digest in _other_digests(key, public_key):
            yield from _shapes(digest, own, "digest")
        begins = base64.b64decode(key.begins)
        modulus = (public_key or begins).removeprefix(EXPONENT)
        yield from _shapes(modulus, own, "public key")
        yield from _listed(modulus, own, "public key")
        if public_key is not None:
            # MiniDNS has all of it as one number, the exponent too.
            for number in (modulus, public_key):
                decimal = str(int.from_bytes(number)).encode()
                yield Shape(Stream.DIGITS, decimal, own, what="public key")


def _published() -> dict[bytes, bytes]:
    """The public keys that the embedded publication has, by their SHA-256 DS digests."""
    document = open_source("embedded").publication(until=0).document
    found = {}
    for algorithm, public_key in public_keys(document):
        dnskey = records.dnskey(KSK_FLAGS, algorithm, public_key)
        found[records.ds_digest(dnskey, 2)] = public_key
    return found


def _other_digests(key: KnownKey, public_key: bytes | None) -> Iterator[bytes]:
    if public_key is None:
        yield from (bytes.fromhex(digest) for _, digest in key.other_digests)
        return
    for _, digest in digests_of(KSK_FLAGS, key.algorithm, public_key):
        if digest.hex().upper() != key.digest:
            yield digest


def _shapes(content: bytes, own: bytes, what: str) -> Iterator[Shape]:
    """A digest or key as bytes, in hexadecimal and in base64."""
    yield Shape(Stream.BYTES, content, own, what=what)
    yield Shape(Stream.DIGITS, content.hex().encode(), own, what=what)
    for text in _base64(content):
        if len(text) >= _SHORTEST:
            yield Shape(Stream.LETTERS, text, own, what=what)


def _listed(content: bytes, own: bytes, what: str) -> Iterator[Shape]:
    """The digits of a list of numbers, where they are others than in one piece."""
    for text in sorted({*_lists(content)} - {content.hex()}):
        yield Shape(Stream.DIGITS, text.encode(), own, what=f"{what} as a list of numbers")
    # Of \u00e0; a slip in one is found in what the escapes stand for.
    yield Shape(Stream.DIGITS, "".join(f"00{byte:02x}" for byte in content).encode(), own)


def _lists(content: bytes) -> Iterator[str]:
    """The digits of lists: of bytes or larger numbers, with 0x or without, and in decimal."""
    for size in _WORD_SIZES:
        words = [content[at : at + size] for at in range(0, len(content), size)]
        # The x of 0x is no digit, and its zero is one.
        yield "".join(f"0{word.hex()}" for word in words)
        yield "".join(f"0{int.from_bytes(word):x}" for word in words)
    yield "".join(f"{byte:x}" for byte in content)
    yield "".join(f"{byte}" for byte in content)
    yield "".join(f"{byte:03}" for byte in content)
    # The signed bytes of Java and Kotlin.
    yield "".join(f"{abs(byte - 256 if byte > 127 else byte)}" for byte in content)  # noqa: PLR2004


def _base64(content: bytes) -> Iterator[bytes]:
    """The letters that it has in base64, wherever in what is encoded it begins."""
    for before, shared in enumerate(_SHARED):
        encoded = base64.b64encode(bytes(before) + content)
        whole = (before + len(content)) * 8 // 6
        yield Stream.LETTERS.of(encoded[shared:whole])


def _root_shapes() -> Iterator[Shape]:
    pem = resources.files("anchors.publication").joinpath("data/icann-root-cas.pem").read_text()
    bodies = [block.partition(_END)[0].split() for block in pem.split(_BEGIN)[1:]]
    for ca, lines in zip(ROOT_CAS, bodies, strict=True):
        end = base64.b64decode("".join(lines))[-_CERTIFICATE_END:]
        # The last line is shorter; the one before it is whole in every PEM file.
        yield Shape(Stream.BYTES, end, root=ca.sha256)
        yield Shape(Stream.LETTERS, Stream.LETTERS.of(lines[-2].encode()), root=ca.sha256)
