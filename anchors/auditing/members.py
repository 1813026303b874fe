"""The members of an archive in a stream, through libarchive; nothing is extracted.

Only the formats and filters that packages use: libarchive's "all" would let an mtree archive open
files of this machine.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Iterator
from io import RawIOBase
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from anchors.auditing.walk import may_write
from anchors.checks import Check
from anchors.errors import UsageError

if TYPE_CHECKING:
    from libarchive.read import ArchiveRead

__all__ = ["BLOCK", "DamagedArchive", "Member", "Readable", "as_stream", "members_of"]

BLOCK = 1 << 16
# tar and what is written as tar, Debian's outer format, and the inside of an RPM.
_FORMATS = ("tar", "gnutar", "ar", "cpio")
_FILTERS = ("bzip2", "gzip", "lzma", "rpm", "xz", "zstd")


class DamagedArchive(ValueError):
    """The archive cannot be read any further."""


class Readable(Protocol):
    """A binary stream."""

    def read(self, size: int, /) -> bytes | None:
        """At most ``size`` bytes; empty at the end."""


class Member(NamedTuple):
    """One member; its ``blocks`` are there until the next one is asked for.

    Attributes:
        path: its name without leading ``/`` and ``./``; ``None`` where it has none.
        is_file: it is a regular file with content, neither a link nor a device.
        is_folder: it is a directory.
        writable: whether somebody other than root may write it.
        blocks: the content.
    """

    path: str
    is_file: bool
    is_folder: bool
    writable: bool
    blocks: Iterator[bytes]


class _Blocks(RawIOBase):
    """A member's content as a stream, for an archive inside an archive."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        if not self._left:
            self._left = next(self._blocks, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def as_stream(member: Member) -> Readable:
    """A member's content as a stream."""
    return _Blocks(member.blocks)


def members_of(stream: Readable) -> Iterator[Member]:
    """Every member in the archive's order.

    Raises:
        DamagedArchive: it cannot be read any further.
        UsageError: libarchive-c, the optional extra ``archives``, or libarchive is not there.
    """
    _require_library()
    from libarchive.exception import ArchiveError  # noqa: PLC0415 - an optional extra

    try:
        with _opened(stream) as archive:
            for entry in archive:
                yield _member(entry)
    except (ArchiveError, ValueError, OverflowError, EOFError, OSError) as error:
        if isinstance(error, DamagedArchive):
            raise
        raise DamagedArchive(str(error)) from error


def _require_library() -> None:
    try:
        # Without libarchive itself, the import fails with these.
        import libarchive  # noqa: F401, PLC0415 - an optional extra
    except (ImportError, OSError, TypeError, AttributeError) as error:
        raise UsageError(
            Check.USAGE,
            "looking into archives and images needs libarchive-c and libarchive",
            got=f"{type(error).__name__}: {error}",
            want="the optional extra archives",
            remedy="install root-anchors[archives], or Debian's python3-libarchive-c",
        ) from error
    # Its warnings have names from the archive in them, and would reach the terminal as they are.
    logging.getLogger("libarchive").addHandler(logging.NullHandler())


@contextlib.contextmanager
def _opened(stream: Readable) -> Iterator[ArchiveRead]:
    from libarchive import ffi  # noqa: PLC0415 - an optional extra
    from libarchive.read import ArchiveRead  # noqa: PLC0415 - the same

    failures: list[BaseException] = []
    read = ffi.READ_CALLBACK(_callback(stream, failures))
    archive = ffi.read_new()
    try:
        for name in _FILTERS:
            ffi.get_read_filter_function(name)(archive)
        for name in _FORMATS:
            ffi.get_read_format_function(name)(archive)
        try:
            ffi.read_open(archive, None, ffi.NO_OPEN_CB, read, ffi.NO_CLOSE_CB)
            yield ArchiveRead(archive)
        except Exception as error:
            # What went wrong below libarchive is the cause of what it tells.
            if failures:
                raise DamagedArchive(str(failures[0])) from error
            raise
    finally:
        ffi.read_free(archive)


def _callback(stream: Readable, failures: list[BaseException]) -> Any:  # noqa: ANN401 - ctypes
    """What libarchive calls for the next bytes: an exception must not pass through C."""
    from ctypes import POINTER, c_char, c_void_p, cast  # noqa: PLC0415 - only with the extra

    kept: list[Any] = []

    def read(_archive: Any, _context: Any, place: Any) -> int:  # noqa: ANN401 - ctypes
        try:
            data = stream.read(BLOCK) or b""
        except Exception as error:  # noqa: BLE001 - told by the one who called libarchive
            failures.append(error)
            return -1
        buffer = (c_char * len(data)).from_buffer_copy(data)
        # libarchive reads it until it asks again.
        kept[:] = [buffer]
        cast(place, POINTER(c_void_p))[0] = cast(buffer, c_void_p)
        return len(data)

    return read


def _member(entry: Any) -> Member:  # noqa: ANN401 - libarchive-c has no types
    mode = entry.mode
    return Member(
        _path(entry.pathname),
        entry.isreg and not entry.islnk,
        stat.S_ISDIR(mode),
        may_write(mode, entry.uid, entry.gid),
        _blocks(entry),
    )


def _blocks(entry: Any) -> Iterator[bytes]:  # noqa: ANN401 - libarchive-c has no types
    from libarchive.exception import ArchiveError  # noqa: PLC0415 - an optional extra

    try:
        yield from entry.get_blocks(block_size=BLOCK)
    except ArchiveError as error:
        raise DamagedArchive(str(error)) from error


def _path(name: str | bytes | None) -> str:
    text = os.fsdecode(name) if isinstance(name, bytes) else name or ""
    return "/".join(part for part in text.split("/") if part not in {"", "."})
