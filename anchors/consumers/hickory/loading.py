"""What Hickory's server does with the file of anchors that its configuration names.

How it reads the file was tried with hickory-resolver 0.26.3 (tests/consumers/hickory).  Where the
server names it was read in its source, for Debian builds the server without DNSSEC.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import datetime

from anchors.consumers.anchor_records import found_anchor
from anchors.consumers.consumer import Reader
from anchors.consumers.hickory import CONF, CONSUMER
from anchors.consumers.libunbound import AnchorFile, Refusal
from anchors.consumers.one_setting import Program, Then, loader_of
from anchors.consumers.reading import Held, Hold, Reading, Reference, Role
from anchors.core.found import MalformedAnchors

__all__ = ["READERS", "anchors_of", "load"]

_FORWARDER, _RECURSOR = "trust_anchor", "ValidateWithStaticKey"
_MAX_DEPTH = 20
# What it was seen to take: the owner, the class behind a TTL if any, and the key on one line.
_RECORD = re.compile(
    r"""(?x) (?P<owner>[A-Za-z0-9_.-]+) [ \t]+ (?:[0-9]+ [ \t]+)? IN [ \t]+ DNSKEY [ \t]+
    (?P<rdata> [0-9]+ [ \t]+ [0-9]+ [ \t]+ [0-9]+ [ \t]+ [A-Za-z0-9+/= \t]+?) [ \t]* (?:;.*)?"""
)
# What it was seen to refuse: directives, @, brackets, and records of other types.
_REFUSED = re.compile(r"[$@#].*|[^;]*\(.*|\S+[ \t]+(?:[0-9]+[ \t]+)?IN[ \t]+(?:DS|A)[ \t].*")
_BLANK = re.compile(r"[ \t]*(?:;.*)?")


def _read(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """The files that a forwarder or a recursor names."""
    if _FORWARDER.encode() not in content and _RECURSOR.encode() not in content:
        return None
    try:
        text = content.decode()
        named = dict.fromkeys(_named(tomllib.loads(text), _MAX_DEPTH))
    except (ValueError, RecursionError):
        return None
    lines = text.split("\n")
    references = tuple(
        Reference(
            path, Role.STATIC, next((n for n, line in enumerate(lines, 1) if path in line), None)
        )
        for path in named
    )
    return Reading(CONF, references=references) if references else None


def _named(value: object, depth: int) -> Iterator[str]:
    """What stands as ``options.trust_anchor``, or as ``ValidateWithStaticKey.path``."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item, depth)
    if not isinstance(value, dict) or depth == 0:
        return
    for key, inner in value.items():
        if isinstance(inner, dict):
            path = {"options": _FORWARDER, _RECURSOR: "path"}.get(key, "")
            if isinstance(inner.get(path), str):
                yield inner[path]
        yield from _named(inner, depth - 1)


def anchors_of(content: bytes) -> AnchorFile:
    """The file as the library reads it: DNSKEY records alone; flags are of no interest to it."""
    held = []
    doubt = None
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        row = line.removesuffix("\r")
        record = _RECORD.fullmatch(row)
        if record is None:
            if _REFUSED.fullmatch(row):
                return AnchorFile(refusal=Refusal(number, f"no DNSKEY record: {row!r:.40}"))
            if not _BLANK.fullmatch(row):
                doubt = doubt or Refusal(number, f"it may not read {row!r:.40}")
            continue
        try:
            anchor = found_anchor("DNSKEY", record["rdata"].split())
        except MalformedAnchors as error:
            doubt = doubt or Refusal(number, f"{error}"[:200])
            continue
        if record["owner"] == ".":
            held.append(Held(anchor, Hold.STATIC, number))
    return AnchorFile(tuple(held), doubt=doubt)


READERS: tuple[Reader, ...] = (Reader(57, _read),)
load = loader_of(
    Program(
        CONSUMER.name,
        CONSUMER.title,
        read=anchors_of,
        # With no key at all, validation of every answer fails.
        empty=Then.FAILS,
        doubt="its library was tested, but its server was not",
    )
)
