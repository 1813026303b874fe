"""Directory trees, hostile ones too: nothing outside is read, nothing ends the run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anchors.auditing.result import Outcome
from anchors.auditing.scan import budget, classify
from anchors.auditing.scan import folder as walk
from anchors.auditing.scan import walk as scan
from anchors.auditing.scan.found import Scanned
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.tree import scan as scan_paths
from anchors.consumers.reading import CONTENT, Place
from anchors.core.checks import Check
from tests.unit.auditing.systems import audited, put, rows
from tests.unit.consumers.samples import DS1, DS2, KEY1
from tests.unit.known_syntaxes import Known

AT = datetime(2026, 11, 24, tzinfo=UTC)
BOTH = f". IN DS {DS1}\n. IN DS {DS2}\n"


def scanned(path: Path, *exclude: str) -> Scanned:
    (found,) = scan_paths([path], Look(AT, exclude), progress=lambda _files, _size: None)
    return found


def paths(found: Scanned) -> list[str]:
    return [place.location.path for place in found.places]


def checks(places: tuple[Place, ...]) -> list[Check]:
    return [note.finding.check for place in places for note in place.notes]


def test_a_tree_is_told_in_the_order_of_its_paths(tmp_path: Path) -> None:
    names = ("b/root.ds", "a/z/root.ds", "root.ds", "usr/share/dns/root.ds", "a.ds")
    put(tmp_path, {**dict.fromkeys(names, BOTH), "other": "nothing"})
    found = scanned(tmp_path)
    expected = ["a.ds", "a/z/root.ds", "b/root.ds", "root.ds", "usr/share/dns/root.ds"]
    assert paths(found) == expected
    assert found.coverage == (6, 5 * len(BOTH) + 7, 0)


def test_a_link_to_nothing_hides_a_file_from_systemd_resolved(tmp_path: Path) -> None:
    folder = "etc/dnssec-trust-anchors.d"
    put(
        tmp_path,
        {
            "usr/lib/dnssec-trust-anchors.d/a.positive": f". IN DS {DS1}\n",
            f"{folder}/a.positive": "-> /dev/null",
            f"{folder}/b.positive": "-> /etc/passwd",
            f"{folder}/c.conf": "-> /dev/null",
        },
    )
    assert paths(scanned(tmp_path)) == ["usr/lib/dnssec-trust-anchors.d/a.positive"]
    (host,) = audited(tmp_path).hosts
    (resolver,) = host.resolvers
    assert resolver.loaded.built_in is not None
    assert resolver.outcome is not Outcome.FAILS


def test_links_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path, {"outside/root.ds": BOTH, "tree/real/root.ds": BOTH})
    tree = tmp_path / "tree"
    (tree / "file.ds").symlink_to(tmp_path / "outside/root.ds")
    (tree / "folder").symlink_to(tmp_path / "outside")
    (tree / "loop").symlink_to(tree)
    (tree / "dangling").symlink_to("nowhere")
    assert paths(scanned(tree)) == ["real/root.ds"]


def test_a_folder_that_becomes_a_link_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"outside/root.ds": BOTH})
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/swapped").symlink_to(tmp_path / "outside")
    visited = walk.visit(str(tmp_path / "tree"), "swapped", Look(AT))
    assert checks(tuple(visited.places)) == [Check.AUDIT_UNREADABLE]
    assert visited.coverage.looked_at == 0


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    put(tmp_path, {"root.ds": BOTH})
    found = scanned(tmp_path)
    assert (paths(found), found.coverage.looked_at) == (["root.ds"], 1)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_path_that_is_no_file_is_told_and_does_not_hang(tmp_path: Path, make: object) -> None:
    path = tmp_path / "root.key"
    assert callable(make)
    make(path)
    found = scanned(path)
    assert checks(found.places) == [Check.AUDIT_UNREADABLE]
    assert found.places[0].notes[0].finding.got == "not a regular file"


def test_a_path_that_went_away_is_told(tmp_path: Path) -> None:
    found = scanned(tmp_path / "gone")
    assert checks(found.places) == [Check.AUDIT_UNREADABLE]
    assert found.coverage == (0, 0, 1)


def test_a_file_that_cannot_be_read_is_listed() -> None:
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from datetime import datetime, UTC\n"
        "from anchors.auditing.scan.look import Look\n"
        "from anchors.auditing.scan.tree import scan\n"
        "if os.getuid() == 0:\n"
        "    os.seteuid(65534)\n"
        "at = datetime(2026, 11, 24, tzinfo=UTC)\n"
        "(found,) = scan([Path(sys.argv[1])], Look(at), progress=lambda f, s: None)\n"
        "for place in found.places:\n"
        "    print(place.location.path, place.notes[0].finding.check.id)\n"
    )
    # Not below tmp_path, which is closed to everybody else.
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        put(root, {"root.ds": BOTH, "closed/root.ds": BOTH})
        (root / "root.ds").chmod(0)
        (root / "closed").chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", program, folder], capture_output=True, text=True, check=True
        )
        (root / "closed").chmod(0o755)
    assert done.stdout == "closed audit.unreadable\nroot.ds audit.unreadable\n"


NAMES = [b"\x1b[31mroot.ds", b"two\nlines.ds", b"\xff\xfe.ds", "кл\u202eюч.ds".encode(), b" .ds"]


def test_any_name_is_kept(tmp_path: Path) -> None:
    put(tmp_path, {os.fsdecode(name): BOTH for name in NAMES})
    assert sorted(map(os.fsencode, paths(scanned(tmp_path)))) == sorted(NAMES)
    assert len(audited(tmp_path).places) == len(NAMES)


def test_a_file_is_parsed_up_to_a_size_and_searched_beyond_it(tmp_path: Path) -> None:
    padding = b"#" * (classify.MAX_TEXT - len(BOTH)) + b"\n"
    fits = (b";" + padding)[: classify.MAX_TEXT - len(BOTH) - 1] + b"\n" + BOTH.encode()
    put(tmp_path, {"fits.ds": fits, "large.ds": b";" + padding * 2 + BOTH.encode()})
    small, large = scanned(tmp_path).places
    assert small.reading is not None
    assert small.reading.syntax.id == Known.ZONE.id
    assert large.reading is not None
    assert large.reading.syntax == CONTENT
    assert large.reading.compiled is not None
    assert len(large.reading.compiled.key_digests) == 2


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        ("named.conf", b"# trust-anchors {}\n", True),
        # No word stands in it that a reader would look for: a blocklist.
        ("unbound.conf", b'local-zone: "example" always_null\n', False),
        ("root.zone", b"# trust-anchors {}\n", False),
    ],
)
def test_a_configuration_too_large_to_be_parsed_says_so(
    tmp_path: Path, name: str, line: bytes, *, told: bool
) -> None:
    put(tmp_path, {name: line * (classify.MAX_TEXT // len(line) + 1)})
    assert checks(scanned(tmp_path).places) == [Check.AUDIT_LIMIT] * told


def test_a_copy_of_the_root_zone_is_no_file_of_anchors_whatever_its_size(tmp_path: Path) -> None:
    zone = f". 86400 IN SOA a. b. 1 2 3 4 5\n. 172800 IN DNSKEY {KEY1}\n"
    delegations = "".join(f"x{n}. 172800 IN NS ns.x{n}.\n" for n in range(classify.MAX_TEXT // 24))
    put(tmp_path, {"small": zone, "large": zone + delegations})
    small, *others = scanned(tmp_path).places
    assert others == []
    assert small.reading is not None
    assert (small.reading.held, small.reading.compiled) == ((), None)
    put(tmp_path, {"large": f"what is this\n{zone}{delegations}"})
    large, _ = scanned(tmp_path).places
    assert large.reading is not None
    assert large.reading.compiled is not None


@pytest.mark.parametrize("name", ["root.key", "bind.keys"])
def test_a_file_of_anchors_too_large_to_be_parsed_is_no_silent_nothing(
    tmp_path: Path, name: str
) -> None:
    line = f". IN DNSKEY 257 3 8 {'A' * 80}\n".encode()
    put(tmp_path, {name: line * (classify.MAX_TEXT // len(line) + 1)})
    assert checks(scanned(tmp_path).places) == [Check.AUDIT_LIMIT]


@pytest.mark.parametrize("name", ["image", "unbound.conf"])
def test_the_holes_of_a_sparse_file_cost_nothing(tmp_path: Path, name: str) -> None:
    """What stands behind a terabyte of nothing is found all the same."""
    with (tmp_path / name).open("wb") as stream:
        stream.seek(1 << 40)
        stream.write(bytes.fromhex(DS2.split()[-1]))
        stream.truncate(2 << 40)
    began = time.process_time()
    found = scanned(tmp_path)
    (place,) = found.places
    assert place.reading is not None
    assert place.reading.compiled is not None
    assert found.coverage.size < 4 << 20
    assert time.process_time() - began < 10


def test_a_file_beyond_the_limit_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_PROGRAM", 3 << 20)
    put(tmp_path, {"image": b"\0" * (5 << 20)})
    assert checks(scanned(tmp_path).places) == [Check.AUDIT_LIMIT]


def test_a_deep_tree_is_left_at_its_limit(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(walk.MAX_DEPTH + 20):
        os.mkdir("d", dir_fd=folder)
        deeper = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)
    put(tmp_path, {"root.ds": BOTH})
    found = scanned(tmp_path)
    assert checks(found.places) == [Check.AUDIT_LIMIT]
    assert "root.ds" in paths(found)


def test_more_files_than_the_limit_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_FILES", 3)
    put(tmp_path, {f"{number}/root.ds": BOTH for number in range(6)})
    found = scanned(tmp_path)
    assert checks(found.places) == [Check.AUDIT_LIMIT]
    assert found.coverage.looked_at == 4


@pytest.mark.parametrize("folders", [1, 6])
@pytest.mark.parametrize("pool_from", [0, 300])
def test_more_places_than_the_limit_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: int, pool_from: int
) -> None:
    monkeypatch.setattr(scan, "_MANY", pool_from)
    monkeypatch.setattr(budget, "MAX_PLACES", 3)
    put(tmp_path, {f"{number % folders}/{number}.ds": BOTH for number in range(12)})
    found = scanned(tmp_path)
    assert len(found.places) == 3 + 1
    assert checks(found.places) == [Check.AUDIT_LIMIT]
    assert found.coverage.looked_at < 12
    assert rows(audited(tmp_path))[""].outcome is Outcome.UNDECIDED


def test_both_cores_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = f". IN DS {DS1}\n"
    put(tmp_path, {f"{n % 7}/{n}/root.ds": BOTH if n % 3 else old for n in range(120)})
    alone = scanned(tmp_path)
    monkeypatch.setattr(scan, "_MANY", 5)
    both = scanned(tmp_path)
    assert (both.places, both.coverage) == (alone.places, alone.coverage)
    assert len(alone.places) == 120


def test_a_defect_in_one_file_never_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"a.ds": BOTH, "b.ds": BOTH})

    def broken(_content: bytes, name: str, _at: datetime) -> None:
        if name.endswith("a.ds"):
            raise ZeroDivisionError("a defect of ours")

    monkeypatch.setattr(classify, "recognise", broken)
    found = scanned(tmp_path)
    assert checks(found.places) == [Check.AUDIT_UNREADABLE]
    assert "ZeroDivisionError" in (found.places[0].notes[0].finding.got or "")


def test_a_file_that_grows_and_shrinks_is_read(tmp_path: Path) -> None:
    put(tmp_path, {"root.ds": BOTH})
    path = tmp_path / "root.ds"
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
            # Half of a record may be what is there at that moment.
            assert {*checks(found.places)} <= {Check.AUDIT_MALFORMED}
    finally:
        ended.set()
        thread.join()


def test_progress_is_told_over_all_paths(tmp_path: Path) -> None:
    put(tmp_path, {"first/root.ds": BOTH, "second/root.ds": BOTH})
    told: list[tuple[int, int]] = []
    both = [tmp_path / "first", tmp_path / "second"]
    scan_paths(both, Look(AT), progress=lambda files, size: told.append((files, size)))
    assert told[-1] == (2, 2 * len(BOTH))
    assert told == sorted(told)
