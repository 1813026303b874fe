"""Regular files, and no more of them than was asked for."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.files import read_given, read_regular


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    return path


@pytest.mark.parametrize("limit", [5, 6, 1 << 20])
def test_a_file_within_the_limit(limit: int, file: Path) -> None:
    assert read_regular(file, limit) == b"12345"


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert read_regular(tmp_path / "empty", 0) == b""


@pytest.mark.parametrize("limit", [0, 4])
def test_a_file_beyond_the_limit(limit: int, file: Path) -> None:
    with pytest.raises(OSError, match=rf"larger than {limit} bytes"):
        read_regular(file, limit)


def test_a_link_to_a_file(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file)
    assert read_regular(tmp_path / "link", 5) == b"12345"


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "absent", 5)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_what_is_no_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not a usable file name") as failure:
        read_regular(tmp_path / name, 5)
    assert failure.value.errno == errno.EINVAL


def test_what_the_user_named_is_a_usage_error(file: Path) -> None:
    assert read_given(file, 5, what="the list", want="a list") == b"12345"
    with pytest.raises(UsageError, match="the list cannot be read") as refusal:
        read_given(file, 4, what="the list", want="a list")
    assert (refusal.value.check, refusal.value.want) == (Check.USAGE, "a list")
    assert str(file) in (refusal.value.got or "")


def test_a_link_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="loop"):
        read_regular(tmp_path / "loop", 5)


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=str(tmp_path)):
        read_regular(tmp_path, 5)


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(tmp_path / "fifo", 5)


def test_a_device_is_not_read() -> None:
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(Path("/dev/zero"), 5)


def test_a_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        with pytest.raises(OSError, match="socket"):
            read_regular(tmp_path / "socket", 5)


def open_descriptors() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def test_nothing_stays_open(file: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    before = open_descriptors()
    for path, limit in ((file, 5), (file, 1), (tmp_path, 5), (tmp_path / "fifo", 5)):
        try:
            read_regular(path, limit)
        except OSError:
            continue
    assert open_descriptors() == before
