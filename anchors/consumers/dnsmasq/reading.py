"""dnsmasq's configuration: its ``trust-anchor`` options, and the files that it includes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from anchors.consumers.anchor_records import in_range
from anchors.consumers.consumer import Reader
from anchors.consumers.dnsmasq import ANCHORS_ALONE, CONFIGURATION
from anchors.consumers.reading import Held, Hold, Reading, Reference, Role, Setting
from anchors.core.found import FoundAnchor, FoundDs, MalformedAnchors
from anchors.grammars.dnsmasq_conf import Option, options

__all__ = ["READERS", "anchor_in", "fragments_of", "read"]

_OF_INTEREST = (b"trust-anchor", b"conf-file", b"conf-dir", b"dnssec")
_OWN = frozenset({"trust-anchor", "dnssec", "conf-file", "conf-dir"})
_CLASSES = frozenset({"IN", "CH", "HS"})
_NUMBER = re.compile(r"0{0,40}[0-9]{1,5}", re.ASCII)
_DIGEST = re.compile(r"[0-9A-Fa-f]+(?::[0-9A-Fa-f]+)*", re.ASCII)
_NAME = "dnsmasq.conf"
# dnsmasq reads none of an editor's, nor what begins with a dot.
_BACKUP = "~"


def read(content: bytes, path: str, _at: datetime) -> Reading | None:
    """The anchors of this file, the files that it includes, and what else it sets.

    Raises:
        MalformedAnchors: it is plainly a dnsmasq.conf, and an anchor in it cannot be read.
    """
    if not any(word in content for word in _OF_INTEREST):
        return None
    found = []
    faulty = None
    for one in options(content):
        found.append(one)
        faulty = faulty or (one if one.fault else None)
        if faulty is not None and not _is_named_like_one(path):
            # Most texts are none by their first line.
            return None
    if faulty is not None and path.rpartition("/")[2] == _NAME:
        # Whatever is written in it, dnsmasq is started with it: the loader tells how it fails.
        return Reading(CONFIGURATION)
    if faulty is not None:
        if any(one.name in _OWN for one in found if not one.fault):
            raise MalformedAnchors(f"line {faulty.line}: {faulty.fault}: {faulty.name!r:.40}")
        return None
    if not any(one.value or one.name == "dnssec" for one in found if one.name in _OWN):
        return None
    return _reading(found)


def _is_named_like_one(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith("dnsmasq") or name == "trust-anchors.conf"


def _reading(found: Sequence[Option]) -> Reading:
    held = [
        Held(anchor, Hold.STATIC, one.line)
        for one in found
        if one.name == "trust-anchor" and (anchor := anchor_in(one)) is not None
    ]
    references = [
        *(
            Reference(one.value, Role.INCLUDE, one.line)
            for one in found
            if one.name == "conf-file" and one.value
        ),
        *(r for one in found if one.name == "conf-dir" for r in fragments_of(one)),
    ]
    others = [one for one in found if one.name not in {"trust-anchor", "conf-file", "conf-dir"}]
    # Any other option shows that it is more than a file of anchors.
    kept = sorted(others, key=lambda one: one.name != "dnssec")[:1]
    settings = tuple(Setting(one.name, one.value or "", one.line) for one in kept)
    is_whole = bool(references or settings)
    syntax = CONFIGURATION if is_whole else ANCHORS_ALONE
    return Reading(syntax, tuple(held), tuple(references), settings=settings)


def anchor_in(option: Option) -> FoundAnchor | None:
    """The anchor of a ``trust-anchor`` option, ``None`` where it is another name's.

    dnsmasq reads over the class.

    Raises:
        MalformedAnchors: dnsmasq refuses it.
    """
    name, *fields = (field.strip(" ") for field in option.fields or ("",))
    if len(fields) > 1 and fields[0] in _CLASSES:
        fields.pop(0)
    anchor = _ds(fields, option.line)
    # Without a name it is the root's too.
    return anchor if name in {".", ""} else None


def _ds(fields: Sequence[str], line: int) -> FoundDs:
    if len(fields) < len(FoundDs._fields) - 1 or not all(map(_NUMBER.fullmatch, fields[:3])):
        raise MalformedAnchors(f"line {line}: bad trust anchor")
    tag, algorithm, digest_type = map(int, fields[:3])
    # dnsmasq takes blanks and colons between the digits, and no comma.
    digits = re.sub("[ \t]", "", fields[3])
    if len(fields) > len(FoundDs._fields) - 1 or _DIGEST.fullmatch(digits) is None:
        raise MalformedAnchors(f"line {line}: bad HEX in trust anchor")
    groups = digits.split(":")
    pairs = "".join(f"0{group}" if len(group) % 2 else group for group in groups)
    return in_range(FoundDs(tag, algorithm, digest_type, bytes.fromhex(pairs), "trust-anchor"))


def fragments_of(option: Option) -> list[Reference]:
    """``DIRECTORY,*SUFFIX,...``; suffixes without an asterisk, and backups, are left out."""
    if not option.value:
        return []
    directory, *suffixes = (part.strip(" ") for part in option.value.split(","))
    wanted = [suffix for suffix in suffixes if suffix.startswith("*") and suffix != "*"]
    unwanted = (_BACKUP, *(suffix for suffix in suffixes if suffix and suffix[0] != "*"))
    return [
        Reference(f"{directory.rstrip('/')}/{suffix}", Role.INCLUDE, option.line, unwanted)
        for suffix in wanted or ["*"]
    ]


READERS = (Reader(80, read),)
