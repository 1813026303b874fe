"""What a file is, by its content first; its name only breaks ties."""

from __future__ import annotations

import posixpath
import re
from datetime import datetime
from types import ModuleType

from anchors.auditing.place import Note, Reading
from anchors.auditing.readers import (
    bind,
    bind_state,
    dnsmasq,
    knot,
    knot_state,
    pdns,
    resolved,
    resolved_conf,
    resolved_negative,
    stubby,
    unbound,
    unbound_state,
    xml,
    zone,
)
from anchors.checks import Check
from anchors.formats.found import MalformedAnchors
from anchors.model import Finding, Severity

__all__ = ["recognise"]

_MAX_ANCHORS = 1000
_MAX_REFERENCES = 1000
_RESOLVED, _RESOLVED_FOLDER = ".positive", "dnssec-trust-anchors.d"
# What is read for the name alone.
_ENDINGS = {_RESOLVED: resolved, ".negative": resolved_negative}
_STATES: tuple[ModuleType, ...] = (unbound_state, bind_state, knot_state)
# From what nothing else looks like to what much looks like.
_READERS: tuple[ModuleType, ...] = (
    *(xml, bind, knot, pdns, stubby, unbound, resolved_conf, dnsmasq, zone),
)
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
    folder, name = posixpath.split(name.lower())
    state = next((reader for reader in _STATES if reader.looks_like(content)), None)
    # systemd-resolved knows no states, and drops records with comments behind them.
    if state is not None and not name.endswith(_RESOLVED):
        reading = _bounded(state.read(content, at))
        return reading if _says_something(reading) else None
    reader = _reader(content, name)
    if reader is None:
        return None
    reading = _bounded(reader.read(content))
    # One of systemd-resolved hides others of its name, whatever is in it.
    hides = reader is resolved and posixpath.basename(folder) == _RESOLVED_FOLDER
    return reading if hides or _says_something(reading) else None


def _bounded(reading: Reading) -> Reading:
    if len(reading.held) > _MAX_ANCHORS:
        raise MalformedAnchors(f"it holds more than {_MAX_ANCHORS} anchors")
    if len(reading.references) <= _MAX_REFERENCES:
        return reading
    named = reading.references[:_MAX_REFERENCES]
    return reading._replace(references=named, notes=(*reading.notes, Note(_TOO_MANY)))


_TOO_MANY = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"it names more than {_MAX_REFERENCES:,} files: the others were not followed",
    remedy="look why a configuration names that many",
)


def _says_something(reading: Reading) -> bool:
    return bool(reading.held or reading.references or reading.notes or reading.settings)


def _reader(content: bytes, name: str) -> ModuleType | None:
    if b"\0" in content:
        return None
    named = next((reader for end, reader in _ENDINGS.items() if name.endswith(end)), None)
    if named is not None:
        return named
    for reader in _READERS:
        if reader.looks_like(content):
            return reader
    for pattern, statement, reader in _BY_NAME:
        if re.fullmatch(pattern, name) and re.search(statement, content):
            return reader
    return None
