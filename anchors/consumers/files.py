"""The files of one root file system, as the programs that run in it find them."""

from __future__ import annotations

import re
import stat
from typing import NamedTuple, Protocol

__all__ = ["File", "Files", "Location", "Status"]

_PACKAGE = re.compile(r"\.(?:u?deb|rpm|apk|ipk|pkg\.tar(?:\.\w+)?)$")


class Location(NamedTuple):
    """Where content lies: ``path`` inside ``root``, with ``/`` between names and none in front.

    Attributes:
        root: the PATH that was audited: a directory, an archive, or a file's directory.
        path: below it; names that are no UTF-8 are decoded with ``surrogateescape``.
        inside: ``root`` is an archive or an image, and ``path`` a member of it.
        base: what ``path`` begins with where one of several images begins; it ends with ``/``.
    """

    root: str
    path: str
    inside: bool = False
    base: str = ""

    @property
    def is_packaged(self) -> bool:
        """Whether it is in a package, which others and its own scripts complete."""
        return self.inside and _PACKAGE.search(self.root) is not None

    @property
    def text(self) -> str:
        """As a person finds it."""
        if not self.path:
            return self.root
        return f"{self.root}{':' if self.inside else '/'}{self.path}".replace("//", "/")


class Status(NamedTuple):
    """Mode and owners of a file or directory, as ``stat`` tells them.

    Attributes:
        mode: with the kind of file.
        uid: of its owner.
        gid: of its group.
        is_final: nobody changes them before the program starts, as the scripts of a package do.
        is_open: everybody may search the directories above.
    """

    mode: int
    uid: int
    gid: int
    is_final: bool = True
    is_open: bool = True

    @property
    def may_be_written(self) -> bool:
        """Whether somebody other than root may write there, as far as is known."""
        if not self.is_final:
            return True
        return self._others(stat.S_IWUSR, stat.S_IWGRP, stat.S_IWOTH)

    @property
    def may_be_read(self) -> bool:
        """Whether somebody other than root may read there, as far as is known."""
        if not self.is_final:
            return True
        return self._others(stat.S_IRUSR, stat.S_IRGRP, stat.S_IROTH)

    @property
    def all_may_read(self) -> bool:
        """Whether every user may read there, as far as is known."""
        return not self.is_final or bool(self.is_open and self.mode & stat.S_IROTH)

    @property
    def may_be_searched(self) -> bool:
        """Whether somebody other than root may look up a name in the directory."""
        return self._others(stat.S_IXUSR, stat.S_IXGRP, stat.S_IXOTH)

    def _others(self, by_user: int, by_group: int, by_all: int) -> bool:
        """Whether the mode lets somebody other than root: a user, a group, or everybody."""
        is_users = self.mode & by_user and self.uid
        is_groups = self.mode & by_group and self.gid
        return bool(is_users or is_groups or self.mode & by_all)


class File(NamedTuple):
    """One regular file.

    Attributes:
        location: where it lies, every link followed.
        content: all of it, or ``None`` where it was not read.
        status: its mode and owners, where they are known.
        unread: why it was not read, in words, where ``content`` is ``None``.
    """

    location: Location
    content: bytes | None
    status: Status | None = None
    unread: str = ""


class Files(Protocol):
    """A root file system.  Links are followed as far as they stay below it.

    A ``path`` that begins with ``/`` is taken from the root file system of ``seen_from``; any other
    from the directory of ``seen_from``, which is the configuration that names it.
    """

    def find(self, path: str, seen_from: Location) -> File | None:
        """The regular file at ``path``, or ``None``."""

    def is_absent(self, path: str, seen_from: Location) -> bool:
        """Whether nothing is there, for sure: its directory was looked into.

        Where that directory itself is not below what is audited, nobody can tell.
        """

    def folder(self, path: str, seen_from: Location) -> Status | None:
        """The directory at ``path``, or ``None``."""

    def matching(self, pattern: str, seen_from: Location) -> list[File]:
        """The regular files that a pattern finds (glob(7)), by name; a directory is none."""

    def below(self, path: str, seen_from: Location) -> list[File]:
        """The regular files that lie in the directory at ``path`` itself, by name."""

    def listed(self, path: str, seen_from: Location) -> list[str]:
        """The names in the directory at ``path``, whatever they belong to, in their order."""
