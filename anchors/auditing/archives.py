"""Packages and tar archives: every member looked at in one pass, nothing written anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from anchors.auditing.compiled import Search
from anchors.auditing.inspect import MAX_PLACES, MAX_TEXT, inspect, of_large, unreadable
from anchors.auditing.members import (
    DamagedArchive,
    Member,
    Readable,
    TooMuch,
    as_stream,
    members_of,
)
from anchors.auditing.place import Coverage, Location, Note, Place, Progress, Scanned
from anchors.checks import Check
from anchors.model import Finding, Severity

__all__ = [
    "MAX_MEMBERS",
    "MAX_UNPACKED",
    "Budget",
    "ended",
    "is_archive",
    "look_at",
    "scan_archive",
]

# An image of 2 GB has some 100,000 files; what goes far beyond that is a bomb.
MAX_MEMBERS = 2_000_000
MAX_UNPACKED = 16 << 30
# Nothing that is worth packing shrinks so much; what unpacks to less than this does no harm.
_MAX_RATIO = 200
_HARMLESS = 256 << 20

_MAGIC = (
    b"!<arch>\ndebian-binary",
    b"\xed\xab\xee\xdb",
    b"\x1f\x8b",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"BZh",
)
_TAR_MAGIC, _TAR_OFFSET = b"ustar", 257
_DEB = b"!<arch>\n"
# What is in the first is named as "dpkg-deb --raw-extract" places it: it never is in the second.
_CONTROL, _DATA = "control.tar", "data.tar"
_CONTROL_FOLDER = "DEBIAN"
# Its parts are tar archives that may each have an end.
_APK = ".apk"
_LAYOUT = "oci-layout"


class Budget:
    """What an archive may still cost, and what it did: members, and bytes of their content.

    Attributes:
        members: how many there were.
        size: the bytes of their content that were looked at.
        packed: the bytes of what they came from.
    """

    def __init__(self, progress: Progress) -> None:
        self.members = self.size = self.packed = 0
        self._unpacked = 0
        self._progress = progress

    def take(self, members: int, size: int) -> None:
        """Count what was looked at.

        Raises:
            TooMuch: it is more than any package or image has.
        """
        self.members += members
        self.size += size
        self._progress(self.members, self.size)
        if self.members > MAX_MEMBERS:
            raise TooMuch(f"more than {MAX_MEMBERS:,} members")
        # A sparse file has more content than was unpacked for it.
        self._check(self.size)

    def unpack(self, size: int) -> None:
        """Count what was unpacked, whether or not it was looked at.

        Raises:
            TooMuch: it is more than any package or image has.
        """
        self._unpacked += size
        self._check(self._unpacked)

    def _check(self, size: int) -> None:
        if size > MAX_UNPACKED:
            raise TooMuch(f"more than {MAX_UNPACKED >> 30} GiB unpacked")
        if size > _HARMLESS and size > _MAX_RATIO * self.packed:
            raise TooMuch(f"more than {_MAX_RATIO} times its size unpacked")


def is_archive(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a package, a tar archive, or one packed."""
    is_tar = head[_TAR_OFFSET : _TAR_OFFSET + len(_TAR_MAGIC)] == _TAR_MAGIC
    return is_tar or head.startswith(_MAGIC)


def scan_archive(path: Path, *, at: datetime, progress: Progress) -> Scanned:
    """Look at every member of the archive at ``path``; a later member replaces an earlier one.

    Raises:
        UsageError: the optional extra ``archives`` is not installed.
    """
    budget = Budget(progress)
    places: dict[str, Place] = {}
    own: list[Note] = []
    try:
        budget.packed = path.stat().st_size
        with path.open("rb") as stream:
            for member in _all_members(stream, path, budget):
                budget.take(1, 0)
                place = look_at(member, Location(str(path), member.path, inside=True), at, budget)
                if place is not None:
                    places[member.path] = place
                elif not member.is_folder:
                    places.pop(member.path, None)
                if member.path == _LAYOUT:
                    own.append(Note(_PACKED_IMAGE))
                if len(places) > MAX_PLACES:
                    raise TooMuch(f"more than {MAX_PLACES:,} places")
    except (DamagedArchive, OSError) as error:
        own.append(ended(error))
    found = [places[name] for name in sorted(places)]
    if own:
        found.insert(0, Place(Location(str(path), ""), None, tuple(own)))
    unread = sum(place.reading is None for place in found)
    return Scanned(tuple(found), Coverage(budget.members, budget.size, unread))


_PACKED_IMAGE = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    "it is an image that was packed once more, and its layers were not looked into",
    remedy="unpack it once, and audit the image",
)


def ended(error: Exception) -> Note:
    """What kept us from looking at all of an archive."""
    if not isinstance(error, TooMuch):
        return unreadable(Location("", ""), error).notes[0]
    finding = Finding(
        Check.AUDIT_LIMIT,
        Severity.WARNING,
        "the archive was not looked at to its end",
        got=str(error),
        remedy="unpack it where that does no harm, and audit the directory",
    )
    return Note(finding)


def _all_members(stream: Readable, path: Path, budget: Budget) -> Iterator[Member]:
    """The members; of a Debian package those of the archives in it."""
    with path.open("rb") as head:
        is_deb = head.read(len(_DEB)) == _DEB
    if is_deb:
        yield from _in_package(stream, budget)
    else:
        is_apk = path.name.endswith(_APK)
        yield from members_of(stream, budget.unpack, concatenated=is_apk)


def _in_package(stream: Readable, budget: Budget) -> Iterator[Member]:
    has_data = False
    for member in members_of(stream, budget.unpack):
        if member.path.startswith(_DATA):
            has_data = True
            yield from members_of(as_stream(member), budget.unpack)
        elif member.path.startswith(_CONTROL):
            for inner in members_of(as_stream(member), budget.unpack):
                yield inner._replace(path=f"{_CONTROL_FOLDER}/{inner.path}")
        else:
            yield member
    if not has_data:
        raise DamagedArchive("a Debian package without its data.tar")


def look_at(member: Member, location: Location, at: datetime, budget: Budget) -> Place | None:
    """The place that a member is, ``None`` where it is of no interest.

    Raises:
        DamagedArchive: its content cannot be read, or the budget is spent.
    """
    if not member.is_file:
        return None
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
    if search is not None:
        return of_large(location, bytes(content[:MAX_TEXT]), search.result())
    return inspect(location, bytes(content), at=at, writable=member.writable)
