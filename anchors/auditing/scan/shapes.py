"""Every way in which programs and texts write a root key: what the search looks for.

All of it is made of :data:`~anchors.core.root_facts.KNOWN_KEYS` and the public keys of the embedded
publication.  What may stand between two digits or characters is left out of the text that is
searched and of what is searched for alike, so a shape is found however it is folded or quoted.
"""

from __future__ import annotations

import base64
import enum
from collections.abc import Iterator
from typing import NamedTuple

from anchors.core import records
from anchors.core.match import KSK_FLAGS, digests_of
from anchors.core.root_facts import KNOWN_KEYS, KnownKey
from anchors.publication.document import public_keys
from anchors.publication.source import open_source

__all__ = ["EXPONENT", "Shape", "Stream", "key_shapes"]

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
# In lists of numbers of so many bytes each; and so much of a public key is looked for in lists.
_WORD_SIZES = (1, 2, 4, 8)
_LISTED = 40


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


def key_shapes() -> Iterator[Shape]:
    """The shapes of every known key that are long enough to be no chance."""
    published = _published()
    for key in KNOWN_KEYS:
        own = bytes.fromhex(key.digest)
        public_key = published.get(own)
        yield from _shapes(own, own, "digest")
        yield from _listed(own, own)
        for digest in _other_digests(key, public_key):
            yield from _shapes(digest, own, "digest")
        begins = base64.b64decode(key.begins)
        modulus = (public_key or begins).removeprefix(EXPONENT)
        yield from _shapes(modulus, own, "public key")
        yield from _listed(modulus[:_LISTED], own)
        if public_key is not None:
            decimal = str(int.from_bytes(modulus)).encode()
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


def _listed(content: bytes, own: bytes) -> Iterator[Shape]:
    """The digits of a list of numbers, where they are others than in one piece."""
    for text in sorted({*_lists(content)} - {content.hex()}):
        yield Shape(Stream.DIGITS, text.encode(), own)


def _lists(content: bytes) -> Iterator[str]:
    """The digits of lists: of bytes or larger numbers, with 0x or without, and in decimal."""
    for size in _WORD_SIZES:
        words = [content[at : at + size] for at in range(0, len(content), size)]
        # The x of 0x is no digit, and its zero is one.
        yield "".join(f"0{word.hex()}" for word in words)
        yield "".join(f"0{int.from_bytes(word):x}" for word in words)
    yield "".join(f"{byte:x}" for byte in content)
    # Of \u00e0.
    yield "".join(f"00{byte:02x}" for byte in content)
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
