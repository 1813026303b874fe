"""Recognise a file by its content; its name decides only if several syntaxes fit."""

from __future__ import annotations

import fnmatch
import functools
import posixpath
import re
from datetime import datetime

from anchors.auditing.scan.seen import Mark, Seen
from anchors.auditing.words import FOLD, hints
from anchors.consumers.consumer import Reader
from anchors.consumers.files import Location
from anchors.consumers.reading import Note, Reading
from anchors.consumers.registry import CONSUMERS
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors

__all__ = [
    "has_known_name",
    "is_configuration",
    "is_of_interest",
    "load_readers",
    "recognise",
    "starts_nothing",
]

_MAX_ANCHORS = 1000
_MAX_REFERENCES = 1000
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
    r"(?i)(?:.*\.(?:conf|lua|ya?ml)(?:\.(?:j2|jinja2?|erb|epp|(?:go)?te?mpl|tpl|mustache))?"
    r"|(?:.*[/.])?(?:named|unbound|dnsmasq|kresd|recursor)\.[^/]*)"
)


def recognise(content: bytes, path: str, at: datetime) -> Reading | None:
    """The trust anchors and settings in ``content``; ``None`` if it is unrelated to trust anchors.

    Args:
        content: the file's.
        path: the file's, with or without the directories before it.
        at: the time of judgement, for states that depend on it.

    Raises:
        MalformedAnchors: it is clearly an anchor file or a configuration, but cannot be read.
    """
    if content.startswith(_MANUAL):
        return None
    for reader in load_readers():
        reading = reader.read(content, path, at) if reader.may_read(content) else None
        if reading is not None:
            return _bounded(reading)
    if _is_meant(content, path):
        raise MalformedAnchors(
            "its name and words look like a configuration, but its syntax does not"
        )
    return None


def _is_meant(content: bytes, path: str) -> bool:
    """Whether the file is named as one of a consumer, and has a word of the same consumer."""
    name = posixpath.basename(path).lower()
    words = [
        word
        for one in CONSUMERS
        if any(fnmatch.fnmatchcase(name, known) for known in one.hints.names)
        for word in one.hints.words
        # Words of records stand in texts of all kinds.
        if not word.startswith(b" ")
    ]
    if not words:
        return False
    rows = (row for row in content.splitlines() if not row.lstrip().startswith(_REMARKS))
    text = b"\n".join(rows).translate(FOLD)
    return any(word in text for word in words)


def _bounded(reading: Reading) -> Reading:
    if len(reading.held) > _MAX_ANCHORS:
        raise MalformedAnchors(f"it has more than {_MAX_ANCHORS} anchors")
    if len(reading.references) <= _MAX_REFERENCES:
        return reading
    named = reading.references[:_MAX_REFERENCES]
    return reading._replace(references=named, notes=(*reading.notes, Note(_TOO_MANY)))


_TOO_MANY = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"it names more than {_MAX_REFERENCES:,} files: the others were not followed",
    remedy="find out why a configuration names so many files",
)


def is_of_interest(content: bytes, path: str, seen: Seen | None = None) -> bool:
    """Whether a file is worth reading: never ``False`` if a reader would find anchors in it.

    Args:
        content: the whole content.
        path: the path of the file, whose name counts too.
        seen: the result of an earlier search for words, if there was one.
    """
    seen = seen or Seen(content)
    if content.startswith(hints().magic) or has_known_name(path) or seen.has(Mark.WORD):
        return True
    # The name first: few have such a one.
    return is_configuration(path) and seen.has(Mark.SETTING)


def has_known_name(path: str) -> bool:
    """Whether a file has the name of a file from which a program reads anchors or settings."""
    whole = path.lower()
    known = _names()
    name = whole.rpartition("/")[2]
    return known.match(name) is not None or known.match(whole) is not None


def is_configuration(path: str) -> bool:
    """Whether a file has the name of a resolver's configuration."""
    return _CONFIGURATION.fullmatch(path) is not None


def starts_nothing(location: Location) -> bool:
    """Whether no program is started with a configuration at this path."""
    return _DATA.fullmatch(location.path.removeprefix(location.base)) is not None


@functools.cache
def _names() -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, hints().names)))


@functools.cache
def load_readers() -> tuple[Reader, ...]:
    """The readers of all consumers, in the order in which they are tried."""
    readers = [r for one in CONSUMERS if one.readers is not None for r in one.readers.load()]
    return tuple(sorted(readers, key=lambda reader: reader.precedence))
