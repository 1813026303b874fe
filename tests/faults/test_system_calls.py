"""Each system call that writes kills the run, is interrupted, or fails: the old set or the new."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.sets import Sets, build, leftovers
from tests.faults.tracing import AT_CALL, counting, faulty, require_tracing
from tests.faults.warm import PADDING, Ended, Warm

KILLED = -9
INTERRUPTED = (
    "root-anchors: interrupted; an output directory has either all its old files or all the new "
    "ones\n"
)
# Where these fail, clearing away fails; the next run does it.
CLEARING = {"openat", "unlinkat", "rmdir"}
ERRORS = [
    *itertools.product(PADDING, ["EIO"]),
    *itertools.product(["mkdir", "write", "fsync", "rename", "renameat2"], ["ENOSPC", "EDQUOT"]),
    *itertools.product(["mkdir", "fchmod", "unlinkat"], ["EROFS", "EACCES"]),
    *itertools.product(["rename", "renameat2"], ["EXDEV", "EPERM"]),
]


@pytest.fixture(autouse=True)
def _tracing() -> None:
    require_tracing()


class Run(NamedTuple):
    """One run that met its fault at its n-th call, or had fewer."""

    number: int
    ended: Ended
    directory: Path


def runs(warm: Warm, sets: Sets, call: str, memory: Path) -> Iterator[Run]:
    """Over the old set, with the fault at the first such call, at the second, and so on."""
    for number in range(1, AT_CALL):
        place = memory / f"{call}-{number}"
        directory = sets.put_old(place)
        ended = warm.run(build(directory), call, AT_CALL - number)
        yield Run(number, ended, directory)
        shutil.rmtree(place)
    raise AssertionError("more calls than were thought of")


def assert_next_run_clears(warm: Warm, sets: Sets, directory: Path) -> None:
    """It has no padding, and so meets no fault."""
    assert warm.run(build(directory)).code == 0
    assert (sets.which(directory), leftovers(directory)) == ("new", [])


@pytest.mark.parametrize("call", PADDING)
def test_killed(call: str, warm: Warm, sets: Sets, memory: Path) -> None:
    killed = 0
    with faulty(warm, call, "signal=KILL"):
        for _, ended, directory in runs(warm, sets, call, memory):
            which = sets.which(directory)
            if ended.code != KILLED:
                assert (ended.code, which, leftovers(directory)) == (0, "new", [])
                break
            killed += 1
            assert_next_run_clears(warm, sets, directory)
    assert killed > 0


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("call", PADDING)
def test_interrupted(call: str, number: str, warm: Warm, sets: Sets, memory: Path) -> None:
    interrupted = 0
    with faulty(warm, call, f"signal={number}"):
        for _, ended, directory in runs(warm, sets, call, memory):
            which = sets.which(directory)
            assert leftovers(directory) == []
            if ended.code == 0:
                assert (which, "interrupted" in ended.told) == ("new", False)
                break
            interrupted += 1
            # At the last write the report is out already.
            assert (ended.code, ended.told.endswith(INTERRUPTED)) == (130, True)
            assert "Traceback" not in ended.told
    assert interrupted > 0


@pytest.mark.parametrize(("call", "error"), ERRORS)
def test_refused(call: str, error: str, warm: Warm, sets: Sets, memory: Path) -> None:
    with counting(warm, call, memory / "log") as count:
        assert warm.run(build(sets.put_old(memory / "counted"))).code == 0
    codes = set()
    with faulty(warm, call, f"error={error}"):
        for number, ended, directory in itertools.islice(runs(warm, sets, call, memory), count()):
            which = sets.which(directory)
            assert which == ("new" if ended.code == 0 else "old"), (number, ended)
            assert_told(ended)
            codes.add(ended.code)
            if call not in CLEARING:
                assert leftovers(directory) == []
            elif leftovers(directory):
                assert_next_run_clears(warm, sets, directory)
    # A file that cannot be cleared away is no failure to write.
    assert codes >= ({0} if call in {"unlinkat", "rmdir"} else {3})
    assert codes <= {0, 3}


def assert_told(ended: Ended) -> None:
    """A run that does not write says which check kept it; no defect of ours shows."""
    assert "Traceback" not in ended.told
    assert "internal error" not in ended.told
    if ended.code == 3:
        assert "check" in ended.told
    elif ended.code == 1:
        # What is in the directory could not be read to be compared.
        assert "rollback.unreadable" in ended.told


@pytest.mark.parametrize("error", ["ENOSYS", "EINVAL", "EOPNOTSUPP"])
def test_where_directories_cannot_be_exchanged(
    error: str, warm: Warm, sets: Sets, memory: Path
) -> None:
    with faulty(warm, "renameat2", f"error={error}"):
        _, ended, directory = next(runs(warm, sets, "renameat2", memory))
        assert (ended.code, sets.which(directory), leftovers(directory)) == (0, "new", [])


@pytest.mark.parametrize("error", ["ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def test_where_there_are_no_locks(error: str, warm: Warm, sets: Sets, memory: Path) -> None:
    with faulty(warm, "flock", f"error={error}"):
        _, ended, directory = next(runs(warm, sets, "flock", memory))
        assert (ended.code, sets.which(directory), leftovers(directory)) == (0, "new", [])
