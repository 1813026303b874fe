"""Packages and tar archives: every member looked at in one pass, nothing written anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from anchors.auditing.compiled import Search
from anchors.auditing.inspect import MAX_TEXT, inspect, of_program, unreadable
from anchors.auditing.members import DamagedArchive, Member, Readable, as_stream, members_of
from anchors.auditing.place import Coverage, Location, Note, Place, Scanned
from anchors.checks import Check
from anchors.model import Finding, Severity

__all__ = ["MAX_MEMBERS", "MAX_UNPACKED", "Budget", "is_archive", "look_at", "scan_archive"]

# An image of 2 GB has some 100,000 files; what goes far beyond that is a bomb.
MAX_MEMBERS = 2_000_000
MAX_UNPACKED = 16 << 30

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
_INNER = ("control.tar", "data.tar")

Progress = Callable[[int, int], None]


class Budget:
    """What an archive may still cost: members and unpacked bytes, and how many it did."""

    def __init__(self, progress: Progress) -> None:
        self.members = self.size = 0
        self._progress = progress

    def take(self, members: int, size: int) -> None:
        """Count what was read.

        Raises:
            DamagedArchive: it is more than any package or image has.
        """
        self.members += members
        self.size += size
        self._progress(self.members, self.size)
        if self.members > MAX_MEMBERS or self.size > MAX_UNPACKED:
            raise DamagedArchive(
                f"more than {MAX_MEMBERS:,} members or {MAX_UNPACKED >> 30} GiB unpacked"
            )


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
    own: list[Place] = []
    try:
        with path.open("rb") as stream:
            for member in _all_members(stream, path):
                budget.take(1, 0)
                place = look_at(member, Location(str(path), member.path, inside=True), at, budget)
                if place is not None:
                    places[member.path] = place
                elif not member.is_folder:
                    places.pop(member.path, None)
    except DamagedArchive as error:
        own.append(_ended(path, error, budget))
    except OSError as error:
        own.append(unreadable(Location(str(path), ""), error))
    found = (*own, *(places[name] for name in sorted(places)))
    unread = sum(place.reading is None for place in found)
    return Scanned(found, Coverage(budget.members, budget.size, unread))


def _ended(path: Path, error: DamagedArchive, budget: Budget) -> Place:
    location = Location(str(path), "")
    if budget.members <= MAX_MEMBERS and budget.size <= MAX_UNPACKED:
        return unreadable(location, error)
    finding = Finding(
        Check.AUDIT_LIMIT,
        Severity.WARNING,
        "the archive was not looked at to its end",
        got=str(error),
        remedy="unpack it where that does no harm, and audit the directory",
    )
    return Place(location, None, (Note(finding),))


def _all_members(stream: Readable, path: Path) -> Iterator[Member]:
    """The members; of a Debian package those of the archives in it."""
    with path.open("rb") as head:
        is_deb = head.read(len(_DEB)) == _DEB
    for member in members_of(stream):
        if is_deb and member.path.startswith(_INNER):
            yield from members_of(as_stream(member))
        else:
            yield member


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
        return of_program(location, search.result())
    return inspect(location, bytes(content), at=at, writable=member.writable)
