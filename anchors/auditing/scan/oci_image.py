"""OCI image layouts, as a directory or in a tar archive (OCI Image Format Specification).

The layers of each image are read in their order, and what a later one hides or replaces is
forgotten: what is told is the file system that a container would have.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from anchors.auditing.scan.archive import ended, look_at
from anchors.auditing.scan.budget import Budget
from anchors.auditing.scan.found import Coverage, Scanned, System
from anchors.auditing.scan.libarchive import DamagedArchive, Member, TooMuch, members_of
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.oci_layout import (
    BLOBS,
    DAMAGED,
    INDEX,
    MANIFEST,
    Blob,
    Open,
    digest_of,
    open_layout,
    read_json,
)
from anchors.auditing.scan.packed import Packed, PackedFiles
from anchors.auditing.workers import Progress, Stalled
from anchors.consumers.files import Location
from anchors.consumers.reading import Note, Place

__all__ = ["scan_image"]

_MAX_IMAGES, _MAX_LAYERS, _MAX_NESTED = 256, 512, 4
# Behind the end of its tar archive a layer may have padding, or a table of its chunks (zstd).
_PIECE, _MAX_PIECES = 1 << 20, 64
_ONLY = "image"
_LAYER_FILE = re.compile(r"(?:blobs/sha256/)?[0-9a-f]{64}(?:\.tar|/layer\.tar)?")
# Whiteouts; what begins with the last is the bookkeeping of AUFS and hides nothing.
_WHITEOUT, _OPAQUE, _AUFS = ".wh.", ".wh..wh..opq", ".wh..wh."


def scan_image(path: Path, how: Look, *, progress: Progress) -> Scanned:
    """Look at the final file system of every image in the layout.

    Raises:
        UsageError: the optional extra ``archives`` is not installed.
    """
    look = _Look(path, how, Budget(progress))
    try:
        look.all_images()
    except (*DAMAGED, MemoryError, Stalled) as error:
        look.notes.append(ended(error))
    systems = list(look.systems)
    if look.notes:
        own = Place(Location(str(path), ""), None, tuple(look.notes))
        systems.insert(0, System(PackedFiles(str(path), {}), (own,)))
    unread = sum(place.reading is None for system in systems for place in system.places)
    coverage = Coverage(look.budget.members, look.budget.size, unread)
    return Scanned(tuple(systems), coverage)


class _Gone(NamedTuple):
    """What a layer hides or replaces of those below: a path, all below it, or both."""

    path: str
    itself: bool = True
    below: bool = True

    def drop_from(self, files: Packed) -> None:
        if self.itself:
            files.drop(self.path)
        if self.below:
            files.drop_below(self.path)


class _Layer:
    """What was read of one layer, for every image that has it.

    Attributes:
        prefix: the image's that it was read for.
        gone: what is gone of the layers below.
        files: its own.
        error: what kept us from reading all of it.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.gone: list[_Gone] = []
        self.files = Packed()
        self.error: Exception | None = None


class _Look:
    """What is found in one layout, and why not more."""

    def __init__(self, path: Path, how: Look, budget: Budget) -> None:
        self.path, self.how, self.budget = path, how, budget
        self.systems: list[System] = []
        self.notes: list[Note] = []
        self._met: set[str] = set()
        self._shared: set[str] = set()
        self._kept: dict[str, _Layer] = {}

    def all_images(self) -> None:
        """Every image of the layout, each named by its digest if there are several.

        Raises:
            one of ``DAMAGED``: the layout itself cannot be read, or a bound was reached.
        """
        opened = open_layout(self.path)
        images = list(self._all(opened))
        uses = Counter(name for _, layers in images for name in layers)
        self._shared = {name for name, count in uses.items() if count > 1}
        for digest, layers in images:
            packed = Packed()
            prefix = f"{digest[:12]}/" if len(images) > 1 else ""
            try:
                for name in layers:
                    self._put_on(packed, prefix, name, self._layer(opened, prefix, name))
            finally:
                entries = {prefix + path: entry for path, entry in packed.entries.items()}
                files = PackedFiles(str(self.path), entries, base=prefix)
                self.systems.append(System(files, tuple(packed.places())))

    def _all(self, opened: Open) -> Iterator[tuple[str, list[str]]]:
        """A name for every image, and the files that its layers are, the lowest first."""
        try:
            index = read_json(opened, INDEX)
        except (KeyError, FileNotFoundError):
            yield from _saved(read_json(opened, MANIFEST))
            return
        _require_one(index)
        for digest, layers in self._images(opened, index, 0):
            yield digest, [BLOBS + layer for layer in layers]

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
                content = read_json(opened, BLOBS + digest)
                _require_one(content)
                layers = None if "manifests" in content else _layers(content)
            except DAMAGED as error:
                # Often a platform that was not copied.
                self._unread("image", f"sha256:{digest}", error)
                continue
            if layers is None:
                yield from self._images(opened, content, depth + 1)
                continue
            for media in _unknown(content):
                self._unread("layer of", media, DamagedArchive("no layer of its kind is known"))
            if layers:
                yield digest, layers

    def _unread(self, what: str, name: str, error: Exception) -> None:
        if isinstance(error, TooMuch | MemoryError | Stalled):
            raise error
        reason = getattr(error, "strerror", None) or error
        self.notes.append(ended(DamagedArchive(f"{what} {name}: {reason}")))

    def _layer(self, opened: Open, prefix: str, name: str) -> _Layer:
        """One layer, which is read once though several images have it."""
        if name in self._kept:
            return self._kept[name]
        layer = _Layer(prefix)
        try:
            with opened(name) as blob:
                self.budget.packed += blob.size
                for member in members_of(blob, self.budget.unpack):
                    self._member(member, prefix, layer)
                self._check(blob, name.removeprefix(BLOBS) if name.startswith(BLOBS) else None)
        except (*DAMAGED, MemoryError, Stalled) as error:
            layer.error = error
        if name in self._shared:
            self._kept[name] = layer
        return layer

    def _put_on(self, lower: Packed, prefix: str, name: str, layer: _Layer) -> None:
        """A layer over those below it, however far it could be read."""
        for gone in layer.gone:
            gone.drop_from(lower)
        lower.take(layer.files)
        if prefix != layer.prefix:
            for place in lower.moved(layer.files, prefix):
                self.budget.kept.take(place)
        if layer.error is not None:
            self._unread("layer", name.replace(BLOBS, "sha256:"), layer.error)

    def _check(self, blob: Blob, digest: str | None) -> None:
        """Hold what was read against its digest, where its name is one.

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
        if digest is not None and blob.digest != digest:
            raise DamagedArchive("it is not what its digest says")

    def _member(self, member: Member, prefix: str, layer: _Layer) -> None:
        self.budget.take(1, 0)
        path = posixpath.normpath(f"/{member.path}").lstrip("/")
        folder, name = posixpath.split(path)
        if name.startswith(_WHITEOUT):
            # It hides nothing of its own layer.
            layer.gone += _hidden(folder, name)
            return
        replaced = _Gone(path, below=bool(path) and not member.is_folder)
        replaced.drop_from(layer.files)
        layer.gone.append(replaced)
        location = Location(str(self.path), prefix + path, inside=True, base=prefix)
        if not path or self.how.leaves_out(path):
            return
        place, entry = look_at(member, location, self.how.at, self.budget)
        layer.files.put(path, entry, place)
        self.budget.kept.take(place, entry.content)


def _hidden(folder: str, name: str) -> Iterator[_Gone]:
    """What a whiteout hides of the layers below."""
    if name == _OPAQUE:
        yield _Gone(folder, itself=False)
    elif not name.startswith(_AUFS) and name != _WHITEOUT:
        yield _Gone(posixpath.join(folder, name.removeprefix(_WHITEOUT)))


def _saved(manifest: object) -> Iterator[tuple[str, list[str]]]:
    """The images of "podman save", or the one of skopeo's dir:, whose layers are files beside it.

    Raises:
        DamagedArchive: a layer is named as no layer is.
        KeyError, TypeError: it is no such manifest.
    """
    if isinstance(manifest, dict):
        yield _ONLY, [*_layers(manifest)]
        return
    images = manifest if isinstance(manifest, list) else []
    if len(images) > _MAX_IMAGES:
        raise TooMuch(f"more than {_MAX_IMAGES} images")
    for image in images:
        names = [str(name) for name in image["Layers"]]
        if len(names) > _MAX_LAYERS:
            raise TooMuch(f"more than {_MAX_LAYERS} layers")
        for name in names:
            if _LAYER_FILE.fullmatch(name) is None:
                raise DamagedArchive(f"{name!r:.80} is no name of a layer")
        yield str(image["Config"]).removeprefix(BLOBS), names


def _layers(manifest: Mapping[str, Any]) -> list[str]:
    """The digests of its layers; what is attached to an image (attestations) has other media."""
    layers = manifest["layers"]
    if len(layers) > _MAX_LAYERS:
        raise TooMuch(f"more than {_MAX_LAYERS} layers")
    return [digest_of(layer) for layer in layers if _is_tar(layer)]


def _require_one(document: Mapping[str, Any]) -> None:
    """See that it is an index or a manifest: who takes which of both, nobody knows.

    Raises:
        DamagedArchive: it is both (CVE-2021-41190).
    """
    if "manifests" in document and not {"layers", "config"}.isdisjoint(document):
        raise DamagedArchive("it is an index and a manifest at once")


def _unknown(manifest: Mapping[str, Any]) -> Iterator[str]:
    """The media of layers that some installers may unpack, and we cannot."""
    layers = manifest["layers"]
    is_image = any(map(_is_tar, layers))
    for layer in layers:
        media = str(layer.get("mediaType"))
        # Attestations and signatures are documents alone.
        if not _is_tar(layer) and (is_image or not media.endswith("json")):
            yield media


def _is_tar(layer: Mapping[str, Any]) -> bool:
    return "mediaType" not in layer or "tar" in str(layer["mediaType"])
