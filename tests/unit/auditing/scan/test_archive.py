"""Archives made to hide something, or to cost more than they are worth."""

from __future__ import annotations

import bz2
import gzip
import lzma
import resource
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from anchors.auditing.scan import budget as archives
from anchors.auditing.scan import libarchive as members
from anchors.auditing.scan.gnu_tar import refusing_odd_maps
from anchors.core.checks import Check
from tests.unit.auditing.scan.test_packages import (
    BOTH,
    FOUND,
    OLD,
    TREE,
    checks,
    libarchive,
    looked,
    paths,
    rpm,
    tar,
    written,
)


def newc(
    name: str, content: bytes, *, mode: int = 0o100644, links: int = 1, inode: int = 1
) -> bytes:
    """One member in the "new ASCII" format of cpio, which RPM has inside."""
    named = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(named), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + named
    head += b"\0" * (-len(head) % 4)
    return head + content + b"\0" * (-len(content) % 4)


END = newc("TRAILER!!!", b"", mode=0)


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_the_last_link_in_an_rpm_has_the_content(tmp_path: Path) -> None:
    links = [newc("./etc/root.key", b"", links=2), newc("./etc/root.ds", BOTH, links=2)]
    assert paths(looked(put(tmp_path / "a.rpm", rpm(b"".join([*links, END]))))) == ["etc/root.ds"]


def test_an_empty_anchor_file_is_told_where_it_is_no_link(tmp_path: Path) -> None:
    path = put(tmp_path / "a.rpm", rpm(newc("./etc/root.key", b"") + END))
    assert paths(looked(path)) == ["etc/root.key"]


def test_control_files_hide_nothing_of_a_package(tmp_path: Path) -> None:
    entries = [
        ("debian-binary", b"2.0\n"),
        ("data.tar.xz", lzma.compress(tar(TREE))),
        ("control.tar.gz", gzip.compress(tar([(TREE[0][0], b""), ("postinst.ds", OLD)]))),
    ]
    found = looked(written(tmp_path / "a.deb", "ar_svr4", [], entries))
    control = ["DEBIAN/postinst.ds", "DEBIAN/usr/share/dns/root.ds"]
    assert paths(found) == [*control, *FOUND]
    by_path = {place.location.path: place.reading for place in found.places}
    kept = by_path[FOUND[0]]
    assert kept is not None
    assert len(kept.held) == 2


def test_a_part_of_an_apk_may_have_an_end(tmp_path: Path) -> None:
    parts = gzip.compress(tar([("first", b"")])) + gzip.compress(tar(TREE))
    assert paths(looked(put(tmp_path / "a.apk", parts))) == FOUND
    # What follows the end of another archive is not unpacked by anyone.
    assert paths(looked(put(tmp_path / "a.tar.gz", parts))) == []


def test_packed_twice_is_not_unpacked(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tar.gz", gzip.compress(lzma.compress(tar(TREE))))
    assert (paths(looked(path)), checks(looked(path))) == ([""], [Check.AUDIT_LIMIT])


def test_a_name_that_no_system_opens_ends_the_archive(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tar", tar([*TREE, ("d/" * 3000 + "a.ds", BOTH), ("b.ds", BOTH)]))
    assert (paths(looked(path)), checks(looked(path))) == (["", *FOUND], [Check.AUDIT_LIMIT])


def test_too_many_places_end_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_PLACES", 3)
    path = put(tmp_path / "a.tar", tar([(f"{n}.ds", OLD) for n in range(9)]))
    assert checks(looked(path)) == [Check.AUDIT_LIMIT]
    assert len(looked(path).places) == 1 + 4


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_nothing_shrinks_as_a_bomb_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(archives, "_HARMLESS", 4 << 20)
    path = put(tmp_path / "a", pack(tar([*TREE, ("zeros", b"\0" * (40 << 20)), ("b.ds", OLD)])))
    found = looked(path)
    assert (paths(found), checks(found)) == (["", *FOUND], [Check.AUDIT_LIMIT])
    assert found.coverage.size < 12 << 20


def test_a_few_bytes_are_searched_no_further_than_some_megabytes(tmp_path: Path) -> None:
    content = bz2.compress(tar([("zeros", b"\0" * (96 << 20)), ("b.ds", OLD)]))
    found = looked(put(tmp_path / "a.tar.bz2", content))
    assert checks(found) == [Check.AUDIT_LIMIT]
    assert found.coverage.size <= 65 << 20


def test_what_is_skipped_inside_libarchive_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_HARMLESS", 4 << 20)
    hidden = newc("./d", b"\0" * (40 << 20), mode=0o040755)
    path = put(tmp_path / "a.cpio.gz", gzip.compress(newc("./a.ds", OLD) + hidden + END))
    found = looked(path)
    assert (paths(found), checks(found)) == (["", "a.ds"], [Check.AUDIT_LIMIT])


def test_what_is_skipped_at_once_is_counted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is there before libarchive asks for more of what is packed."""
    monkeypatch.setattr(archives, "_HARMLESS", 4 << 20)
    hidden = newc("./d", b"\0" * (20 << 20), mode=0o040755)
    path = put(tmp_path / "a", bz2.compress(hidden + newc("./a.ds", OLD) + hidden + END))
    assert path.stat().st_size < members._PIECE
    found = looked(path)
    assert (paths(found), checks(found)) == ([""], [Check.AUDIT_LIMIT])


def test_a_sparse_file_ends_at_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_HARMLESS", 4 << 20)
    info = tarfile.TarInfo("lastlog")
    info.size = 512
    info.pax_headers = {
        "GNU.sparse.size": f"{(1 << 50) + 512}",
        "GNU.sparse.numblocks": "1",
        "GNU.sparse.map": f"{1 << 50},512",
    }
    block = info.tobuf(tarfile.PAX_FORMAT)
    found = looked(put(tmp_path / "a.tar", block + b"x" * 512 + tar(TREE)))
    assert checks(found) == [Check.AUDIT_LIMIT]
    assert found.coverage.size < 12 << 20


def test_an_image_that_was_packed_is_no_silent_nothing(tmp_path: Path) -> None:
    content = tar([("./oci-layout", b"{}"), ("index.json", b"{}")])
    assert checks(looked(put(tmp_path / "a.tar.gz", gzip.compress(content)))) == [Check.AUDIT_LIMIT]


def test_damage_is_told_in_the_same_words_each_time(tmp_path: Path) -> None:
    content = gzip.compress(tar(TREE))
    path = put(tmp_path / "a.tar.gz", content[: len(content) // 2])
    got = {looked(path).places[0].notes[0].finding.got for _ in range(3)}
    assert got == {"truncated gzip input"}


def test_a_filter_that_would_run_a_program_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    members._filters.cache_clear()
    real = libarchive.ffi.get_read_filter_function

    def warns(name: str) -> Callable[[int], int]:
        found: Callable[[int], int] = real(name)
        # What libarchive answers where it was built without the library.
        return (lambda _archive: libarchive.ffi.ARCHIVE_WARN) if name == "zstd" else found

    monkeypatch.setattr(libarchive.ffi, "get_read_filter_function", warns)
    try:
        assert "zstd" not in members._filters()
        assert "gzip" in members._filters()
    finally:
        members._filters.cache_clear()


def test_every_byte_of_a_small_package_may_be_wrong(tmp_path: Path) -> None:
    entries = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", gzip.compress(tar([("control", b"")]), mtime=0)),
        ("data.tar.xz", lzma.compress(tar(TREE[:2]))),
    ]
    whole = written(tmp_path / "a.deb", "ar_svr4", [], entries).read_bytes()
    assert paths(looked(put(tmp_path / "b.deb", whole))) == FOUND
    assert len(whole) < 1200
    for at in range(len(whole)):
        flipped = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        for changed in (whole[:at], flipped):
            found = looked(put(tmp_path / "b.deb", changed))
            assert set(checks(found)) <= {Check.AUDIT_UNREADABLE, Check.AUDIT_LIMIT}
            assert found.places


@pytest.mark.parametrize(
    ("names", "installed"),
    [
        (("data.tar.gz", "data.tar.gz"), [BOTH]),
        (("data.tar", "data.tar.gz"), [BOTH]),
        # dpkg-deb 1.21: "uses unknown compression for member 'data.tar.foo', giving up".
        (("data.tar.foo", "data.tar.gz"), [OLD]),
    ],
)
def test_of_two_data_tars_the_first_is_installed_and_the_other_is_told(
    tmp_path: Path, names: tuple[str, str], installed: list[bytes]
) -> None:
    contents = [tar([("etc/root.ds", BOTH)]), tar([("etc/root.ds", OLD), ("etc/b.ds", OLD)])]
    packed = [gzip.compress(c) if n.endswith("gz") else c for n, c in zip(names, contents)]  # noqa: B905
    entries = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", gzip.compress(tar([]))),
        *zip(names, packed, strict=True),
    ]
    found = looked(written(tmp_path / "a.deb", "ar_svr4", [], entries))
    assert checks(found) == [Check.AUDIT_LIMIT]
    root = next(place for place in found.places if place.location.path == "etc/root.ds")
    assert [root.content] == installed


# Headers that stretch or cut a file: GNU tar, dpkg, Python and libarchive differ in what it holds.

LONG = str(2 << 20)
STRETCHED = {
    "GNU stretches": {"GNU.sparse.realsize": LONG},
    "GNU cuts": {"GNU.sparse.realsize": "10"},
    "star stretches": {"SCHILY.realsize": LONG},
    "star cuts": {"SCHILY.realsize": "0"},
    "GNU moves": {
        "GNU.sparse.size": LONG,
        "GNU.sparse.numblocks": "1",
        "GNU.sparse.map": f"{(2 << 20) - 512},512",
    },
}


@pytest.mark.parametrize("name", ["etc/named.conf", "etc/root.ds"])
@pytest.mark.parametrize("case", STRETCHED)
def test_a_file_that_headers_stretch_or_cut_is_never_passed_over(
    tmp_path: Path, name: str, case: str
) -> None:
    info = tarfile.TarInfo(name)
    info.size = 512
    info.pax_headers = STRETCHED[case]
    content = OLD.ljust(512, b"\n")
    path = put(tmp_path / "a.tar", info.tobuf(tarfile.PAX_FORMAT) + content + tar(TREE))
    found = looked(path)
    assert (name, None) in [(place.location.path, place.reading) for place in found.places]
    assert Check.AUDIT_UNREADABLE in checks(found)


def test_a_configuration_that_is_a_hard_link_is_undecided(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name, target in (("opt/x", ""), ("etc/unbound/unbound.conf", "opt/x"), ("a", "opt/x")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.LNKTYPE if target else tarfile.REGTYPE, target
            archive.addfile(member)

    found = looked(path)

    assert paths(found) == ["etc/unbound/unbound.conf"]
    assert checks(found) == [Check.AUDIT_UNREADABLE]


# The type of a member in GNU's own format, the parts in its header, and the size that it tells.
# Of the first tar and dpkg install all, and libarchive reads what the map has.
ODD_MAPS = {
    "a map without the type": (b"0", True, True),
    "a size without the type": (b"0", False, True),
    "a map in another type": (b"7", True, True),
    "the type without a map": (b"S", False, True),
}


def gnu(content: bytes, kind: bytes, *, has_map: bool, has_size: bool) -> bytes:
    """A tar of one member, whose header has a map of its first half."""
    header = tarfile.TarInfo("etc/root.ds")
    header.size, header.type = len(content), kind
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    half = b"%011o\0" % (len(content) // 2)
    if has_map:
        block[386:410] = b"%011o\0" % 0 + half
    if has_size:
        block[483:495] = half
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + content + b"\0" * (-len(content) % 512 + 1024)


@pytest.mark.parametrize("name", list(ODD_MAPS))
def test_a_map_that_programs_read_differently_ends_the_archive(tmp_path: Path, name: str) -> None:
    kind, has_map, has_size = ODD_MAPS[name]
    content = gnu(BOTH + BOTH, kind, has_map=has_map, has_size=has_size)

    assert Check.AUDIT_UNREADABLE in checks(looked(put(tmp_path / "a.tar", content)))
    with pytest.raises(ValueError, match="programs read differently"):
        list(refusing_odd_maps(content[at : at + 100] for at in range(0, len(content), 100)))


def test_a_map_that_agrees_with_its_type_is_read(tmp_path: Path) -> None:
    for number, content in enumerate(
        (
            gnu(BOTH + BOTH, b"S", has_map=True, has_size=True),
            gnu(BOTH, b"0", has_map=False, has_size=False),
        )
    ):
        pieces = (content[at : at + 100] for at in range(0, len(content), 100))
        assert b"".join(refusing_odd_maps(pieces)) == content
        path = put(tmp_path / f"{number}.tar", content)
        assert paths(looked(path)) == ["etc/root.ds"]


def test_holes_that_agree_with_the_headers_of_sun_change_nothing(tmp_path: Path) -> None:
    info = tarfile.TarInfo("root.ds")
    info.size = len(OLD)
    info.pax_headers = {"SUN.holesdata": f" 0 {len(OLD)}"}
    content = OLD.ljust(512, b"\0")
    found = looked(put(tmp_path / "a.tar", info.tobuf(tarfile.PAX_FORMAT) + content + bytes(1024)))
    assert [len(place.anchors) for place in found.places] == [1]


def test_a_sparse_file_of_no_interest_is_no_finding(tmp_path: Path) -> None:
    info = tarfile.TarInfo("var/log/lastlog")
    info.size = 512
    info.pax_headers = {"SCHILY.realsize": LONG}
    path = put(tmp_path / "a.tar", info.tobuf(tarfile.PAX_FORMAT) + b"x" * 512 + tar(TREE))
    assert checks(looked(path)) == []


# Nothing that unpacks before any member is seen.

NAMES = f"{'//':<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{1 << 30:<10}`\n"
LONG_NAME = "070701" + "".join(
    f"{number:08X}" for number in (1, 0o100644, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x7FFFFFFF, 0)
)


@pytest.mark.parametrize("head", [f"!<arch>\n{NAMES}", LONG_NAME], ids=["ar", "cpio"])
def test_a_name_of_gigabytes_takes_no_memory(tmp_path: Path, head: str) -> None:
    zeros = bz2.compress(bytes(32 << 20))
    path = put(tmp_path / "a", bz2.compress(head.encode()) + zeros * 65)
    assert path.stat().st_size < 8192
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = looked(path)
    assert checks(found) == [Check.AUDIT_LIMIT]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < before + (1 << 20)
