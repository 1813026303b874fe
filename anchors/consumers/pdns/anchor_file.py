"""The anchors in a zone file, as ``readTrustAnchorsFromFile`` and ``trustanchorfile`` read it.

Tried on 4.8.8 and 5.4: records of other types and names are read over, ``$INCLUDE`` is followed,
the text ends at a NUL, and numbers are digits alone.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
from typing import NamedTuple

from anchors.consumers.anchor_records import found_anchor
from anchors.consumers.files import File, Files
from anchors.consumers.reading import Held, Hold
from anchors.core.found import FoundAnchor, MalformedAnchors
from anchors.grammars.zone import Dialect, LeftOver, Record, parse_zone

__all__ = ["PDNS", "Part", "RefusedError", "ds_anchor", "parts_of"]

# PowerDNS Recursor 4.8.8, 5.4.
PDNS = Dialect(
    owner_left_out=False,
    unclosed=True,
    ttl_units=False,
    ttl_wide=False,
    nested=False,
)

_DIGITS = re.compile(r"[0-9]+")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_TTL = re.compile(r"\$[Tt][Tt][Ll] [0-9]+[smhdwSMHDW]?")
_BLANKS = re.compile(r"[ \t\r\n]+")
# What is cut off at the end of each line.
_LINE_ENDS = b" \t\r\v\f\x1a"
_READ_OVER = {"DS": str.maketrans("", "", '":'), "DNSKEY": str.maketrans("", "", "")}
_PROTOCOL = "3"
_ADDRESSES: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {"A": IPv4Address, "AAAA": IPv6Address}
)
_MAX_FILES = 100


class RefusedError(Exception):
    """The program does not start with a file, for the reason that is told."""

    def __init__(self, words: str, file: File, line: int) -> None:
        super().__init__(words)
        self.file = file
        self.line = line


class Part(NamedTuple):
    """A file with the anchors of the root in it; ``missing``: what it includes and is not there."""

    file: File
    held: tuple[Held, ...]
    dropped: tuple[int, ...] = ()
    missing: tuple[tuple[str, int], ...] = ()


def parts_of(file: File, files: Files) -> list[Part]:
    """The file and what it includes.

    Raises:
        RefusedError: the program does not start with it.
    """
    todo, parts = [file], list[Part]()
    while todo and len(parts) < _MAX_FILES:
        one = todo.pop(0)
        held: list[Held] = []
        dropped: list[int] = []
        missing: list[tuple[str, int]] = []
        for entry in _entries(one):
            if isinstance(entry, LeftOver):
                target = _included(entry, one, files)
                if target is not None:
                    todo.append(target)
                elif _is_include(entry):
                    missing.append((entry.text, entry.line))
                else:
                    dropped.append(entry.line)
            else:
                anchor = _root_anchor(entry, one)
                if anchor is not None:
                    held.append(_held(anchor, entry))
        parts.append(Part(one, tuple(held), tuple(dropped), tuple(missing)))
    return parts


def _held(anchor: FoundAnchor, record: Record) -> Held:
    # The DS of a key with another protocol is that of no key in the root zone; of one without
    # the padding of its base64, the recursor holds another.
    is_whole = len("".join(record.rdata[3:]).replace('"', "")) % 4 == 0
    is_used = record.rdtype == "DS" or (record.rdata[1] == _PROTOCOL and is_whole)
    return Held(anchor, Hold.STATIC if is_used else Hold.IGNORED, record.line)


def _entries(file: File) -> Iterator[Record | LeftOver]:
    content, nul, _ = (file.content or b"").partition(b"\0")
    last = content.rpartition(b"\n")[2].strip(b" \t")
    if nul and last and not last.startswith(b";"):
        raise RefusedError("a NUL byte", file, content.count(b"\n") + 1)
    lines = (line.rstrip(_LINE_ENDS) for line in content.split(b"\n"))
    text = parse_zone(b"\n".join(lines), PDNS)
    for left in text.left_over:
        if _is_include(left) or left.why == "the first record has no owner":
            yield left
        elif _TTL.fullmatch(left.text) is None:
            raise RefusedError(left.why, file, left.line)
    yield from text.records


def _is_include(left: LeftOver) -> bool:
    return left.text.upper().startswith("$INCLUDE ")


def _included(left: LeftOver, file: File, files: Files) -> File | None:
    if not _is_include(left):
        return None
    name = left.text.split(" ")[1].strip('"')
    return files.find(posixpath.normpath(name), file.location)


def _root_anchor(record: Record, file: File) -> FoundAnchor | None:
    if record.rdclass != "IN":
        raise RefusedError(f"a record of class {record.rdclass}", file, record.line)
    if ".." in record.owner or (record.owner.startswith(".") and record.owner != "."):
        raise RefusedError(f"no name: {record.owner!r:.40}", file, record.line)
    address = _ADDRESSES.get(record.rdtype)
    if address is not None and not _is_address(address, "".join(record.rdata[:1])):
        # "# a remark" is one: the address of #.
        raise RefusedError(f"no address: {' '.join(record.rdata)!r:.60}", file, record.line)
    if record.rdtype not in {"DS", "DNSKEY"}:
        return None
    try:
        # Those of other zones must be readable too.
        anchor = _anchor(record.rdtype, record.rdata)
    except MalformedAnchors as error:
        raise RefusedError(str(error), file, record.line) from error
    return anchor if record.owner == "." else None


def _is_address(family: Callable[[str], object], word: str) -> bool:
    try:
        family(word)
    except ValueError:
        return False
    return True


def _anchor(rdtype: str, rdata: tuple[str, ...]) -> FoundAnchor:
    # Quotation marks and colons in hexadecimal are read over, in base64 they are not.
    rest = "".join(rdata[3:]).translate(_READ_OVER[rdtype])
    form = _HEX if rdtype == "DS" else _BASE64
    if not all(map(_DIGITS.fullmatch, rdata[:3])) or not form.fullmatch(rest) or not rest:
        raise MalformedAnchors(f"{rdtype} that cannot be read: {' '.join(rdata)!r:.60}")
    if rdtype == "DNSKEY":
        rest += "=" * (-len(rest) % 4)
    return found_anchor(rdtype, (*rdata[:3], rest))


def ds_anchor(rdata: str, statement: str) -> FoundAnchor:
    """The anchor that ``addTA`` or ``dsrecords`` makes of the rdata of a DS.

    Raises:
        MalformedAnchors: the program does not start with it.
    """
    words = tuple(_BLANKS.sub(" ", rdata).strip(" ").split(" "))
    return _anchor("DS", words)._replace(statement=statement)
