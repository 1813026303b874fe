"""OCI image layouts, as a directory or in a tar archive (OCI Image Format Specification).

The layers of each image are read in their order, and what a later one hides or replaces is
forgotten: what is told is the file system that a container would have.
"""

from __future__ import annotations

import bisect
import posixpath
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from anchors.auditing.archives import Budget, ended, look_at
from anchors.auditing.inspect import MAX_PLACES
from anchors.auditing.layout import (
    DAMAGED,
    INDEX,
    Blob,
    Open,
    digest_of,
    is_layout,
    open_layout,
    read_json,
)
from anchors.auditing.members import DamagedArchive, Member, TooMuch, members_of
from anchors.auditing.place import Coverage, Location, Note, Place, Progress, Scanned

__all__ = ["is_image", "scan_image"]

_MAX_IMAGES, _MAX_LAYERS, _MAX_NESTED = 256, 512, 4
# Behind the end of its tar archive a layer may have padding, or a table of its chunks (zstd).
_PIECE, _MAX_PIECES = 1 << 20, 64
# Whiteouts; what begins with the last is the bookkeeping of AUFS and hides nothing.
_WHITEOUT, _OPAQUE, _AUFS = ".wh.", ".wh..wh..opq", ".wh..wh."


def is_image(path: Path) -> bool:
    """Whether it is an image layout: a directory, or a tar archive that has one in it."""
    return is_layout(path)


def scan_image(path: Path, *, at: datetime, progress: Progress) -> Scanned:
    """Look at the final file system of every image in the layout.

    Raises:
        UsageError: the optional extra ``archives`` is not installed.
    """
    look = _Look(path, at, Budget(progress))
    try:
        look.all_images()
    except DAMAGED as error:
        look.notes.append(ended(error))
    places = list(look.places)
    if look.notes:
        places.insert(0, Place(Location(str(path), ""), None, tuple(look.notes)))
    unread = sum(place.reading is None for place in places)
    return Scanned(tuple(places), Coverage(look.budget.members, look.budget.size, unread))


class _Files:
    """Places by their paths, so that those below a folder are at hand."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._places: dict[str, Place] = {}

    def __len__(self) -> int:
        return len(self._paths)

    def put(self, path: str, place: Place) -> None:
        """Add what is not there yet."""
        bisect.insort(self._paths, path)
        self._places[path] = place

    def drop(self, path: str) -> None:
        """Forget one file."""
        if self._places.pop(path, None) is not None:
            del self._paths[bisect.bisect_left(self._paths, path)]

    def drop_below(self, folder: str) -> None:
        """Forget what is below a folder; the empty path is the root."""
        first = bisect.bisect_left(self._paths, f"{folder}/") if folder else 0
        # "0" is the character after "/".
        last = bisect.bisect_left(self._paths, f"{folder}0") if folder else len(self._paths)
        for path in self._paths[first:last]:
            del self._places[path]
        del self._paths[first:last]

    def take(self, others: _Files) -> None:
        """Add all of a later layer."""
        self._places |= others._places
        self._paths = sorted(self._places)

    def places(self) -> list[Place]:
        """All, in the order of their paths."""
        return [self._places[path] for path in self._paths]


class _Look:
    """What is found in one layout, and why not more."""

    def __init__(self, path: Path, at: datetime, budget: Budget) -> None:
        self.path, self.at, self.budget = path, at, budget
        self.places: list[Place] = []
        self.notes: list[Note] = []
        self._met: set[str] = set()

    def all_images(self) -> None:
        """Every image of the layout, each named by its digest if there are several.

        Raises:
            one of ``DAMAGED``: the layout itself cannot be read, or a bound was reached.
        """
        opened = open_layout(self.path)
        images = list(self._images(opened, read_json(opened, INDEX), 0))
        for digest, layers in images:
            files = _Files()
            try:
                for layer in layers:
                    prefix = f"{digest[:12]}/" if len(images) > 1 else ""
                    self._layer(opened, prefix, layer, files)
            finally:
                self.places += files.places()

    def _images(
        self, opened: Open, index: Mapping[str, Any], depth: int
    ) -> Iterator[tuple[str, list[str]]]:
        """The digest of every manifest once, and those of its layers."""
        for descriptor in index["manifests"]:
            digest = digest_of(descriptor)
            if digest in self._met:
                # It has several tags, or is in several indexes.
                continue
            self._met.add(digest)
            if len(self._met) > _MAX_IMAGES or depth > _MAX_NESTED:
                raise TooMuch(f"more than {_MAX_IMAGES} images, or more than {_MAX_NESTED} deep")
            try:
                content = read_json(opened, f"blobs/sha256/{digest}")
                layers = None if "manifests" in content else _layers(content)
            except DAMAGED as error:
                # Often a platform that was not copied.
                self._unread("image", digest, error)
                continue
            if layers is None:
                yield from self._images(opened, content, depth + 1)
            elif layers:
                yield digest, layers

    def _unread(self, what: str, digest: str, error: Exception) -> None:
        if isinstance(error, TooMuch):
            raise error
        reason = getattr(error, "strerror", None) or error
        self.notes.append(ended(DamagedArchive(f"{what} sha256:{digest}: {reason}")))

    def _layer(self, opened: Open, prefix: str, digest: str, lower: _Files) -> None:
        """One layer over those below it; a whiteout hides nothing of its own layer."""
        upper = _Files()
        try:
            with opened(f"blobs/sha256/{digest}") as blob:
                self.budget.packed += blob.size
                for member in members_of(blob, self.budget.unpack):
                    self._member(member, prefix, lower, upper)
                self._check(blob, digest)
        except DAMAGED as error:
            self._unread("layer", digest, error)
        finally:
            lower.take(upper)

    def _check(self, blob: Blob, digest: str) -> None:
        """Hold what was read against its digest.

        Raises:
            DamagedArchive: it is something else, or goes on far behind the end of its archive.
        """
        for _ in range(_MAX_PIECES):
            rest = blob.read(_PIECE)
            self.budget.unpack(len(rest))
            if not rest:
                break
        else:
            raise DamagedArchive("it goes on behind the end of its archive")
        if blob.digest != digest:
            raise DamagedArchive("it is not what its digest says")

    def _member(self, member: Member, prefix: str, lower: _Files, upper: _Files) -> None:
        self.budget.take(1, 0)
        path = posixpath.normpath(f"/{member.path}").lstrip("/")
        folder, name = posixpath.split(path)
        if name.startswith(_WHITEOUT):
            _hide(lower, folder, name)
            return
        for files in (lower, upper):
            files.drop(path)
            if path and not member.is_folder:
                files.drop_below(path)
        location = Location(str(self.path), prefix + path, inside=True, base=prefix)
        place = look_at(member, location, self.at, self.budget) if path else None
        if place is not None:
            upper.put(path, place)
            if len(self.places) + len(lower) + len(upper) > MAX_PLACES:
                raise TooMuch(f"more than {MAX_PLACES:,} places")


def _hide(lower: _Files, folder: str, name: str) -> None:
    """What a whiteout does to the layers below."""
    if name == _OPAQUE:
        lower.drop_below(folder)
    elif not name.startswith(_AUFS) and name != _WHITEOUT:
        gone = posixpath.join(folder, name.removeprefix(_WHITEOUT))
        lower.drop(gone)
        lower.drop_below(gone)


def _layers(manifest: Mapping[str, Any]) -> list[str]:
    """The digests of its layers; what is attached to an image (attestations) has other media."""
    layers = manifest["layers"]
    if len(layers) > _MAX_LAYERS:
        raise TooMuch(f"more than {_MAX_LAYERS} layers")
    return [digest_of(layer) for layer in layers if _is_tar(layer)]


def _is_tar(layer: Mapping[str, Any]) -> bool:
    return "mediaType" not in layer or "tar" in str(layer["mediaType"])
