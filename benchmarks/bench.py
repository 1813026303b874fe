"""Hold the start of each command against the imports that a verification cannot do without.

All are whole processes of the same Python that take turns.  What is compared is the least time of
the processor, user and system: a busy machine changes it less than a clock's.  Exits 1 when an aim
is missed.
"""

from __future__ import annotations

import compileall
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import anchors

RUNS = 20
FLOOR = "import cryptography.x509, lxml.etree, dns.dnssec"
# The embedded signature ends one day.
BUILDING = Path(__file__).parents[1] / "docs" / "building.md"
(AT,) = re.findall(r"build --offline --at (\S+)", BUILDING.read_text(encoding="utf-8"))
_NO_DNS = ("--source", "embedded", "--dns", "none", "--at", AT, "--quiet")
# The most that a command may take, as a multiple of the floor; None: no aim.
COMMANDS: Mapping[tuple[str, ...], float | None] = {
    ("build", "--offline", "--at", AT, "--quiet", "-o", "out"): 1.2,
    ("verify", "--offline", "--at", AT, "--quiet"): None,
    ("verify", *_NO_DNS): None,
    ("formats",): 0.5,
    ("pinned",): 0.5,
    ("--help",): 0.5,
}


def seconds_of(command: Sequence[str]) -> float:
    """The time of the processor that a process takes, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # A build writes into a directory that is not there yet.
    with tempfile.TemporaryDirectory(prefix="root-anchors-bench-") as folder:
        subprocess.run(command, check=True, cwd=folder, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def least(commands: Sequence[Sequence[str]]) -> list[float]:
    """The least time of each command in seconds, the commands taking turns."""
    turns = [[seconds_of(command) for command in commands] for _ in range(RUNS)]
    return [min(times) for times in zip(*turns, strict=True)]


def main() -> int:
    """Measure, print, and judge."""
    # As pip installs it: with what Python compiles once.
    compileall.compile_dir(Path(anchors.__file__).parent, quiet=1)
    program = str(Path(sys.executable).with_name("root-anchors"))
    commands = [[program, *words] for words in COMMANDS]
    floor, *times = least([[sys.executable, "-c", FLOOR], *commands])
    print(f"{floor * 1000:7.1f} ms         {FLOOR}")
    missed = 0
    for (words, aim), time in zip(COMMANDS.items(), times, strict=True):
        ratio = time / floor
        missed += aim is not None and ratio > aim
        told = "" if aim is None else f"     aim: at most {aim}"
        print(f"{time * 1000:7.1f} ms  {ratio:5.2f}  {' '.join(words)}{told}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
