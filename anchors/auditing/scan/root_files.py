"""Finding what a configuration names in a root file system, whether on disk or in an archive."""

from __future__ import annotations

import fnmatch
import posixpath
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from anchors.consumers.files import File, Location, Status

__all__ = ["MAX_LISTED", "Above", "Entry", "RootFiles", "root_above", "without_dots"]

_READ = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
# As many links as Linux follows in one path (path_resolution(7)).
_MAX_LINKS = 40
# Entries of one directory that a pattern is held against.
MAX_LISTED = 10_000
_WILDCARDS = frozenset("*?[")
# A directory that has both of these is the root of a system; else one is named before them.
_TOP_FOLDERS = ("etc", "usr")
# In a system that runs it is an empty file, whatever lies there in an image.
_NULL, _EMPTY = "dev/null", Status(stat.S_IFREG | 0o666, 0, 0)


class Entry(NamedTuple):
    """What lies at one path: ``link`` is the target of a symbolic link."""

    status: Status
    link: str | None = None
    content: bytes | None = None


class RootFiles(ABC):
    """A root file system; paths inside it have no slash in front, and the empty one is its root.

    It implements :class:`anchors.consumers.files.Files`.
    """

    def __init__(self, root: str, *, inside: bool, base: str = "") -> None:
        self.root, self.inside, self.base = root, inside, base
        self._nested: dict[str, Above] = {}

    @abstractmethod
    def entry(self, path: str) -> Entry | None:
        """What lies at a path that has no links in it, without its content."""

    @abstractmethod
    def names(self, folder: str) -> list[str]:
        """The names in a folder, sorted; at most :data:`MAX_LISTED`."""

    @abstractmethod
    def read(self, path: str, entry: Entry) -> File:
        """The file at a path that has no links in it."""

    @abstractmethod
    def is_whole(self) -> bool:
        """Whether what is not here is nowhere."""

    def location(self, path: str) -> Location:
        """Where a path of this root file system lies."""
        return Location(self.root, path, self.inside, self.base)

    def candidates(self, path: str, seen_from: Location) -> Iterator[str]:
        """The paths below the root that ``path`` can mean, the likeliest first."""
        if "\0" in path or not path:
            return
        folder = posixpath.dirname(seen_from.path)
        if path.startswith("/"):
            above = self._above(folder)
            bases = [above.path, above.path if above.is_system else self.base]
            meant = [base + path.lstrip("/") for base in bases]
        else:
            meant = [posixpath.join(folder, path), self.base + path]
        for one in dict.fromkeys(map(without_dots, meant)):
            # Beside this root file system lie those of other images.
            if one is not None and one.startswith(self.base):
                yield one

    def find(self, path: str, seen_from: Location) -> File | None:
        """As in :class:`~anchors.consumers.files.Files`."""
        found = map(self._file, self.candidates(path, seen_from))
        return next((file for file in found if file is not None), None)

    def at(self, location: Location) -> File | None:
        """The file at a location of this root file system."""
        return self._file(location.path) if location.root == self.root else None

    def is_absent(self, path: str, seen_from: Location) -> bool:
        """As in :class:`~anchors.consumers.files.Files`."""
        if not self.is_whole():
            return False
        candidates = [*self.candidates(path, seen_from)]
        return all(map(self._is_nothing, candidates)) and any(map(self._lacks, candidates))

    def _is_nothing(self, path: str) -> bool:
        real = self._followed(path)
        return real is None or (self.entry(real) is None and not self._is_null(real))

    def _lacks(self, path: str) -> bool:
        """Whether a path is known to have nothing: one of the directories above it lies here."""
        folder = posixpath.dirname(path)
        while folder and folder != self.base.rstrip("/"):
            above = self._followed(folder)
            if above is not None and self._is_folder(above):
                return True
            folder = posixpath.dirname(folder)
        # A file beside the configuration itself, or in the root.
        return not posixpath.dirname(path)

    def folder(self, path: str, seen_from: Location) -> Status | None:
        """As in :class:`~anchors.consumers.files.Files`."""
        real = self._folder(path, seen_from)
        entry = None if real is None else self.entry(real)
        return entry.status if entry else None

    def matching(self, pattern: str, seen_from: Location) -> list[File]:
        """As in :class:`~anchors.consumers.files.Files`."""
        for candidate in self.candidates(pattern, seen_from):
            found = [file for path in self._globbed(candidate) if (file := self._file(path))]
            if found:
                return found
        return []

    def below(self, path: str, seen_from: Location) -> list[File]:
        """As in :class:`~anchors.consumers.files.Files`."""
        real = self._folder(path, seen_from)
        if real is None:
            return []
        paths = (_joined(real, name) for name in self.names(real))
        return [file for path in paths if (file := self._file(path))]

    def listed(self, path: str, seen_from: Location) -> list[str]:
        """As in :class:`~anchors.consumers.files.Files`."""
        real = self._folder(path, seen_from)
        return [] if real is None else self.names(real)

    def _folder(self, path: str, seen_from: Location) -> str | None:
        """The first directory that ``path`` can mean, without links."""
        for candidate in self.candidates(path, seen_from):
            real = self._followed(candidate)
            if real is not None and self._is_folder(real):
                return real
        return None

    def _file(self, path: str) -> File | None:
        real = self._followed(path)
        if real is not None and self._is_null(real):
            return File(self.location(real), b"", _EMPTY)
        entry = None if real is None else self.entry(real)
        if real is None or entry is None or not stat.S_ISREG(entry.status.mode):
            return None
        return self._reached(real, self.read(real, entry))

    def _reached(self, path: str, file: File) -> File:
        """The file; below a folder that root alone may search, root alone may read it."""
        folder = posixpath.dirname(path)
        while folder and folder != self.base.rstrip("/"):
            entry = self.entry(folder)
            if entry is not None and file.status is not None:
                if not entry.status.may_be_searched:
                    mode = file.status.mode & ~_READ
                    return file._replace(status=file.status._replace(mode=mode))
                if not entry.status.mode & stat.S_IXOTH:
                    file = file._replace(status=file.status._replace(is_open=False))
            folder = posixpath.dirname(folder)
        return file

    def _is_null(self, path: str) -> bool:
        if not path.endswith(_NULL):
            return False
        top = path.removesuffix(_NULL)
        return self._above(top.rstrip("/")).path == top

    def _is_folder(self, path: str) -> bool:
        if not path or path == self.base.rstrip("/"):
            return True
        entry = self.entry(path)
        return entry is not None and stat.S_ISDIR(entry.status.mode)

    def _followed(self, path: str) -> str | None:
        """The path without links, ``None`` where one leads out or there are too many."""
        waiting = path.split("/")[::-1]
        done: list[str] = []
        # What lies above the root is the root (path_resolution(7)).
        top = self.base.count("/")
        links = 0
        while waiting:
            name = waiting.pop()
            if name in {"", "."}:
                continue
            if name == "..":
                del done[max(top, len(done) - 1) :]
                continue
            entry = self.entry("/".join([*done, name]))
            if entry is None or entry.link is None:
                done.append(name)
                continue
            links += 1
            if links > _MAX_LINKS or "\0" in entry.link:
                return None
            if entry.link.startswith("/"):
                done = self._root_of(done)
            waiting += entry.link.split("/")[::-1]
        return "/".join(done)

    def _root_of(self, parts: Sequence[str]) -> list[str]:
        """Where an absolute link that lies at ``parts`` begins."""
        return [name for name in self._above("/".join(parts)).path.split("/") if name]

    def _above(self, folder: str) -> Above:
        """The root file system that a folder lies in, where several lie below this one."""
        if folder not in self._nested:
            inner = folder.removeprefix(self.base)
            found = root_above(inner, lambda path: self._is_folder(self.base + path))
            if found is None or not found.path:
                self._nested[folder] = Above(self.base, found is not None and found.is_system)
            else:
                self._nested[folder] = found._replace(path=f"{self.base}{found.path}/")
        return self._nested[folder]

    def _globbed(self, pattern: str) -> Iterator[str]:
        """The paths that the shell would find (glob(7)): no asterisk is a slash, or a first dot."""
        found = [""]
        for wanted in pattern.split("/"):
            if not _WILDCARDS.intersection(wanted):
                found = [_joined(folder, wanted) for folder in found]
                continue
            folders = [real for path in found if (real := self._followed(path)) is not None]
            found = [
                _joined(folder, name)
                for folder in folders
                for name in self.names(folder)
                if fnmatch.fnmatchcase(name, wanted) and name.startswith(".") <= (wanted[0] == ".")
            ][:MAX_LISTED]
        yield from found


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def without_dots(path: str) -> str | None:
    """The path without ``.`` and ``..``, ``None`` where it climbs out."""
    normal = posixpath.normpath(path)
    return None if normal in {".", ".."} or normal.startswith("../") else normal


class Above(NamedTuple):
    """The root file system that a folder lies in: its path, and whether it is plainly a system."""

    path: str
    is_system: bool


def root_above(folder: str, is_folder: Callable[[str], bool]) -> Above | None:
    """The root file system that a folder lies in, ``None`` where nothing tells of one.

    A system is the innermost directory that has both etc and usr; what comes before the first of
    these names in the path of the folder may be one.

    Args:
        folder: a path without links.
        is_folder: whether a directory lies at a path.
    """
    names = folder.split("/")
    first = next((at for at, name in enumerate(names) if name in _TOP_FOLDERS), None)
    named = None if first is None else "/".join(names[:first])
    system = next(filter(lambda path: _is_system(path, is_folder), _upwards(folder)), None)
    if system is not None and (named is None or len(system) >= len(named)):
        return Above(system, is_system=True)
    return None if named is None else Above(named, is_system=False)


def _upwards(folder: str) -> Iterator[str]:
    """The folder and every directory above, the innermost first."""
    above = folder.rstrip("/")
    while above.strip("/"):
        yield above
        above = posixpath.dirname(above)
    yield "/" if folder.startswith("/") else ""


def _is_system(path: str, is_folder: Callable[[str], bool]) -> bool:
    return all(is_folder(posixpath.join(path, name)) for name in _TOP_FOLDERS)
