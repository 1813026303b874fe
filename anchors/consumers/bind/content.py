"""What a file of ``trust-anchors`` statements holds, for a proof."""

from __future__ import annotations

from anchors.consumers.bind.anchor_statements import STATEMENTS, entries
from anchors.core.found import FoundAnchor, FoundAnchors, MalformedAnchors
from anchors.grammars.named_conf import parse_named_conf

__all__ = ["content_of"]


def content_of(data: bytes) -> FoundAnchors:
    """The root's anchors outside of all blocks, and all other entries and statements.

    Raises:
        MalformedAnchors: named does not start with the file.
    """
    parsed = parse_named_conf(data)
    if parsed.fault is not None:
        raise MalformedAnchors(f"line {parsed.fault.line}: {parsed.fault.why}")
    anchors: list[FoundAnchor] = []
    besides: list[str] = []
    for statement in parsed.statements:
        if statement.name not in STATEMENTS:
            besides.append(" ".join(word.text for word in statement.words))
            continue
        for entry in entries(statement):
            if entry.is_root and not entry.dropped:
                anchors.append(entry.anchor)
            else:
                besides.append(f"an entry in line {entry.line}")
    return FoundAnchors(tuple(anchors), tuple(besides))
