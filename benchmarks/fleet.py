"""Time ``root-anchors merge`` of the reports of 1,000 hosts and of 10,000, and its peak memory.

The reports are made from three real ones, of small machines with anchors in all the usual places:
one that is ready, one without KSK-2024, and one whose report is empty.  Exits 1 when ten times the
reports take more than fifteen times as long.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.docs.machine import AT, furnish, new_place
from tests.frozen import COMMAND

AIM = 15.0
FEW, MANY = 1_000, 10_000
# Of a hundred hosts so many lack KSK-2024, and so many do not answer.
LATE, SILENT = 3, 1


def main() -> int:
    """Measure, print, and judge."""
    with tempfile.TemporaryDirectory(prefix="root-anchors-bench-") as directory:
        place = Path(directory)
        reports = [report_of(place / "ready"), report_of(place / "late", without="38696")]
        folder = place / "reports"
        folder.mkdir()
        files = [make(folder, number, *reports) for number in range(MANY)]
        size = sum(file.stat().st_size for file in files)
        print(f"{MANY:,} reports, {size / 1e6:,.0f} MB")
        few, many = merged(files[:FEW]), merged(files)
        print(f"growth         {many / few:7.2f}     aim: at most {AIM}")
    return 0 if many / few <= AIM else 1


def report_of(place: Path, without: str | None = None) -> bytes:
    """The report of an audit of a small machine."""
    machine = new_place(place)
    furnish(machine, without=without)
    options = ["--offline", "--at", AT, "--report-format", "json"]
    done = subprocess.run(
        [*COMMAND, "audit", *options, str(machine / "machine")],
        capture_output=True,
        check=False,
    )
    return done.stdout


def make(folder: Path, number: int, ready: bytes, late: bytes) -> Path:
    """Write the report of a host."""
    file = folder / f"host{number:05}.example.json"
    share = number % 100
    file.write_bytes(b"" if share < SILENT else late if share < SILENT + LATE else ready)
    return file


def merged(files: list[Path]) -> float:
    """The seconds that merging takes; prints them, and the peak memory."""
    begin = time.perf_counter()
    command = [*COMMAND, "merge", "--quiet", *map(str, files)]
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    # Kibibytes on Linux.
    memory = usage.ru_maxrss * 1024 / 1e6
    print(f"{len(files):>6,} reports {seconds:6.1f} s {memory:7.0f} MB")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
