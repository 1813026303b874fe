"""Reading IANA's root-anchors.xml (RFC 9718 2), and our own anchors.json."""

from __future__ import annotations

import codecs
import re
from datetime import datetime

from anchors.consumers.anchor_records import in_range
from anchors.consumers.consumer import Reader
from anchors.consumers.documents import JSON, XML, json
from anchors.consumers.documents.xml import parse_with_lines
from anchors.consumers.reading import Held, Hold, Reading

__all__ = ["READERS", "read_json", "read_xml"]

_ROOT_ELEMENT = b"<TrustAnchor"
_ELEMENT = re.compile(rb"<[A-Za-z]")
_ZONE = re.compile(rb"<Zone>[ \t\r\n]*([^< \t\r\n]+)[ \t\r\n]*</Zone>")


def read_xml(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """Every KeyDigest of a document of the root, whatever its dates.

    Raises:
        MalformedAnchors: its first element is a TrustAnchor, and it cannot be read.
    """
    first = _ELEMENT.search(content)
    is_xml = content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")
    if not is_xml or first is None or not content.startswith(_ROOT_ELEMENT, first.start()):
        return None
    zone = _ZONE.search(content)
    if b"<KeyDigest" not in content or (zone is not None and zone[1] != b"."):
        return None
    anchors = parse_with_lines(content)
    return Reading(XML, tuple(Held(in_range(one), Hold.FILE, line) for one, line in anchors))


def read_json(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """The anchors of a file that ``build`` wrote.

    Raises:
        MalformedAnchors: it says that it is such a file, and cannot be read.
    """
    if not content.lstrip().startswith(b"{") or json.SCHEMA.encode() not in content:
        return None
    found = json.parse(content).anchors
    return Reading(JSON, tuple(Held(in_range(anchor), Hold.FILE) for anchor in found))


READERS = (Reader(10, read_xml), Reader(10, read_json))
