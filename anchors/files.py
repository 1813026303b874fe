"""Bounded reading of regular files: never a device, a FIFO, or more than was asked for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = ["read_regular"]


def read_regular(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes.

    Raises:
        OSError: it cannot be read, is not a regular file, or is larger (``errno`` unset).
    """
    # O_NONBLOCK: opening a FIFO that nobody writes to must not hang.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            message = f"{path} is not a regular file"
            raise OSError(message)
        data = stream.read(limit + 1)
    if len(data) > limit:
        message = f"{path} is larger than {limit} bytes"
        raise OSError(message)
    return data
