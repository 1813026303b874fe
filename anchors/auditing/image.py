"""OCI image layouts, as a directory or in a tar archive (OCI Image Format Specification).

The layers of each image are read in their order, and what a later one hides or replaces is
forgotten: what is told is the file system that a container would have.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from anchors.auditing.archives import Budget, look_at
from anchors.auditing.inspect import unreadable
from anchors.auditing.members import DamagedArchive, Member, members_of
from anchors.auditing.place import Coverage, Location, Place, Scanned

__all__ = ["is_image", "scan_image"]

_LAYOUT, _INDEX = "oci-layout", "index.json"
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_MAX_JSON = 4 << 20
_MAX_IMAGES, _MAX_LAYERS, _MAX_NESTED = 64, 512, 4
# So far into a tar archive the layout's own files are looked for.
_MAX_BLOBS = 10_000
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"

_DAMAGED = (OSError, ValueError, KeyError, TypeError, RecursionError, tarfile.TarError)

Progress = Callable[[int, int], None]
Open = Callable[[str], IO[bytes]]


class _Layered(NamedTuple):
    layer: int
    place: Place


class _Look(NamedTuple):
    """How one image is looked at; ``prefix`` tells it from the others of the layout."""

    root: str
    prefix: str
    at: datetime
    budget: Budget


def is_image(path: Path) -> bool:
    """Whether it is an image layout: a directory, or a tar archive that begins with one."""
    if path.is_dir():
        return (path / _LAYOUT).is_file() and (path / _INDEX).is_file()
    try:
        with tarfile.open(path, "r:") as archive:
            return {_LAYOUT, _INDEX} <= _names(archive)
    except (tarfile.TarError, OSError, ValueError):
        return False


def _names(archive: tarfile.TarFile) -> set[str]:
    return {name for name, _ in zip(map(_plain, archive), range(_MAX_BLOBS), strict=False)}


def _plain(member: tarfile.TarInfo) -> str:
    return member.name.removeprefix("./")


def scan_image(path: Path, *, at: datetime, progress: Progress) -> Scanned:
    """Look at the final file system of every image in the layout.

    Raises:
        UsageError: the optional extra ``archives`` is not installed.
    """
    budget = Budget(progress)
    places: list[Place] = []
    try:
        with _opener(path) as opened:
            images = list(_images(opened, _json(opened, _INDEX), 0))
            for name, manifest in images:
                prefix = f"{name[:12]}/" if len(images) > 1 else ""
                looked = _Look(str(path), prefix, at, budget)
                places += _image(looked, opened, manifest)
    except _DAMAGED as error:
        places.append(unreadable(Location(str(path), ""), error))
    unread = sum(place.reading is None for place in places)
    return Scanned(tuple(places), Coverage(budget.members, budget.size, unread))


@contextmanager
def _opener(path: Path) -> Iterator[Open]:
    """What opens a file of the layout by its name in it."""
    if path.is_dir():
        yield lambda name: _plain_file(path / name)
        return
    with tarfile.open(path, "r:") as archive:
        by_name = dict(zip(map(_plain, archive.getmembers()[:_MAX_BLOBS]), archive, strict=False))

        def opened(name: str) -> IO[bytes]:
            stream = archive.extractfile(by_name[name])
            if stream is None:
                raise DamagedArchive(f"{name} is no file")
            return stream

        yield opened


def _plain_file(path: Path) -> IO[bytes]:
    """A regular file, neither a link nor anything that would keep us waiting."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    stream = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        stream.close()
        raise DamagedArchive(f"{path.name} is not a regular file")
    return stream


def _json(opened: Open, name: str, digest: str | None = None) -> Mapping[str, Any]:
    with opened(name) as stream:
        content = stream.read(_MAX_JSON + 1)
    if len(content) > _MAX_JSON:
        raise DamagedArchive(f"{name} is larger than {_MAX_JSON >> 20} MiB")
    if digest is not None and hashlib.sha256(content).hexdigest() != digest:
        raise DamagedArchive(f"{name} is not what its digest says")
    loaded: Mapping[str, Any] = json.loads(content)
    return loaded


def _blob(descriptor: Mapping[str, Any]) -> str:
    """The digest of a descriptor: nothing else than ``blobs/sha256/DIGEST`` is ever opened."""
    match = _DIGEST.fullmatch(str(descriptor["digest"]))
    if match is None:
        raise DamagedArchive(f"{descriptor['digest']!r:.80} is no SHA-256 digest")
    return match[1]


def _images(
    opened: Open, index: Mapping[str, Any], depth: int
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every manifest with its digest, those of indexes in the index too."""
    if depth > _MAX_NESTED or len(index["manifests"]) > _MAX_IMAGES:
        raise DamagedArchive(f"more than {_MAX_IMAGES} images, or more than {_MAX_NESTED} deep")
    for descriptor in index["manifests"]:
        digest = _blob(descriptor)
        content = _json(opened, f"blobs/sha256/{digest}", digest)
        if "manifests" in content:
            yield from _images(opened, content, depth + 1)
        else:
            yield digest, content


def _image(look: _Look, opened: Open, manifest: Mapping[str, Any]) -> list[Place]:
    found: dict[str, _Layered] = {}
    layers = manifest["layers"]
    if len(layers) > _MAX_LAYERS:
        raise DamagedArchive(f"more than {_MAX_LAYERS} layers")
    for number, descriptor in enumerate(layers):
        with opened(f"blobs/sha256/{_blob(descriptor)}") as stream:
            for member in members_of(stream):
                look.budget.take(1, 0)
                _hide(found, member, number)
                location = Location(look.root, look.prefix + member.path, inside=True)
                place = look_at(member, location, look.at, look.budget)
                if place is not None:
                    found[member.path] = _Layered(number, place)
    return [found[name].place for name in sorted(found)]


def _hide(found: dict[str, _Layered], member: Member, layer: int) -> None:
    """Forget what the member removes or replaces."""
    folder, _, name = member.path.rpartition("/")
    if name == _OPAQUE:
        # It hides what lower layers have, wherever it stands in its own.
        hidden = [p for p, row in found.items() if _is_in(p, folder) and row.layer < layer]
    elif name.startswith(_WHITEOUT):
        gone = f"{folder}/{name.removeprefix(_WHITEOUT)}".lstrip("/")
        hidden = [p for p in found if p == gone or _is_in(p, gone)]
    elif member.is_folder:
        hidden = [member.path] if member.path in found else []
    else:
        hidden = [p for p in found if p == member.path or _is_in(p, member.path)]
    for one in hidden:
        del found[one]


def _is_in(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")
