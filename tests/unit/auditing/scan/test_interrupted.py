"""However a scan is ended, its workers end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.unit.consumers.samples import DS2

RECORD = f". IN DS {DS2}\n"


def put(path: Path, content: str = RECORD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def group(leader: int) -> list[int]:
    """The processes of a process group that run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, members = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(members) == leader and state != "Z":
            found.append(int(path.parent.name))
    return found


PROGRAM = """
import signal, sys
from datetime import datetime, UTC
from pathlib import Path
from anchors.auditing.scan.look import Look
from anchors.auditing.scan import walk
from anchors.auditing.scan import tree as scan
signal.signal(signal.SIGINT, signal.default_int_handler)
walk._MANY = 5
scan.scan([Path(sys.argv[1])], Look(datetime.now(UTC)), progress=lambda files, size: None)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_the_scan(tmp_path: Path, number: signal.Signals) -> None:
    # Sparse files that take a worker far longer than this test waits.
    for folder in range(40):
        put(tmp_path / f"first-{folder}/root.ds")
        os.truncate(put(tmp_path / f"then-{folder}/image"), 3 << 30)
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while len(group(process.pid)) < 2 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert len(group(process.pid)) >= 2
            process.send_signal(number)
            assert process.wait(20) != 0
            while group(process.pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert group(process.pid) == []
        finally:
            for left in group(process.pid):
                os.kill(left, signal.SIGKILL)
