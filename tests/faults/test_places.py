"""Disks that are full, places that may not be written to, and what somebody planted there."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.sets import AT, NEW, OLD, Sets, build, held, leftovers
from tests.faults.warm import Ended, Warm

PATIENCE = 20
NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount, or be another user")


@contextlib.contextmanager
def mounted(*command: str | Path) -> Iterator[None]:
    """Mount, and unmount; skip where even root may not."""
    mount = ["mount", *map(str, command)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(command[-1])], check=True, timeout=PATIENCE)


def assert_unwritten(ended: Ended, says: str, sets: Sets, directory: Path) -> None:
    assert ended.code == 3, ended
    assert "output.write" in ended.told
    assert says in ended.told
    assert (sets.which(directory), leftovers(directory)) == ("old", [])


@needs_root
@pytest.mark.parametrize("pages", range(9, 24, 2))
def test_a_disk_that_fills(pages: int, warm: Warm, sets: Sets, memory: Path) -> None:
    """The old set takes 6 pages of 4 KiB; the new one runs out of room at each of its files."""
    disk = memory / "disk"
    disk.mkdir()
    options = f"size={pages * 4}k,nr_inodes=100"
    with mounted("-t", "tmpfs", "-o", options, "tmpfs", disk):
        try:
            directory = sets.put_old(disk / "place")
        except OSError:
            pytest.fail("too small for the old set")
        ended = warm.run(build(directory))
        if ended.code != 0:
            assert_unwritten(ended, "No space left on device", sets, directory)
        which = sets.which(directory)
        assert (which, leftovers(directory)) == ("new" if ended.code == 0 else "old", [])
        assert (ended.code == 0) == (pages > 12), "the sizes above end and begin around here"


@needs_root
@pytest.mark.parametrize("inodes", range(12, 22))
def test_a_disk_without_inodes(inodes: int, warm: Warm, sets: Sets, memory: Path) -> None:
    disk = memory / "disk"
    disk.mkdir()
    with mounted("-t", "tmpfs", "-o", f"size=1m,nr_inodes={inodes}", "tmpfs", disk):
        directory = sets.put_old(disk / "place")
        ended = warm.run(build(directory))
        if ended.code == 0:
            assert (sets.which(directory), leftovers(directory)) == ("new", [])
        else:
            assert_unwritten(ended, "No space left on device", sets, directory)
        assert (ended.code == 0) == (inodes > 17)


@needs_root
def test_a_file_system_that_is_read_only(warm: Warm, sets: Sets, memory: Path) -> None:
    disk = memory / "disk"
    disk.mkdir()
    with mounted("-t", "tmpfs", "tmpfs", disk):
        directory = sets.put_old(disk / "place")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True, timeout=PATIENCE)
        assert_unwritten(warm.run(build(directory)), "Read-only file system", sets, directory)


@needs_root
def test_a_directory_that_is_a_file_system(warm: Warm, memory: Path) -> None:
    """Nothing can be renamed across it: said before anything else is done."""
    directory = memory / "set"
    directory.mkdir()
    with mounted("-t", "tmpfs", "tmpfs", directory):
        ended = warm.run(build(directory))
        assert (ended.code, "a mount point" in ended.told) == (2, True)
        assert (leftovers(directory), [*directory.iterdir()]) == ([], [])


@needs_root
def test_a_directory_that_is_a_bind_mount(warm: Warm, sets: Sets, memory: Path) -> None:
    """Within one file system it looks like any other, until it is to be exchanged."""
    directory, elsewhere = sets.put_old(memory / "place"), sets.put_old(memory / "elsewhere")
    with mounted("--bind", elsewhere, directory):
        ended = warm.run(build(directory))
        assert (ended.code, "output.write" in ended.told) == (3, True)
        assert (sets.which(directory), leftovers(directory)) == ("old", [])


@needs_root
def test_a_parent_that_is_a_mount_point(warm: Warm, sets: Sets, memory: Path) -> None:
    elsewhere = sets.put_old(memory / "elsewhere")
    place = memory / "place"
    place.mkdir()
    with mounted("--bind", elsewhere.parent, place):
        assert warm.run(build(place / "set")).code == 0
        assert (sets.which(place / "set"), leftovers(place / "set")) == ("new", [])


@needs_root
@pytest.mark.parametrize("mode", [0o755, 0o777, 0o700])
def test_another_user_without_permission(mode: int, warm: Warm, sets: Sets, memory: Path) -> None:
    memory.chmod(0o755)
    directory = sets.put_old(memory / "place")
    directory.chmod(mode)
    before = held(directory)
    ended = warm.run(build(directory), uid=NOBODY)
    assert (ended.code, "output.write" in ended.told) == (3, True)
    assert "Permission denied" in ended.told
    assert (held(directory), leftovers(directory)) == (before, [])


@needs_root
def test_another_user_where_a_killed_run_of_root_left_its_folder(
    warm: Warm, sets: Sets, memory: Path
) -> None:
    """It is left alone, and does not keep him from writing where he may."""
    memory.chmod(0o755)
    directory = sets.put_old(memory / "place")
    for path in [directory.parent, directory, *directory.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    directory.chmod(0o2751)
    planted = directory.with_name(".set.root-anchors-new-abcd1234")
    planted.mkdir(mode=0o700)
    assert warm.run(build(directory), uid=NOBODY).code == 0
    assert (sets.which(directory), leftovers(directory)) == ("new", [planted.name])


def device(path: Path) -> None:
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))


def unix_socket(path: Path) -> None:
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listener:
        # Longer names than a socket's address holds are reached through the folder.
        listener.bind(f"/proc/self/fd/{here}/{path.name}")
    os.close(here)


def folder_with_a_file(path: Path) -> None:
    path.mkdir()
    (path / "mine").write_bytes(b"mine")


PLANTED: dict[str, Callable[[Path], object]] = {
    "a link to a file": lambda path: path.symlink_to("/etc/passwd"),
    "a link to a folder": lambda path: path.symlink_to("/etc"),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a FIFO": os.mkfifo,
    "a socket": unix_socket,
    "a device": device,
    "a folder with a file": folder_with_a_file,
}


def seen(place: Path) -> dict[str, tuple[int, int, bytes]]:
    """As :func:`held`, with what makes each file this one; links are not followed."""
    return {
        str(path.relative_to(place)): (
            path.lstat().st_mode,
            path.lstat().st_ino,
            path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else b"",
        )
        for path in sorted(place.rglob("*"))
    }


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
@pytest.mark.parametrize("name", ["", "root.ds", "manifest.json", "root-anchors.xml", "dns"])
def test_planted_at_a_name_of_ours(
    name: str, plant: Callable[[Path], object], warm: Warm, sets: Sets, memory: Path
) -> None:
    """The directory, a file, the manifest, the evidence, the folder in it: nothing is touched."""
    if plant is device and os.geteuid() != 0:
        pytest.skip("only root can make a device")
    directory = sets.put_old(memory / "place")
    aside = memory / "aside"
    (directory / name).rename(aside)
    plant(directory / name)
    before = seen(memory)
    begin = time.monotonic()
    ended = warm.run(build(directory))
    assert time.monotonic() - begin < PATIENCE / 2
    assert ended.code in {2, 3}, ended
    assert "Traceback" not in ended.told
    assert seen(memory) == before


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
@pytest.mark.parametrize("purpose", ["begun", "new"])
def test_planted_at_the_name_of_a_killed_run(
    purpose: str, plant: Callable[[Path], object], warm: Warm, sets: Sets, memory: Path
) -> None:
    """Only a folder of the user's own is cleared; what a link leads to is never touched."""
    if plant is device and os.geteuid() != 0:
        pytest.skip("only root can make a device")
    directory = sets.put_old(memory / "place")
    planted = directory.with_name(f".set.root-anchors-{purpose}-abcd1234")
    plant(planted)
    before = Path("/etc/passwd").stat()
    assert warm.run(build(directory)).code == 0
    cleared = plant is folder_with_a_file and purpose == "new"
    assert (sets.which(directory), leftovers(directory)) == (
        "new",
        [] if cleared else [planted.name],
    )
    assert Path("/etc/passwd").stat().st_mtime_ns == before.st_mtime_ns


def test_a_report_is_never_written_through_a_link(warm: Warm, memory: Path) -> None:
    """Whoever may write to the directory chooses what the link leads to."""
    (memory / "real").write_bytes(b"old")
    (memory / "report").symlink_to("real")
    command = ["verify", "--offline", "--at", AT, "--report", str(memory / "report")]
    ended = warm.run(command)
    assert ended.code == 3
    assert "a symbolic link: name the file itself" in ended.told
    assert (memory / "report").is_symlink()
    assert (memory / "real").read_bytes() == b"old"
    assert sorted(path.name for path in memory.iterdir()) == ["real", "report"]


class Reader(threading.Thread):
    """Looks at a directory again and again, through its descriptor, as a careful consumer does."""

    def __init__(self, directory: Path, wanted: list[dict[str, bytes]]) -> None:
        super().__init__(daemon=True)
        self.directory, self.wanted = directory, wanted
        self.stop = threading.Event()
        self.looks, self.mixtures = 0, 0

    def run(self) -> None:
        while not self.stop.is_set():
            found = self._look()
            # What was exchanged while it was looked at is being cleared away: look again.
            if found is not None:
                self.looks += 1
                self.mixtures += found not in self.wanted
            time.sleep(0.001)

    def _look(self) -> dict[str, bytes] | None:
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            here = Path(f"/proc/self/fd/{descriptor}")
            names = {path.name for path in here.iterdir()} - {"dns"}
            found = {name: (here / name).read_bytes() for name in names}
            same = os.path.samestat(os.fstat(descriptor), self.directory.stat())
        except FileNotFoundError:
            return None
        finally:
            os.close(descriptor)
        return found if same else None


def top_files(held_: object) -> dict[str, bytes]:
    assert isinstance(held_, dict)
    return {
        name: content
        for name, (mode, content) in held_.items()
        if stat.S_ISREG(mode) and "/" not in name
    }


@pytest.mark.parametrize("count", [2, 20])
def test_many_runs_at_once(count: int, warm: Warm, sets: Sets, memory: Path) -> None:
    """Both sets are written by turns; the directory always holds one of them, whole."""
    directory = sets.put_old(memory / "place")
    reader = Reader(directory, [top_files(sets.old), top_files(sets.new)])
    reader.start()
    pids = [warm.start(build(directory, (NEW, OLD)[number % 2])) for number in range(count)]
    ended = [warm.wait(pid) for pid in pids]
    reader.stop.set()
    reader.join(PATIENCE)
    assert (reader.looks > 0, reader.mixtures) == (True, 0)
    codes = [one.code for one in ended]
    told = ended[-1].told
    assert {*codes} <= {0, 3}, codes
    assert 0 in codes
    # Each that did not write says why, and what kept it is that the set changed under its eyes.
    assert told.count("output.write") + told.count("rollback.unreadable") == (
        len(codes) - codes.count(0)
    ), told
    assert "Traceback" not in told
    assert "internal error" not in told
    sets.which(directory)
    assert leftovers(directory) == []
