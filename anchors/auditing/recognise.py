"""What a file is, by its content first; its name only breaks ties."""

from __future__ import annotations

import posixpath
import re
from datetime import datetime
from types import ModuleType

from anchors.auditing.place import Reading
from anchors.auditing.readers import (
    bind,
    bind_state,
    dnsmasq,
    knot,
    knot_state,
    pdns,
    resolved,
    stubby,
    unbound,
    unbound_state,
    xml,
    zone,
)
from anchors.formats.found import MalformedAnchors

__all__ = ["recognise"]

_MAX_ANCHORS = 1000
_RESOLVED = ".positive"
_STATES: tuple[ModuleType, ...] = (unbound_state, bind_state, knot_state)
# From what nothing else looks like to what much looks like.
_READERS: tuple[ModuleType, ...] = (xml, bind, knot, pdns, stubby, unbound, dnsmasq, zone)
# Files that their names and one statement give away, even where the rest cannot be read.
_BY_NAME = (
    (
        r"named.*\.conf.*|bind\.keys.*|root\.key",
        rb"(?m)^[^\S\n]*(?:trust-anchors|managed-keys|trusted-keys)\s",
        bind,
    ),
    (r"kresd.*\.conf", rb"(?m)^[^\S\n]*trust_anchors\.add", knot),
    (r"recursor.*\.lua|rootkeys\.lua", rb"(?m)^[^\S\n]*addTA\b", pdns),
    (r".*unbound.*\.conf", rb"(?m)^[^\S\n]*(?:trust-anchor|include):", unbound),
    (
        r"dnsmasq.*\.conf.*|trust-anchors\.conf",
        rb"(?m)^[^\S\n]*(?:--)?trust-anchor[^\S\n]*=",
        dnsmasq,
    ),
    (
        r".*root.*\.(?:key|keys|ds|anchors?)|trusted-key\.key|trustanchors\.dns|iana-root\.txt",
        rb"(?mi)^\.[^\S\n]+(?:\d+[^\S\n]+)?(?:IN[^\S\n]+)?(?:DS|DNSKEY)[^\S\n]",
        zone,
    ),
)


def recognise(content: bytes, name: str, at: datetime) -> Reading | None:
    """What ``content`` says of trust anchors, ``None`` where it has nothing to do with them.

    Args:
        content: the file's.
        name: the file's, with or without the directories before it.
        at: the time of judgement, for states that depend on it.

    Raises:
        MalformedAnchors: it is plainly a file of anchors, and cannot be read.
    """
    name = posixpath.basename(name).lower()
    state = next((reader for reader in _STATES if reader.looks_like(content)), None)
    # systemd-resolved knows no states, and drops records with comments behind them.
    if state is not None and not name.endswith(_RESOLVED):
        return _bounded(state.read(content, at))
    reader = _reader(content, name)
    if reader is None:
        return None
    return _bounded(reader.read(content))


def _bounded(reading: Reading) -> Reading | None:
    if len(reading.held) > _MAX_ANCHORS:
        raise MalformedAnchors(f"it holds more than {_MAX_ANCHORS} anchors")
    return reading if reading.held or reading.references or reading.notes else None


def _reader(content: bytes, name: str) -> ModuleType | None:
    if b"\0" in content:
        return None
    if name.endswith(_RESOLVED):
        return resolved if resolved.looks_like(content) else None
    for reader in _READERS:
        if reader.looks_like(content):
            return reader
    for pattern, statement, reader in _BY_NAME:
        if re.fullmatch(pattern, name) and re.search(statement, content):
            return reader
    return None
