"""An audited directory, in which files are found as the programs find them."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Iterator, Sequence

from anchors.auditing.scan.blocklist import first_of_each_form
from anchors.auditing.scan.classify import MAX_TEXT
from anchors.auditing.scan.folder import READ, harmless, opened, up_to
from anchors.auditing.scan.root_files import MAX_LISTED, Entry, RootFiles, without_dots
from anchors.consumers.files import File, Location, Status

__all__ = ["DirectoryFiles"]


class DirectoryFiles(RootFiles):
    """An audited directory.

    Args:
        root: the directory.
        system: the root file system that contains the directory, if one is given.
        machine: other directories that belong to the same machine, by their absolute paths.
    """

    def __init__(
        self,
        root: str,
        *,
        system: DirectoryFiles | None = None,
        machine: Sequence[DirectoryFiles] = (),
    ) -> None:
        super().__init__(root, inside=False)
        self._system = system
        self._others = (*([system] if system is not None else []), *machine)
        self.absolute = posixpath.abspath(root).rstrip("/") + "/"

    def candidates(self, path: str, seen_from: Location) -> Iterator[str]:
        """An absolute path is taken as it is where it lies below the directory itself."""
        for outer in self._outer(path):
            if outer.startswith(self.absolute):
                own = without_dots(outer.removeprefix(self.absolute))
                if own is not None:
                    yield own
        yield from super().candidates(path, seen_from)

    def _outer(self, path: str) -> list[str]:
        """What an absolute path inside the root file system is called on this machine."""
        if not path.startswith("/"):
            return []
        inside = [] if self._system is None else [self._system.absolute + path.lstrip("/")]
        return [*inside, path]

    def _elsewhere(self, path: str) -> Iterator[tuple[DirectoryFiles, str]]:
        """The other directories of the machine that an absolute path lies in, and its path there.

        What begins with a slash there is a path of its own root, so that nothing is nested.
        """
        for outer in self._outer(path):
            for other in self._others:
                if outer.startswith(other.absolute):
                    inner = without_dots(outer.removeprefix(other.absolute))
                    if inner is not None:
                        yield other, f"/{inner}"

    def find(self, path: str, seen_from: Location) -> File | None:
        """As in :class:`RootFiles`; then in the other directories of the machine."""
        found = super().find(path, seen_from)
        for other, inner in self._elsewhere(path) if found is None else ():
            found = found or other.find(inner, other.location(""))
        return found

    def is_absent(self, path: str, seen_from: Location) -> bool:
        """As in :class:`RootFiles`; or another directory of the machine was looked into for it."""
        if self.find(path, seen_from) is not None:
            return False
        elsewhere = self._elsewhere(path)
        return super().is_absent(path, seen_from) or any(
            other.is_absent(inner, other.location("")) for other, inner in elsewhere
        )

    def folder(self, path: str, seen_from: Location) -> Status | None:
        """As in :class:`RootFiles`; then in the other directories of the machine."""
        found = super().folder(path, seen_from)
        for other, inner in self._elsewhere(path) if found is None else ():
            found = found or other.folder(inner, other.location(""))
        return found

    def matching(self, pattern: str, seen_from: Location) -> list[File]:
        """As in :class:`RootFiles`; then in the other directories of the machine."""
        found = super().matching(pattern, seen_from)
        for other, inner in self._elsewhere(pattern) if not found else ():
            found = found or other.matching(inner, other.location(""))
        return found

    def below(self, path: str, seen_from: Location) -> list[File]:
        """As in :class:`RootFiles`; then in the other directories of the machine."""
        found = super().below(path, seen_from)
        for other, inner in self._elsewhere(path) if not found else ():
            found = found or other.below(inner, other.location(""))
        return found

    def at(self, location: Location) -> File | None:
        """The file at a location of this machine."""
        of_others = (other.at(location) for other in self._others)
        return super().at(location) or next((file for file in of_others if file is not None), None)

    def is_whole(self) -> bool:
        """What is looked for lies in a directory that was looked into."""
        return True

    def entry(self, path: str) -> Entry | None:
        """As ``lstat`` tells."""
        try:
            status = os.lstat(posixpath.join(self.root, path))
            link = None
            if stat.S_ISLNK(status.st_mode):
                link = os.readlink(posixpath.join(self.root, path))  # noqa: PTH115 - no UTF-8
        except (OSError, ValueError):
            return None
        return Entry(Status(status.st_mode, status.st_uid, status.st_gid), link)

    def names(self, folder: str) -> list[str]:
        """The names in a folder, sorted."""
        try:
            found = os.listdir(posixpath.join(self.root, folder))  # noqa: PTH208 - no UTF-8
        except OSError:
            return []
        return sorted(found, key=os.fsencode)[:MAX_LISTED]

    def read(self, path: str, entry: Entry) -> File:
        """The file, reached name by name: a link that was put in its way is refused."""
        location = self.location(path)
        try:
            descriptor = self._open(path)
        except OSError as error:
            return File(location, None, entry.status, error.strerror or str(error))
        try:
            content = _content(descriptor)
        except OSError as error:
            return File(location, None, entry.status, error.strerror or str(error))
        finally:
            os.close(descriptor)
        if content is None:
            return File(location, None, entry.status, f"it is larger than {MAX_TEXT:,} bytes")
        return File(location, content, entry.status)

    def _open(self, path: str) -> int:
        folder, name = posixpath.split(path)
        with opened(self.root, folder) as descriptor:
            return os.open(name, READ, dir_fd=descriptor)


def _content(descriptor: int) -> bytes | None:
    """All of it; of a large list without a word that matters, the first line of each form."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    content = up_to(descriptor, status.st_size, MAX_TEXT)
    if len(content) <= MAX_TEXT:
        return content
    os.lseek(descriptor, 0, os.SEEK_SET)
    text = harmless(descriptor)
    return None if text is None else first_of_each_form(text)
