"""The members of an archive in a stream, through libarchive; nothing is extracted.

Only the formats and filters of packages are enabled: with libarchive's "all", an mtree archive
could open files of this machine.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from io import RawIOBase
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from anchors.auditing.scan.gnu_tar import refusing_odd_maps
from anchors.consumers.files import Status
from anchors.core.checks import Check
from anchors.core.errors import UsageError

if TYPE_CHECKING:
    from libarchive.read import ArchiveRead

__all__ = [
    "DamagedArchive",
    "Member",
    "Readable",
    "TooMuch",
    "as_stream",
    "members_of",
    "require_library",
]

_PIECE = 1 << 16
# ARCHIVE_EOF (archive.h).
_END = 1
# Linux opens no longer path.
_MAX_NAME = 4096
# tar and what is written as tar, Debian's outer format, the inside of an RPM, and what Java and
# Python pack.
_FORMATS = ("tar", "ar", "cpio", "zip")
_UNPACKED = ("raw", "empty")
_FILTERS = ("bzip2", "gzip", "lzma", "rpm", "xz", "zstd")


class DamagedArchive(ValueError):
    """The archive cannot be read any further."""


class TooMuch(DamagedArchive):
    """The archive exceeds a limit that no package or image needs to exceed."""


class Readable(Protocol):
    """A binary stream."""

    def read(self, size: int, /) -> bytes | None:
        """At most ``size`` bytes; empty at the end."""


class Member(NamedTuple):
    """One member; its ``blocks`` are there until the next one is asked for.

    Attributes:
        path: its name without leading ``/`` and ``./``; ``.`` if nothing is left.
        is_file: it is a regular file with content, neither a link nor a device.
        is_folder: it is a directory.
        status: its mode and owners.
        link: the target of a symbolic link; ``None`` for other members.
        blocks: the content.
        is_hard_link: it is another name of a member before it, whose content it has.
        holes: the size of each hole in what was read of it, and what its headers cut off.
    """

    path: str
    is_file: bool
    is_folder: bool
    status: Status
    link: str | None
    blocks: Iterator[bytes]
    is_hard_link: bool = False
    holes: Sequence[int] = ()


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


def members_of(
    stream: Readable, unpacked: Callable[[int], None], *, concatenated: bool = False
) -> Iterator[Member]:
    """Every member in the archive's order.

    Args:
        stream: the archive.
        unpacked: told of bytes that were unpacked, those of no member too; may raise ``TooMuch``.
        concatenated: whether a tar archive goes on after its end.

    Raises:
        DamagedArchive: it cannot be read any further.
        TooMuch: a limit was reached.
        UsageError: libarchive-c, the optional extra ``archives``, or libarchive is not there.
    """
    require_library()
    from libarchive.exception import ArchiveError  # noqa: PLC0415 - an optional extra

    try:
        # First what it is packed in: what libarchive unpacks by itself, it takes without a bound.
        with _opened(stream, _UNPACKED, _filters(), lambda _size: unpacked(0)) as (packed, below):
            if sum(name != b"rpm" for name in packed.filter_names) > 1:
                raise TooMuch("it is packed more than once")
            plain = _Blocks(refusing_odd_maps(_content(packed, below)))
            with _opened(plain, _FORMATS, (), unpacked, concatenated=concatenated) as (
                archive,
                failures,
            ):
                for entry in archive:
                    yield _member(entry, failures)
    except (ArchiveError, ValueError, OverflowError, EOFError, OSError) as error:
        if isinstance(error, DamagedArchive):
            raise
        raise _damage(error) from error


def _content(packed: ArchiveRead, failures: list[Exception]) -> Iterator[bytes]:
    """What is packed in any filter, or in none."""
    for entry in packed:
        yield from _blocks(entry, failures, [])


def _damage(error: Exception) -> DamagedArchive:
    """What libarchive tells, without the address that libarchive-c adds."""
    message = getattr(error, "msg", None) or str(error)
    if "allocate" in os.fsdecode(message):
        return TooMuch("more memory than any package or image needs")
    return DamagedArchive(os.fsdecode(message))


def require_library() -> None:
    """Require libarchive.

    Raises:
        UsageError: libarchive-c, the optional extra ``archives``, or libarchive is not there.
    """
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


@functools.cache
def _filters() -> tuple[str, ...]:
    """The filters that this libarchive has in itself: it warns of one it runs a program for."""
    from libarchive import ffi  # noqa: PLC0415 - an optional extra

    archive = ffi.read_new()
    try:
        return tuple(n for n in _FILTERS if ffi.get_read_filter_function(n)(archive) == 0)
    finally:
        ffi.read_free(archive)


@contextlib.contextmanager
def _opened(
    stream: Readable,
    formats: tuple[str, ...],
    filters: tuple[str, ...],
    read: Callable[[int], None],
    *,
    concatenated: bool = False,
) -> Iterator[tuple[ArchiveRead, list[Exception]]]:
    """An archive in a stream, and what goes wrong below it; ``read`` is told of each piece."""
    from libarchive import ffi  # noqa: PLC0415 - an optional extra
    from libarchive.read import ArchiveRead  # noqa: PLC0415 - the same

    failures: list[Exception] = []
    archive = ffi.read_new()
    callback = ffi.READ_CALLBACK(_callback(stream, failures, read))
    try:
        for name in filters:
            ffi.get_read_filter_function(name)(archive)
        for name in formats:
            ffi.get_read_format_function(name)(archive)
        if concatenated:
            _set_option(archive, b"tar", b"read_concatenated_archives", b"1")
        try:
            ffi.read_open(archive, None, ffi.NO_OPEN_CB, callback, ffi.NO_CLOSE_CB)
            yield ArchiveRead(archive), failures
        except Exception as error:
            # What went wrong below libarchive is the cause of what it tells.
            if failures:
                raise _as_damage(failures[0]) from error
            raise
    finally:
        ffi.read_free(archive)


def _as_damage(failure: Exception) -> DamagedArchive:
    return failure if isinstance(failure, DamagedArchive) else DamagedArchive(str(failure))


def _set_option(archive: int, module: bytes, option: bytes, value: bytes) -> None:
    from libarchive import ffi  # noqa: PLC0415 - an optional extra

    text = ffi.c_char_p
    ffi.ffi("read_set_option", [ffi.c_archive_p, text, text, text], ffi.c_int, ffi.check_int)(
        archive, module, option, value
    )


def _callback(stream: Readable, failures: list[Exception], told: Callable[[int], None]) -> Any:  # noqa: ANN401 - ctypes
    """What libarchive calls for the next bytes: an exception must not pass through C."""
    from ctypes import POINTER, c_char, c_void_p, cast  # noqa: PLC0415 - only with the extra

    kept: list[Any] = []

    def read(_archive: Any, _context: Any, place: Any) -> int:  # noqa: ANN401 - ctypes
        try:
            data = stream.read(_PIECE) or b""
            told(len(data))
        except Exception as error:  # noqa: BLE001 - told by the one who called libarchive
            failures.append(error)
            return -1
        buffer = (c_char * len(data)).from_buffer_copy(data)
        # libarchive reads it until it asks again.
        kept[:] = [buffer]
        cast(place, POINTER(c_void_p))[0] = cast(buffer, c_void_p)
        return len(data)

    return read


def _member(entry: Any, failures: list[Exception]) -> Member:  # noqa: ANN401 - libarchive-c has no types
    mode = entry.mode
    holes: list[int] = []
    return Member(
        _path(entry.pathname),
        entry.isreg and _has_content(entry),
        stat.S_ISDIR(mode),
        Status(mode, entry.uid, entry.gid),
        _link(entry) if stat.S_ISLNK(mode) else None,
        _blocks(entry, failures, holes),
        bool(entry.islnk),
        holes,
    )


def _link(entry: Any) -> str:  # noqa: ANN401 - libarchive-c has no types
    target = entry.linkpath
    return os.fsdecode(target) if isinstance(target, bytes) else target or ""


def _has_content(entry: Any) -> bool:  # noqa: ANN401 - libarchive-c has no types
    """Whether it is itself the file: in cpio the last of several links has the content."""
    if entry.size:
        return True
    links: int = _links()(entry._entry_p)  # noqa: SLF001 - it has no other way
    return not entry.islnk and links <= 1


@functools.cache
def _links() -> Callable[[Any], int]:
    from libarchive import ffi  # noqa: PLC0415 - an optional extra

    found: Callable[[Any], int] = ffi.ffi("entry_nlink", [ffi.c_archive_entry_p], ffi.c_uint)
    return found


def _blocks(entry: Any, failures: list[Exception], holes: list[int]) -> Iterator[bytes]:  # noqa: ANN401 - the same
    """The content; each hole is zeros, and its size is added to ``holes``."""
    from libarchive.exception import ArchiveError  # noqa: PLC0415 - an optional extra

    at = 0
    try:
        for offset, block in _data(entry):
            yield from _zeros(offset - at, holes)
            yield block
            at = offset + len(block)
    except ArchiveError as error:
        # What went wrong below libarchive is the cause of what it tells.
        raise (_as_damage(failures[0]) if failures else _damage(error)) from error
    if entry.size is not None and entry.size < at:
        holes.append(at - entry.size)
    yield from _zeros((entry.size or 0) - at, holes)


def _zeros(size: int, holes: list[int]) -> Iterator[bytes]:
    if size > 0:
        holes.append(size)
    for at in range(0, size, _PIECE):
        yield bytes(min(_PIECE, size - at))


def _data(entry: Any) -> Iterator[tuple[int, bytes]]:  # noqa: ANN401 - libarchive-c has no types
    """Each piece of the content, and where in the file it stands."""
    from ctypes import byref, c_longlong, c_size_t, c_void_p, string_at  # noqa: PLC0415 - the same

    place, size, offset = c_void_p(), c_size_t(), c_longlong()
    read = _reader()
    while read(entry._archive_p, byref(place), byref(size), byref(offset)) != _END:  # noqa: SLF001 - the same
        for at in range(0, size.value, _PIECE):
            piece = min(_PIECE, size.value - at)
            yield offset.value + at, string_at((place.value or 0) + at, piece)


@functools.cache
def _reader() -> Callable[..., int]:
    from ctypes import POINTER, c_longlong, c_size_t, c_void_p  # noqa: PLC0415 - an optional extra

    from libarchive import ffi  # noqa: PLC0415 - the same

    arguments = [ffi.c_archive_p, POINTER(c_void_p), POINTER(c_size_t), POINTER(c_longlong)]
    found: Callable[..., int] = ffi.ffi("read_data_block", arguments, ffi.c_int, ffi.check_int)
    return found


def _path(name: str | bytes | None) -> str:
    text = os.fsdecode(name) if isinstance(name, bytes) else name or ""
    if len(text) > _MAX_NAME:
        raise TooMuch(f"a name of more than {_MAX_NAME:,} characters")
    return "/".join(part for part in text.split("/") if part not in {"", "."}) or "."
