"""Write a directory atomically: it contains the old set or the new set, never a mixture."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import glob
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from anchors.core.errors import AnchorsError, UsageError
from anchors.pipeline.replaceable import (
    identity,
    is_ours,
    not_ours,
    not_written,
    require_replaceable,
)

__all__ = ["undisturbed", "write_directory"]

_FILE_MODE = 0o644
_FOLDER_MODE = 0o755
# Constants of renameat2(2), Linux.
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_CANNOT_LOCK = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})
_TRIES = 5
# How long to wait for another run that is at its swap, and how often to look.
_TURN_SECONDS, _TURN_EVERY = 5.0, 0.01
_INTERRUPTS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_CANNOT_EXCHANGE = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})


def _accept(_path: Path) -> None:
    """Whatever set of ours is there may be replaced."""


def write_directory(
    path: Path, files: Mapping[str, bytes], *, accept: Callable[[Path], None] = _accept
) -> None:
    """Replace the content of ``path`` by ``files`` (relative names), in one step.

    The new set is staged beside ``path`` under an unpredictable private name, flushed, and
    swapped with ``path``.

    Args:
        path: the directory.
        files: its content.
        accept: raises an :class:`AnchorsError` where the set of ours in a directory must not be
            replaced; asked just before the swap, and once more of what the swap took away.

    Raises:
        AnchorsError: raised by ``accept``; the old set is in place again.
        UsageError: ``path`` may not be replaced.
        OutputFailed: the directory could not be written; the old set is untouched.
    """
    try:
        path = path.absolute()
        require_replaceable(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with _staging(path) as staged:
            _write_files(staged, files)
            mode = _mode_for(path, _FOLDER_MODE)
            for folder in {(staged / name).parent for name in files} - {staged}:
                folder.chmod(_FOLDER_MODE)
                _flush_folder(folder)
            staged.chmod(mode)
            _flush_folder(staged)
            _swap_in(staged, path, accept)
        # The new set is there: a failure to flush its name must not be told as one to write.
        with contextlib.suppress(OSError):
            _flush_folder(path.parent)
    except (OSError, ValueError) as error:
        raise not_written(path, error) from error


def _mode_for(path: Path, new: int) -> int:
    """The mode of what is there, if it is the user's own: somebody else's may be planted."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return new
    return stat.S_IMODE(status.st_mode) if status.st_uid == os.geteuid() else new


@contextlib.contextmanager
def _staging(path: Path) -> Iterator[Path]:
    """A new private folder beside ``path``, locked while we live and gone afterwards."""
    _clear_abandoned(path)
    with undisturbed(), contextlib.ExitStack() as stack:
        folder = _locked_folder(path, stack)
        try:
            yield folder
        finally:
            # After the swap this holds the old set, before it the unfinished new one.
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Delay Ctrl-C and SIGTERM: an interruption here could leave files behind."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _private_folder(path: Path, purpose: str) -> Path:
    """A new folder beside ``path``, with an unpredictable name and mode 0700."""
    return Path(tempfile.mkdtemp(prefix=_prefix(path, purpose), dir=path.parent))


def _prefix(path: Path, purpose: str) -> str:
    return f".{path.name[:40]}.root-anchors-{purpose}-"


def _locked_folder(path: Path, stack: contextlib.ExitStack) -> Path:
    """A private folder that has its name only once it is locked."""
    for _ in range(_TRIES):
        begun = _private_folder(path, "begun")
        own = begun.name.removeprefix(_prefix(path, "begun"))
        folder = begun.with_name(_prefix(path, "new") + own)
        try:
            stack.enter_context(_locked(begun, needed=False))
            begun.rename(folder)
        except (FileNotFoundError, BlockingIOError):
            # Another run takes it for one that a killed run had left.
            continue
        except BaseException:
            shutil.rmtree(begun, ignore_errors=True)
            raise
        return folder
    raise OSError(errno.EBUSY, "another run clears this directory", str(path.parent))


def _clear_abandoned(path: Path) -> None:
    """Remove what killed runs for ``path`` left: folders of ours that nobody holds locked."""
    for purpose, remove in (("begun", os.rmdir), ("new", shutil.rmtree)):
        for folder in path.parent.glob(f"{glob.escape(_prefix(path, purpose))}????????"):
            with contextlib.suppress(OSError):
                status = folder.lstat()
                if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid():
                    with _locked(folder, needed=True):
                        remove(folder)


@contextlib.contextmanager
def _locked(folder: Path, *, needed: bool) -> Iterator[None]:
    """Hold the lock of a folder; where the system has no locks, only if it is ``needed``.

    Raises:
        OSError: another process holds it, or there are none and it is needed.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if needed or error.errno not in _CANNOT_LOCK:
                raise
        yield
    finally:
        os.close(descriptor)


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    with contextlib.ExitStack() as stack:
        # All begin to be written out before the first is waited for.
        streams = [
            stack.enter_context(_write_file(folder / name, content))
            for name, content in files.items()
        ]
        for stream in streams:
            os.fsync(stream.fileno())


def _write_file(path: Path, content: bytes) -> BinaryIO:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    stream = path.open("xb")
    try:
        os.fchmod(stream.fileno(), _FILE_MODE)
        stream.write(content)
        stream.flush()
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    except BaseException:
        stream.close()
        raise
    return stream


def _flush_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _swap_in(staged: Path, path: Path, accept: Callable[[Path], None]) -> None:
    with _turn(path) as ours:
        # Looked at again at the last moment: it may have changed since the run began.
        before = identity(path)
        if not require_replaceable(path):
            # Onto an absent or empty directory rename(2) is atomic, and fails on any other.
            staged.rename(path)
            return
        accept(path)
        new = identity(staged)
        if not _exchange(staged, path):
            _replace_in_two_steps(staged, path, accept)
            return
        # Without our turn another run may have put its set there since, or be removing the old one.
        with contextlib.nullcontext(ours) if ours else _locked_if_whole(staged) as whole:
            if whole:
                try:
                    _require_acceptable(staged, path, accept)
                except AnchorsError:
                    _put_back(staged, path, new)
                    raise
            elif identity(staged) not in {before, None}:
                # What is no longer whole must not come back, and was not judged either.
                raise not_written(path, OSError(errno.EBUSY, "other runs write it", str(path)))


@contextlib.contextmanager
def _turn(path: Path) -> Iterator[bool]:
    """Hold the lock of the set that is there, so that no other run replaces or clears it.

    ``False`` where there is nothing, where there are no locks, or where another process keeps the
    lock for long: anybody who may read the directory can.
    """
    until = time.monotonic() + _TURN_SECONDS
    with contextlib.ExitStack() as stack:
        held = False
        while not held:
            before = identity(path)
            attempt = contextlib.ExitStack()
            try:
                attempt.enter_context(_locked(path, needed=True))
            except BlockingIOError:
                if time.monotonic() >= until:
                    break
                time.sleep(_TURN_EVERY)
            except (OSError, ValueError):
                break
            else:
                # Another run may have put its set there before the lock was ours.
                held = identity(path) == before
                if held:
                    stack.push(attempt.pop_all())
                attempt.close()
        yield held


@contextlib.contextmanager
def _locked_if_whole(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder; ``False`` where another run has it, and is removing the folder."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(_locked(folder, needed=True))
        except OSError as error:
            yield error.errno in _CANNOT_LOCK
        else:
            yield True


def _require_acceptable(retired: Path, path: Path, accept: Callable[[Path], None]) -> None:
    """Look once more at what was at ``path``: nothing can come into it by that name any longer.

    Raises:
        AnchorsError: ``accept`` did.
        UsageError: somebody put a file there after the last look.
        OutputFailed: it cannot be looked at.
    """
    try:
        is_ours(retired)
    except UsageError as error:
        raise not_ours(path, error.got or "") from error
    accept(retired)


def _put_back(staged: Path, path: Path, new: tuple[int, int] | None) -> None:
    """Undo the exchange, unless another run has put its set there since.

    Raises:
        OutputFailed: it could not be undone; what was there lies beside.
    """
    with contextlib.suppress(OSError):
        if identity(path) == new and _exchange(staged, path):
            return
    # Under a name that no run clears.
    kept = staged.rename(_private_folder(path, "old"))
    held = f"what was put there meanwhile must stay, and lies in {kept.name} now"
    raise not_written(path, OSError(errno.EBUSY, held))


def _exchange(one: Path, other: Path) -> bool:
    """Swap two directories atomically; ``False`` where the system cannot."""
    import ctypes  # noqa: PLC0415 - only where there is something to exchange

    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    names = os.fsencode(one), os.fsencode(other)
    if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _replace_in_two_steps(staged: Path, path: Path, accept: Callable[[Path], None]) -> None:
    # Under a name that no other run clears: it will hold the old set.
    retired = _private_folder(path, "old")
    try:
        path.rename(retired)
        _require_acceptable(retired, path, accept)
        staged.rename(path)
    finally:
        # Whatever stopped us, Ctrl-C included: the old set goes only once the new one is there.
        if not staged.exists():
            shutil.rmtree(retired, ignore_errors=True)
        elif os.path.lexists(path):
            # Empty unless somebody took the place in between; then the old set stays beside it.
            with contextlib.suppress(OSError):
                retired.rmdir()
        else:
            retired.rename(path)
