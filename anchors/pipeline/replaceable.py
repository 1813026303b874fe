"""The directories that a build may replace: absent ones, empty ones, and sets of its own."""

from __future__ import annotations

import contextlib
import errno
from pathlib import Path

from anchors.core.checks import Check
from anchors.core.errors import ManifestRefused, OutputFailed, UsageError
from anchors.core.files import read_regular
from anchors.core.words import reason
from anchors.publication.manifest import DNS_FOLDER, MANIFEST_NAME, Manifest

__all__ = ["identity", "is_ours", "not_ours", "not_written", "require_replaceable"]

_MAX_MANIFEST = 1 << 20
_TRIES = 5


def require_replaceable(path: Path) -> bool:
    """Whether ``path`` is a directory of ours; absent and empty ones pass as well.

    Raises:
        UsageError: it is another directory or file, whose content would be lost.
        OutputFailed: it cannot be read.
    """
    for _ in range(_TRIES):
        before = identity(path)
        try:
            ours = is_ours(path)
        except (UsageError, OutputFailed):
            if identity(path) == before:
                raise
        else:
            if identity(path) == before:
                return ours
        # Another run has put its set there while we looked at the one before.
    raise not_written(path, OSError(errno.EBUSY, "other runs write it", str(path)))


def identity(path: Path) -> tuple[int, int] | None:
    """The identity of a directory, which another directory of the same name does not have."""
    with contextlib.suppress(OSError, ValueError):
        status = path.lstat()
        return status.st_dev, status.st_ino
    return None


def is_ours(path: Path) -> bool:
    """As :func:`require_replaceable`, for a directory that does not change meanwhile."""
    try:
        if not path.name or path.name == ".." or path.is_mount():
            raise not_ours(path, "a mount point or a directory with such a name")
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise not_ours(path, "a symbolic link or a file")
        held = _held_files(path) if path.exists() else frozenset()
        if not held:
            return False
        if MANIFEST_NAME not in held:
            raise not_ours(path, f"other files, but no {MANIFEST_NAME}")
        manifest = Manifest.loads(read_regular(path / MANIFEST_NAME, _MAX_MANIFEST))
    except ManifestRefused as error:
        raise not_ours(path, f"{MANIFEST_NAME}: {error.got}") from error
    except (OSError, ValueError) as error:
        # ValueError: a name that no file can have.
        raise not_written(path, error) from error
    foreign = sorted(held - manifest.paths)
    if foreign:
        raise not_ours(path, f"files that root-anchors did not write: {', '.join(foreign[:5])}")
    return True


def _held_files(path: Path) -> frozenset[str]:
    """Everything below ``path`` that replacing it would lose, in names relative to it."""
    recorded = path / DNS_FOLDER
    if not recorded.is_dir() or recorded.is_symlink():
        return frozenset(_names(path))
    # An empty folder is no set of ours, but it is something.
    inside = _names(recorded) or {""}
    return frozenset(_names(path, but=DNS_FOLDER) | {f"{DNS_FOLDER}/{name}" for name in inside})


def _names(folder: Path, but: str | None = None) -> set[str]:
    # What is not a plain file gets a name that no file can have.
    return {
        entry.name if entry.is_file() and not entry.is_symlink() else f"{entry.name}/ (not a file)"
        for entry in folder.iterdir()
        if entry.name != but
    }


def not_ours(path: Path, got: str) -> UsageError:
    """The error if the replacement of ``path`` would lose files of somebody else."""
    return UsageError(
        Check.OUTPUT_DIRECTORY,
        f"root-anchors does not replace {path}: it may contain other people's files",
        got=got,
        want="an absent or empty directory, or one that 'root-anchors build' wrote",
        remedy="name another directory with -o; nothing was changed",
    )


def not_written(path: Path, error: Exception) -> OutputFailed:
    """The error if ``path`` cannot be written because of ``error``."""
    return OutputFailed(
        Check.OUTPUT_WRITE,
        f"{path} cannot be written",
        got=reason(error),
        want="free space and permission to write there",
        remedy="free some space or correct the permissions; the old files are untouched",
    )
