"""Images that share layers: each layer is read once, and each image is what it is by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anchors.auditing.scan import oci_image
from anchors.auditing.scan.found import Scanned
from anchors.auditing.scan.libarchive import members_of
from tests.unit.auditing.scan.test_packages import (
    BOTH,
    OLD,
    Entry,
    Layout,
    as_tar,
    checks,
    seen,
    tar,
)

IMAGES = 10
BASE: list[Entry] = [
    *((f"usr/lib/{number}.so", b"nothing") for number in range(50)),
    ("etc/root.ds", OLD),
    ("etc/unbound/root.key", BOTH),
]


def top(number: int) -> list[Entry]:
    """Each has a file of its own; the first hides one of the base, the second replaces it."""
    own: Entry = (f"opt/{number}/root.ds", OLD)
    return [own, *{0: [("etc/.wh.root.ds", b"")], 1: [("etc/root.ds", BOTH)]}.get(number, [])]


def in_layout(tmp_path: Path, base: bytes, tops: list[bytes]) -> Path:
    made = Layout(tmp_path / "layout")
    return made.index([made.image([base, one]) for one in tops])


def in_tar(tmp_path: Path, base: bytes, tops: list[bytes]) -> Path:
    return as_tar(in_layout(tmp_path, base, tops), tmp_path / "layout.tar")


def saved(tmp_path: Path, base: bytes, tops: list[bytes]) -> Path:
    """As "docker save" of several images before version 25, and "podman save --multi"."""
    names = [f"{number:x}".ljust(64, "f") + "/layer.tar" for number in range(len(tops) + 1)]
    manifest = [{"Config": f"{name[:64]}.json", "Layers": [names[0], name]} for name in names[1:]]
    layers = zip(names, [base, *tops], strict=True)
    path = tmp_path / "saved.tar"
    tmp_path.mkdir(exist_ok=True)
    path.write_bytes(tar([*layers, ("manifest.json", json.dumps(manifest).encode())]))
    return path


Make = Callable[[Path, bytes, list[bytes]], Path]


@pytest.fixture
def members(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The members that were read, of all layers."""
    found: list[str] = []

    def counting(*arguments: Any) -> Iterator[Any]:  # noqa: ANN401 - as they are handed on
        for member in members_of(*arguments):
            found.append(member.path)
            yield member

    monkeypatch.setattr(oci_image, "members_of", counting)
    return found


def held(found: Scanned) -> list[list[tuple[str, int]]]:
    """What each image has: the paths in it, and how many anchors each holds."""
    return sorted(
        [
            (place.location.path.removeprefix(place.location.base), len(place.anchors))
            for place in system.places
        ]
        for system in found.systems
    )


@pytest.mark.parametrize("make", [in_layout, in_tar, saved])
def test_a_layer_of_many_images_is_read_once(
    make: Make, tmp_path: Path, members: list[str]
) -> None:
    tops = [top(number) for number in range(IMAGES)]
    found = seen(make(tmp_path, tar(BASE), [tar(one) for one in tops]))
    assert len(members) == len(BASE) + sum(map(len, tops))
    assert len(found.systems) == IMAGES


@pytest.mark.parametrize("make", [in_layout, saved])
def test_each_image_is_what_it_is_alone(make: Make, tmp_path: Path) -> None:
    tops = [tar(top(number)) for number in range(IMAGES)]
    together = seen(make(tmp_path / "all", tar(BASE), tops))
    alone = [
        seen(make(tmp_path / str(number), tar(BASE), [one])) for number, one in enumerate(tops)
    ]
    assert held(together) == sorted(image for one in alone for image in held(one))
    bases = {place.location.base for place in together.places}
    assert len(bases) == IMAGES
    assert all(p.location.path.startswith(p.location.base) for p in together.places)


def test_damage_in_a_common_layer_is_told_for_each_image(tmp_path: Path) -> None:
    tops = [tar(top(number)) for number in range(3)]
    found = seen(in_layout(tmp_path, b"nonsense" * 99, tops))
    assert len(checks(found)) == len(tops)
