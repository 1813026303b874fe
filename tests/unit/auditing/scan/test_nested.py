"""Archives in archives, images without an OCI layout, and archives that are not opened."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anchors.auditing.scan.found import Scanned
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.tree import scan
from anchors.core.root_facts import KNOWN_KEYS

pytest.importorskip("libarchive", reason="needs libarchive-c and libarchive")

OLD = f". IN DS 20326 8 2 {KNOWN_KEYS[1].digest}\n".encode()
KEY = "etc/unbound/root.key"


def tar(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def looked_at(path: Path) -> Scanned:
    look = Look(datetime(2026, 11, 24, tzinfo=UTC))
    (scanned,) = scan([path], look, progress=lambda _files, _size: None)
    return scanned


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def read_places(scanned: Scanned) -> list[str]:
    return [place.location.path for place in scanned.places if place.reading is not None]


def told(scanned: Scanned) -> dict[str, str]:
    """What was not looked into, with the reason."""
    return {
        place.location.path: str(place.notes[0].finding.got)
        for place in scanned.places
        if place.reading is None
    }


@pytest.mark.parametrize("name", ["x.zip", "x.jar", "x.war", "x-1.0-py3-none-any.whl"])
def test_what_java_and_python_pack_is_opened(name: str, tmp_path: Path) -> None:
    scanned = looked_at(written(tmp_path, name, zipped({KEY: OLD, "other": b"x"})))
    assert read_places(scanned) == [KEY]
    assert told(scanned) == {}


def test_an_ipk_is_read_as_it_installs_its_files(tmp_path: Path) -> None:
    package = tar(
        {
            "./debian-binary": b"2.0\n",
            "./data.tar.gz": gzip.compress(tar({f"./{KEY}": OLD})),
            "./control.tar.gz": gzip.compress(tar({"./postinst": b"#!/bin/sh\n"})),
        }
    )
    scanned = looked_at(written(tmp_path, "unbound.ipk", gzip.compress(package)))
    assert read_places(scanned) == [KEY]
    assert told(scanned) == {}


INNER = {
    "inner.tar": tar({KEY: OLD}),
    "inner.tar.gz": gzip.compress(tar({KEY: OLD})),
    "inner.jar": zipped({KEY: OLD}),
}


@pytest.mark.parametrize("name", INNER)
def test_an_archive_in_an_archive_is_opened(name: str, tmp_path: Path) -> None:
    for outer in (tar({name: INNER[name]}), zipped({name: INNER[name]})):
        scanned = looked_at(written(tmp_path, "outer", outer))
        assert read_places(scanned) == [f"{name}/{KEY}"]
        assert told(scanned) == {}


def test_the_depth_is_two_and_what_lies_deeper_is_told(tmp_path: Path) -> None:
    one = tar({"one.tar": tar({KEY: OLD})})
    scanned = looked_at(written(tmp_path, "x.tar", tar({"two.tar": one})))
    assert read_places(scanned) == [f"two.tar/one.tar/{KEY}"]
    assert told(scanned) == {}
    scanned = looked_at(written(tmp_path, "x.tar", tar({"three.tar": tar({"two.tar": one})})))
    assert read_places(scanned) == []
    assert told(scanned) == {"three.tar/two.tar/one.tar": "more than 2 archives lie in each other"}


def test_a_page_that_is_packed_by_itself_is_no_archive(tmp_path: Path) -> None:
    content = tar({"man/x.8.gz": gzip.compress(b"a page"), KEY: OLD})
    scanned = looked_at(written(tmp_path, "x.tar", content))
    assert read_places(scanned) == [KEY]
    assert told(scanned) == {}


def test_a_damaged_archive_inside_is_told_and_what_follows_is_read(tmp_path: Path) -> None:
    content = tar({"inner.tar.gz": gzip.compress(tar({KEY: OLD}))[:40], KEY: OLD})
    scanned = looked_at(written(tmp_path, "x.tar", content))
    assert read_places(scanned) == [KEY]
    assert set(told(scanned)) == {"inner.tar.gz"}


UNOPENED = [b"ADBd", b"ADBc", b"ADB.", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\0", b"MSCF", b"hsqs"]


@pytest.mark.parametrize("magic", UNOPENED)
def test_an_archive_that_is_not_opened_is_told(magic: bytes, tmp_path: Path) -> None:
    content = magic + bytes(999)
    scanned = looked_at(written(tmp_path, "x.apk", content))
    assert "archives of this kind are not opened" in told(scanned)[""]
    scanned = looked_at(written(tmp_path, "x.tar", tar({"x.apk": content})))
    assert told(scanned) == {"x.apk": "archives of this kind are not opened"}


LOWER = tar({"etc/unbound/unbound.conf": b"server:\n", KEY: OLD, "etc/root.key": OLD})
UPPER = tar({"etc/.wh.root.key": b""})


def saved(*names: str) -> dict[str, bytes]:
    manifest = [{"Config": f"{'c' * 64}.json", "RepoTags": ["x:1"], "Layers": names}]
    return {"manifest.json": json.dumps(manifest).encode(), f"{'c' * 64}.json": b"{}"}


@pytest.mark.parametrize("ending", [".tar", "/layer.tar", ""])
def test_a_saved_image_is_the_file_system_of_its_layers(ending: str, tmp_path: Path) -> None:
    names = [f"{'a' * 64}{ending}", f"{'b' * 64}{ending}"]
    # The order in the archive is another one.
    files = {names[1]: UPPER, names[0]: LOWER, **saved(*names)}
    scanned = looked_at(written(tmp_path, "image.tar", tar(files)))
    assert read_places(scanned) == [KEY, "etc/unbound/unbound.conf"]
    assert told(scanned) == {}


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "other.tar"])
def test_a_saved_image_with_odd_names_of_layers_is_told(name: str, tmp_path: Path) -> None:
    scanned = looked_at(written(tmp_path, "image.tar", tar({name: LOWER, **saved(name)})))
    assert "is no name of a layer" in told(scanned)[""]


def test_a_layer_that_is_not_there_is_told(tmp_path: Path) -> None:
    scanned = looked_at(written(tmp_path, "image.tar", tar(saved(f"{'a' * 64}.tar"))))
    assert "a" * 64 in told(scanned)[""]


def test_a_manifest_of_another_program_makes_no_image(tmp_path: Path) -> None:
    content = tar({"manifest.json": b'{"name": "x"}', KEY: OLD})
    assert read_places(looked_at(written(tmp_path, "x.tar", content))) == [KEY]


def test_a_directory_of_skopeo_is_an_image(tmp_path: Path) -> None:
    digests = []
    for layer in (LOWER, UPPER):
        packed = gzip.compress(layer)
        digests.append(hashlib.sha256(packed).hexdigest())
        written(tmp_path, digests[-1], packed)
    kind = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    layers = [{"mediaType": kind, "digest": f"sha256:{digest}"} for digest in digests]
    manifest = {"schemaVersion": 2, "layers": layers}
    written(tmp_path, "manifest.json", json.dumps(manifest).encode())
    written(tmp_path, "version", b"Directory Transport Version: 1.1\n")
    scanned = looked_at(tmp_path)
    assert read_places(scanned) == [KEY, "etc/unbound/unbound.conf"]
    assert told(scanned) == {}


def test_a_directory_with_a_manifest_alone_is_a_directory(tmp_path: Path) -> None:
    written(tmp_path, "manifest.json", b"{}")
    written(tmp_path, KEY, OLD)
    assert read_places(looked_at(tmp_path)) == [KEY]
