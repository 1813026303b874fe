"""Directory trees, hostile ones too: nothing outside is read, nothing ends the run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anchors.auditing import inspect, named_files, scan, walk
from anchors.auditing.judge import judge
from anchors.auditing.place import Place, Scanned, Syntax
from anchors.auditing.result import Outcome
from anchors.auditing.scan import scan as scan_paths
from anchors.checks import Check
from tests.unit.auditing.basis import keys
from tests.unit.auditing.samples import DS1, DS2, KEY2

AT = datetime(2026, 11, 24, tzinfo=UTC)
BOTH = f". IN DS {DS1}\n. IN DS {DS2}\n"


def scanned(path: Path) -> Scanned:
    (found,) = scan_paths([path], at=AT, progress=lambda _files, _size: None)
    return found


def paths(found: Scanned) -> list[str]:
    return [place.location.path for place in found.places]


def checks(places: tuple[Place, ...]) -> list[Check]:
    return [note.finding.check for place in places for note in place.notes]


def put(path: Path, content: str | bytes = BOTH) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_tree_is_told_in_the_order_of_its_paths(tmp_path: Path) -> None:
    for name in ("b/root.ds", "a/z/root.ds", "root.ds", "usr/share/dns/root.ds", "a.ds"):
        put(tmp_path / name)
    put(tmp_path / "other", "nothing")
    found = scanned(tmp_path)
    expected = ["a.ds", "a/z/root.ds", "b/root.ds", "root.ds", "usr/share/dns/root.ds"]
    assert paths(found) == expected
    assert found.coverage == (6, 5 * len(BOTH) + 7, 0)


def test_known_places_come_first_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("aaa/root.ds", "usr/share/dns/root.ds", "etc/bind/bind.keys"):
        put(tmp_path / name)
    seen: list[str] = []

    def visit(root: str, folder: str, *, at: datetime) -> walk.Visited:
        seen.append(folder)
        return walk.visit(root, folder, at=at)

    monkeypatch.setattr(scan, "visit", visit)
    scanned(tmp_path)
    assert seen.index("usr/share/dns") < seen.index("aaa")
    assert seen.index("etc/bind") < seen.index("aaa")
    assert len(seen) == len(set(seen))


def test_a_link_to_nothing_hides_a_file_from_systemd_resolved(tmp_path: Path) -> None:
    put(tmp_path / "usr/lib/dnssec-trust-anchors.d/a.positive", f". IN DS {DS1}\n")
    folder = tmp_path / "etc/dnssec-trust-anchors.d"
    folder.mkdir(parents=True)
    (folder / "a.positive").symlink_to("/dev/null")
    (folder / "b.positive").symlink_to("/etc/passwd")
    (folder / "c.conf").symlink_to("/dev/null")
    found = scanned(tmp_path)
    assert paths(found) == [
        "etc/dnssec-trust-anchors.d/a.positive",
        "usr/lib/dnssec-trust-anchors.d/a.positive",
    ]
    hiding, hidden = judge(found.places, keys())
    assert (hiding.outcome, hidden.outcome) == (Outcome.ATTENTION, Outcome.RIGHT)
    assert "built into it" in hiding.summary


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside/root.ds")
    tree = tmp_path / "tree"
    put(tree / "real/root.ds")
    (tree / "file.ds").symlink_to(outside)
    (tree / "folder").symlink_to(outside.parent)
    (tree / "loop").symlink_to(tree)
    (tree / "dangling").symlink_to("nowhere")
    assert paths(scanned(tree)) == ["real/root.ds"]


def test_a_folder_that_becomes_a_link_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "outside/root.ds")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/swapped").symlink_to(tmp_path / "outside")
    visited = walk.visit(str(tmp_path / "tree"), "swapped", at=AT)
    assert checks(tuple(visited.places)) == [Check.AUDIT_UNREADABLE]
    assert visited.coverage.looked_at == 0


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    put(tmp_path / "root.ds")
    found = scanned(tmp_path)
    assert (paths(found), found.coverage.looked_at) == (["root.ds"], 1)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_path_that_is_no_file_is_told_and_does_not_hang(tmp_path: Path, make: object) -> None:
    path = tmp_path / "root.key"
    assert callable(make)
    make(path)
    found = scanned(path)
    assert checks(found.places) == [Check.AUDIT_UNREADABLE]
    assert found.places[0].notes[0].finding.got == "OSError: not a regular file"


def test_a_file_that_cannot_be_read_is_listed() -> None:
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from datetime import datetime, UTC\n"
        "from anchors.auditing.scan import scan\n"
        "if os.getuid() == 0:\n"
        "    os.seteuid(65534)\n"
        "at = datetime(2026, 11, 24, tzinfo=UTC)\n"
        "(found,) = scan([Path(sys.argv[1])], at=at, progress=lambda f, s: None)\n"
        "for place in found.places:\n"
        "    print(place.location.path, place.notes[0].finding.check.id)\n"
    )
    # Not below tmp_path, which is closed to everybody else.
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        put(root / "root.ds").chmod(0)
        put(root / "closed/root.ds")
        (root / "closed").chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", program, folder], capture_output=True, text=True, check=True
        )
        (root / "closed").chmod(0o755)
    assert done.stdout == "closed audit.unreadable\nroot.ds audit.unreadable\n"


NAMES = [b"\x1b[31mroot.ds", b"two\nlines.ds", b"\xff\xfe.ds", "кл\u202eюч.ds".encode(), b" .ds"]


def test_any_name_is_kept(tmp_path: Path) -> None:
    for name in NAMES:
        put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)))
    found = scanned(tmp_path)
    assert sorted(map(os.fsencode, paths(found))) == sorted(NAMES)


def test_a_file_is_parsed_up_to_a_size_and_searched_beyond_it(tmp_path: Path) -> None:
    padding = b"#" * (inspect.MAX_TEXT - len(BOTH)) + b"\n"
    put(
        tmp_path / "fits.ds",
        (b";" + padding)[: inspect.MAX_TEXT - len(BOTH) - 1] + b"\n" + BOTH.encode(),
    )
    put(tmp_path / "large.ds", b";" + padding * 2 + BOTH.encode())
    fits, large = scanned(tmp_path).places
    assert fits.reading is not None
    assert fits.reading.syntax is Syntax.ZONE
    assert large.reading is not None
    assert large.reading.syntax is Syntax.COMPILED
    assert large.reading.compiled is not None
    assert len(large.reading.compiled.key_digests) == 2


@pytest.mark.parametrize(
    ("name", "told"), [("named.conf", True), ("root.key", True), ("root.zone", False)]
)
def test_a_configuration_too_large_to_be_parsed_says_so(
    tmp_path: Path, name: str, *, told: bool
) -> None:
    put(tmp_path / name, b"# 123456789\n" * (inspect.MAX_TEXT // 12 + 1))
    assert checks(scanned(tmp_path).places) == [Check.AUDIT_LIMIT] * told


def test_a_gigabyte_of_nothing_is_searched_in_blocks(tmp_path: Path) -> None:
    with (tmp_path / "image").open("wb") as stream:
        stream.truncate(1 << 30)
        stream.seek(1 << 30)
        stream.write(bytes.fromhex(DS2.split()[-1]))
    found = scanned(tmp_path)
    (place,) = found.places
    assert place.reading is not None
    assert place.reading.compiled is not None
    assert found.coverage.size == (1 << 30) + 32


def test_a_file_beyond_the_limit_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_PROGRAM", 3 << 20)
    put(tmp_path / "image", b"\0" * (5 << 20))
    assert checks(scanned(tmp_path).places) == [Check.AUDIT_LIMIT]


def test_a_deep_tree_is_left_at_its_limit(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(walk.MAX_DEPTH + 20):
        os.mkdir("d", dir_fd=folder)
        deeper = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)
    put(tmp_path / "root.ds")
    found = scanned(tmp_path)
    assert checks(found.places) == [Check.AUDIT_LIMIT]
    assert "root.ds" in paths(found)


def test_more_files_than_the_limit_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_FILES", 3)
    for number in range(6):
        put(tmp_path / f"{number}/root.ds")
    found = scanned(tmp_path)
    assert checks(found.places) == [Check.AUDIT_LIMIT]
    assert found.coverage.looked_at == 4


@pytest.mark.parametrize("folders", [1, 6])
@pytest.mark.parametrize("pool_from", [0, 300])
def test_more_places_than_the_limit_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: int, pool_from: int
) -> None:
    monkeypatch.setattr(scan, "_POOL_FROM", pool_from)
    monkeypatch.setattr(scan, "MAX_PLACES", 3)
    monkeypatch.setattr(walk, "MAX_PLACES", 3)
    for number in range(12):
        put(tmp_path / f"{number % folders}/{number}.ds")
    found = scanned(tmp_path)
    assert len(found.places) == 3 + 1
    assert checks(found.places) == [Check.AUDIT_LIMIT]
    assert found.coverage.looked_at < 12
    assert judge(found.places, keys())[0].outcome is Outcome.UNDECIDED


def many(root: Path, count: int) -> None:
    for number in range(count):
        put(root / f"{number % 7}/{number}/root.ds", BOTH if number % 3 else f". IN DS {DS1}\n")


def test_both_cores_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many(tmp_path, 120)
    alone = scanned(tmp_path)
    monkeypatch.setattr(scan, "_POOL_FROM", 5)
    assert scanned(tmp_path) == alone
    assert len(alone.places) == 120


def test_a_defect_in_one_file_never_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "a.ds")
    put(tmp_path / "b.ds")

    def broken(_content: bytes, name: str, _at: datetime) -> None:
        if name.endswith("a.ds"):
            raise ZeroDivisionError("a defect of ours")

    monkeypatch.setattr(inspect, "recognise", broken)
    found = scanned(tmp_path)
    assert checks(found.places) == [Check.AUDIT_UNREADABLE]
    assert "ZeroDivisionError" in (found.places[0].notes[0].finding.got or "")


def test_a_file_that_grows_and_shrinks_is_read(tmp_path: Path) -> None:
    path = put(tmp_path / "root.ds")
    ended = threading.Event()

    def change() -> None:
        while not ended.is_set():
            path.write_text(BOTH * 3)
            path.write_text("")

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(50):
            found = scanned(tmp_path)
            assert found.coverage.looked_at == 1
            assert checks(found.places) == []
    finally:
        ended.set()
        thread.join()


def test_progress_is_told_over_all_paths(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    put(first / "root.ds")
    put(second / "root.ds")
    told: list[tuple[int, int]] = []
    scan_paths([first, second], at=AT, progress=lambda files, size: told.append((files, size)))
    assert told[-1] == (2, 2 * len(BOTH))
    assert told == sorted(told)


def test_a_file_that_names_others_by_pattern_is_followed(tmp_path: Path) -> None:
    put(tmp_path / "unbound.conf", 'server:\n  include: "conf.d/*.conf"\n')
    put(tmp_path / "conf.d/a.conf", f'server:\n  trust-anchor: ". DNSKEY {KEY2}"\n')
    put(tmp_path / "conf.d/b.txt", f'server:\n  trust-anchor: ". DNSKEY {KEY2}"\n')
    (tmp_path / "conf.d/out.conf").symlink_to("/etc/passwd")
    assert paths(scanned(tmp_path / "unbound.conf")) == ["unbound.conf", "conf.d/a.conf"]


def test_what_names_too_many_files_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_files, "MAX_FOLLOWED", 4)
    put(tmp_path / "unbound.conf", 'server:\n  include: "conf.d/*.conf"\n')
    for number in range(10):
        put(tmp_path / f"conf.d/{number}.conf", f'server:\n  trust-anchor: ". DS {DS2}"\n')
    found = scanned(tmp_path / "unbound.conf")
    assert Check.AUDIT_LIMIT in checks(found.places)
    assert found.coverage.looked_at == 4


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "expected"),
    [
        (0o644, 0, 0, False),
        (0o644, 101, 0, True),
        (0o444, 101, 101, False),
        (0o664, 0, 101, True),
        (0o664, 0, 0, False),
        (0o666, 0, 0, True),
    ],
)
def test_who_may_write(mode: int, uid: int, gid: int, *, expected: bool) -> None:
    assert walk.may_write(mode, uid, gid) is expected
