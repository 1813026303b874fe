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
from functools import partial
from multiprocessing import connection
from pathlib import Path
from typing import NamedTuple

from anchors.auditing.scan.classify import MAX_PLACES, MAX_TEXT, unreadable
from anchors.auditing.scan.directory_files import DirectoryFiles
from anchors.auditing.scan.folder import Visited, is_harmless, read_file, visit
from anchors.auditing.scan.found import Coverage, Progress, Scanned, System
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.magic import HEAD, is_archive
from anchors.auditing.scan.oci_layout import is_copied
from anchors.auditing.scan.root_files import root_above
from anchors.auditing.scan.unopened import Unopened
from anchors.consumers.files import Location
from anchors.consumers.reading import Note, Place
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = ["MAX_FILES", "scan"]


MAX_FILES = 10_000_000

# Below this many directories a pool costs more than it brings.
_POOL_FROM = 300
_BATCH = 16
_FOLLOW = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def scan(
    paths: Sequence[Path], look: Look, *, progress: Progress, root: Path | None = None
) -> list[Scanned]:
    """Look at every PATH, in their order.

    Args:
        paths: what to look at.
        look: how to look.
        progress: told how many files and bytes were looked at, over all paths.
        root: the root file system that directories and files lie in, where it is not to be guessed.
    """
    done: list[Scanned] = []
    machine = [_files(path) for path in paths if path.is_dir()]
    for path in paths:
        before = [one.coverage for one in done]
        onward = partial(_onward, progress, before)
        done.append(_Scan(path, look, onward, root, machine).scanned())
    return done


def _onward(progress: Progress, before: Sequence[Coverage], files: int, size: int) -> None:
    progress(files + sum(one.looked_at for one in before), size + sum(one.size for one in before))


def _files(
    path: Path, system: Path | None = None, machine: Sequence[DirectoryFiles] = ()
) -> DirectoryFiles:
    return DirectoryFiles(
        str(path),
        limit=MAX_TEXT,
        is_harmless=is_harmless,
        system=None if system is None else _files(system),
        machine=machine,
    )


class _Scan(NamedTuple):
    """One PATH to look at."""

    path: Path
    look: Look
    progress: Progress
    root: Path | None
    machine: Sequence[DirectoryFiles]

    def scanned(self) -> Scanned:
        """What is there: a directory, an archive or image, or a single file."""
        path = self.path
        try:
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                return self._directory()
            if stat.S_ISREG(mode) and _is_archive(path):
                return self._archive()
        except OSError as error:
            place = unreadable(Location(str(path), ""), error)
            return Scanned((System(_files(path), (place,)),), Coverage(0, 0, 1))
        return self._file()

    def _archive(self) -> Scanned:
        from anchors.auditing.scan.archive import scan_archive  # noqa: PLC0415 - an optional extra
        from anchors.auditing.scan.oci_image import is_image, scan_image  # noqa: PLC0415 - the same

        scan_packed = scan_image if is_image(self.path) else scan_archive
        return scan_packed(self.path, self.look, progress=self.progress)

    def _directory(self) -> Scanned:
        if (self.path / "oci-layout").is_file() or is_copied(self.path):
            from anchors.auditing.scan.oci_image import scan_image  # noqa: PLC0415 - an extra

            return scan_image(self.path, self.look, progress=self.progress)
        tree = _Tree(str(self.path), self.look, self.progress)
        tree.walk()
        places = sorted(tree.places, key=lambda place: os.fsencode(place.location.path))
        files = _files(self.path, self.root, self._others())
        return Scanned((System(files, tuple(places)),), tree.coverage, tree.unopened)

    def _others(self) -> list[DirectoryFiles]:
        return [one for one in self.machine if one.root != str(self.path)]

    def _file(self) -> Scanned:
        """One file; what it names is looked for in the root file system that it lies in."""
        root, name, is_system = _split(self.path, self.root)
        location = Location(root, name)
        looked = read_file(location, str(self.path), None, at=self.look.at, flags=_FOLLOW)
        found = () if looked.place is None else (looked.place,)
        unread = sum(one.reading is None for one in found)
        # Who gives a file that lies in no system of its own means the machine that runs.
        system = self.root or (None if is_system else Path("/"))
        files = _files(Path(root), system, self._others())
        return Scanned((System(files, found),), Coverage(1, looked.size, unread))


def _split(path: Path, root: Path | None) -> tuple[str, str, bool]:
    """The root file system that a single file lies in, and its path below that.

    The third: whether that is plainly one, and not what only its path tells.
    """
    if root is not None and path.is_relative_to(root):
        return str(root), str(path.relative_to(root)), True
    above = root_above(str(path.parent), os.path.isdir)
    if above is None:
        return str(path.parent), path.name, False
    system = Path(above.path or ("/" if path.is_absolute() else "."))
    return str(system), str(path.relative_to(system)), above.is_system


def _is_archive(path: Path) -> bool:
    with path.open("rb") as stream:
        return is_archive(stream.read(HEAD))


class _Tree:
    """A walk over a directory tree, in this process until it turns out to be large."""

    def __init__(self, root: str, look: Look, progress: Progress) -> None:
        self.root, self.look, self.progress = root, look, progress
        self.places: list[Place] = []
        self.unopened = Unopened()
        self.coverage = Coverage()
        self.has_ended = False
        self.waiting = deque([""])

    def walk(self) -> None:
        for _ in range(_POOL_FROM):
            if not self.waiting:
                return
            self.add(visit(self.root, self.waiting.popleft(), self.look))
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
                    running[pool.submit(_visit_all, self.root, batch, self.look)] = batch
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
                return pool.submit(_visit_all, self.root, [folder], self.look).result()[0]
        except BrokenProcessPool as error:
            place = unreadable(Location(self.root, folder), error)
            return Visited([place], Coverage(0, 0, 1), [])

    def add(self, visited: Visited) -> None:
        if self.has_ended:
            # What was at work when the limit was reached.
            return
        self.places += visited.places
        self.unopened.add(visited.archives)
        self.coverage = Coverage(*map(sum, zip(self.coverage, visited.coverage, strict=True)))
        self.progress(self.coverage.looked_at, self.coverage.size)
        if self.coverage.looked_at > MAX_FILES:
            self._end(_TOO_MANY)
        elif len(self.places) > MAX_PLACES:
            self._end(_TOO_MANY_PLACES)
        else:
            self.waiting.extend(visited.folders)

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


def _visit_all(root: str, folders: Iterable[str], look: Look) -> list[Visited]:
    return [visit(root, folder, look) for folder in folders]
