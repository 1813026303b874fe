"""Search a directory tree in workers: a file that ends one is reported, and no other is lost."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from typing import NamedTuple

from anchors.auditing.detect import load_readers
from anchors.auditing.scan.budget import Kept
from anchors.auditing.scan.classify import unreadable
from anchors.auditing.scan.folder import Visited, visit
from anchors.auditing.scan.found import Coverage
from anchors.auditing.scan.libarchive import TooMuch
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.sieve import start
from anchors.auditing.scan.unopened import Unopened
from anchors.auditing.workers import Clock, Ended, Progress, shared_out
from anchors.consumers.files import Location
from anchors.consumers.reading import Note, Place
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = ["MAX_FILES", "Tree"]

MAX_FILES = 10_000_000
# Below this many directories and files a second worker, and an engine, cost more than they bring.
_MANY, _MANY_FILES = 300, 3000
_BATCH = 16
# Of a directory that ended its worker, each entry is given to a worker by itself.
_MAX_ENTRIES = 10_000


class _Part(NamedTuple):
    """A directory, or one entry of it."""

    folder: str
    only: str | None = None

    @property
    def path(self) -> str:
        """Its path below the PATH."""
        return "/".join(name for name in (self.folder, self.only) if name)


class Tree:
    """A directory tree.

    Attributes:
        places: the files that concern trust anchors.
        coverage: how much was read.
        unopened: its archives.
        mounts: other file systems in it, which were skipped.
        is_part: whether an interruption ended the search early.
    """

    def __init__(self, root: str, look: Look, progress: Progress) -> None:
        self._root, self._look, self._progress = root, look, progress
        self.places: list[Place] = []
        self.coverage = Coverage()
        self.unopened = Unopened()
        self.mounts: list[str] = []
        self.is_part = False
        self._kept = Kept()
        self._waiting = deque([""])
        # What ended a worker is looked at in smaller parts.
        self._again: deque[tuple[_Part, ...]] = deque()
        self._visited = self._left_out = 0
        self._has_ended = False
        self._most_workers = 1

    def walk(self) -> None:
        """Look at all of it, or tell why not."""
        try:
            self._walk(Clock())
        except KeyboardInterrupt:
            if not self._look.keeps_part:
                raise
            self.is_part = True
            self._end("interrupted", "audit it again and let the audit finish")

    def _walk(self, clock: Clock) -> None:
        if _is_large(self._root):
            self._most_workers = os.cpu_count() or 1
            # What every worker would have to load or make for itself.
            load_readers()
            start()
        tasks = shared_out(self._take, self._do, clock, workers=lambda: self._most_workers)
        with contextlib.closing(tasks) as done:
            for parts, found in done:
                if not isinstance(found, Ended):
                    for visited in found:
                        self._add(visited)
                elif found.is_final:
                    self._left_out += len(parts)
                else:
                    self._divide(parts, found)
                if self._has_ended:
                    return
        if self._left_out:
            self._end(f"more than {clock.taken:.0f} seconds of the processor were spent")

    def _take(self) -> tuple[_Part, ...] | None:
        if self._again:
            return self._again.popleft()
        many = min(_BATCH if self._visited else 1, len(self._waiting))
        return tuple(_Part(self._waiting.popleft()) for _ in range(many)) or None

    def _do(self, parts: tuple[_Part, ...], progress: Progress) -> list[Visited]:
        found: list[Visited] = []
        files = size = 0

        def saw(more_files: int, more: int) -> None:
            progress(files + more_files, size + more)

        for folder, only in parts:
            visited = visit(self._root, folder, self._look, progress=saw, only=only)
            found.append(visited)
            files += visited.coverage.looked_at
            size += visited.coverage.size
        return found

    def _divide(self, parts: tuple[_Part, ...], ended: Ended) -> None:
        """Look at less at once; a single entry that ended its worker is told."""
        (folder, only), *others = parts
        if others:
            self._again.extend((part,) for part in parts)
            return
        names = [] if only is not None else self._names(folder)
        if names:
            self._again.extend((_Part(folder, name),) for name in names)
            return
        error = OSError(ended.reason)
        place = unreadable(Location(self._root, parts[0].path), error)
        self._add(Visited([place], Coverage(0, 0, 1), []))

    def _names(self, folder: str) -> list[str]:
        try:
            names = sorted(os.listdir(os.path.join(self._root, folder)))  # noqa: PTH118, PTH208 - no UTF-8
        except OSError:
            return []
        return names if len(names) <= _MAX_ENTRIES else []

    def _add(self, visited: Visited) -> None:
        if self._has_ended:
            # What was at work when the limit was reached.
            return
        self._visited += 1
        self.unopened.add(visited.archives)
        self.mounts += visited.mounts
        self.coverage = Coverage(*map(sum, zip(self.coverage, visited.coverage, strict=True)))
        self._progress(self.coverage.looked_at, self.coverage.size)
        try:
            for place in visited.places:
                self._kept.take(place)
                self.places.append(place)
        except TooMuch as error:
            self._end(str(error))
            return
        if self.coverage.looked_at > MAX_FILES:
            self._end(f"more than {MAX_FILES:,} files")
        else:
            self._waiting.extend(visited.folders)

    def _end(self, why: str, remedy: str = "audit smaller directories") -> None:
        self._has_ended = True
        finding = Finding(
            Check.AUDIT_LIMIT,
            Severity.WARNING,
            f"{why}: the remaining files were not audited",
            remedy=remedy,
        )
        self.places.append(Place(Location(self._root, ""), None, (Note(finding),)))


def _is_large(root: str) -> bool:
    """Whether a tree has many directories or files: no more than these are listed."""
    folders, files = deque([root]), 0
    for listed in range(_MANY):
        if listed + len(folders) >= _MANY:
            return True
        if not folders:
            return False
        with contextlib.suppress(OSError), os.scandir(folders.popleft()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                files += 1
                if files >= _MANY_FILES:
                    return True
    return True
