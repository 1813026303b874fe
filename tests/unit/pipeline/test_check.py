"""Whether a directory holds what would be written: nothing said where it does."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from anchors.core.checks import Check
from anchors.core.errors import OutputFailed
from anchors.pipeline.check import differences

FILES = {"root.ds": b"one\ntwo\n", "bind.keys": b"three\n"}


@pytest.fixture
def held(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_nothing_differs(held: Path) -> None:
    (held / "other").write_bytes(b"not asked for")
    assert differences(held, FILES) == ""
    assert differences(held, {}) == ""
    assert differences(held / "absent", {}) == ""


DATED = {
    "bind.keys": b"//   cross-checked against the DNSKEYs of the root zone on %s\none\n",
    "root.key": b";   cross-checked against the DNSKEYs of the root zone on %s\none\n",
    "anchors.json": b'{\n  "observed_on": "%s",\n}\n',
}


@pytest.mark.parametrize("name", DATED)
def test_the_day_of_observation_is_not_compared(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(DATED[name] % b"2026-10-04")
    assert differences(tmp_path, {name: DATED[name] % b"2026-11-29"}) == ""
    for other in (b"2026-11-2x", b"NOT", b"2026-11-29 "):
        assert differences(tmp_path, {name: DATED[name] % other})
    # In a line that is no comment of ours, a day is a difference as any other.
    (tmp_path / name).write_bytes(DATED[name].replace(b"\n", b"", 1) % b"2026-10-04" + b"-")
    assert differences(tmp_path, {name: b"a = " + DATED[name].lstrip(b"{\n") % b"2026-11-29"})


def test_a_line_differs(held: Path) -> None:
    diff = differences(held, {**FILES, "root.ds": b"one\nother\n"})
    path = held / "root.ds"
    assert diff.splitlines() == [
        f"--- {path}",
        f"+++ {path} (wanted)",
        "@@ -1,2 +1,2 @@",
        " one",
        "-two",
        "+other",
    ]


@pytest.mark.parametrize("content", [b"", b"one\ntwo", b"one\r\ntwo\n", b"one\ntwo\n\n", b"\xff"])
def test_any_byte_counts(content: bytes, held: Path) -> None:
    (held / "root.ds").write_bytes(content)
    diff = differences(held, FILES)
    assert diff.endswith("\n")
    assert "root.ds (wanted)" in diff


def test_a_missing_file_is_all_different(held: Path) -> None:
    (held / "root.ds").unlink()
    assert "\n+one\n+two\n" in differences(held, FILES)
    assert differences(held / "absent", FILES).count("(wanted)") == 2


@pytest.mark.parametrize(
    ("content", "wanted"), [(b"a (no newline)\n", b"a"), (b"\\xff\n", b"\xff\n"), (None, b"")]
)
def test_what_is_shown_alike_differs_still(
    content: bytes | None, wanted: bytes, held: Path
) -> None:
    path = held / "root.ds"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    words = "is absent" if content is None else "differs in bytes that a diff does not show"
    assert differences(held, {"root.ds": wanted}) == f"{path} {words}\n"
    path.write_bytes(wanted)
    assert differences(held, {"root.ds": wanted}) == ""


def test_what_is_held_is_shown_harmless(held: Path) -> None:
    (held / "root.ds").write_bytes(b"\x1b[2J\xff\n\xe2\x80\xae\n")
    diff = differences(held, FILES)
    assert all(line.isprintable() for line in diff.split("\n"))
    assert "-\\x1b[2J\\xff" in diff


SECRET = b"a password of somebody who runs the comparison"


def secret_beside(place: Path) -> Path:
    (place.parent / "secret").write_bytes(SECRET)
    return place.parent / "secret"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("link", "a link"),
        ("link to the wanted file", "a link"),
        ("dangling link", "a link"),
        ("link to the environment", "a link"),
        ("folder", "a directory"),
        ("fifo", "a FIFO"),
        ("socket", "a socket"),
    ],
)
def test_what_is_no_regular_file_differs_and_is_never_read(
    kind: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = tmp_path / "set"
    held.mkdir()
    monkeypatch.chdir(held)
    path = held / "root.ds"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind("root.ds")
    elif kind == "link to the wanted file":
        (tmp_path / "wanted").write_bytes(FILES["root.ds"])
        path.symlink_to(tmp_path / "wanted")
    else:
        targets = {"link": str(secret_beside(held)), "dangling link": "absent"}
        path.symlink_to(targets.get(kind, "/proc/self/environ"))
    diff = differences(held, {"root.ds": FILES["root.ds"]})
    assert diff == f"{path} is {words}, not a regular file\n"


def test_a_link_that_takes_the_place_of_a_file_is_not_followed(
    held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the file and its opening."""
    secret, look = secret_beside(held), os.stat

    def late(name: str, *, dir_fd: int, follow_symlinks: bool) -> os.stat_result:
        seen = look(name, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
        (held / name).unlink()
        (held / name).symlink_to(secret)
        return seen

    monkeypatch.setattr(os, "stat", late)
    with pytest.raises(OutputFailed) as failure:
        differences(held, {"root.ds": FILES["root.ds"]})
    assert SECRET.decode() not in str(failure.value.got)


def test_a_device_is_never_opened() -> None:
    assert differences(Path("/dev"), {"null": b""}) == "/dev/null is a device, not a regular file\n"


@pytest.mark.parametrize(
    "content",
    [b"\n" * (1 << 20), b"\n" * 401, b"x" * ((1 << 14) + 1), b"\xff" * (1 << 21)],
    ids=["1 MiB of lines", "a line too many", "a byte too many", "2 MiB"],
)
def test_a_long_file_differs_without_a_diff(content: bytes, held: Path) -> None:
    (held / "root.ds").write_bytes(content)
    diff = differences(held, FILES)
    assert diff == f"{held / 'root.ds'} differs, and is too long for a diff\n"


def test_a_long_file_may_be_the_wanted_one(held: Path) -> None:
    content = b"x\n" * (1 << 20)
    (held / "root.ds").write_bytes(content)
    assert differences(held, {"root.ds": content}) == ""
    assert differences(held, {"root.ds": content[:-1]}) != ""
    (held / "root.ds").write_bytes(b"x\n")
    assert differences(held, {"root.ds": content}) != ""


@pytest.mark.parametrize("line", [b"\n", b"a\n", b"a\nb\n"], ids=["empty", "one", "two"])
def test_the_longest_diff_of_many_files_is_short_and_quick(line: bytes, tmp_path: Path) -> None:
    wanted = {f"{number}": b"a\nb\n\n" * 10 for number in range(21)}
    for name in wanted:
        (tmp_path / name).write_bytes(line * (400 // line.count(b"\n")))
    started = time.process_time()
    assert 0 < len(differences(tmp_path, wanted)) < 1 << 20
    assert time.process_time() - started < 5


def test_a_directory_that_is_none_cannot_be_compared(held: Path) -> None:
    with pytest.raises(OutputFailed) as failure:
        differences(held / "root.ds", FILES)
    assert failure.value.check is Check.OUTPUT_WRITE
    assert "root.ds" in (failure.value.got or "")
