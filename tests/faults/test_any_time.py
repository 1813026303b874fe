"""A run is killed, or asked to end, at any microsecond: the old set or the new one."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.sets import Sets, build, leftovers
from tests.faults.warm import Warm

RUNS = 60
INTERRUPTED = (
    "root-anchors: interrupted; an output directory has either all its old files or all the new "
    "ones\n"
)
VERIFIED = "VERIFIED: KSK-2017 (20326), KSK-2024 (38696) at 2026-10-11T00:00:00Z\n"


def seconds(warm: Warm, sets: Sets, memory: Path) -> float:
    """How long an undisturbed run takes here and now: the shortest of some."""
    times = []
    for number in range(5):
        directory = sets.put_old(memory / f"{number}")
        begin = time.monotonic()
        assert warm.run(build(directory)).code == 0
        times.append(time.monotonic() - begin)
    return min(times)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_at_any_time(
    number: signal.Signals, seed: int, warm: Warm, sets: Sets, memory: Path
) -> None:
    chance = random.Random(f"{number} {seed}")
    longest = seconds(warm, sets, memory)
    seen: Counter[str] = Counter()
    for run in range(RUNS):
        directory = sets.put_old(memory / f"run-{run}")
        pid = warm.start(build(directory))
        time.sleep(chance.uniform(0, longest))
        os.kill(pid, number)
        ended = warm.wait(pid)
        which = sets.which(directory)
        seen[which] += 1
        # So that about as many are struck before the swap as after it, however busy the machine.
        longest *= 1.05 if which == "old" else 0.95
        if ended.code == 0:
            assert (which, ended.told.startswith(VERIFIED)) == ("new", True)
        elif ended.code == 130:
            assert ended.told.endswith(INTERRUPTED) or which == "new"
        else:
            # Killed; or asked to end before the command heard of anything.
            assert ended.code == -number
            assert number == signal.SIGKILL or (which, ended.told) == ("old", "")
        assert "Traceback" not in ended.told
        if number == signal.SIGKILL:
            assert warm.run(build(directory)).code == 0
            assert sets.which(directory) == "new"
        assert leftovers(directory) == []
    assert min(seen["old"], seen["new"]) > 0, seen
