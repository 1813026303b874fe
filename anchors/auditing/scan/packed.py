"""The file system of an archive or an image: its construction, and the look-up of its files."""

from __future__ import annotations

import bisect
import posixpath
import stat
from collections.abc import Iterator

from anchors.auditing.scan.root_files import MAX_LISTED, Entry, RootFiles
from anchors.consumers.files import File, Status
from anchors.consumers.reading import Place

__all__ = ["Packed", "PackedFiles"]

# Who has one of these is a whole system, and no package.
_OF_A_SYSTEM = ("etc/os-release", "usr/lib/os-release", "etc/passwd")


class Packed:
    """Entries and places by their paths, so that those below a folder are at hand.

    Attributes:
        entries: what lies at each path.
    """

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._paths: list[str] = []
        self._places: dict[str, Place] = {}

    def __len__(self) -> int:
        return len(self._places)

    def put(self, path: str, entry: Entry, place: Place | None) -> None:
        """Add what is there, or replace it."""
        if path not in self.entries:
            bisect.insort(self._paths, path)
        self.entries[path] = entry
        if place is not None:
            self._places[path] = place

    def drop(self, path: str) -> None:
        """Forget one path."""
        self._places.pop(path, None)
        if self.entries.pop(path, None) is not None:
            del self._paths[bisect.bisect_left(self._paths, path)]

    def drop_below(self, folder: str) -> None:
        """Forget what is below a folder; the empty path is the root."""
        first = bisect.bisect_left(self._paths, f"{folder}/") if folder else 0
        # "0" is the character after "/".
        last = bisect.bisect_left(self._paths, f"{folder}0") if folder else len(self._paths)
        for path in self._paths[first:last]:
            del self.entries[path]
            self._places.pop(path, None)
        del self._paths[first:last]

    def take(self, others: Packed) -> None:
        """Add all of a later layer."""
        self.entries |= others.entries
        self._places |= others._places
        self._paths = sorted(self.entries)

    def moved(self, others: Packed, base: str) -> Iterator[Place]:
        """Give the places of a layer that was read for another image the base of this one."""
        for path, place in others._places.items():
            location = place.location._replace(path=base + path, base=base)
            self._places[path] = place._replace(location=location)
            yield self._places[path]

    def places(self) -> list[Place]:
        """All places, in the order of their paths."""
        return [self._places[path] for path in sorted(self._places)]


class PackedFiles(RootFiles):
    """The file system of an archive or an image: every name, and the content of what may matter."""

    def __init__(self, root: str, entries: dict[str, Entry], *, base: str = "") -> None:
        super().__init__(root, inside=True, base=base)
        self._entries = entries
        self._folders: dict[str, list[str]] | None = None

    def entry(self, path: str) -> Entry | None:
        """What lies at a path; a folder that the archive does not list is one all the same."""
        found = self._entries.get(path)
        if found is None and path in self._listing():
            is_final = not self.location(path).is_packaged
            return Entry(Status(stat.S_IFDIR | 0o755, 0, 0, is_final))
        return found

    def names(self, folder: str) -> list[str]:
        """The names in a folder, sorted."""
        return self._listing().get(folder, [])[:MAX_LISTED]

    def read(self, path: str, entry: Entry) -> File:
        """What was kept when the archive was read."""
        unread = "" if entry.content is not None else "it was not kept when the archive was read"
        return File(self.location(path), entry.content, entry.status, unread)

    def is_whole(self) -> bool:
        """Whether it is an image or a system, and no package: another one may bring a file."""
        return any(self.base + name in self._entries for name in _OF_A_SYSTEM)

    def _listing(self) -> dict[str, list[str]]:
        if self._folders is None:
            self._folders = {}
            for path in sorted(self._entries):
                self._add(path)
        return self._folders

    def _add(self, path: str) -> None:
        folders = self._folders if self._folders is not None else {}
        while path:
            folder, name = posixpath.split(path)
            known = folder in folders
            names = folders.setdefault(folder, [])
            if name not in names[-1:]:
                names.append(name)
            if known or not folder:
                break
            path = folder
