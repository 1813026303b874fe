"""The old set or the new one, whatever fails and whenever."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import resource
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anchors.core.checks import Check
from anchors.core.errors import OutputFailed, UsageError
from anchors.core.servers import ServerAnswer
from anchors.pipeline import directory as output
from anchors.pipeline import replaceable
from anchors.pipeline.directory import write_directory
from anchors.pipeline.replaceable import require_replaceable
from anchors.publication.manifest import with_manifest

ANSWER = ServerAnswer("192.0.2.1", 53, "udp", datetime(2026, 10, 4, tzinfo=UTC), b"wire")
OLD = with_manifest({"root.ds": b"old", "old.conf": b"old"}, [ANSWER, ANSWER])
NEW = with_manifest({"root.ds": b"new", "bind.keys": b"new"}, [ANSWER])


def held(place: Path) -> dict[str, tuple[int, bytes]]:
    """Every name below a place, with mode and content; of a folder or link, what it is."""
    return {
        str(path.relative_to(place)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(place.rglob("*"))
    }


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
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
    """The only thing in it is the directory, so that leftovers are seen."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


@pytest.fixture
def ours(place: Path) -> Path:
    """A directory that holds yesterday's set."""
    path = place / "anchors"
    write_directory(path, OLD)
    return path


class TestWriting:
    def test_an_absent_directory(self, place: Path) -> None:
        write_directory(place / "anchors", NEW)
        assert contents(place / "anchors") == NEW
        assert [entry.name for entry in place.iterdir()] == ["anchors"]

    def test_missing_folders_above(self, place: Path) -> None:
        write_directory(place / "a" / "b" / "anchors", NEW)
        assert contents(place / "a" / "b" / "anchors") == NEW

    def test_an_empty_directory_keeps_its_mode(self, place: Path) -> None:
        path = place / "anchors"
        path.mkdir()
        path.chmod(0o2750)
        write_directory(path, NEW)
        assert contents(path) == NEW
        assert stat.S_IMODE(path.stat().st_mode) == 0o2750

    def test_ours_is_replaced_whole_and_keeps_its_mode(self, ours: Path) -> None:
        ours.chmod(0o711)
        write_directory(ours, NEW)
        assert contents(ours) == NEW
        assert [entry.name for entry in ours.parent.iterdir()] == ["anchors"]
        assert stat.S_IMODE(ours.stat().st_mode) == 0o711

    def test_ours_with_a_file_gone_is_replaced(self, ours: Path) -> None:
        (ours / "old.conf").unlink()
        (ours / "dns" / "00.bin").unlink()
        write_directory(ours, NEW)
        assert contents(ours) == NEW

    def test_the_same_set_again(self, ours: Path) -> None:
        before = held(ours)
        write_directory(ours, OLD)
        assert held(ours) == before

    @pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
    def test_modes_do_not_hang_on_the_umask(self, mask: int, place: Path) -> None:
        with umask(mask):
            write_directory(place / "anchors", NEW)
            write_directory(place / "anchors", OLD)
        modes = {stat.S_IMODE(mode) for mode, content in held(place).values() if content}
        folders = {stat.S_IMODE(mode) for mode, content in held(place).values() if not content}
        assert (modes, folders) == ({0o644}, {0o755})

    def test_a_relative_path(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(place)
        write_directory(Path("anchors"), NEW)
        write_directory(Path("./anchors/."), OLD)
        assert contents(place / "anchors") == OLD

    def test_a_parent_that_is_a_link(self, place: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(place)
        write_directory(tmp_path / "link" / "anchors", NEW)
        assert contents(place / "anchors") == NEW

    def test_a_name_with_spaces_and_dots(self, place: Path) -> None:
        write_directory(place / " .a b. ", NEW)
        assert contents(place / " .a b. ") == NEW

    def test_nobody_sees_the_set_before_it_is_whole(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen = set()

        def look(_descriptor: int) -> None:
            for entry in place.iterdir():
                seen.add((entry.name == "anchors", stat.S_IMODE(entry.stat().st_mode)))

        monkeypatch.setattr(os, "fsync", look)
        with umask(0):
            write_directory(place / "anchors", {"root.ds": b"new"})
        # A private folder beside it; readable by all only once it has nothing unfinished in it.
        assert (False, 0o700) in seen
        assert seen <= {(False, 0o700), (False, 0o755), (True, 0o755)}

    def test_the_private_name_cannot_be_foretold(
        self, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names: list[str] = []
        make = tempfile.mkdtemp

        def mkdtemp(prefix: str, dir: Path) -> str:  # noqa: A002 - as the original
            made = make(prefix=prefix, dir=dir)
            names.append(Path(made).name)
            return made

        monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
        for files in (NEW, OLD, NEW):
            write_directory(ours, files)
        assert len({*names}) == len(names) >= 3
        assert all(name.startswith(".anchors.") for name in names)


def a_file(path: Path) -> None:
    path.write_bytes(b"mine")


def a_link_to_a_directory(path: Path) -> None:
    (path.parent / "elsewhere").mkdir()
    path.symlink_to("elsewhere")


def a_link_to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def files_without_a_manifest(path: Path) -> None:
    path.mkdir()
    (path / "root.ds").write_bytes(b"mine")


def a_hidden_file(path: Path) -> None:
    path.mkdir()
    (path / ".htaccess").write_bytes(b"mine")


def an_empty_folder(path: Path) -> None:
    path.mkdir()
    (path / "empty").mkdir()


def an_empty_dns_folder(path: Path) -> None:
    (path / "dns").mkdir(parents=True)


def ours_with(name: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        write_directory(path, OLD)
        (path / name).write_bytes(b"mine")

    return make


def ours_with_a_folder(name: str) -> Callable[[Path], None]:
    """Where the manifest lists a file there is a folder of somebody."""

    def make(path: Path) -> None:
        write_directory(path, OLD)
        (path / name).unlink(missing_ok=True)
        (path / name).mkdir()
        (path / name / "photo").write_bytes(b"mine")

    return make


def ours_with_a_manifest(content: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        write_directory(path, OLD)
        (path / "manifest.json").write_bytes(content)

    return make


def ours_with_dns_a_link(path: Path) -> None:
    write_directory(path, OLD)
    (path / "dns").rename(path.parent / "dns")
    (path / "dns").symlink_to("../dns")


FOREIGN: dict[str, Callable[[Path], None]] = {
    "a file": a_file,
    "a link to a directory": a_link_to_a_directory,
    "a link to nowhere": a_link_to_nowhere,
    "a FIFO": a_fifo,
    "files without a manifest": files_without_a_manifest,
    "a hidden file": a_hidden_file,
    "an empty folder": an_empty_folder,
    "an empty dns folder": an_empty_dns_folder,
    "ours with a file more": ours_with("notes.txt"),
    "ours with a hidden file": ours_with(".notes"),
    "ours with a file named as errors call our folder": ours_with("dns (not a file)"),
    "ours with an answer named so": ours_with("dns/ (not a file)"),
    "ours with an answer more": ours_with("dns/99.bin"),
    "ours with a folder more": ours_with_a_folder("photos"),
    "ours with a folder among the answers": ours_with_a_folder("dns/photos"),
    "ours with a folder in place of a file": ours_with_a_folder("root.ds"),
    "ours with a folder in place of an answer": ours_with_a_folder("dns/00.bin"),
    "ours with dns a link": ours_with_dns_a_link,
    "a manifest of nothing": ours_with_a_manifest(b""),
    "a manifest of somebody": ours_with_a_manifest(b'{"name": "app", "icons": []}'),
    "a manifest that names ../x": ours_with_a_manifest(
        OLD["manifest.json"].replace(b"root.ds", b"../x")
    ),
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_not_ours_is_left_alone(make: Callable[[Path], None], place: Path) -> None:
    path = place / "anchors"
    make(path)
    before = held(place)
    for attempt in (lambda: require_replaceable(path), lambda: write_directory(path, NEW)):
        with pytest.raises(UsageError, match="does not replace") as refusal:
            attempt()
        assert refusal.value.check is Check.OUTPUT_DIRECTORY
        assert refusal.value.got
    assert held(place) == before


@pytest.mark.parametrize("name", ["", ".", "..", "/", "../..", "anchors/.."])
def test_a_path_without_a_name_of_its_own(
    name: str, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ours.parent)
    with pytest.raises(UsageError) as refusal:
        require_replaceable(Path(name))
    assert "a directory with such a name" in (refusal.value.got or "")


def test_ours_is_told_from_absent_and_empty(ours: Path) -> None:
    assert require_replaceable(ours)
    assert not require_replaceable(ours.parent / "absent")
    (ours.parent / "empty").mkdir()
    assert not require_replaceable(ours.parent / "empty")


def test_a_directory_that_cannot_be_looked_at(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> Iterator[Path]:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(OutputFailed) as failure:
        require_replaceable(ours)
    assert failure.value.check is Check.OUTPUT_WRITE
    assert "Permission denied" in (failure.value.got or "")


def test_a_manifest_that_never_ends_is_not_waited_for(ours: Path) -> None:
    (ours / "manifest.json").unlink()
    os.mkfifo(ours / "manifest.json")
    with pytest.raises((UsageError, OutputFailed)):
        write_directory(ours, NEW)
    assert (ours / "root.ds").read_bytes() == b"old"


def test_a_place_below_a_file(place: Path) -> None:
    (place / "file").write_bytes(b"mine")
    before = held(place)
    with pytest.raises(OutputFailed):
        write_directory(place / "file" / "anchors", NEW)
    assert held(place) == before


class Failing:
    """The n-th call fails; the others go through."""

    def __init__(self, function: Callable[..., object], number: int, error: BaseException) -> None:
        self.function = function
        self.number = number
        self.error = error
        self.calls = 0

    def __call__(self, *arguments: object, **named: object) -> object:
        self.calls += 1
        if self.calls == self.number:
            raise self.error
        return self.function(*arguments, **named)


def full_disk() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def flushes(files: int, folders: int) -> int:
    """How often writing flushes: each file, each folder within, the set, the folder around it."""
    return files + folders + 2


NEW_FLUSHES = flushes(len(NEW), 1)


class TestFailures:
    """After each, yesterday's set stands as it was, with nothing beside it."""

    @pytest.fixture(autouse=True)
    def untouched(self, ours: Path) -> Iterator[None]:
        before = held(ours.parent)
        yield
        assert held(ours.parent) == before

    @pytest.mark.parametrize("number", range(1, NEW_FLUSHES))
    def test_a_flush_fails(self, number: int, ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        failing = Failing(os.fsync, number, full_disk())
        monkeypatch.setattr(os, "fsync", failing)
        with pytest.raises(OutputFailed) as failure:
            write_directory(ours, NEW)
        assert failure.value.check is Check.OUTPUT_WRITE
        assert "No space left" in (failure.value.got or "")
        assert failing.calls >= number

    @pytest.mark.parametrize("number", range(1, NEW_FLUSHES))
    def test_an_interrupt_before_the_swap(
        self, number: int, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "fsync", Failing(os.fsync, number, KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            write_directory(ours, NEW)

    def test_a_write_fails(self, ours: Path) -> None:
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        # The kernel itself refuses what is beyond this.
        resource.setrlimit(resource.RLIMIT_FSIZE, (2, limits[1]))
        try:
            with pytest.raises(OutputFailed) as failure:
                write_directory(ours, NEW)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert "too large" in (failure.value.got or "")

    def test_no_folder_can_be_made_beside_it(
        self, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        error = PermissionError(errno.EACCES, "Permission denied")
        monkeypatch.setattr(tempfile, "mkdtemp", Failing(tempfile.mkdtemp, 1, error))
        with pytest.raises(OutputFailed):
            write_directory(ours, NEW)

    @pytest.mark.parametrize("function", ["fchmod", "open"])
    def test_a_call_fails(self, function: str, ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # os.open is first called for the manifest, and then for the folders to flush.
        number = 3 if function == "open" else 1
        monkeypatch.setattr(os, function, Failing(getattr(os, function), number, full_disk()))
        with pytest.raises(OutputFailed):
            write_directory(ours, NEW)

    def test_the_swap_fails(self, ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(output, "_exchange", Failing(print, 1, full_disk()))
        with pytest.raises(OutputFailed):
            write_directory(ours, NEW)


def test_once_the_new_set_is_there_it_is_not_told_as_a_failure(
    ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last flush is of the folder around it, when both sets have changed places."""
    failing = Failing(os.fsync, NEW_FLUSHES, full_disk())
    monkeypatch.setattr(os, "fsync", failing)
    write_directory(ours, NEW)
    assert failing.calls == NEW_FLUSHES
    assert contents(ours) == NEW
    assert [entry.name for entry in ours.parent.iterdir()] == ["anchors"]


class TestInTwoSteps:
    """Where directories cannot be exchanged."""

    @pytest.fixture(autouse=True)
    def _no_exchange(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(output, "_exchange", lambda _one, _other: False)

    def test_it_is_replaced_all_the_same(self, ours: Path) -> None:
        ours.chmod(0o711)
        write_directory(ours, NEW)
        assert contents(ours) == NEW
        assert [entry.name for entry in ours.parent.iterdir()] == ["anchors"]
        assert stat.S_IMODE(ours.stat().st_mode) == 0o711

    # The first gives the staged set its name, the others are the two steps.
    @pytest.mark.parametrize("number", [1, 2, 3])
    @pytest.mark.parametrize(
        ("error", "raised"),
        [(full_disk(), OutputFailed), (KeyboardInterrupt(), KeyboardInterrupt)],
        ids=["disk", "interrupt"],
    )
    def test_a_step_fails(
        self,
        number: int,
        error: BaseException,
        raised: type[BaseException],
        ours: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        before = held(ours.parent)
        rename = Failing(Path.rename, number, error)
        monkeypatch.setattr(Path, "rename", lambda *paths: rename(*paths))  # noqa: PLW0108 - binds
        with pytest.raises(raised):
            write_directory(ours, NEW)
        assert rename.calls >= number
        assert held(ours.parent) == before

    def test_somebody_takes_the_place_in_between(
        self, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rename = Path.rename
        calls: list[Path] = []

        def taking(one: Path, other: Path) -> Path:
            calls.append(one)
            moved = rename(one, other)
            if len(calls) == 2:
                ours.mkdir()
                (ours / "photo").write_bytes(b"mine")
            return moved

        monkeypatch.setattr(Path, "rename", taking)
        with pytest.raises(OutputFailed):
            write_directory(ours, NEW)
        assert (ours / "photo").read_bytes() == b"mine"
        # Yesterday's set is still somewhere beside it.
        assert OLD in [contents(entry) for entry in ours.parent.iterdir() if entry.is_dir()]


class TestChangesMeanwhile:
    """Somebody else writes between the first look and the swap."""

    @pytest.fixture
    def meanwhile(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
        def arrange(change: Callable[[], object]) -> None:
            flush = output._flush_folder

            def flushing(path: Path) -> None:
                flush(path)
                if path.name.startswith(".anchors."):
                    change()

            monkeypatch.setattr(output, "_flush_folder", flushing)

        return arrange

    def test_a_file_appears_in_ours(
        self, ours: Path, meanwhile: Callable[[Callable[[], object]], None]
    ) -> None:
        meanwhile(lambda: (ours / "photo").write_bytes(b"mine"))
        with pytest.raises(UsageError, match="does not replace"):
            write_directory(ours, NEW)
        assert contents(ours) == {**OLD, "photo": b"mine"}
        assert [entry.name for entry in ours.parent.iterdir()] == ["anchors"]

    @pytest.mark.parametrize("make", [a_file, a_link_to_nowhere, files_without_a_manifest])
    def test_something_appears_where_nothing_was(
        self,
        make: Callable[[Path], None],
        place: Path,
        meanwhile: Callable[[Callable[[], object]], None],
    ) -> None:
        path = place / "anchors"
        meanwhile(lambda: make(path))
        with pytest.raises(UsageError, match="does not replace"):
            write_directory(path, NEW)
        assert [entry.name for entry in place.iterdir()] == ["anchors"]
        assert not (path / "manifest.json").exists()

    def test_something_appears_after_the_last_look(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = place / "anchors"
        looks: list[Path] = []

        def look(seen: Path) -> bool:
            looks.append(seen)
            ours = require_replaceable(seen)
            if len(looks) == 2:
                files_without_a_manifest(path)
            return ours

        monkeypatch.setattr(output, "require_replaceable", look)
        with pytest.raises(OutputFailed):
            write_directory(path, NEW)
        assert contents(path) == {"root.ds": b"mine"}

    @pytest.mark.parametrize("exchanges", [True, False], ids=["exchanged", "in two steps"])
    @pytest.mark.parametrize("name", ["photo", ".notes", "dns/99.bin"])
    def test_a_file_appears_between_the_last_look_and_the_swap(
        self, name: str, exchanges: bool, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        exchange = output._exchange

        def late(one: Path, other: Path) -> bool:
            if not (one / name).exists():
                (other / name).write_bytes(b"mine")
            return exchanges and exchange(one, other)

        monkeypatch.setattr(output, "_exchange", late)
        mode = ours.stat().st_mode
        with pytest.raises(
            UsageError,
            match=f"root-anchors does not replace {ours}: it may contain other people's files",
        ) as e:
            write_directory(ours, NEW)
        assert name in (e.value.got or "")
        assert contents(ours) == {**OLD, name: b"mine"}
        assert ours.stat().st_mode == mode
        assert [entry.name for entry in ours.parent.iterdir()] == ["anchors"]

    def test_it_cannot_be_put_back_where_another_run_has_put_its_set(
        self, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Then that one stays, and the file lies beside it."""
        exchange, done = output._exchange, []

        def late(one: Path, other: Path) -> bool:
            (other / "photo").write_bytes(b"mine")
            done.append(exchange(one, other))
            shutil.copytree(other, other.with_name("another"))
            other.rename(other.with_name("before"))
            other.with_name("another").rename(other)
            return done[-1]

        monkeypatch.setattr(output, "_exchange", late)
        with pytest.raises(OutputFailed) as failure:
            write_directory(ours, NEW)
        if not done[0]:
            pytest.skip("this file system cannot exchange directories")
        assert len(done) == 1
        assert contents(ours) == NEW
        (kept,) = ours.parent.glob(".anchors.root-anchors-old-*")
        assert contents(kept) == {**OLD, "photo": b"mine"}
        assert kept.name in (failure.value.got or "")

    def test_another_run_of_ours_was_faster(
        self, place: Path, meanwhile: Callable[[Callable[[], object]], None]
    ) -> None:
        path = place / "anchors"
        done: list[bool] = []

        def other_run() -> None:
            if not done:
                done.append(True)
                write_directory(path, OLD)

        meanwhile(other_run)
        write_directory(path, NEW)
        assert contents(path) == NEW
        assert [entry.name for entry in place.iterdir()] == ["anchors"]


class TestExchangedMeanwhile:
    """Another run puts its set in the place of the one that is being looked at."""

    def other_run(self, ours: Path, times: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        names = replaceable._held_files
        looks: list[int] = []

        def look(path: Path) -> frozenset[str]:
            seen = names(path)
            looks.append(len(looks))
            if len(looks) <= times:
                other = ours.parent / f"other-{len(looks)}"
                shutil.copytree(ours, other)
                (other / "manifest.json").write_bytes(NEW["manifest.json"])
                for name in set(OLD) - set(NEW):
                    (other / name).unlink(missing_ok=True)
                ours.rename(ours.parent / f"before-{len(looks)}")
                other.rename(ours)
            return seen

        monkeypatch.setattr(replaceable, "_held_files", look)
        return looks

    def test_it_is_looked_at_again(self, ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        looks = self.other_run(ours, 1, monkeypatch)
        assert require_replaceable(ours)
        assert len(looks) == 2

    def test_but_not_for_ever(self, ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        looks = self.other_run(ours, 100, monkeypatch)
        with pytest.raises(OutputFailed) as failure:
            require_replaceable(ours)
        assert "other runs write it" in (failure.value.got or "")
        assert len(looks) < 10


def test_an_old_set_that_another_run_removes_does_not_come_back(
    ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock is not ours: another process holds it."""
    exchange = output._exchange

    def exchanged(staged: Path, path: Path) -> bool:
        done = exchange(staged, path)
        (staged / "manifest.json").unlink()
        return done

    monkeypatch.setattr(output, "_exchange", exchanged)
    monkeypatch.setattr(output, "_TURN_SECONDS", 0.1)
    descriptor = os.open(ours, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        write_directory(ours, NEW)
    finally:
        os.close(descriptor)
    assert contents(ours) == NEW
    assert [path.name for path in ours.parent.iterdir()] == [ours.name]


class FakeLibc:
    """A C library whose renameat2 fails with one errno."""

    def __init__(self, code: int) -> None:
        self.code = code

    def renameat2(self, *_arguments: object) -> int:
        ctypes.set_errno(self.code)
        return -1


class TestExchange:
    def test_two_directories_change_places(self, ours: Path) -> None:
        other = ours.parent / "other"
        write_directory(other, NEW)
        if not output._exchange(ours, other):
            pytest.skip("this file system cannot exchange directories")
        assert (contents(ours), contents(other)) == (NEW, OLD)

    def test_one_is_missing(self, ours: Path) -> None:
        try:
            done = output._exchange(ours, ours.parent / "absent")
        except OSError as error:
            assert error.errno == errno.ENOENT  # noqa: PT017 - False is as good
        else:
            assert not done
        assert contents(ours) == OLD

    @pytest.mark.parametrize("code", [errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP])
    def test_the_system_cannot(
        self, code: int, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ctypes, "CDLL", lambda *_a, **_k: FakeLibc(code))
        assert not output._exchange(ours, ours)

    @pytest.mark.parametrize("code", [errno.EACCES, errno.EXDEV, errno.ENOSPC, errno.EROFS])
    def test_it_can_and_fails(self, code: int, ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ctypes, "CDLL", lambda *_a, **_k: FakeLibc(code))
        with pytest.raises(OSError, match=os.strerror(code)) as failure:
            output._exchange(ours, ours)
        assert failure.value.errno == code

    def test_a_c_library_without_it(self, ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ctypes, "CDLL", lambda *_a, **_k: object())
        assert not output._exchange(ours, ours)


@pytest.mark.parametrize("name", ["a\0b", "\ud800"], ids=ascii)
def test_a_directory_that_no_file_system_can_name(name: str, place: Path) -> None:
    with pytest.raises(OutputFailed):
        write_directory(place / name, NEW)
    assert contents(place) == {}


class TestOthersDirectories:
    def test_a_mode_that_somebody_else_planted_is_not_kept(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = place / "anchors"
        path.mkdir()
        path.chmod(0o777)
        monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
        write_directory(path, NEW)
        assert stat.S_IMODE(path.stat().st_mode) == 0o755

    def test_a_mount_point_is_left_alone(self, ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Path, "is_mount", lambda path: path == ours)
        with pytest.raises(UsageError, match="does not replace"):
            write_directory(ours, NEW)
        assert contents(ours) == OLD


class TestAbandoned:
    """What a killed run left is cleared by the next, and nothing else is."""

    STAGED = ".anchors.root-anchors-new-abcd1234"

    def test_a_staged_set_goes(self, ours: Path) -> None:
        for name in (self.STAGED, ".anchors.root-anchors-begun-abcd1234"):
            (ours.parent / name).mkdir(mode=0o700)
        (ours.parent / self.STAGED / "root.ds").write_bytes(b"half")
        write_directory(ours, NEW)
        assert [entry.name for entry in ours.parent.iterdir()] == ["anchors"]

    def test_a_name_like_our_own_purposes_is_cleared_as_well(self, place: Path) -> None:
        odd = place / "a-begun-b"
        write_directory(odd, NEW)
        (place / ".a-begun-b.root-anchors-new-abcd1234").mkdir(mode=0o700)
        names: list[str] = []
        with output._staging(odd) as staged:
            names.append(staged.name)
        assert names[0].startswith(".a-begun-b.root-anchors-new-")
        assert [entry.name for entry in place.iterdir()] == ["a-begun-b"]

    def test_one_that_a_run_still_holds_stays(self, ours: Path) -> None:
        staged = ours.parent / self.STAGED
        staged.mkdir(mode=0o700)
        descriptor = os.open(staged, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            write_directory(ours, NEW)
            assert staged.is_dir()
        finally:
            os.close(descriptor)
        assert contents(ours) == NEW

    @pytest.mark.parametrize(
        "name",
        [
            ".anchors.root-anchors-old-abcd1234",
            ".anchors.root-anchors-new-abcd12345",
            ".anchors.settings",
            ".other.root-anchors-new-abcd1234",
            "anchors.root-anchors-new-abcd1234",
        ],
    )
    def test_what_is_named_otherwise_stays(self, name: str, ours: Path) -> None:
        (ours.parent / name).mkdir()
        write_directory(ours, NEW)
        assert (ours.parent / name).is_dir()

    def test_what_a_link_of_that_name_leads_to_stays(self, ours: Path) -> None:
        outside = ours.parent / "outside"
        outside.mkdir()
        (outside / "photo").write_bytes(b"mine")
        (ours.parent / self.STAGED).symlink_to(outside)
        write_directory(ours, NEW)
        assert (outside / "photo").read_bytes() == b"mine"

    def test_a_folder_that_is_taken_for_one_is_made_again(
        self, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = tempfile.mkdtemp
        calls: list[str] = []

        def taken(prefix: str, dir: Path) -> str:  # noqa: A002 - as the real one
            calls.append(made(prefix=prefix, dir=dir))
            if len(calls) == 1:
                Path(calls[0]).rmdir()
            return calls[-1]

        monkeypatch.setattr(tempfile, "mkdtemp", taken)
        write_directory(ours, NEW)
        assert len(calls) == 2
        assert contents(ours) == NEW

    def test_one_that_is_always_taken_is_a_failure(
        self, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = tempfile.mkdtemp

        def taken(prefix: str, dir: Path) -> str:  # noqa: A002 - as the real one
            folder = made(prefix=prefix, dir=dir)
            Path(folder).rmdir()
            return folder

        monkeypatch.setattr(tempfile, "mkdtemp", taken)
        with pytest.raises(OutputFailed, match="cannot be written"):
            write_directory(ours, NEW)

    @pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
    def test_without_locks_nothing_is_cleared_and_all_is_written(
        self, code: int, ours: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        staged = ours.parent / self.STAGED
        staged.mkdir(mode=0o700)

        def no_locks(_descriptor: int, _operation: int) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(fcntl, "flock", no_locks)
        write_directory(ours, NEW)
        assert contents(ours) == NEW
        assert staged.is_dir()
