"""Root file systems in memory, and what a consumer's loader makes of them."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from anchors.consumers.consumer import Consumer
from anchors.consumers.files import File, Location, Status
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Place
from anchors.core.found import MalformedAnchors

__all__ = ["AT", "DS17", "DS24", "KEY_TAGS", "MemoryFiles", "Owned", "load", "messages", "tags"]

AT = datetime(2026, 11, 28, tzinfo=UTC)
DS17 = "20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
DS24 = "38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"
KEY_TAGS = (20326, 38696)
_ROOT = "host"
_ORDINARY = Status(0o100644, 101, 101)
_FOLDER = Status(0o40755, 101, 101)


class Owned(NamedTuple):
    """Content with the mode and owners of its file; ``None``: a directory."""

    content: bytes | None
    status: Status = _ORDINARY


class MemoryFiles:
    """A root file system: paths without a slash in front -> content, or a link as ``-> PATH``."""

    def __init__(self, tree: Mapping[str, bytes | str | Owned]) -> None:
        self.entries: dict[str, Owned] = {}
        self.links: dict[str, str] = {}
        for path, content in tree.items():
            if isinstance(content, str) and content.startswith("-> "):
                self.links[path] = content.removeprefix("-> ")
            elif isinstance(content, Owned):
                self.entries[path] = content
            else:
                self.entries[path] = Owned(
                    content.encode() if isinstance(content, str) else content
                )

    def _path(self, path: str, seen_from: Location) -> str:
        beside = posixpath.join("/", posixpath.dirname(seen_from.path), path)
        normal = posixpath.normpath(beside).lstrip("/")
        for _ in range(8):
            if normal not in self.links:
                break
            target = posixpath.join("/", posixpath.dirname(normal), self.links[normal])
            normal = posixpath.normpath(target).lstrip("/")
        return normal

    def find(self, path: str, seen_from: Location) -> File | None:
        name = self._path(path, seen_from)
        owned = self.entries.get(name)
        if owned is None or owned.content is None:
            return None
        return File(Location(_ROOT, name), owned.content, owned.status)

    def _is_folder(self, name: str) -> bool:
        owned = self.entries.get(name)
        return any(path.startswith(f"{name}/") for path in (*self.entries, *self.links)) or bool(
            owned and owned.content is None
        )

    def is_absent(self, path: str, seen_from: Location) -> bool:
        name = self._path(path, seen_from)
        folder = posixpath.dirname(name)
        while folder and not self._is_folder(folder):
            folder = posixpath.dirname(folder)
        return name not in self.entries and not self._is_folder(name) and bool(folder)

    def folder(self, path: str, seen_from: Location) -> Status | None:
        name = self._path(path, seen_from)
        if not self._is_folder(name):
            return None
        owned = self.entries.get(name)
        return owned.status if owned else _FOLDER

    def matching(self, pattern: str, seen_from: Location) -> list[File]:
        wanted = self._path(pattern, seen_from).split("/")
        found = [
            path
            for path in sorted({*self.entries, *self.links})
            if len(path.split("/")) == len(wanted)
            and all(map(fnmatch.fnmatchcase, path.split("/"), wanted))
        ]
        files = (self.find(f"/{path}", seen_from) for path in found)
        return [file for file in files if file is not None]

    def below(self, path: str, seen_from: Location) -> list[File]:
        return self.matching(f"/{self._path(path, seen_from)}/*", seen_from)

    def listed(self, path: str, seen_from: Location) -> list[str]:
        folder = f"{self._path(path, seen_from)}/"
        below = (one for one in (*self.entries, *self.links) if one.startswith(folder))
        return sorted({one.removeprefix(folder).split("/")[0] for one in below})


def load(
    consumer: Consumer, tree: Mapping[str, bytes | str | Owned], *, at: datetime = AT
) -> list[Loaded]:
    """Every resolver of the consumer, its files recognised by its own readers."""
    assert consumer.readers is not None
    assert consumer.loader is not None
    files = MemoryFiles(tree)
    readers = sorted(consumer.readers.load(), key=lambda reader: reader.precedence)
    found: list[Place] = []
    for path, owned in sorted(files.entries.items()):
        if owned.content is None:
            continue
        location = Location(_ROOT, path)
        try:
            readings = (reader.read(owned.content, path, at) for reader in readers)
            reading = next((one for one in readings if one is not None), None)
        except MalformedAnchors:
            found.append(Place(location, None, (), owned.status, owned.content))
            continue
        if reading is not None:
            found.append(Place(location, reading, (), owned.status, owned.content))
    return list(consumer.loader.load()(found, files, at))


def tags(loaded: Loaded) -> list[int]:
    """The key tags of the anchors that are in force, as far as they are DS."""
    return [getattr(held.anchor, "key_tag", 0) for _, held in loaded.held if held.effective]


def messages(loaded: Loaded) -> list[str]:
    """What is told, in its order."""
    return [note.finding.message for _, note in loaded.notes]
