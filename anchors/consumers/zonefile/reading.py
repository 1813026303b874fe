"""Anchors in zone-file text that a program may be given: root.key, root.ds, trusted-key.key."""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Sequence
from datetime import datetime

from anchors.consumers.anchor_records import anchor_of
from anchors.consumers.consumer import Reader
from anchors.consumers.reading import Held, Hold, Kind, Note, Reading, Syntax
from anchors.consumers.zonefile import ZONE
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundDnskey, MalformedAnchors
from anchors.grammars.zone import DIRECTIVE, Record, statements

__all__ = ["READERS", "read"]

# The name alone says what such a file is for, so that an empty one says something.
_BY_NAME = re.compile(
    r"root\.(?:key|keys|ds|anchors?)|trusted-key\.key|trustanchors\.dns|iana-root\.txt"
)
# What a copy of the root zone has and a file of anchors has not.
_OF_A_ZONE = frozenset({"SOA", "NSEC"})
_ZONE_COPY = Syntax("copy of the root zone", Kind.CONTENT)
_BLANKS = b" \t\r\n"
_WITH_MARK = Finding(
    Check.AUDIT_FORM,
    Severity.FAILURE,
    "the file begins with a byte order mark: programs that read it take its first record for a "
    "record of another name, or refuse the file",
    got="EF BB BF",
    want="a file without a byte order mark",
    remedy="write the file again without the mark",
)


def read(content: bytes, path: str, _at: datetime) -> Reading | None:
    """The anchors; DNSKEYs without SEP as well, for whoever reads the file trusts them.

    A copy of the root zone has none here; where a configuration names one as its anchors, they are
    read by the loader of its program.

    Raises:
        MalformedAnchors: by its name it is a file of anchors, and it cannot be read.
    """
    is_named = _BY_NAME.fullmatch(posixpath.basename(path).lower()) is not None
    empty = Reading(ZONE) if is_named else None
    if not content.strip(_BLANKS):
        return empty
    records = _records(content, is_named=is_named)
    held = _held(records)
    if _is_zone(records):
        return Reading(_ZONE_COPY) if held and not is_named else None
    if not held:
        return empty if records else None
    return _reading(content, held)


def _records(content: bytes, *, is_named: bool) -> list[Record]:
    """The records; none where something else stands among them."""
    records: list[Record] = []
    for statement in statements(content.removeprefix(codecs.BOM_UTF8)):
        if isinstance(statement, Record):
            records.append(statement)
        elif not statement.text.startswith(DIRECTIVE):
            if is_named:
                words = f"{statement.why}: {statement.text!r:.60}"
                raise MalformedAnchors(f"line {statement.line}: {words}")
            return []
    return records


def _reading(content: bytes, held: Sequence[Held]) -> Reading:
    if not content.startswith(codecs.BOM_UTF8):
        return Reading(_syntax(held), tuple(held))
    first, *others = held
    lost = first._replace(hold=Hold.IGNORED)
    return Reading(_syntax(held), (lost, *others), notes=(Note(_WITH_MARK, 1),))


def _syntax(held: Sequence[Held]) -> Syntax:
    keys = any(isinstance(one.anchor, FoundDnskey) for one in held)
    return ZONE._replace(replaced_by="dnskey") if keys else ZONE


def _is_zone(records: Sequence[Record]) -> bool:
    """Whether it is a copy of the root zone, and not what somebody wrote down as anchors."""
    at_root = {record.rdtype for record in records if record.owner == "."}
    # The root has no DS of its own: who writes one down writes an anchor.
    return bool(at_root & _OF_A_ZONE) and "DS" not in at_root


def _held(records: Sequence[Record]) -> list[Held]:
    held = []
    for record in records:
        anchor = anchor_of(record)
        if anchor is not None:
            held.append(Held(anchor, Hold.FILE, record.line))
    return held


READERS = (Reader(90, read),)
