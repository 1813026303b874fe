"""What a file is, by its content first; its name only breaks ties."""

from __future__ import annotations

import fnmatch
import functools
import posixpath
import re
from collections.abc import Iterator
from datetime import datetime

from anchors.consumers.consumer import Hints, Reader
from anchors.consumers.files import Location
from anchors.consumers.reading import Note, Reading
from anchors.consumers.registry import CONSUMERS
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors

__all__ = [
    "Words",
    "has_known_name",
    "is_configuration",
    "is_of_interest",
    "may_matter",
    "recognise",
    "starts_nothing",
]

_MAX_ANCHORS = 1000
_MAX_REFERENCES = 1000
# No word that is looked for is longer.
_MAX_WORD = 64
# To lower case, and all that may stand between words to a blank: then a word has one form.
_FOLD = bytes(
    ord(" ") if byte in b"\t\n\v\f\r()" else byte + 32 if byte in range(65, 91) else byte
    for byte in range(256)
)
# What a program is configured with lies elsewhere (FHS 3.0, 4.11): here are samples, templates, and
# what other programs call by the same names, as tmpfiles.d and logwatch do.  Systemd's own is told.
_DATA = re.compile(
    r"(?:.*/)?(?:usr/(?:share|lib|lib64|libexec)/(?!(?:systemd|dnssec-trust-anchors\.d)/).*"
    r"|share/(?:doc|doc-base|man|info)/.*)"
)
# How manual pages begin (man(7), mdoc(7)): many are named like what they explain.
_MANUAL = (b".TH ", b".Dd ", b'.\\" ', b"'\\\" ")
_REMARKS = (b"#", b"//", b"--", b";", b"*", b"/*")
_CONFIGURATION = re.compile(
    r"(?i)(?:.*\.(?:conf|lua|ya?ml)|(?:.*[/.])?(?:named|unbound|dnsmasq|kresd|recursor)\.[^/]*)"
)


def recognise(content: bytes, path: str, at: datetime) -> Reading | None:
    """What ``content`` says of trust anchors, ``None`` where it has nothing to do with them.

    Args:
        content: the file's.
        path: the file's, with or without the directories before it.
        at: the time of judgement, for states that depend on it.

    Raises:
        MalformedAnchors: it is plainly a file of anchors or a configuration, and cannot be read.
    """
    if content.startswith(_MANUAL):
        return None
    for reader in _readers():
        reading = reader.read(content, path, at)
        if reading is not None:
            return _bounded(reading)
    if _is_meant(content, path):
        raise MalformedAnchors("its name and words are those of a configuration, its form is not")
    return None


def _is_meant(content: bytes, path: str) -> bool:
    """Whether the file is named as one of a consumer, and has a word of the same consumer."""
    name = posixpath.basename(path).lower()
    rows = (row for row in content.splitlines() if not row.lstrip().startswith(_REMARKS))
    text = b"\n".join(rows).translate(_FOLD)
    return any(
        word in text
        for one in CONSUMERS
        if any(fnmatch.fnmatchcase(name, known) for known in one.hints.names)
        for word in one.hints.words
        # Words of records stand in texts of all kinds.
        if not word.startswith(b" ")
    )


def _bounded(reading: Reading) -> Reading:
    if len(reading.held) > _MAX_ANCHORS:
        raise MalformedAnchors(f"it holds more than {_MAX_ANCHORS} anchors")
    if len(reading.references) <= _MAX_REFERENCES:
        return reading
    named = reading.references[:_MAX_REFERENCES]
    return reading._replace(references=named, notes=(*reading.notes, Note(_TOO_MANY)))


_TOO_MANY = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"it names more than {_MAX_REFERENCES:,} files: the others were not followed",
    remedy="look why a configuration names that many",
)


def is_of_interest(content: bytes, path: str) -> bool:
    """Whether it is worth reading: never ``False`` for what a reader would find anchors in."""
    if content.startswith(_hints().magic) or has_known_name(path) or may_matter(content):
        return True
    # The name first: few have such a one.
    return is_configuration(path) and _may_set(content)


def has_known_name(path: str) -> bool:
    """Whether a file is named as one that some program reads anchors or settings from."""
    whole = path.lower()
    names = (posixpath.basename(whole), whole)
    return any(fnmatch.fnmatchcase(name, known) for known in _hints().names for name in names)


def may_matter(content: bytes) -> bool:
    """Whether a word stands in it that every file with anchors has one of."""
    # Most of the time of an audit goes by here.  No regular expression: what is hostile makes one
    # take the square of its length.
    folded = content.translate(_FOLD)
    return any(word in folded for word in _hints().words)


def _may_set(content: bytes) -> bool:
    """Whether a word stands in it that every configuration of interest has one of."""
    folded = content.lower()
    return any(word in folded for word in _hints().setting_words)


class Words:
    """Looks for every word that matters in a stream of blocks."""

    def __init__(self) -> None:
        self.found = False
        self._tail = b""

    def feed(self, block: bytes) -> None:
        """Search the next block."""
        window = self._tail + block
        self.found = self.found or may_matter(window) or _may_set(window)
        self._tail = window[-_MAX_WORD:]


def is_configuration(path: str) -> bool:
    """Whether a file has the name of a resolver's configuration."""
    return _CONFIGURATION.fullmatch(path) is not None


def starts_nothing(location: Location) -> bool:
    """Whether a configuration that lies there is none that a program is started with."""
    return _DATA.fullmatch(location.path.removeprefix(location.base)) is not None


@functools.cache
def _readers() -> tuple[Reader, ...]:
    readers = [r for one in CONSUMERS if one.readers is not None for r in one.readers.load()]
    return tuple(sorted(readers, key=lambda reader: reader.precedence))


@functools.cache
def _hints() -> Hints:
    """Those of all consumers together, without words that others are a part of."""
    all_of = [one.hints for one in CONSUMERS]
    words = {word for hints in all_of for word in hints.words}
    return Hints(
        words=tuple(sorted(_shortest(words), key=len, reverse=True)),
        names=tuple(sorted({name for hints in all_of for name in hints.names})),
        setting_words=tuple(sorted({w.lower() for hints in all_of for w in hints.setting_words})),
        magic=tuple({magic for hints in all_of for magic in hints.magic}),
    )


def _shortest(words: set[bytes]) -> Iterator[bytes]:
    for word in words:
        if not any(other in word for other in words if other != word):
            yield word
