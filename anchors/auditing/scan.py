"""What is below each PATH: a tree, a file with what it names, an archive, an image."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from multiprocessing import connection
from pathlib import Path

from anchors.auditing.inspect import MAX_PLACES, unreadable
from anchors.auditing.known_places import FOLDERS
from anchors.auditing.named_files import scan_file
from anchors.auditing.place import (
    Coverage,
    Location,
    Note,
    Place,
    Progress,
    Scanned,
)
from anchors.auditing.walk import Visited, visit
from anchors.checks import Check
from anchors.model import Finding, Severity

__all__ = ["MAX_FILES", "scan"]


MAX_FILES = 10_000_000

# Below this many directories a pool costs more than it brings.
_POOL_FROM = 300
_BATCH = 16
_HEAD = 1024


def scan(paths: Sequence[Path], *, at: datetime, progress: Progress) -> list[Scanned]:
    """Look at every PATH, in their order.

    Args:
        paths: what to look at.
        at: the time of judgement, for states that depend on it.
        progress: told how many files and bytes were looked at, over all paths.
    """
    done: list[Scanned] = []
    for path in paths:
        before = [one.coverage for one in done]
        done.append(_scan(path, at, partial(_onward, progress, before)))
    return done


def _onward(progress: Progress, before: Sequence[Coverage], files: int, size: int) -> None:
    progress(files + sum(one.looked_at for one in before), size + sum(one.size for one in before))


def _scan(path: Path, at: datetime, progress: Progress) -> Scanned:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _scan_directory(path, at, progress)
        if stat.S_ISREG(mode) and _is_archive(path):
            from anchors.auditing.archives import scan_archive  # noqa: PLC0415 - an optional extra
            from anchors.auditing.image import is_image, scan_image  # noqa: PLC0415 - the same

            if is_image(path):
                return scan_image(path, at=at, progress=progress)
            return scan_archive(path, at=at, progress=progress)
    except OSError as error:
        return Scanned((unreadable(Location(str(path), ""), error),), Coverage(0, 0, 1))
    return scan_file(path, at)


def _is_archive(path: Path) -> bool:
    from anchors.auditing.archives import is_archive  # noqa: PLC0415 - an optional extra

    with path.open("rb") as stream:
        return is_archive(stream.read(_HEAD))


def _scan_directory(path: Path, at: datetime, progress: Progress) -> Scanned:
    if (path / "oci-layout").is_file():
        from anchors.auditing.image import scan_image  # noqa: PLC0415 - an optional extra

        return scan_image(path, at=at, progress=progress)
    tree = _Tree(str(path), at, progress)
    tree.walk()
    places = sorted(tree.places, key=lambda place: os.fsencode(place.location.path))
    return Scanned(tuple(places), tree.coverage)


class _Tree:
    """A walk over a directory tree, in this process until it turns out to be large."""

    def __init__(self, root: str, at: datetime, progress: Progress) -> None:
        self.root, self.at, self.progress = root, at, progress
        self.places: list[Place] = []
        self.coverage = Coverage()
        self.has_ended = False
        # The known places first; they are met again on the way, and then left out.
        self.known = {folder for folder in FOLDERS if _is_folder(root, folder)}
        self.waiting = deque(["", *(f for f in FOLDERS if f in self.known)])

    def walk(self) -> None:
        for _ in range(_POOL_FROM):
            if not self.waiting:
                return
            self.add(visit(self.root, self.waiting.popleft(), at=self.at))
        while self.waiting:
            running: dict[Future[list[Visited]], list[str]] = {}
            try:
                with _pool(os.cpu_count()) as pool:
                    self._share_out(pool, running)
            except BrokenProcessPool:
                # One of these ended a worker: each is looked at by a worker of its own.
                for folder in (folder for batch in running.values() for folder in batch):
                    self.add(self._alone(folder))

    def _share_out(self, pool: Executor, running: dict[Future[list[Visited]], list[str]]) -> None:
        most = 2 * (os.cpu_count() or 1)
        while self.waiting or running:
            while self.waiting and len(running) < most:
                batch = [self.waiting.popleft() for _ in range(min(_BATCH, len(self.waiting)))]
                try:
                    running[pool.submit(_visit_all, self.root, batch, self.at)] = batch
                except BrokenProcessPool:
                    self.waiting.extendleft(reversed(batch))
                    raise
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                found = future.result()
                del running[future]
                for visited in found:
                    self.add(visited)

    def _alone(self, folder: str) -> Visited:
        try:
            with _pool(1) as pool:
                return pool.submit(_visit_all, self.root, [folder], self.at).result()[0]
        except BrokenProcessPool as error:
            place = unreadable(Location(self.root, folder), error)
            return Visited([place], Coverage(0, 0, 1), [])

    def add(self, visited: Visited) -> None:
        if self.has_ended:
            # What was at work when the limit was reached.
            return
        self.places += visited.places
        self.coverage = Coverage(*map(sum, zip(self.coverage, visited.coverage, strict=True)))
        self.progress(self.coverage.looked_at, self.coverage.size)
        if self.coverage.looked_at > MAX_FILES:
            self._end(_TOO_MANY)
        elif len(self.places) > MAX_PLACES:
            self._end(_TOO_MANY_PLACES)
        else:
            self.waiting.extend(f for f in visited.folders if f not in self.known)

    def _end(self, finding: Finding) -> None:
        self.has_ended = True
        self.waiting.clear()
        del self.places[MAX_PLACES:]
        self.places.append(Place(Location(self.root, ""), None, (Note(finding),)))


_TOO_MANY = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"more than {MAX_FILES:,} files: the others were not looked at",
    remedy="audit smaller directories",
)
_TOO_MANY_PLACES = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"more than {MAX_PLACES:,} places: the others were not looked at",
    remedy="audit smaller directories",
)


@contextmanager
def _pool(workers: int | None) -> Iterator[Executor]:
    """A pool whose workers never outlive the walk, however it ends."""
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(max_workers=workers, initializer=_begin) as pool:
        try:
            yield pool
        except BaseException:
            # What they are at may take minutes yet.
            for worker in set(multiprocessing.active_children()) - others:
                worker.kill()
            raise


def _begin() -> None:
    """In a worker: leave interrupts to the parent, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _visit_all(root: str, folders: Iterable[str], at: datetime) -> list[Visited]:
    return [visit(root, folder, at=at) for folder in folders]


def _is_folder(root: str, folder: str) -> bool:
    """Whether it is there, and no part of its path is a link."""
    path = root
    for name in folder.split("/"):
        path = os.path.join(path, name)  # noqa: PTH118 - names that are no UTF-8
        try:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                return False
        except OSError:
            return False
    return True
