"""Bounded reading of regular files: never a device, a FIFO, or more than was asked for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from anchors.checks import Check
from anchors.errors import UsageError

__all__ = ["read_given", "read_regular", "unreadable"]


def read_regular(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes.

    Raises:
        OSError: it cannot be read, is not a regular file, or is larger (``EFBIG``).
    """
    # O_NONBLOCK: opening a FIFO that nobody writes to must not hang.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
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


def read_given(path: Path, limit: int) -> bytes:
    """As :func:`read_regular`, for a file that the user named.

    Raises:
        UsageError: it cannot be read so.
    """
    try:
        return read_regular(path, limit)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> UsageError:
    """The error for a file that the user named and that is of no use."""
    return UsageError(
        Check.USAGE,
        "the file given with --dns or --skr cannot be read",
        got=f"{path}: {error}",
        want="--dns live, recorded, none, FILE or skr:FILE; --skr FILE",
        remedy="name such a file, or use another --dns",
    )
