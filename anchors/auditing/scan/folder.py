"""Inspect the files of one directory, and list its subdirectories; no link is followed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from anchors.auditing.scan.budget import Kept
from anchors.auditing.scan.classify import MAX_TEXT, inspect, of_large, unreadable
from anchors.auditing.scan.embedded import Search
from anchors.auditing.scan.found import Coverage
from anchors.auditing.scan.libarchive import TooMuch
from anchors.auditing.scan.look import Look, is_our_own
from anchors.auditing.scan.magic import HEAD, is_meant_as_archive
from anchors.auditing.words import Words
from anchors.auditing.workers import Progress, Stalled, unwatched
from anchors.consumers.files import Location, Status
from anchors.consumers.reading import Note, Place
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = [
    "MAX_BLOCKLIST",
    "MAX_DEPTH",
    "MAX_PROGRAM",
    "READ",
    "Looked",
    "Visited",
    "harmless",
    "opened",
    "read_file",
    "up_to",
    "visit",
]

MAX_DEPTH = 128
# Larger files are searched so far and no further.
MAX_PROGRAM = 4 << 30

_BLOCK = 1 << 20
_HOLE = bytes(1 << 16)
# Blocklists are that long, and no configuration is longer.
MAX_BLOCKLIST = 64 << 20
# How a file is opened that may be a link, a pipe or a device.
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
# Not files, where the kernel has mounted them.
_PSEUDO = frozenset({"dev", "proc", "sys"})


class Visited(NamedTuple):
    """The content of one directory.

    Attributes:
        places: its files that concern trust anchors.
        coverage: how much of it was read.
        folders: its subdirectories.
        archives: its archives.
        mounts: other file systems that are mounted in it, if these are skipped.
    """

    places: list[Place]
    coverage: Coverage
    folders: list[str]
    archives: Sequence[str] = ()
    mounts: Sequence[str] = ()


class Looked(NamedTuple):
    """The result for one file."""

    place: Place | None
    is_archive: bool = False


def visit(
    root: str,
    folder: str,
    look: Look,
    *,
    progress: Progress = unwatched,
    only: str | None = None,
) -> Visited:
    """Read every file of one directory.

    Args:
        root: the audited directory.
        folder: the path below it; empty for the audited directory itself.
        look: the options of the search.
        progress: called with the number of files and bytes that were read.
        only: the name of the only entry to read; ``None``: all entries.
    """
    visit = _Visit(Location(root, folder), look, progress)
    try:
        with opened(root, folder) as descriptor:
            visit.all_of(descriptor, only)
    except FileNotFoundError as error:
        # It went away while we looked; the PATH itself must be there.
        if not folder:
            visit.places.append(unreadable(visit.location, error))
    except OSError as error:
        visit.places.append(unreadable(visit.location, error))
    if folder.count("/") >= MAX_DEPTH and visit.folders:
        visit.places.append(Place(visit.location, None, (Note(_TOO_DEEP),)))
        visit.folders = []
    coverage = Coverage(visit.looked_at, visit.size, _unread(visit.places))
    return Visited(visit.places, coverage, visit.folders, visit.archives, visit.mounts)


class _Visit:
    """What is found in one directory."""

    def __init__(self, location: Location, look: Look, progress: Progress) -> None:
        self.location, self.look, self._progress = location, look, progress
        self.places: list[Place] = []
        self.folders: list[str] = []
        self.archives: list[str] = []
        self.mounts: list[str] = []
        self.looked_at = self.size = 0

    def all_of(self, descriptor: int, only: str | None) -> None:
        kept = Kept()
        root, folder = self.location.root, self.location.path
        above = f"{folder}/" if folder else ""
        for entry in _entries(descriptor, only):
            path = above + entry.name
            if self.look.leaves_out(path):
                continue
            if entry.is_dir(follow_symlinks=False):
                self._take_folder(path, descriptor, entry.name)
                continue
            if not entry.is_file(follow_symlinks=False):
                continue
            self.looked_at += 1
            place, is_archive = read_file(
                Location(root, path), entry.name, descriptor, at=self.look.at, read=self._read
            )
            self.archives += [path] if is_archive else []
            if place is not None:
                self.places.append(place)
                try:
                    kept.take(place)
                except TooMuch:
                    # The tree has its limit with these.
                    return

    def _take_folder(self, path: str, descriptor: int, name: str) -> None:
        if _is_pseudo(descriptor, name) or is_our_own(descriptor, name):
            return
        is_other = self.look.stays and _is_mounted(descriptor, name)
        (self.mounts if is_other else self.folders).append(path)

    def _read(self, size: int) -> None:
        self.size += size
        self._progress(self.looked_at, self.size)


_TOO_DEEP = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"directories more than {MAX_DEPTH} levels deep were not audited",
    remedy="audit them by giving their own path",
)


def _unread(places: list[Place]) -> int:
    return sum(place.reading is None for place in places)


@contextmanager
def opened(root: str, folder: str) -> Iterator[int]:
    """A directory below ``root``, opened name by name: a link in its path is refused."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in folder.split("/") if folder else ():
            inner = os.open(name, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _entries(descriptor: int, only: str | None) -> list[os.DirEntry[str]]:
    with os.scandir(descriptor) as entries:
        wanted = (entry for entry in entries if only is None or entry.name == only)
        return sorted(wanted, key=lambda entry: os.fsencode(entry.name))


def _is_pseudo(descriptor: int, name: str) -> bool:
    """Whether something is mounted there that is no file system of files, in a chroot too."""
    return name in _PSEUDO and _is_mounted(descriptor, name)


def _is_mounted(descriptor: int, name: str) -> bool:
    mounted = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_dev
    return mounted != os.fstat(descriptor).st_dev


def read_file(
    location: Location,
    name: str,
    folder: int | None,
    *,
    at: datetime,
    read: Callable[[int], None],
    flags: int = READ,
) -> Looked:
    """Read one file.

    Args:
        location: its location, for people.
        name: its name in the directory ``folder``.
        folder: a descriptor; ``None`` if ``name`` is a path.
        at: the time of judgement.
        read: called repeatedly with the number of bytes that were read.
        flags: how to open it; by default, a link is not followed.
    """
    try:
        descriptor = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ELOOP} and folder is not None:
            # It went away, or became a link, while we looked.
            return Looked(None)
        return Looked(unreadable(location, error))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Looked(unreadable(location, OSError(errno.EINVAL, "not a regular file")))
        return _read(location, descriptor, status, at, read)
    except (OSError, MemoryError, Stalled) as error:
        return Looked(unreadable(location, error))
    finally:
        os.close(descriptor)


def _read(
    location: Location,
    descriptor: int,
    status: os.stat_result,
    at: datetime,
    told: Callable[[int], None],
) -> Looked:
    content = up_to(descriptor, status.st_size, MAX_TEXT)
    packed = is_meant_as_archive(content[:HEAD], location.text)
    told(len(content))
    if len(content) <= MAX_TEXT:
        owned = Status(status.st_mode, status.st_uid, status.st_gid)
        return Looked(inspect(location, content, at=at, status=owned), packed)
    search = Search()
    head = content
    read = 0
    while content and read < MAX_PROGRAM:
        search.feed(content)
        read += len(content)
        if _skip_hole(descriptor):
            # What stands on both sides of a hole does not belong together.
            search.feed(_HOLE)
        content = os.read(descriptor, _BLOCK)
        told(len(content))
    place = of_large(location, head, search.result(), at=at, matters=search.matters)
    if content:
        place = place or Place(location, None)
        place = place._replace(notes=(*place.notes, Note(_too_large(MAX_PROGRAM))))
    return Looked(place, packed)


def _skip_hole(descriptor: int) -> bool:
    """Go on behind the hole of a sparse file that begins here; whether there is one."""
    here = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        return os.lseek(descriptor, here, os.SEEK_DATA) > here
    except OSError as error:
        if error.errno != errno.ENXIO:
            # A file system that does not know of holes.
            return False
        return os.lseek(descriptor, 0, os.SEEK_END) > here


def up_to(descriptor: int, size: int, limit: int) -> bytes:
    """The content, or more than ``limit`` bytes of it if it is larger.

    Args:
        descriptor: the file, at its beginning.
        size: its size, as reported by the system.
        limit: the maximum number of bytes; a longer result means a larger file.
    """
    content = os.read(descriptor, min(size, limit) + 1)
    if len(content) == size or len(content) > limit:
        return content
    # It grew, or has no size, as files of the kernel's have not.
    parts = [content]
    total = len(content)
    while parts[-1] and total <= limit:
        parts.append(os.read(descriptor, limit + 1 - total))
        total += len(parts[-1])
    return b"".join(parts)


def _too_large(limit: int) -> Finding:
    return Finding(
        Check.AUDIT_LIMIT,
        Severity.WARNING,
        f"only its first {limit >> 30} GiB were searched",
        remedy="audit its content separately",
    )


def harmless(descriptor: int) -> bytes | None:
    """A large text, if it ends before a limit and contains no relevant word."""
    words = Words()
    parts: list[bytes] = []
    read = 0
    while block := os.read(descriptor, _BLOCK):
        words.feed(block)
        parts.append(block)
        read += len(block)
        if _skip_hole(descriptor):
            words.feed(_HOLE)
            parts.append(_HOLE)
        if words.found or read > MAX_BLOCKLIST:
            return None
    return b"".join(parts)
