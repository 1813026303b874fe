"""Whether a directory holds what would be written: nothing said where it does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anchors.checks import Check
from anchors.compare import differences
from anchors.errors import OutputFailed

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
    words = "is absent" if content is None else "differs in its bytes"
    assert differences(held, {"root.ds": wanted}) == f"{path} {words}\n"
    path.write_bytes(wanted)
    assert differences(held, {"root.ds": wanted}) == ""


def test_what_is_held_is_shown_harmless(held: Path) -> None:
    (held / "root.ds").write_bytes(b"\x1b[2J\xff\n\xe2\x80\xae\n")
    diff = differences(held, FILES)
    assert all(line.isprintable() for line in diff.split("\n"))
    assert "-\\x1b[2J\\xff" in diff


@pytest.mark.parametrize("kind", ["folder", "fifo", "large"])
def test_what_cannot_be_compared(kind: str, held: Path) -> None:
    path = held / "root.ds"
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(OutputFailed) as failure:
        differences(held, FILES)
    assert failure.value.check is Check.OUTPUT_WRITE
    assert "root.ds" in (failure.value.got or "")
