"""What dnsjava does with the file that the property dnsjava.dnssec.trust_anchor_file names.

Tried on dnsjava 3.6.3.  It takes the file as a whole or throws; without an anchor, or where the
program goes on, it takes every answer as insecure and says nothing.  Whether a program hands the
setting over is not known, so that it is right for nobody.
"""

from __future__ import annotations

import re
from datetime import datetime

from anchors.consumers.anchor_records import anchor_of
from anchors.consumers.consumer import Reader
from anchors.consumers.dnsjava import CONSUMER, PROPERTY
from anchors.consumers.libunbound import AnchorFile, Refusal
from anchors.consumers.one_setting import Program, Then, loader_of
from anchors.consumers.reading import Held, Hold, Reading, Reference, Role
from anchors.core.found import FoundDs, MalformedAnchors
from anchors.grammars.zone import Record, statements

__all__ = ["READERS", "load"]

# In a file of properties, or on a command line.
_SETTING = re.compile(
    rb"""(?m)^(?:[ \t]*|(?![ \t]*[\#!])[^\n]{0,1000}?[ \t"'=]-D)
    dnsjava\.dnssec\.trust_anchor_file(?:[ \t]*[=:][ \t]*|[ \t]+)
    (?P<path>[^ \t\r\n"'\\$%{]{1,250})""",
    re.VERBOSE,
)
_KNOWN_DIRECTIVES = ("$TTL", "$ORIGIN")
_LENGTHS = {1: 20, 2: 32, 4: 48}


def _read(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """The last file that is named."""
    found = [*_SETTING.finditer(content)]
    if not found or b"\0" in content:
        return None
    last = found[-1]
    line = content.count(b"\n", 0, last.start("path")) + 1
    path = last["path"].decode("utf-8", "surrogateescape")
    return Reading(PROPERTY, references=(Reference(path, Role.STATIC, line),))


def _anchors(content: bytes) -> AnchorFile:
    held = []
    for statement in statements(content):
        if not isinstance(statement, Record):
            if statement.text.upper().startswith(_KNOWN_DIRECTIVES):
                continue
            return _refused(statement.line, f"{statement.why}: {statement.text!r:.40}")
        try:
            anchor = anchor_of(statement)
        except MalformedAnchors as error:
            return _refused(statement.line, f"{error}"[:200])
        if isinstance(anchor, FoundDs) and not _is_whole(anchor):
            return _refused(statement.line, "a digest that is not as long as its type")
        if anchor is not None:
            held.append(Held(anchor, Hold.STATIC, statement.line))
    return AnchorFile(tuple(held))


def _refused(line: int, why: str) -> AnchorFile:
    return AnchorFile(refusal=Refusal(line, why))


def _is_whole(anchor: FoundDs) -> bool:
    return len(anchor.digest) == _LENGTHS.get(anchor.digest_type, len(anchor.digest))


READERS: tuple[Reader, ...] = (Reader(56, _read, (b"dnsjava.dnssec.trust_anchor_file",)),)
load = loader_of(
    Program(
        CONSUMER.name,
        CONSUMER.title,
        read=_anchors,
        unusable=Then.THROWS,
        doubt="it is unknown whether the program passes this setting to ValidatingResolver.init",
    )
)
