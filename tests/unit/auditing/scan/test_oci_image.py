"""Images as they are in the world, and images made to hide something."""

from __future__ import annotations

import gzip
import os
import random
import tarfile
import time
from pathlib import Path

import pytest

from anchors.auditing.scan import budget as archives
from anchors.auditing.scan import oci_image as image
from anchors.auditing.scan import oci_layout as layouts
from anchors.auditing.scan.oci_layout import is_layout
from anchors.core.checks import Check
from tests.unit.auditing.scan.test_packages import (
    BOTH,
    OLD,
    Entry,
    Layout,
    as_tar,
    checks,
    layout,
    paths,
    seen,
    special,
    tar,
)

IN_TOTO = "application/vnd.in-toto+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def test_what_is_attached_to_an_image_is_no_image(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    packed = made.blob(gzip.compress(tar([("a.ds", BOTH)])))
    real = made.json({"layers": [{**packed, "mediaType": LAYER}]})
    statement = made.json({"layers": [{**made.blob(b'{"_type": "x"}'), "mediaType": IN_TOTO}]})
    found = seen(made.index([real, statement]))
    assert (paths(found), checks(found)) == (["a.ds"], [])


def test_what_is_an_image_and_an_index_at_once_is_undecided(tmp_path: Path) -> None:
    """CVE-2021-41190: one program runs the image, and another one follows the index."""
    made = Layout(tmp_path / "image")
    other = made.image([tar([("a.ds", BOTH)])])
    packed = made.blob(tar([("b.ds", OLD)]))
    both = made.json({"manifests": [other], "layers": [packed]})
    found = seen(made.index([both]))
    assert (paths(found), checks(found)) == ([""], [Check.AUDIT_UNREADABLE])
    assert "an index and a manifest at once" in (found.places[0].notes[0].finding.got or "")


@pytest.mark.parametrize(
    "media", ["application/vnd.example.layer", "application/vnd.example+json", "", None]
)
def test_a_layer_of_unknown_media_is_told(tmp_path: Path, media: str | None) -> None:
    made = Layout(tmp_path / "image")
    known = {**made.blob(gzip.compress(tar([("a.ds", BOTH)]))), "mediaType": LAYER}
    strange = {**made.blob(gzip.compress(tar([("a.ds", OLD)]))), "mediaType": media}
    found = seen(made.index([made.json({"layers": [known, strange]})]))
    assert (paths(found), checks(found)) == (["", "a.ds"], [Check.AUDIT_UNREADABLE])


def test_layers_of_unknown_media_alone_are_told(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    strange = {**made.blob(b"x"), "mediaType": "application/vnd.example"}
    assert checks(seen(made.index([made.json({"layers": [strange]})]))) == [Check.AUDIT_UNREADABLE]


def test_a_platform_that_was_not_copied_hides_no_other(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    found = seen(made.index([{"digest": "sha256:" + "1" * 64}, made.image([tar([("a.ds", OLD)])])]))
    assert (paths(found), checks(found)) == (["", "a.ds"], [Check.AUDIT_UNREADABLE])
    assert "image sha256:1111" in (found.places[0].notes[0].finding.got or "")


def test_an_image_with_two_tags_is_told_once(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    one = made.image([tar([("a.ds", OLD)])])
    assert paths(seen(made.index([one, one]))) == ["a.ds"]


def test_the_same_index_over_and_over_is_read_once(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    inner = made.image([tar([("a.ds", OLD)])])
    for _ in range(4):
        inner = made.json({"manifests": [inner] * 200})
    began = time.monotonic()
    assert paths(seen(made.index([inner]))) == ["a.ds"]
    # 200 to the fourth would take days.
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "broken", [gzip.compress(random.Random(1).randbytes(5000))[:3000], b"nonsense" * 99]
)
def test_a_damaged_layer_hides_no_other(tmp_path: Path, broken: bytes) -> None:
    found = seen(layout(tmp_path, tar([("a.ds", OLD)]), broken, tar([("b.ds", OLD)])))
    assert (paths(found), checks(found)) == (["", "a.ds", "b.ds"], [Check.AUDIT_UNREADABLE])


def test_a_layer_is_held_against_its_digest(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    layer = made.blob(tar([("a.ds", BOTH)]))
    blob = made.root / "blobs/sha256" / layer["digest"].removeprefix("sha256:")
    index = made.index([made.json({"layers": [layer]})])
    assert checks(seen(index)) == []
    blob.write_bytes(tar([("a.ds", OLD)]))
    found = seen(index)
    assert (paths(found), checks(found)) == (["", "a.ds"], [Check.AUDIT_UNREADABLE])
    assert "not what its digest says" in (found.places[0].notes[0].finding.got or "")


def test_what_follows_the_end_of_a_layer_is_part_of_its_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = layout(tmp_path, gzip.compress(tar([("a.ds", OLD)])) + os.urandom(3 << 20))
    assert checks(seen(index)) == []
    monkeypatch.setattr(image, "_MAX_PIECES", 2)
    assert checks(seen(index)) == [Check.AUDIT_UNREADABLE]


def test_a_bound_is_told_as_one_and_what_came_before_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    found = seen(layout(tmp_path, tar([("a.ds", OLD)]), tar([(f"{n}.ds", OLD) for n in range(9)])))
    assert paths(found) == ["", "0.ds", "1.ds", "a.ds"]
    assert checks(found) == [Check.AUDIT_LIMIT]


@pytest.mark.parametrize(
    "name", [".", ".wh.", "etc/.wh.", "etc/.wh..", ".wh..wh.plnk", "etc/.wh..wh.aufs"]
)
def test_names_that_name_nothing_hide_nothing(tmp_path: Path, name: str) -> None:
    lower = tar([("etc/a.ds", OLD), ("b.ds", OLD)])
    assert paths(seen(layout(tmp_path, lower, tar([(name, b"")])))) == ["b.ds", "etc/a.ds"]


@pytest.mark.parametrize(
    "upper",
    [[(".wh.d", b""), ("d/new.ds", BOTH)], [("d/new.ds", BOTH), (".wh.d", b"")]],
    ids=["before", "after"],
)
def test_a_whiteout_hides_nothing_of_its_own_layer(tmp_path: Path, upper: list[Entry]) -> None:
    assert paths(seen(layout(tmp_path, tar([("d/old.ds", OLD)]), tar(upper)))) == ["d/new.ds"]


def test_a_whiteout_hides_no_neighbour(tmp_path: Path) -> None:
    lower = tar([(f"{name}/a.ds", OLD) for name in ("d", "d-", "d0", "d.d", "e")])
    left = ["d-/a.ds", "d.d/a.ds", "d0/a.ds", "e/a.ds"]
    assert paths(seen(layout(tmp_path, lower, tar([(".wh.d", b"")])))) == left


def test_a_whiteout_is_no_file(tmp_path: Path) -> None:
    assert paths(seen(layout(tmp_path, tar([("etc/.wh.a.ds", BOTH)])))) == []


def test_the_path_is_that_of_the_final_file_system(tmp_path: Path) -> None:
    upper = tar([("x/../a.ds", BOTH), ("../../b.ds", OLD)])
    found = seen(layout(tmp_path, tar([("a.ds", OLD)]), upper))
    assert paths(found) == ["a.ds", "b.ds"]
    assert [len(place.reading.held) for place in found.places if place.reading] == [2, 1]


@pytest.mark.parametrize("layers", ["x", ["xmediaType"], [1], {"a": 1}, 5, [None], [[]]])
def test_a_manifest_of_nonsense_hides_no_other_image(tmp_path: Path, layers: object) -> None:
    made = Layout(tmp_path / "image")
    found = seen(made.index([made.json({"layers": layers}), made.image([tar([("a.ds", OLD)])])]))
    assert (paths(found), checks(found)) == (["", "a.ds"], [Check.AUDIT_UNREADABLE])


def test_a_large_header_is_not_read_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tarfile.TarInfo("a")
    info.pax_headers = {"comment": "x" * (2 << 20)}
    path = tmp_path / "a.tar"
    folder = layout(tmp_path, tar([("a.ds", OLD)]))
    path.write_bytes(info.tobuf(tarfile.PAX_FORMAT) + as_tar(folder, path).read_bytes())
    assert is_layout(path)
    monkeypatch.setattr(layouts, "_MAX_HEADERS", 1 << 20)
    monkeypatch.setattr(layouts._Headers, "_left", 1 << 20)
    assert not is_layout(path)


def test_a_blob_is_a_plain_file_of_the_archive(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    manifest = made.image([tar([("a.ds", OLD)])])
    name = f"blobs/sha256/{manifest['digest'].removeprefix('sha256:')}"
    folder = made.index([manifest])
    (folder / name).rename(folder / "elsewhere")
    path = as_tar(folder, tmp_path / "a.tar")
    with tarfile.open(path, "a") as archive:
        archive.addfile(special(name, tarfile.SYMTYPE, "../../elsewhere"))
    assert checks(seen(path)) == [Check.AUDIT_UNREADABLE]


def test_many_places_and_many_whiteouts_take_no_longer_each(tmp_path: Path) -> None:
    number = 4000
    lower = tar([(f"d/{n}.ds", OLD) for n in range(number)])
    upper = tar([("x/.wh..wh..opq", b""), *((f"x/.wh.{n}", b"") for n in range(number))])
    began = time.monotonic()
    assert len(paths(seen(layout(tmp_path, lower, upper)))) == number
    assert time.monotonic() - began < 60


def test_too_many_images_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Layout(tmp_path / "image")
    index = made.index([made.image([tar([(f"{n}.ds", OLD)])]) for n in range(3)])
    assert checks(seen(index)) == []
    monkeypatch.setattr(image, "_MAX_IMAGES", 2)
    assert checks(seen(index)) == [Check.AUDIT_LIMIT]


def test_what_follows_the_end_of_a_layer_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = layout(tmp_path, tar([("a.ds", OLD)]) + os.urandom(3 << 20))
    assert checks(seen(index)) == []
    monkeypatch.setattr(archives, "MAX_UNPACKED", 2 << 20)
    found = seen(index)
    assert (paths(found), checks(found)) == (["", "a.ds"], [Check.AUDIT_LIMIT])
