"""What a parser finds in an anchor file: evidence for an audit, never something to emit."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FoundAnchor", "FoundAnchors", "FoundDnskey", "FoundDs", "MalformedAnchors"]


class MalformedAnchors(ValueError):
    """The text is not in the format that the parser reads."""


class FoundDs(NamedTuple):
    """An anchor given by digest; ``statement`` is the consumer's word for it, if it has one."""

    key_tag: int
    algorithm: int
    digest_type: int
    digest: bytes
    statement: str | None = None


class FoundDnskey(NamedTuple):
    """An anchor given by key; ``statement`` is the consumer's word for it, if it has one."""

    flags: int
    algorithm: int
    public_key: bytes
    statement: str | None = None


FoundAnchor = FoundDs | FoundDnskey


class FoundAnchors(NamedTuple):
    """What a file or a program's answer holds.

    Attributes:
        anchors: the root's anchors that are in force, in their order.
        besides: what else stands there and could undo them, each by how it begins.
    """

    anchors: tuple[FoundAnchor, ...]
    besides: tuple[str, ...] = ()
