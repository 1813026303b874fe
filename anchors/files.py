"""Bounded reading of regular files: never a device, a FIFO, or more than was asked for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from anchors.checks import Check
from anchors.errors import UsageError

__all__ = ["read_given", "read_regular"]


def read_regular(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes.

    Raises:
        OSError: it cannot be read, is not a regular file, or is larger (``EFBIG``).
    """
    # O_NONBLOCK: opening a FIFO that nobody writes to must not hang.
    flags = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except ValueError as error:
        raise OSError(errno.EINVAL, f"not a name: {error}", str(path)) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            data = stream.read(limit + 1)
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit} bytes", str(path))
    return data


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
            got=f"{path}: {error}",
            want=want,
            remedy="name such a file",
        ) from error
