"""Search each PATH: a tree, a file and the files that it names, an archive, or an image."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from anchors.auditing.scan.classify import unreadable
from anchors.auditing.scan.directory_files import DirectoryFiles
from anchors.auditing.scan.folder import read_file
from anchors.auditing.scan.found import Coverage, Scanned, System
from anchors.auditing.scan.libarchive import require_library
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.magic import HEAD, is_archive
from anchors.auditing.scan.oci_layout import is_layout
from anchors.auditing.scan.root_files import root_above
from anchors.auditing.scan.walk import Tree
from anchors.auditing.workers import Ended, Progress, alone
from anchors.consumers.files import Location

__all__ = ["scan"]

_FOLLOW = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def scan(
    paths: Sequence[Path], look: Look, *, progress: Progress, root: Path | None = None
) -> list[Scanned]:
    """Search every PATH, in their order.

    Args:
        paths: the PATHs.
        look: the options of the search.
        progress: called with the number of files and bytes that were read, for all paths.
        root: the root file system that directories and files lie in, where it is not to be guessed.
    """
    done: list[Scanned] = []
    machine = [_files(path) for path in paths if path.is_dir()]
    for path in paths:
        onward = partial(_onward, progress, [one.coverage for one in done])
        one = _Scan(path, look, onward, root, machine)
        is_ended = bool(done) and done[-1].is_part
        done.append(one.interrupted() if is_ended else one.scanned())
    return done


def _onward(progress: Progress, before: Sequence[Coverage], files: int, size: int) -> None:
    progress(files + sum(one.looked_at for one in before), size + sum(one.size for one in before))


def _files(
    path: Path, system: Path | None = None, machine: Sequence[DirectoryFiles] = ()
) -> DirectoryFiles:
    outer = None if system is None else _files(system)
    return DirectoryFiles(str(path), system=outer, machine=machine)


class _Scan(NamedTuple):
    """One PATH to look at."""

    path: Path
    look: Look
    progress: Progress
    root: Path | None
    machine: Sequence[DirectoryFiles]

    def scanned(self) -> Scanned:
        """What is there: a directory, an archive or image, or a single file."""
        try:
            return self._scanned()
        except KeyboardInterrupt:
            if not self.look.keeps_part:
                raise
            return self.interrupted()

    def interrupted(self) -> Scanned:
        """That it was not looked at."""
        return self._unread(OSError("interrupted"))._replace(is_part=True)

    def _scanned(self) -> Scanned:
        path = self.path
        try:
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode) and not is_layout(path):
                return self._directory()
            if stat.S_ISDIR(mode) or (stat.S_ISREG(mode) and _is_archive(path)):
                require_library()
                return self._alone(self._packed)
        except OSError as error:
            return self._unread(error)
        return self._alone(self._file)

    def _alone(self, look_at: Callable[[Progress], Scanned]) -> Scanned:
        """What a worker finds; what ends it is told of the whole PATH."""
        found = alone(look_at, progress=self.progress)
        return self._unread(OSError(found.reason)) if isinstance(found, Ended) else found

    def _unread(self, error: OSError) -> Scanned:
        place = unreadable(Location(str(self.path), ""), error)
        return Scanned((System(_files(self.path), (place,)),), Coverage(0, 0, 1))

    def _packed(self, progress: Progress) -> Scanned:
        from anchors.auditing.scan.archive import scan_archive  # noqa: PLC0415 - an optional extra
        from anchors.auditing.scan.oci_image import scan_image  # noqa: PLC0415 - the same

        if is_layout(self.path):
            return scan_image(self.path, self.look, progress=progress)
        return scan_archive(self.path, self.look, progress=progress)

    def _directory(self) -> Scanned:
        # Of the whole machine the file systems of others, of networks, and of the kernel are none.
        look = self.look._replace(stays=self.path.resolve() == Path("/"))
        tree = Tree(str(self.path), look, self.progress)
        tree.walk()
        places = sorted(tree.places, key=lambda place: os.fsencode(place.location.path))
        files = _files(self.path, self.root, self._others())
        found = (System(files, tuple(places)),)
        mounts = tuple(sorted(tree.mounts))
        return Scanned(found, tree.coverage, tree.unopened, mounts, tree.is_part)

    def _others(self) -> list[DirectoryFiles]:
        return [one for one in self.machine if one.root != str(self.path)]

    def _file(self, progress: Progress) -> Scanned:
        """One file; what it names is looked for in the root file system that it lies in."""
        root, name, is_system = _split(self.path, self.root)
        location = Location(root, name)
        total = 0

        def read(size: int) -> None:
            nonlocal total
            total += size
            progress(1, total)

        name = str(self.path)
        looked = read_file(location, name, None, at=self.look.at, read=read, flags=_FOLLOW)
        found = () if looked.place is None else (looked.place,)
        unread = sum(one.reading is None for one in found)
        # Who gives a file that lies in no system of its own means the machine that runs.
        system = self.root or (None if is_system else Path("/"))
        files = _files(Path(root), system, self._others())
        return Scanned((System(files, found),), Coverage(1, total, unread))


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
