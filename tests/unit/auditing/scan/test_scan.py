"""What may end a scan, or make it say less than it saw: dead workers, mounts, exclusions."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

import anchors
from anchors.auditing import run
from anchors.auditing.detect import recognise
from anchors.auditing.scan import classify
from anchors.auditing.scan import folder as walk
from anchors.auditing.scan import tree as scan
from anchors.auditing.scan import walk as trees
from anchors.auditing.scan.found import Coverage, Scanned
from anchors.auditing.scan.look import Look, is_our_own
from anchors.consumers.files import Location
from anchors.consumers.reading import Reading
from anchors.core.checks import Check
from tests.unit.auditing.systems import put
from tests.unit.consumers.samples import DS1, DS2

AT = datetime(2026, 11, 24, tzinfo=UTC)
RECORD = f". IN DS {DS2}\n"


def scanned(path: Path, *exclude: str) -> Scanned:
    (found,) = scan.scan([path], Look(AT, exclude), progress=lambda _files, _size: None)
    return found


def paths(found: Scanned) -> list[str]:
    return [place.location.path for place in found.places]


def checks(found: Scanned) -> list[Check]:
    return [note.finding.check for place in found.places for note in place.notes]


def test_a_worker_that_dies_costs_a_single_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {f"{n}/{'deadly' if n == 30 else 'root'}.ds": RECORD for n in range(40)})
    ours = os.getpid()

    def deadly(content: bytes, name: str, at: datetime) -> Reading | None:
        if name.endswith("deadly.ds") and os.getpid() != ours:
            os.kill(os.getpid(), signal.SIGKILL)
        return recognise(content, name, at)

    monkeypatch.setattr(classify, "recognise", deadly)
    monkeypatch.setattr(trees, "_MANY", 5)
    found = scanned(tmp_path)
    assert len(found.places) == 40
    assert [p.location.path for p in found.places if p.reading is None] == ["30/deadly.ds"]
    assert checks(found) == [Check.AUDIT_UNREADABLE]


def test_a_directory_that_went_away_is_no_finding(tmp_path: Path) -> None:
    assert walk.visit(str(tmp_path), "gone", Look(AT)).places == []
    assert len(walk.visit(str(tmp_path / "gone"), "", Look(AT)).places) == 1


def test_what_is_mounted_in_a_chroot_is_left_out_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"chroot/proc/root.ds": RECORD, "chroot/sys/root.ds": RECORD})
    real = os.stat

    def mounted(
        path: str, *, dir_fd: int | None = None, follow_symlinks: bool = True
    ) -> os.stat_result | SimpleNamespace:
        if path == "proc":
            return SimpleNamespace(st_dev=-1, st_ino=-1)
        return real(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", mounted)
    visited = walk.visit(str(tmp_path), "chroot", Look(AT))
    assert visited.folders == ["chroot/sys"]


# What is left out.

TREE = dict.fromkeys(("a/root.ds", "a/b/root.ds", "c/root.ds", "c/x.ds", "root.ds"), RECORD)


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ((), sorted(TREE)),
        (("a",), ["c/root.ds", "c/x.ds", "root.ds"]),
        (("a/b",), ["a/root.ds", "c/root.ds", "c/x.ds", "root.ds"]),
        (("*/root.ds",), ["c/x.ds", "root.ds"]),
        (("*.ds",), []),
        (("root.ds", "c/x.*"), ["a/b/root.ds", "a/root.ds", "c/root.ds"]),
        # A pattern is of the whole path, in its own case.
        (("b", "A", "oot.ds"), sorted(TREE)),
    ],
)
def test_what_is_excluded_is_not_looked_at(
    tmp_path: Path, patterns: tuple[str, ...], left: list[str]
) -> None:
    found = scanned(put(tmp_path, TREE), *patterns)
    assert paths(found) == left
    assert found.coverage.looked_at == len(left)


def test_our_own_package_is_not_found(tmp_path: Path) -> None:
    own = Path(str(anchors.__file__)).parent
    descriptor = os.open(own.parent, os.O_RDONLY)
    try:
        assert is_our_own(descriptor, own.name)
        assert not is_our_own(descriptor, "docs")
    finally:
        os.close(descriptor)
    visited = walk.visit(str(own.parent), "", Look(AT, ("build", ".*", "fixtures", "tests")))
    assert "docs" in visited.folders
    assert own.name not in visited.folders
    # A copy of it is somebody else's.
    source = (own / "core/root_facts.py").read_bytes()
    put(tmp_path, {"anchors/core/root_facts.py": source})
    assert paths(scanned(tmp_path)) == ["anchors/core/root_facts.py"]


# A file by itself.


def located(root: str, path: str) -> Location:
    return Location(root, path)


@pytest.mark.parametrize(
    ("path", "root", "name"),
    [
        # What comes before etc or usr may be a root file system.
        ("/nowhere/image/etc/bind/named.conf", "/nowhere/image", "etc/bind/named.conf"),
        ("/etc/bind/named.conf", "/", "etc/bind/named.conf"),
        ("/usr/local/etc/unbound/unbound.conf", "/", "usr/local/etc/unbound/unbound.conf"),
        # The machine that runs is one.
        ("/nowhere/named.conf", "/", "nowhere/named.conf"),
        ("named.conf", ".", "named.conf"),
        ("etc/named.conf", ".", "etc/named.conf"),
        ("image/etc/named.conf", "image", "etc/named.conf"),
    ],
)
def test_a_single_file_lies_in_the_root_that_its_path_tells(
    path: str, root: str, name: str
) -> None:
    assert scan._split(Path(path), None)[:2] == (root, name)


def test_a_single_file_lies_in_the_innermost_system(tmp_path: Path) -> None:
    image = tmp_path / "srv/etc/machines/one"
    (image / "usr").mkdir(parents=True)
    (image / "etc/unbound").mkdir(parents=True)
    file = image / "etc/unbound/unbound.conf"
    assert scan._split(file, None) == (str(image), "etc/unbound/unbound.conf", True)


def test_a_root_that_is_given_is_the_root_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "image/etc/x/etc/named.conf"
    assert scan._split(path, tmp_path) == (str(tmp_path), "image/etc/x/etc/named.conf", True)
    assert scan._split(path, tmp_path / "other")[0] != str(tmp_path / "other")


def test_a_single_file_is_the_one_place(tmp_path: Path) -> None:
    put(tmp_path, {"etc/a.conf": f'trust-anchor: ". DS {DS1}"\nserver:\n', "etc/root.ds": RECORD})
    found = scanned(tmp_path / "etc/root.ds")
    assert [place.location for place in found.places] == [located(str(tmp_path), "etc/root.ds")]
    assert found.coverage == (1, len(RECORD), 0)


def test_other_file_systems_are_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"etc/root.ds": RECORD, "home/root.ds": RECORD, "var/root.ds": RECORD})
    monkeypatch.setattr(walk, "_is_mounted", lambda _folder, name: name in {"home", "var"})
    visited = walk.visit(str(tmp_path), "", Look(AT, stays=True))
    assert (visited.folders, visited.mounts) == (["etc"], ["home", "var"])
    assert walk.visit(str(tmp_path), "", Look(AT)).folders == ["etc", "home", "var"]
    one = Scanned((), Coverage(), mounts=tuple(visited.mounts))
    told = run._left_out(one, tmp_path, [tmp_path, tmp_path / "var"], ["--offline"])
    assert told is not None
    (note,) = told.notes
    assert note.finding.got == str(tmp_path / "home")
    assert note.finding.remedy == f"root-anchors audit --offline {tmp_path} {tmp_path / 'home'}"
    assert run._left_out(one, tmp_path, [tmp_path / "home", tmp_path / "var"], []) is None


def test_only_of_the_whole_machine_are_file_systems_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    class Told(trees.Tree):
        def walk(self) -> None:
            looks.append(self._look.stays)

    monkeypatch.setattr(scan, "Tree", Told)
    scanned(tmp_path)
    scanned(Path("/"))
    assert looks == [False, True]
