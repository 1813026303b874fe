"""What may end a scan, or make it say less than it saw: workers that die, patterns, limits."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from anchors.auditing import inspect, named_files, scan, walk
from anchors.auditing.follow import resolve
from anchors.auditing.markers import may_hold, may_include
from anchors.auditing.place import Location, Reading, Scanned
from anchors.auditing.recognise import recognise
from anchors.checks import Check
from tests.unit.auditing.samples import DS2

AT = datetime(2026, 11, 24, tzinfo=UTC)
RECORD = f". IN DS {DS2}\n"
STATEMENT = f'server:\n  trust-anchor: ". DS {DS2}"\n'


def scanned(path: Path) -> Scanned:
    (found,) = scan.scan([path], at=AT, progress=lambda _files, _size: None)
    return found


def put(path: Path, content: str = RECORD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def checks(found: Scanned) -> list[Check]:
    return [note.finding.check for place in found.places for note in place.notes]


def test_a_worker_that_dies_costs_its_directory_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        put(tmp_path / f"{number}/{'deadly' if number == 30 else 'root'}.ds")
    ours = os.getpid()

    def deadly(content: bytes, name: str, at: datetime) -> Reading | None:
        if name.endswith("deadly.ds") and os.getpid() != ours:
            os.kill(os.getpid(), signal.SIGKILL)
        return recognise(content, name, at)

    monkeypatch.setattr(inspect, "recognise", deadly)
    monkeypatch.setattr(scan, "_POOL_FROM", 5)
    found = scanned(tmp_path)
    assert len(found.places) == 40
    assert [p.location.path for p in found.places if p.reading is None] == ["30"]
    assert checks(found) == [Check.AUDIT_UNREADABLE]


def test_a_directory_that_went_away_is_no_finding(tmp_path: Path) -> None:
    assert walk.visit(str(tmp_path), "gone", at=AT).places == []
    assert len(walk.visit(str(tmp_path / "gone"), "", at=AT).places) == 1


def test_what_is_mounted_in_a_chroot_is_left_out_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "chroot/proc/root.ds")
    put(tmp_path / "chroot/sys/root.ds")
    real = os.stat

    def mounted(
        path: str, *, dir_fd: int | None = None, follow_symlinks: bool = True
    ) -> os.stat_result | SimpleNamespace:
        if path == "proc":
            return SimpleNamespace(st_dev=-1)
        return real(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", mounted)
    visited = walk.visit(str(tmp_path), "chroot", at=AT)
    assert visited.folders == ["chroot/sys"]


@pytest.mark.parametrize("pattern", ["/nowhere/else/*.conf", "../*.conf", "*/a.conf"])
def test_a_pattern_that_is_not_followed_is_told(tmp_path: Path, pattern: str) -> None:
    put(tmp_path / "in/unbound.conf", f'include: "{pattern}"\n{STATEMENT}')
    assert checks(scanned(tmp_path / "in/unbound.conf")) == [Check.AUDIT_NOT_FOLLOWED]


def test_a_pattern_that_finds_nothing_is_no_finding(tmp_path: Path) -> None:
    put(tmp_path / "unbound.conf", f'include: "conf.d/*.conf"\n{STATEMENT}')
    assert checks(scanned(tmp_path / "unbound.conf")) == []


def test_an_absolute_name_is_found_from_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "unbound.conf", f'include: "{tmp_path}/conf.d/*.conf"\n')
    put(tmp_path / "conf.d/a.conf", STATEMENT)
    monkeypatch.chdir(tmp_path)
    found = scanned(Path("unbound.conf"))
    assert [place.location.path for place in found.places] == ["unbound.conf", "conf.d/a.conf"]
    assert checks(found) == []
    assert "etc/x" in resolve(Location(".", "a"), f"{tmp_path}/etc/x")


def test_a_pattern_is_held_against_every_name_of_a_large_directory(tmp_path: Path) -> None:
    put(tmp_path / "unbound.conf", 'include: "conf.d/*.conf"\n')
    for number in range(named_files.MAX_FOLLOWED + 10):
        put(tmp_path / f"conf.d/{number:05}.txt", "")
    put(tmp_path / "conf.d/z.conf", STATEMENT)
    assert [p.location.path for p in scanned(tmp_path / "unbound.conf").places] == [
        "unbound.conf",
        "conf.d/z.conf",
    ]


def test_a_directory_named_on_many_lines_is_looked_into_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    real = os.listdir

    def listdir(path: str) -> list[str]:
        listed.append(path)
        return real(path)

    put(tmp_path / "c/x.conf", STATEMENT)
    put(tmp_path / "unbound.conf", 'include: "c/*.conf"\n' * 500)
    monkeypatch.setattr(os, "listdir", listdir)
    assert len(scanned(tmp_path / "unbound.conf").places) == 2
    assert len(listed) == 1


def test_what_names_too_much_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named_files, "MAX_FOLLOWED", 50)
    listed: list[str] = []
    real = os.listdir

    def listdir(path: str) -> list[str]:
        listed.append(path)
        return real(path)

    put(tmp_path / "c/x.conf", STATEMENT)
    lines = [f'include: "c/*{"x" * (n % 7 == 0)}{n}*.conf"\n' for n in range(500)]
    put(tmp_path / "unbound.conf", "".join(lines))
    monkeypatch.setattr(os, "listdir", listdir)
    found = scanned(tmp_path / "unbound.conf")
    assert Check.AUDIT_LIMIT in checks(found)
    assert len(listed) <= 2 * 50


@pytest.mark.parametrize("filler", [b" ", b"\t", b"\n", b"(", b"DS ", b". DS", b"A"])
def test_a_long_run_is_looked_through_once(filler: bytes) -> None:
    content = (b". DS" + filler * (1 << 20))[: 1 << 20]
    before = time.process_time()
    may_hold(content)
    # Linear: milliseconds.  Quadratic, as a regular expression was here: hours.
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    "text",
    [
        f".\tIN\tds\t{DS2}\n",
        f". In Ds {DS2}\n",
        f".{' ' * 60}300 IN DS {DS2}\n",
        f"; .{' ' * 60}300 DNSKEY 257 3 8 AwEAAQ== ; AddPend:1 ; KeyTag:1\n",
        f". IN (DS\n{DS2})\n",
    ],
)
def test_a_record_in_any_spelling_is_worth_parsing(text: str) -> None:
    assert may_hold(text.encode())


def test_a_stubby_that_names_a_directory_alone_is_worth_parsing() -> None:
    content = b'resolution_type: GETDNS_RESOLUTION_STUB\nappdata_dir: "/var/cache/stubby"\n'
    assert may_include(content, "etc/stubby/stubby.yml")
