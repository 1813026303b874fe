"""Bounded reading of regular files: never a device, a FIFO, or more than was asked for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.words import reason

__all__ = ["NotRegularFileError", "read_given", "read_regular", "read_regular_in"]

# O_NONBLOCK: opening a FIFO that nobody writes to must not hang.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0)
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
}


class NotRegularFileError(OSError):
    """A directory, a link, a FIFO, a socket or a device is where a regular file is wanted."""


def read_regular(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes.

    Raises:
        OSError: it cannot be read, is not a regular file, or is larger (``EFBIG``).
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError as error:
        raise OSError(errno.EINVAL, f"not a usable file name: {error}", str(path)) from error
    data = _read(descriptor, limit, path)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit} bytes", str(path))
    return data


def read_regular_in(folder: int, name: str, most: int) -> bytes:
    """The first ``most`` bytes of a regular file of a directory, never through a link.

    Args:
        folder: a descriptor of the directory.
        name: the file's name in the directory.
        most: the number of bytes to read at most.

    Raises:
        NotRegularFileError: the name is that of a link, a FIFO, a device or the like.
        OSError: the file is not there, or cannot be read.
    """
    # Asked before opening: a device may do something when it is opened.
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "a device")
        raise NotRegularFileError(errno.EINVAL, f"{kind}, not a regular file", name)
    descriptor = os.open(name, _FLAGS | os.O_NOFOLLOW, dir_fd=folder)
    return _read(descriptor, most - 1, Path(name))


def _read(descriptor: int, limit: int, path: Path) -> bytes:
    """One byte more than ``limit`` at most; the descriptor is closed."""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegularFileError(errno.EINVAL, "not a regular file", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(limit + 1)
    finally:
        os.close(descriptor)


def read_given(path: Path, limit: int, *, what: str, want: str) -> bytes:
    """As :func:`read_regular`, for a file that the user named.

    Args:
        path: the file.
        limit: the most bytes it may have.
        what: the file in words, for the error.
        want: what might have been named.

    Raises:
        UsageError: it cannot be read so.
    """
    try:
        return read_regular(path, limit)
    except OSError as error:
        raise UsageError(
            Check.USAGE,
            f"{what} cannot be read",
            got=f"{path}: {reason(error)}",
            want=want,
            remedy="give the path of a regular file",
        ) from error
