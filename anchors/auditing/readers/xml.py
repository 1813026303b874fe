"""IANA's document, root-anchors.xml (RFC 9718 2): what reads it decides what it is for."""

from __future__ import annotations

import codecs
import re

from anchors.auditing.place import Held, Hold, Reading, Syntax
from anchors.auditing.readers.zone import in_range
from anchors.formats.xml import parse_with_lines

__all__ = ["looks_like", "read"]

_ROOT_ELEMENT = b"<TrustAnchor"
_ELEMENT = re.compile(rb"<[A-Za-z]")
_ZONE = re.compile(rb"<Zone>\s*([^<\s]+)\s*</Zone>")


def looks_like(content: bytes) -> bool:
    """Whether the first element is a TrustAnchor, of the root as far as it says."""
    first = _ELEMENT.search(content)
    is_xml = content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")
    if not is_xml or first is None or not content.startswith(_ROOT_ELEMENT, first.start()):
        return False
    zone = _ZONE.search(content)
    return b"<KeyDigest" in content and (zone is None or zone[1] == b".")


def read(content: bytes) -> Reading:
    """Every KeyDigest, whatever its dates.

    Raises:
        MalformedAnchors: not such a document.
    """
    anchors = parse_with_lines(content)
    return Reading(
        Syntax.XML, tuple(Held(in_range(anchor), Hold.FILE, line) for anchor, line in anchors)
    )
