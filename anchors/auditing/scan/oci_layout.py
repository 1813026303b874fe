"""The files of an OCI image layout, a directory or a tar archive: none but its own are opened."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import re
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any

from anchors.auditing.scan.libarchive import DamagedArchive

__all__ = [
    "BLOBS",
    "DAMAGED",
    "INDEX",
    "LAYOUT",
    "MANIFEST",
    "Blob",
    "Open",
    "digest_of",
    "is_layout",
    "open_layout",
    "read_json",
]

LAYOUT, INDEX = "oci-layout", "index.json"
# What "podman save" and "docker save" before version 25 write in its place, and skopeo's dir:.
MANIFEST, _VERSION = "manifest.json", "version"
_COPIED = b"Directory Transport Version"
# What may come of a layout that is damaged, or made to do harm.
DAMAGED = (OSError, ValueError, KeyError, TypeError, RecursionError, tarfile.TarError)

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
BLOBS = "blobs/sha256/"
_MAX_JSON = 4 << 20
# So far into a tar archive the layout's own files are looked for.
_MAX_BLOBS = 10_000
# Headers are smaller by far; tarfile would read one of any size into memory.
_MAX_HEADERS = 16 << 20


class Blob:
    """A file of the layout, open, and the digest of what was read of it.

    Args:
        file: where its content comes next.
        size: how many bytes it has.
    """

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.size = self._left = size
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        self._hash.update(data)
        return data

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal."""
        return self._hash.hexdigest()


Open = Callable[[str], AbstractContextManager[Blob]]


def is_layout(path: Path) -> bool:
    """Whether it is an image layout: a directory, or a tar archive that has one in it."""
    if path.is_dir():
        return (path / LAYOUT).is_file() or _is_copied(path)
    try:
        names = _extents(path).keys()
        return {LAYOUT, INDEX} <= names or (MANIFEST in names and _is_saved(path))
    except DAMAGED:
        return False


def _is_copied(path: Path) -> bool:
    """Whether it is a directory that skopeo wrote as ``dir:``."""
    try:
        with _opened(path / _VERSION, None) as file:
            return file.read(len(_COPIED)) == _COPIED and (path / MANIFEST).is_file()
    except DAMAGED:
        return False


def _is_saved(path: Path) -> bool:
    """Whether the manifest is one that lists layers, and none of another program."""
    found: object = read_json(open_layout(path), MANIFEST)
    return isinstance(found, list) and bool(found) and all("Layers" in one for one in found)


def open_layout(path: Path) -> Open:
    """What opens a file of the layout by its name in it.

    Raises:
        OSError, ValueError, tarfile.TarError: the tar archive cannot be read.
    """
    if path.is_dir():
        return lambda name: _opened(path / name, None)
    extents = _extents(path)
    return lambda name: _opened(path, extents[name])


def _extents(path: Path) -> dict[str, tuple[int, int]]:
    """Where the plain files of a tar archive lie, and their sizes; of two of a name, the last."""
    with _Headers(path) as file, tarfile.open(fileobj=file, mode="r:") as archive:
        return {
            member.name.removeprefix("./"): (member.offset_data, member.size)
            for member in itertools.islice(archive, _MAX_BLOBS)
            if member.isreg()
        }


class _Headers(io.FileIO):
    """A tar archive of which no more than headers is read."""

    _left = _MAX_HEADERS

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or not 0 <= size <= self._left:
            raise tarfile.ReadError("its headers are too large")
        self._left -= size
        return super().read(size) or b""


@contextmanager
def _opened(path: Path, extent: tuple[int, int] | None) -> Iterator[Blob]:
    """A regular file or a part of it, neither a link nor anything that would keep us waiting."""
    no_link = os.O_NOFOLLOW if extent is None else 0
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | no_link)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise DamagedArchive(f"{path.name} is not a regular file")
        offset, size = extent or (0, status.st_size)
        file.seek(offset)
        yield Blob(file, size)


def read_json(opened: Open, name: str) -> Mapping[str, Any]:
    """A document of the layout; one that is a blob must have the digest of its name.

    Raises:
        DamagedArchive: it has another digest, or is too large.
        OSError, ValueError, KeyError: it is not there, or no JSON.
    """
    with opened(name) as blob:
        content = blob.read(_MAX_JSON + 1)
    if len(content) > _MAX_JSON:
        raise DamagedArchive(f"{name} is larger than {_MAX_JSON >> 20} MiB")
    if name.startswith(BLOBS) and name != BLOBS + blob.digest:
        raise DamagedArchive(f"{name} is not what its digest says")
    loaded: Mapping[str, Any] = json.loads(content)
    return loaded


def digest_of(descriptor: Mapping[str, Any]) -> str:
    """The digest that a descriptor has: nothing else than ``blobs/sha256/DIGEST`` is ever opened.

    Raises:
        DamagedArchive: it has none.
    """
    match = _DIGEST.fullmatch(str(descriptor["digest"]))
    if match is None:
        raise DamagedArchive(f"{descriptor['digest']!r:.80} is no SHA-256 digest")
    return match[1]
