"""Packages, tar archives and images: one pass, nothing written, bounded, safe against tricks."""

from __future__ import annotations

import builtins
import gzip
import hashlib
import importlib
import io
import json
import lzma
import os
import sys
import tarfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from anchors.auditing.scan import budget as archives
from anchors.auditing.scan import oci_image as image
from anchors.auditing.scan.archive import scan_archive
from anchors.auditing.scan.found import Scanned
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.magic import is_archive
from anchors.auditing.scan.oci_image import scan_image
from anchors.auditing.scan.oci_layout import is_layout
from anchors.auditing.scan.tree import scan
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from tests.unit.consumers.samples import DS1, DS2
from tests.unit.known_syntaxes import Known

# Set to 1 where its absence is an error and not a reason to skip.
REQUIRE = "ROOT_ANCHORS_REQUIRE_PACKAGES"
if os.environ.get(REQUIRE) == "1":
    libarchive = importlib.import_module("libarchive")
else:
    libarchive = pytest.importorskip("libarchive", reason="needs libarchive-c and libarchive")

AT = datetime(2026, 11, 24, tzinfo=UTC)
BOTH = f". IN DS {DS1}\n. IN DS {DS2}\n".encode()
OLD = f". IN DS {DS1}\n".encode()

Entry = tuple[str, bytes]


def tar(entries: Iterable[Entry | tarfile.TarInfo], mode: int = 0o644, uid: int = 0) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
                continue
            info = tarfile.TarInfo(entry[0])
            info.size, info.mode, info.uid = len(entry[1]), mode, uid
            archive.addfile(info, io.BytesIO(entry[1]))
    return out.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def written(path: Path, kind: str, filters: Sequence[str], entries: Iterable[Entry]) -> Path:
    """An archive by libarchive itself, for what the standard library cannot write."""
    with libarchive.file_writer(str(path), kind, *filters) as archive:
        for name, content in entries:
            archive.add_file_from_memory(name, len(content), content)
    return path


def deb(path: Path, data: bytes, suffix: str = ".xz") -> Path:
    members = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", gzip.compress(tar([("./control", b"Package: x\n")]))),
        (f"data.tar{suffix}", data),
    ]
    return written(path, "ar_svr4", [], members)


def looked(path: Path) -> Scanned:
    return scan_archive(path, Look(AT), progress=lambda _files, _size: None)


def paths(found: Scanned) -> list[str]:
    return [place.location.path for place in found.places]


def checks(found: Scanned) -> list[Check]:
    return [note.finding.check for place in found.places for note in place.notes]


TREE: list[Entry] = [
    ("./usr/share/dns/root.ds", BOTH),
    ("./usr/share/dns/root.key", OLD),
    ("./usr/share/doc/README", b"nothing"),
]
FOUND = ["usr/share/dns/root.ds", "usr/share/dns/root.key"]


def packed(tmp_path: Path) -> dict[str, Path]:
    plain = tar(TREE)
    files = {
        "a.tar": plain,
        "a.tar.gz": gzip.compress(plain),
        "a.tar.xz": lzma.compress(plain),
    }
    made = {}
    for name, content in files.items():
        made[name] = tmp_path / name
        made[name].write_bytes(content)
    made["a.deb"] = deb(tmp_path / "a.deb", lzma.compress(plain))
    made["a.pkg.tar.zst"] = written(tmp_path / "a.pkg.tar.zst", "gnutar", ["zstd"], TREE)
    made["a.tar.bz2"] = written(tmp_path / "a.tar.bz2", "pax", ["bzip2"], TREE)
    made["a.cpio.gz"] = written(tmp_path / "a.cpio.gz", "cpio_newc", ["gzip"], TREE)
    return made


KINDS = ["a.tar", "a.tar.gz", "a.tar.xz", "a.deb", "a.pkg.tar.zst", "a.tar.bz2", "a.cpio.gz"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_package_is_read(tmp_path: Path, kind: str) -> None:
    path = packed(tmp_path)[kind]
    before = sorted(tmp_path.rglob("*"))
    with path.open("rb") as stream:
        assert is_archive(stream.read(1024))
    (found,) = scan([path], Look(AT), progress=lambda _files, _size: None)
    assert paths(found) == FOUND
    assert found.places[0].location.text == f"{path}:usr/share/dns/root.ds"
    assert all(p.reading and p.reading.syntax.id == Known.ZONE.id for p in found.places)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_apk_is_several_streams_in_one(tmp_path: Path) -> None:
    """apk cuts the end-of-archive blocks off all but its last part."""
    end = 1024
    signature = tar([(".SIGN.RSA.key", b"x")]).rstrip(b"\0")
    parts = [signature + b"\0" * (-len(signature) % 512), tar(TREE)]
    path = tmp_path / "a.apk"
    path.write_bytes(b"".join(gzip.compress(part) for part in parts))
    assert end < len(parts[1])
    assert paths(looked(path)) == FOUND


def rpm(cpio: bytes) -> bytes:
    """A lead, an empty signature and an empty header before the archive."""
    lead = b"\xed\xab\xee\xdb\x03\x00\x00\x00\x00\x01" + b"x".ljust(66, b"\0") + b"\0\x01\0\x05"
    header = b"\x8e\xad\xe8\x01" + b"\0" * 12
    return lead.ljust(96, b"\0") + header + header + gzip.compress(cpio)


def test_an_rpm_is_read(tmp_path: Path) -> None:
    cpio = written(tmp_path / "a.cpio", "cpio_newc", [], TREE).read_bytes()
    path = tmp_path / "a.rpm"
    path.write_bytes(rpm(cpio))
    assert paths(looked(path)) == FOUND


def test_the_last_of_a_name_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tar([("root.ds", OLD), ("root.ds", BOTH), ("x.ds", OLD), ("x.ds", b"gone")]))
    (place,) = looked(path).places
    assert place.reading is not None
    assert len(place.reading.held) == 2


def test_names_are_no_more_than_names(tmp_path: Path) -> None:
    names = ["../../etc/root.ds", "/etc/root.ds", "a\nb.ds", "\x1b[31m.ds", "./a/./b.ds"]
    path = tmp_path / "inner" / "a.tar"
    path.parent.mkdir()
    path.write_bytes(tar([(name, BOTH) for name in names]))
    found = looked(path)
    assert set(paths(found)) == {
        "../../etc/root.ds",
        "etc/root.ds",
        "a\nb.ds",
        "\x1b[31m.ds",
        "a/b.ds",
    }
    assert [p.name for p in tmp_path.rglob("*")] == ["inner", "a.tar"]


def test_links_and_devices_have_no_content(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    entries: list[Entry | tarfile.TarInfo] = [
        special("link.ds", tarfile.SYMTYPE, "/etc/passwd"),
        special("hard.ds", tarfile.LNKTYPE, "root.ds"),
        special("device.ds", tarfile.CHRTYPE),
        special("fifo.ds", tarfile.FIFOTYPE),
        ("root.ds", BOTH),
    ]
    path.write_bytes(tar(entries))
    found = looked(path)
    assert (paths(found), found.coverage.looked_at) == (["root.ds"], 5)


@pytest.mark.parametrize(("mode", "uid", "written"), [(0o644, 0, False), (0o644, 101, True)])
def test_who_may_write_is_taken_from_the_member(
    tmp_path: Path, mode: int, uid: int, *, written: bool
) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tar([("root.ds", BOTH)], mode, uid))
    status = looked(path).places[0].status
    assert status is not None
    assert status.may_be_written is written


def test_an_archive_inside_is_opened_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tar([("inner.tar", tar(TREE)), ("inner.tar.gz", gzip.compress(tar(TREE)))]))
    found = looked(path)
    assert len(found.places) == 2 * len(FOUND)
    assert all(place.location.path.startswith("inner.tar") for place in found.places)
    assert all(p.reading and p.reading.syntax.id == Known.ZONE.id for p in found.places)


def test_a_large_member_is_searched(tmp_path: Path) -> None:
    digest = bytes.fromhex(DS2.split()[-1])
    path = tmp_path / "a.tar"
    path.write_bytes(tar([("usr/sbin/x", b"\x7fELF" + b"\0" * (3 << 20) + digest)]))
    (place,) = looked(path).places
    assert place.reading is not None
    assert place.reading.compiled is not None
    assert place.reading.compiled.key_digests == (digest,)


def test_a_bomb_ends_at_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED", 16 << 20)
    path = tmp_path / "a.tar.gz"
    info = tarfile.TarInfo("zeros")
    info.size = 64 << 20
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("first"))
        archive.addfile(info, io.BytesIO(b"\0" * info.size))
    found = looked(path)
    assert checks(found) == [Check.AUDIT_LIMIT]
    assert found.coverage.size < 17 << 20


def test_too_many_members_end_at_their_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)
    path = tmp_path / "a.tar"
    path.write_bytes(tar([*TREE, *((f"{n}", b"") for n in range(20))]))
    found = looked(path)
    assert checks(found) == [Check.AUDIT_LIMIT]
    assert paths(found) == ["", *FOUND]


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_before_the_damage_stands(tmp_path: Path, kind: str) -> None:
    content = packed(tmp_path)[kind].read_bytes()
    for cut in range(0, len(content), max(1, len(content) // 25)):
        path = tmp_path / "cut"
        path.write_bytes(content[:cut])
        found = looked(path)
        assert set(paths(found)) <= {"", *FOUND}
        assert set(checks(found)) <= {Check.AUDIT_UNREADABLE}


@pytest.mark.parametrize("kind", KINDS)
def test_no_changed_byte_raises_anything(tmp_path: Path, kind: str) -> None:
    content = packed(tmp_path)[kind].read_bytes()
    for at in range(0, len(content), max(1, len(content) // 120)):
        path = tmp_path / "changed"
        path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        assert looked(path).coverage.looked_at <= 6


def test_a_format_that_opens_files_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "root.ds"
    secret.write_bytes(BOTH)
    path = tmp_path / "a.mtree"
    path.write_text(f"#mtree\n./x.ds type=file contents={secret}\n", encoding="utf-8")
    found = looked(path)
    assert (paths(found), checks(found)) == ([""], [Check.AUDIT_UNREADABLE])


def test_without_the_library_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> object:  # noqa: ANN401 - as the real one
        if name.partition(".")[0] == "libarchive":
            raise ImportError("No module named 'libarchive'")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    for module in [name for name in sys.modules if name.partition(".")[0] == "libarchive"]:
        monkeypatch.delitem(sys.modules, module)
    path = packed_tar(tmp_path)
    with pytest.raises(UsageError) as raised:
        scan([path], Look(AT), progress=lambda _files, _size: None)
    assert "root-anchors[archives]" in raised.value.remedy


def packed_tar(tmp_path: Path) -> Path:
    path = tmp_path / "plain.tar"
    path.write_bytes(tar(TREE))
    return path


# Images.


class Layout:
    """An OCI image layout on its way."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "blobs/sha256").mkdir(parents=True)
        (root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}', encoding="utf-8")

    def blob(self, content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        (self.root / "blobs/sha256" / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content)}

    def json(self, content: object) -> dict[str, Any]:
        return self.blob(json.dumps(content).encode())

    def image(self, layers: Iterable[bytes]) -> dict[str, Any]:
        return self.json({"schemaVersion": 2, "layers": [self.blob(layer) for layer in layers]})

    def index(self, manifests: Sequence[dict[str, Any]]) -> Path:
        content = {"schemaVersion": 2, "manifests": list(manifests)}
        (self.root / "index.json").write_text(json.dumps(content), encoding="utf-8")
        return self.root


def layout(tmp_path: Path, *layers: bytes) -> Path:
    made = Layout(tmp_path / "image")
    return made.index([made.image(layers)])


def as_tar(folder: Path, path: Path, order: Callable[[list[Path]], list[Path]] = sorted) -> Path:
    with tarfile.open(path, "w") as archive:
        for file in order([p for p in folder.rglob("*") if p.is_file()]):
            archive.add(file, str(file.relative_to(folder)))
    return path


def seen(path: Path) -> Scanned:
    assert is_layout(path)
    return scan_image(path, Look(AT), progress=lambda _files, _size: None)


def test_the_last_layer_wins(tmp_path: Path) -> None:
    found = seen(layout(tmp_path, tar([("a.ds", OLD), ("b.ds", OLD)]), tar([("a.ds", BOTH)])))
    assert paths(found) == ["a.ds", "b.ds"]
    assert [len(p.reading.held) for p in found.places if p.reading] == [2, 1]


@pytest.mark.parametrize(
    ("upper", "left"),
    [
        ([("etc/.wh.a.ds", b"")], ["etc/d/b.ds", "etc/d/c.ds"]),
        ([("etc/.wh.d", b"")], ["etc/a.ds"]),
        ([("etc/d/.wh..wh..opq", b"")], ["etc/a.ds"]),
        ([("etc/d/.wh..wh..opq", b""), ("etc/d/new.ds", BOTH)], ["etc/a.ds", "etc/d/new.ds"]),
        ([("etc/d/new.ds", BOTH), ("etc/d/.wh..wh..opq", b"")], ["etc/a.ds", "etc/d/new.ds"]),
        ([(".wh.etc", b"")], []),
        ([("etc/a.ds", b"no longer an anchor file")], ["etc/d/b.ds", "etc/d/c.ds"]),
        ([("etc/d", b"a file now")], ["etc/a.ds"]),
        ([special("etc/a.ds", tarfile.SYMTYPE, "/x")], ["etc/d/b.ds", "etc/d/c.ds"]),
        ([special("etc/d", tarfile.DIRTYPE)], ["etc/a.ds", "etc/d/b.ds", "etc/d/c.ds"]),
    ],
)
def test_whiteouts_hide_what_lies_below(
    tmp_path: Path, upper: list[Entry | tarfile.TarInfo], left: list[str]
) -> None:
    lower = tar([("etc/a.ds", OLD), ("etc/d/b.ds", OLD), ("etc/d/c.ds", OLD)])
    assert paths(seen(layout(tmp_path, lower, tar(upper)))) == left


def test_layers_may_be_packed_and_the_layout_a_tar_archive_in_any_order(tmp_path: Path) -> None:
    folder = layout(tmp_path, gzip.compress(tar([("a.ds", OLD)])), tar([("a.ds", BOTH)]))
    for order in (sorted, lambda files: sorted(files, reverse=True)):
        path = as_tar(folder, tmp_path / "image.tar", order)
        (found,) = scan([path], Look(AT), progress=lambda _files, _size: None)
        assert paths(found) == ["a.ds"]
        assert found.places[0].location.text == f"{path}:a.ds"


def test_every_image_of_an_index_is_told_apart(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    first, second = made.image([tar([("a.ds", OLD)])]), made.image([tar([("a.ds", BOTH)])])
    nested = made.json({"schemaVersion": 2, "manifests": [second]})
    found = seen(made.index([first, nested]))
    assert paths(found) == [
        f"{image['digest'].removeprefix('sha256:')[:12]}/a.ds" for image in (first, second)
    ]


@pytest.mark.parametrize(
    "digest",
    ["sha256:../../../etc/passwd", "md5:00", "", "sha256:" + "0" * 63, "sha256:" + "0" * 64],
)
def test_a_descriptor_names_blobs_alone(tmp_path: Path, digest: str) -> None:
    made = Layout(tmp_path / "image")
    found = seen(made.index([{"digest": digest}]))
    assert checks(found) == [Check.AUDIT_UNREADABLE]


def test_a_manifest_that_is_not_what_its_digest_says_is_refused(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    manifest = made.image([tar(TREE)])
    blob = made.root / "blobs/sha256" / manifest["digest"].removeprefix("sha256:")
    blob.write_bytes(blob.read_bytes() + b" ")
    found = seen(made.index([manifest]))
    assert checks(found) == [Check.AUDIT_UNREADABLE]
    assert "not what its digest says" in (found.places[0].notes[0].finding.got or "")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"manifests": 1}', '{"manifests": [1]}', "[" * 9999]
)
def test_an_index_of_nonsense_is_unreadable(tmp_path: Path, content: str) -> None:
    made = Layout(tmp_path / "image")
    (made.root / "index.json").write_text(content, encoding="utf-8")
    assert checks(seen(made.root)) == [Check.AUDIT_UNREADABLE]


def test_the_files_of_a_layout_are_plain_files(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    manifest = made.image([tar(TREE)])
    outside = tmp_path / "index.json"
    outside.write_text(json.dumps({"manifests": [manifest]}), encoding="utf-8")
    for make in (os.mkfifo, lambda path: path.symlink_to(outside)):
        make(made.root / "index.json")
        (found,) = scan([made.root], Look(AT), progress=lambda _files, _size: None)
        assert checks(found) == [Check.AUDIT_UNREADABLE]
        (made.root / "index.json").unlink()


def test_indexes_in_indexes_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "_MAX_NESTED", 2)
    made = Layout(tmp_path / "image")
    inner = made.image([tar(TREE)])
    for _ in range(5):
        inner = made.json({"schemaVersion": 2, "manifests": [inner]})
    assert checks(seen(made.index([inner]))) == [Check.AUDIT_LIMIT]


def test_a_damaged_layer_leaves_the_image_unreadable(tmp_path: Path) -> None:
    found = seen(layout(tmp_path, tar([("a.ds", OLD)]), gzip.compress(tar(TREE))[:60]))
    assert Check.AUDIT_UNREADABLE in checks(found)


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "a.tar"
    block = os.urandom(1 << 20)
    with tarfile.open(path, "w") as archive:
        for number in range(64):
            info = tarfile.TarInfo(f"{number}")
            info.size = 4 << 20
            archive.addfile(info, io.BytesIO(block * 4))
    looked(packed_tar(tmp_path))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = looked(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert found.coverage.size == 256 << 20
    # Kibibytes on Linux.
    assert grown < 64 << 10
