"""Writing one report: whole or not at all, and never through a link.

A link may be planted by somebody else.  The kernel keeps a program from following such a link in a
directory that all may write to; a program that resolves the link by itself goes around that.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from anchors.pipeline.directory import undisturbed
from anchors.pipeline.replaceable import not_written

__all__ = ["write_report"]

_MODE = 0o666
_TRIES = 5
# How long a FIFO may be without a reader, which may be started just after us.
_READER_SECONDS = 5.0
_POLL_SECONDS = 0.05
# O_PATH: a directory that may be written to need not be one that may be listed.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
_OURS = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,9})")
_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


def write_report(path: Path, content: bytes) -> None:
    """Write one file: a new one by the umask, an old one of the user's own with its mode.

    A FIFO or a device is written into, and so is a descriptor of this process by its name
    (``/dev/stdout``, ``/dev/fd/3``; a shell's ``>(command)`` is one).  A link is refused.

    Raises:
        OutputFailed: the file could not be written; a file that was there is untouched.
    """
    try:
        descriptor = _descriptor_named(str(path))
        if descriptor is not None:
            _write_given(descriptor, content)
            return
        with _opened(path.parent, _FOLDER) as folder:
            _write_in(folder, path.name, content)
    except (OSError, ValueError) as error:
        raise not_written(path, error) from error


def _descriptor_named(name: str) -> int | None:
    numbered = _OURS.fullmatch(name)
    return int(numbered[1]) if numbered else _STREAMS.get(name)


@contextlib.contextmanager
def _opened(
    name: str | Path, flags: int, folder: int | None = None, mode: int = 0
) -> Iterator[int]:
    descriptor = os.open(name, flags, mode, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_given(descriptor: int, content: bytes) -> None:
    # What this process has opened itself is not inheritable.
    if not os.get_inheritable(descriptor):
        raise OSError(errno.EBADF, "not a file descriptor that this process was given")
    _write_all(descriptor, content)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _write_in(folder: int, name: str, content: bytes) -> None:
    if name in {"", ".."}:
        raise IsADirectoryError(errno.EISDIR, "a directory, not a file")
    status = _status(folder, name)
    kind = stat.S_IFREG if status is None else stat.S_IFMT(status.st_mode)
    if status is None or kind == stat.S_IFREG:
        _write_whole(folder, name, content, status)
    elif kind == stat.S_IFLNK:
        raise OSError(errno.ELOOP, "a symbolic link: name the file itself")
    elif kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, "a directory, not a file")
    else:
        _require_not_planted(folder, status)
        _write_into(folder, name, content)


def _status(folder: int, name: str) -> os.stat_result | None:
    with contextlib.suppress(FileNotFoundError):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    return None


def _require_not_planted(folder: int, status: os.stat_result) -> None:
    """As the kernel has it of regular files and FIFOs (fs.protected_fifos, proc_sys_fs(5))."""
    place = os.fstat(folder)
    shared = place.st_mode & stat.S_ISVTX and place.st_mode & stat.S_IWOTH
    if shared and status.st_uid not in {os.geteuid(), place.st_uid}:
        raise PermissionError(
            errno.EACCES, "somebody else's file in a directory that everybody may write to"
        )


def _write_into(folder: int, name: str, content: bytes) -> None:
    """Write into a FIFO or a device."""
    descriptor = _open_writable(folder, name)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EBUSY, "replaced meanwhile")
        os.set_blocking(descriptor, True)
        _write_all(descriptor, content)
    finally:
        os.close(descriptor)


def _open_writable(folder: int, name: str) -> int:
    # O_NONBLOCK: opening a FIFO that nobody reads must not hang.
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
    until = time.monotonic() + _READER_SECONDS
    while True:
        try:
            return os.open(name, flags, dir_fd=folder)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > until:
                raise OSError(errno.ENXIO, "nobody reads from there") from error
        time.sleep(_POLL_SECONDS)


def _write_whole(folder: int, name: str, content: bytes, old: os.stat_result | None) -> None:
    prefix = f".{name[:40]}.root-anchors-new-"
    _clear_abandoned(folder, prefix)
    with undisturbed():
        for _ in range(_TRIES):
            # Another run that clears may take the file for one that a killed run left.
            with contextlib.suppress(FileNotFoundError):
                _try(folder, prefix + secrets.token_hex(4), name, content, old)
                return
    raise OSError(errno.EBUSY, "another run clears this directory")


def _try(folder: int, begun: str, name: str, content: bytes, old: os.stat_result | None) -> None:
    """Write ``content`` under the name ``begun``, then give it its own."""
    # The mode of somebody else's file may be planted.
    kept = stat.S_IMODE(old.st_mode) if old is not None and old.st_uid == os.geteuid() else None
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with _opened(begun, flags, folder, _MODE if kept is None else 0o600) as descriptor:
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if kept is not None:
                os.fchmod(descriptor, kept)
            _write_all(descriptor, content)
            os.fsync(descriptor)
            os.replace(begun, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(begun, dir_fd=folder)
            raise


def _clear_abandoned(folder: int, prefix: str) -> None:
    """Remove what killed runs for this file left: files of ours that nobody holds locked."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.suppress(OSError), _opened(".", os.O_RDONLY, folder) as listed:
        for name in filter(
            re.compile(re.escape(prefix) + "[0-9a-f]{8}").fullmatch,
            os.listdir(listed),  # noqa: PTH208 - of a descriptor
        ):
            with contextlib.suppress(OSError), _opened(name, flags, folder) as held:
                status = os.fstat(held)
                if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(name, dir_fd=folder)
