"""Packages and tar archives: read every member in one pass, and write nothing."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from anchors.auditing.detect import is_configuration, is_of_interest
from anchors.auditing.scan.budget import Budget
from anchors.auditing.scan.classify import MAX_TEXT, inspect, of_large, unreadable
from anchors.auditing.scan.embedded import Search
from anchors.auditing.scan.found import Coverage, Scanned, System
from anchors.auditing.scan.libarchive import (
    DamagedArchive,
    Member,
    TooMuch,
)
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.magic import UNOPENED
from anchors.auditing.scan.nested import unpacked_members
from anchors.auditing.scan.oci_layout import LAYOUT
from anchors.auditing.scan.packed import Packed, PackedFiles
from anchors.auditing.scan.root_files import Entry
from anchors.auditing.workers import Progress, Stalled
from anchors.consumers.files import Location
from anchors.consumers.reading import Kind, Note, Place
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = [
    "ended",
    "look_at",
    "scan_archive",
]

# Whoever names a file as anchors may name any; one of these is kept whatever its name.
_SMALL = 4096
_HEAD = 16
_MAX_WORDS = 300


def scan_archive(path: Path, look: Look, *, progress: Progress) -> Scanned:
    """Read every member of the archive at ``path``; a later member replaces an earlier one.

    Raises:
        UsageError: the optional extra ``archives`` is not installed.
    """
    budget = Budget(progress)
    packed = Packed()
    own: list[Note] = []
    unopened: list[Place] = []

    def tell(member: str, error: DamagedArchive) -> None:
        place = Place(Location(str(path), member, inside=True), None, (_unopened(error),))
        unopened.append(place)
        budget.kept.take(place)

    try:
        budget.packed = path.stat().st_size
        with path.open("rb") as stream:
            _require_opened(stream)
            for member in unpacked_members(stream, path.name, budget.unpack, tell):
                budget.take(1, 0)
                if look.leaves_out(member.path):
                    continue
                location = Location(str(path), member.path, inside=True)
                place, entry = look_at(member, location, look.at, budget)
                if not member.is_folder:
                    packed.drop(member.path)
                packed.put(member.path, entry, place)
                budget.kept.take(place, entry.content)
                if member.path == LAYOUT:
                    own.append(Note(_PACKED_IMAGE))
    except (DamagedArchive, OSError, MemoryError, Stalled) as error:
        own.append(ended(error))
    unopened = [place for place in unopened if not look.leaves_out(place.location.path)]
    found = sorted((*packed.places(), *unopened), key=lambda place: place.location.path)
    if own:
        found.insert(0, Place(Location(str(path), ""), None, tuple(own)))
    unread = sum(place.reading is None for place in found)
    files = PackedFiles(str(path), packed.entries)
    coverage = Coverage(budget.members, budget.size, unread)
    return Scanned((System(files, tuple(found)),), coverage)


_PACKED_IMAGE = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    "it is an image inside another archive, and its layers were not audited",
    remedy="unpack the outer archive, and audit the image",
)


def _require_opened(stream: BinaryIO) -> None:
    """Leave the stream at its beginning.

    Raises:
        DamagedArchive: it is an archive of a kind that is not opened.
    """
    if stream.read(_HEAD).startswith(UNOPENED):
        raise DamagedArchive("archives of this kind are not opened")
    stream.seek(0)


def _unopened(error: DamagedArchive) -> Note:
    """Why an archive inside an archive was not looked into, or not to its end."""
    finding = Finding(
        Check.AUDIT_LIMIT,
        Severity.WARNING,
        "it is an archive inside an archive, and only a part of it was audited",
        got=printable(str(error)[:_MAX_WORDS]),
        remedy="unpack it, and audit its content",
    )
    return Note(finding)


def ended(error: Exception) -> Note:
    """The reason why an archive was not read completely."""
    if isinstance(error, MemoryError):
        error = TooMuch("more memory than any package or image needs")
    if not isinstance(error, TooMuch | Stalled):
        return unreadable(Location("", ""), error).notes[0]
    finding = Finding(
        Check.AUDIT_LIMIT,
        Severity.WARNING,
        "only a part of the archive was audited",
        got=str(error),
        remedy="unpack it in a safe environment, and audit the directory",
    )
    return Note(finding)


def look_at(
    member: Member, location: Location, at: datetime, budget: Budget
) -> tuple[Place | None, Entry]:
    """The place of a member, ``None`` if it is irrelevant; and its entry.

    Raises:
        DamagedArchive: its content cannot be read, or the budget is spent.
    """
    status = member.status._replace(is_final=not location.is_packaged)
    bare = Entry(status, member.link)
    if not member.is_file:
        if member.link == os.devnull:
            # Some programs take it for an empty file that hides others of its name.
            return inspect(location, b"", at=at), bare
        if member.is_hard_link and is_configuration(location.path):
            return Place(location, None, (Note(_HARD_LINK),)), bare
        return None, bare
    content = bytearray()
    search: Search | None = None
    for block in member.blocks:
        budget.take(0, len(block))
        if search is not None:
            search.feed(block)
            continue
        content += block
        if len(content) > MAX_TEXT:
            search = Search()
            search.feed(bytes(content))
    has_words = search is not None and search.matters
    if member.holes and (has_words or _matters(location, bytes(content))):
        # No configuration and no file of anchors is sparse.
        return Place(location, None, (Note(_STRETCHED),)), bare
    if search is not None:
        place = of_large(location, bytes(content), search.result(), at=at, matters=has_words)
        return place, bare if has_words else bare._replace(content=b"")
    text = bytes(content)
    place = inspect(location, text, at=at, status=status)
    return place, bare._replace(content=text) if _is_kept(location, text, place) else bare


_HARD_LINK = Finding(
    Check.AUDIT_UNREADABLE,
    Severity.WARNING,
    "it is a hard link, and its target was not audited under this name",
    remedy="unpack it with the tool that installs it, and audit the directory",
)
_STRETCHED = Finding(
    Check.AUDIT_UNREADABLE,
    Severity.WARNING,
    "its headers describe a sparse file, and unpacking programs disagree about its content",
    remedy="unpack it with the tool that installs it, and audit the directory",
)


def _matters(location: Location, content: bytes) -> bool:
    return is_of_interest(content, location.path) or is_configuration(location.path)


def _is_kept(location: Location, content: bytes, place: Place | None) -> bool:
    """Whether a configuration may name the file, so that it may be needed again."""
    if place is not None and place.kind is not Kind.CONTENT:
        return True
    return is_configuration(location.path) or (len(content) <= _SMALL and b"\0" not in content)
