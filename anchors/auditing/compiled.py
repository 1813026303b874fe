"""Digests of the root's KSKs and ICANN's roots in programs and sources, as text and as bytes."""

from __future__ import annotations

import base64
import functools
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple

from anchors.auditing.place import Compiled
from anchors.publication.known import KNOWN_KEYS
from anchors.publication.pinned import ICANN_ROOTS

__all__ = ["Search", "compiled_in", "in_source"]

# The first 48 bytes of each public key (RFC 3110 2) in base64: nothing else begins so.
_PUBLIC_KEYS = {
    19036: "AwEAAagAIKlVZrpC6Ia7gEzahOR+9W29euxhJhVVLOyQbSEW0O8gcCjFFVQUTf6v",
    20326: "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq",
    38696: "AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyG",
}
# Of a certificate its end is looked for, which is signature: nothing else ends so.
_CERTIFICATE_END = 128
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
# So many characters of a text stand in one piece (BIND breaks digests there), the others may not;
# the longer a needle is, the faster it is looked for.
_UNBROKEN = 48
_BETWEEN = b" \t\r\n\"'\\,"
# All of a text with what breaks it, and how often its beginning is looked at.
_WINDOW, _TRIES = 256, 16


class _Pattern(NamedTuple):
    """Bytes that begin with ``needle``, and what they stand for: a DS digest, or a fingerprint."""

    content: bytes
    needle: bytes
    digest: bytes | None = None
    root: str | None = None

    def is_in(self, window: bytes) -> bool:
        """Whether it is there, in one piece or broken."""
        at = window.find(self.needle)
        for _ in range(_TRIES):
            if at < 0 or self.needle == self.content:
                return at >= 0
            if window[at : at + _WINDOW].translate(None, _BETWEEN).startswith(self.content):
                return True
            at = window.find(self.needle, at + 1)
        return False


class Search:
    """Looks for the patterns in a stream of blocks, with no more memory than one block."""

    def __init__(self) -> None:
        self._left = list(_patterns())
        self._found: set[_Pattern] = set()
        self._tail = b""

    def feed(self, block: bytes) -> None:
        """Search the next block."""
        window = self._tail + block if self._tail else block
        found = [pattern for pattern in self._left if pattern.is_in(window)]
        if found:
            self._found.update(found)
            self._left = [pattern for pattern in self._left if pattern not in self._found]
        self._tail = window[-_WINDOW:]

    def result(self) -> Compiled | None:
        """What was found so far, in the order of the keys and roots."""
        digests = {pattern.digest for pattern in self._found}
        roots = {pattern.root for pattern in self._found}
        compiled = Compiled(
            tuple(d for key in KNOWN_KEYS if (d := bytes.fromhex(key.digest)) in digests),
            tuple(root for root in ICANN_ROOTS.values() if root in roots),
        )
        return compiled if compiled.key_digests or compiled.roots else None


def compiled_in(content: bytes) -> Compiled | None:
    """What a whole file contains."""
    search = Search()
    search.feed(content)
    return search.result()


def in_source(content: bytes) -> Compiled | None:
    """The same for a source, where a digest may be a list of bytes."""
    search = Search()
    search.feed(content)
    if b"0x" in content:
        search.feed(content.lower().translate(None, _BETWEEN).replace(b"0x", b""))
    return search.result()


@functools.cache
def _patterns() -> tuple[_Pattern, ...]:
    return (*_key_patterns(), *_root_patterns())


def _key_patterns() -> Iterator[_Pattern]:
    for key in KNOWN_KEYS:
        digest = bytes.fromhex(key.digest)
        base64_text = _PUBLIC_KEYS[key.key_tag]
        for text in (key.digest, key.digest.lower(), base64_text):
            yield _Pattern(text.encode(), text[:_UNBROKEN].encode(), digest=digest)
        yield _Pattern(digest, digest, digest=digest)


def _root_patterns() -> Iterator[_Pattern]:
    pem = resources.files("anchors.publication").joinpath("data/icann-root-cas.pem").read_text()
    bodies = [block.partition(_END)[0].split() for block in pem.split(_BEGIN)[1:]]
    for root, lines in zip(ICANN_ROOTS.values(), bodies, strict=True):
        end = base64.b64decode("".join(lines))[-_CERTIFICATE_END:]
        # The last line is shorter; the one before it is whole in every PEM file.
        line = lines[-2].encode()
        yield _Pattern(end, end, root=root)
        yield _Pattern(line, line, root=root)
