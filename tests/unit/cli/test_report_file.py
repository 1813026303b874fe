"""One report, whole or not at all, where the user said and nowhere else."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from anchors.cli import report_file as reportfile
from anchors.cli.report_file import write_report
from anchors.core.checks import Check
from anchors.core.errors import OutputFailed

LONG = b"new" * 100_000
SOMEBODY = 4242


def held(place: Path) -> dict[str, tuple[int, bytes]]:
    """Every name of a place, with mode and content; of what is no file, what it is."""
    return {
        path.name: (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in sorted(place.iterdir())
    }


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The only thing in it is the report, so that leftovers are seen."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def refused(path: Path) -> str:
    """Why the report is not written."""
    with pytest.raises(OutputFailed) as failure:
        write_report(path, b"new")
    assert failure.value.check is Check.OUTPUT_WRITE
    return failure.value.got or ""


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_honours_the_umask(mask: int, mode: int, place: Path) -> None:
    with umask(mask):
        write_report(place / "report", LONG)
    assert held(place) == {"report": (stat.S_IFREG | mode, LONG)}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_an_old_one_is_replaced_and_keeps_its_mode(mode: int, place: Path) -> None:
    (place / "report").write_bytes(b"old")
    (place / "report").chmod(mode)
    write_report(place / "report", b"new")
    assert held(place) == {"report": (stat.S_IFREG | mode, b"new")}


def test_the_new_one_of_a_private_file_is_private_from_its_first_byte(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "report").write_bytes(b"old")
    (place / "report").chmod(0o600)
    modes: list[int] = []
    monkeypatch.setattr(os, "fchmod", lambda number, _mode: modes.append(os.fstat(number).st_mode))
    with umask(0):
        write_report(place / "report", b"new")
    assert modes == [stat.S_IFREG | 0o600]


def test_a_mode_that_somebody_else_planted_is_not_kept(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "report").write_bytes(b"old")
    (place / "report").chmod(0o666)
    monkeypatch.setattr(os, "geteuid", lambda: SOMEBODY)
    with umask(0o022):
        write_report(place / "report", b"new")
    assert held(place) == {"report": (stat.S_IFREG | 0o644, b"new")}


class TestLinks:
    @pytest.mark.parametrize("to", ["file", "device", "nothing", "itself"])
    def test_a_link_is_refused_and_so_is_what_it_leads_to(
        self, to: str, place: Path, tmp_path: Path
    ) -> None:
        private = tmp_path / "private"
        private.write_bytes(b"private")
        private.chmod(0o600)
        targets = {"file": str(private), "device": "/dev/null", "itself": "report"}
        (place / "report").symlink_to(targets.get(to, "absent"))
        before = held(place)
        assert "a symbolic link" in refused(place / "report")
        assert held(place) == before
        assert (place / "report").is_symlink()
        assert private.read_bytes() == b"private"
        assert stat.S_IMODE(private.stat().st_mode) == 0o600

    def test_a_link_that_is_planted_meanwhile_is_replaced_itself(
        self, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        private = tmp_path / "private"
        private.write_bytes(b"private")
        flush = os.fsync

        def late(descriptor: int) -> None:
            flush(descriptor)
            (place / "report").symlink_to(private)

        monkeypatch.setattr(os, "fsync", late)
        write_report(place / "report", b"new")
        assert private.read_bytes() == b"private"
        assert held(place) == {"report": (stat.S_IFREG | 0o644, b"new")}

    def test_the_directory_may_be_moved_and_a_link_put_in_its_place_meanwhile(
        self, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "report").write_bytes(b"private")
        flush = os.fsync

        def late(descriptor: int) -> None:
            flush(descriptor)
            place.rename(tmp_path / "moved")
            place.symlink_to(elsewhere)

        monkeypatch.setattr(os, "fsync", late)
        write_report(place / "report", b"new")
        assert (elsewhere / "report").read_bytes() == b"private"
        assert (tmp_path / "moved" / "report").read_bytes() == b"new"

    def test_a_directory_may_be_named_by_a_link(self, place: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(place)
        write_report(tmp_path / "link" / "report", b"new")
        assert (place / "report").read_bytes() == b"new"

    @pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed")
    def test_what_another_user_plants_in_a_sticky_directory_changes_no_private_file(
        self, place: Path, tmp_path: Path
    ) -> None:
        place.chmod(0o1777)
        private = tmp_path / "private"
        private.write_bytes(b"private")
        (place / "report").symlink_to(private)
        os.lchown(place / "report", SOMEBODY, SOMEBODY)
        assert "a symbolic link" in refused(place / "report")
        assert private.read_bytes() == b"private"


class TestFifos:
    def test_one_that_is_read_is_written_into(self, place: Path) -> None:
        os.mkfifo(place / "report")
        reader = os.open(place / "report", os.O_RDONLY | os.O_NONBLOCK)
        try:
            write_report(place / "report", b"new")
            assert os.read(reader, 10) == b"new"
        finally:
            os.close(reader)

    def test_a_reader_that_comes_late_and_reads_slowly_gets_all(self, place: Path) -> None:
        os.mkfifo(place / "report")
        read: list[bytes] = []

        def late() -> None:
            time.sleep(0.2)
            with (place / "report").open("rb", buffering=0) as stream:
                while piece := stream.read(50_000):
                    read.append(piece)
                    time.sleep(0.01)

        reader = threading.Thread(target=late, daemon=True)
        reader.start()
        write_report(place / "report", LONG)
        reader.join(10)
        assert b"".join(read) == LONG

    def test_one_that_nobody_reads_does_not_block_for_ever(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reportfile, "_READER_SECONDS", 0.2)
        os.mkfifo(place / "report")
        started = time.monotonic()
        assert "nobody reads" in refused(place / "report")
        assert 0.2 <= time.monotonic() - started < 5
        assert stat.S_ISFIFO((place / "report").stat().st_mode)

    def test_one_whose_reader_leaves_is_a_failure(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        os.mkfifo(place / "report")
        reader = os.open(place / "report", os.O_RDONLY | os.O_NONBLOCK)
        blocking = os.set_blocking

        def leave(descriptor: int, blocks: bool) -> None:
            os.close(reader)
            blocking(descriptor, blocks)

        monkeypatch.setattr(os, "set_blocking", leave)
        assert "Broken pipe" in refused(place / "report")

    def test_one_that_somebody_else_planted_is_not_written_into(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.chmod(0o1777)
        os.mkfifo(place / "report")
        reader = os.open(place / "report", os.O_RDONLY | os.O_NONBLOCK)
        us = os.geteuid()
        stated = os.stat

        class Planted(NamedTuple):
            st_mode: int
            st_uid: int = us + 1

        monkeypatch.setattr(os, "stat", lambda *a, **k: Planted(stated(*a, **k).st_mode))
        try:
            with pytest.raises(OutputFailed) as failure:
                write_report(place / "report", b"new")
            assert "somebody else" in (failure.value.got or "")
            assert os.read(reader, 10) == b""
        finally:
            os.close(reader)


def test_a_device_is_written_into_and_stays() -> None:
    write_report(Path("/dev/null"), b"new")
    assert stat.S_ISCHR(Path("/dev/null").lstat().st_mode)
    assert "No space" in refused(Path("/dev/full"))


class TestDescriptors:
    @pytest.fixture
    def pipe(self) -> Iterator[tuple[int, int]]:
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        yield reader, writer
        os.close(reader)
        os.close(writer)

    @pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}"])
    def test_one_by_its_name(self, name: str, pipe: tuple[int, int]) -> None:
        write_report(Path(name.format(pipe[1])), b"new")
        assert os.read(pipe[0], 10) == b"new"

    def test_one_that_is_not_open(self) -> None:
        assert "Bad file descriptor" in refused(Path("/dev/fd/987654"))

    def test_one_of_our_own(self, tmp_path: Path) -> None:
        with (tmp_path / "database").open("wb") as ours:
            assert "was given" in refused(Path(f"/dev/fd/{ours.fileno()}"))
        assert (tmp_path / "database").read_bytes() == b""

    @pytest.mark.parametrize(
        "where", [">(cat)", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/stderr"]
    )
    def test_the_shells_own(self, where: str) -> None:
        code = (
            "import sys; from pathlib import Path; "
            "from anchors.cli.report_file import write_report; "
            "write_report(Path(sys.argv[1]), b'new')"
        )
        # The shell does not wait for a process in >( ), but cat holds the pipe until its end.
        told = subprocess.run(
            ["bash", "-c", f'"$0" -c "$1" {where}', sys.executable, code],
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert told.stdout + told.stderr == b"new"


@pytest.mark.parametrize("name", ["", ".", "..", "folder", "file/report", "absent/report", "a\0b"])
def test_a_place_that_is_none(name: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "folder").mkdir()
    (place / "file").write_bytes(b"mine")
    monkeypatch.chdir(place)
    before = held(place)
    refused(Path(name))
    assert held(place) == before


@pytest.mark.parametrize(
    ("error", "raised"),
    [(OSError(errno.ENOSPC, "full"), OutputFailed), (KeyboardInterrupt(), KeyboardInterrupt)],
    ids=["disk", "interrupt"],
)
@pytest.mark.parametrize("call", ["fsync", "write", "fchmod", "replace"])
def test_the_old_one_stands_where_the_new_cannot_be_written(
    call: str,
    error: BaseException,
    raised: type[BaseException],
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (place / "report").write_bytes(b"old")
    before = held(place)

    def fail(*_arguments: object, **_named: object) -> None:
        raise error

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(raised):
        write_report(place / "report", b"new")
    assert held(place) == before


class TestAbandoned:
    LEFT = ".report.root-anchors-new-0123abcd"

    def test_what_a_killed_run_left_goes(self, place: Path) -> None:
        (place / self.LEFT).write_bytes(b"half")
        write_report(place / "report", b"new")
        assert list(held(place)) == ["report"]

    def test_what_a_run_still_holds_stays(self, place: Path) -> None:
        with (place / self.LEFT).open("wb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            write_report(place / "report", b"new")
        assert sorted(held(place)) == [self.LEFT, "report"]

    @pytest.mark.parametrize(
        "name",
        [LEFT + "0", LEFT[:-1], LEFT.replace("new", "old"), LEFT[1:], ".other" + LEFT[7:]],
    )
    def test_what_is_named_otherwise_stays(self, name: str, place: Path) -> None:
        (place / name).write_bytes(b"mine")
        write_report(place / "report", b"new")
        assert (place / name).read_bytes() == b"mine"

    def test_what_a_link_of_that_name_leads_to_stays(self, place: Path, tmp_path: Path) -> None:
        (tmp_path / "photo").write_bytes(b"mine")
        (place / self.LEFT).symlink_to(tmp_path / "photo")
        write_report(place / "report", b"new")
        assert (tmp_path / "photo").read_bytes() == b"mine"
        assert (place / self.LEFT).is_symlink()

    def test_a_file_that_another_run_clears_is_begun_again(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flush = os.fsync
        cleared: list[Path] = []

        def late(descriptor: int) -> None:
            flush(descriptor)
            if not cleared:
                cleared.extend(place.iterdir())
                cleared[0].unlink()

        monkeypatch.setattr(os, "fsync", late)
        write_report(place / "report", b"new")
        assert len(cleared) == 1
        assert list(held(place)) == ["report"]

    def test_but_not_for_ever(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def clear(_descriptor: int) -> None:
            for path in place.iterdir():
                path.unlink()

        monkeypatch.setattr(os, "fsync", clear)
        assert "another run" in refused(place / "report")
        assert held(place) == {}

    def test_a_directory_that_cannot_be_listed(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_folder: int) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "listdir", refuse)
        write_report(place / "report", b"new")
        assert (place / "report").read_bytes() == b"new"
