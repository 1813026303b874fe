"""Time audits against ``grep -rlF`` for one digest over the same files, on the same processors.

A tree of 100,000 files that is made in a temporary folder, /usr/share of this machine, and a file
of 2 GiB three times over: random bytes, a program again and again, and a hole.  Both are whole
processes that take turns over a warm cache; all with the extra ``fast`` and without.  Then the peak
memory by the size of a tree and of a file, ten images with one base against one of them, and the
slowest content of 1 MiB for every reader.  A number as argument is that of the files, and the large
file shrinks with it.  Exits 1 when an aim is missed.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from anchors.core.root_facts import KNOWN_KEYS
from benchmarks.readers import slowest
from tests.unit.auditing.scan.test_packages import Layout, tar

# With the extra and without it: of a tree, and of the one large file, on the clock.
AIMS = {"with fast": (1.5, 3.0), "without": (5.0, 15.0)}
# Ten times as many files or bytes must not take ten times the memory.
GROWTH = 1.5
# Ten images with one base, to one of them.
IMAGES, IMAGES_AIM = 10, 1.5
FILES, RUNS = 100_000, 3
LARGE = 2 << 30
REAL = Path("/usr/share")
DIGEST = KNOWN_KEYS[2].digest
ANCHORS = "".join(f". IN DS {key.key_tag} 8 2 {key.digest}\n" for key in KNOWN_KEYS[1:])
# As many of each as a root file system has.
SUFFIXES = (".py", "", ".h", ".mo", ".gz", ".html", ".py", ".conf", "", ".so")
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
BUILDING = Path(__file__).parents[1] / "docs" / "building.md"
(AT,) = re.findall(r"build --offline --at (\S+)", BUILDING.read_text(encoding="utf-8"))


class Ran(NamedTuple):
    """What a process took: seconds of a clock and of processors, and its largest process in MB."""

    wall: float
    cpu: float
    peak: float


def main() -> int:
    """Measure, print, and judge."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    print(f"processors     {len(os.sched_getaffinity(0)):7}")
    with tempfile.TemporaryDirectory(prefix="root-anchors-bench-") as directory:
        place = Path(directory)
        aims = [
            *trees(place, files),
            *large_files(place / "large", LARGE * files // FILES),
            images(place, files // 10),
            *readers(),
        ]
    return 0 if all(aims) else 1


def trees(place: Path, files: int) -> Iterator[bool]:
    """The tree, and a real one."""
    whole, tenth = place / "whole", place / "tenth"
    size = make_tree(whole, files)
    make_tree(tenth, files // 10)
    for how, (aim, _) in AIMS.items():
        print(f"\n{how}: {files:,} files, {size / 1e6:,.0f} MB")
        more = compared(whole, aim, how)
        yield more.wall <= aim
        yield grown(ran(audit(tenth, how)).peak, ran(audit(whole, how)).peak)
        print(f"\n{how}: {REAL}")
        yield compared(REAL, aim, how).wall <= aim


def large_files(path: Path, size: int) -> Iterator[bool]:
    """One large file of each kind; one without anything in it but a hole has no aim."""
    for kind, block in large_blocks():
        make_large(path, block, size)
        for how, (_, aim) in AIMS.items():
            print(f"\n{how}: one file of {size / 1e9:.1f} GB, {kind}")
            more = compared(path, aim, how)
            yield more.wall <= aim or not block
    how = "with fast"
    peaks = []
    for part in (size // 10, size):
        make_large(path, next(large_blocks())[1], part)
        peaks.append(ran(audit(path, how)).peak)
    path.unlink()
    yield grown(*peaks)


def images(place: Path, files: int) -> bool:
    """Ten images with one base, to one of them."""
    base = place / "base"
    make_tree(base, files)
    content = tar([(str(p.relative_to(base)), p.read_bytes()) for p in base.rglob("*.*")])
    took = []
    for count in (1, IMAGES):
        made = Layout(place / f"image{count}")
        tops = [tar([(f"opt/{number}.ds", ANCHORS.encode())]) for number in range(count)]
        path = made.index([made.image([content, top]) for top in tops])
        took.append(least(audit(path, "with fast")).cpu)
    print(f"\nimages with a base of {len(content) / 1e6:,.0f} MB, seconds of a processor")
    print(f"one            {took[0] * 1000:7.0f} ms")
    print(f"{IMAGES}             {took[1] * 1000:7.0f} ms")
    print(f"growth         {took[1] / took[0]:7.2f}     aim: at most {IMAGES_AIM}")
    return took[1] / took[0] <= IMAGES_AIM


def readers() -> Iterator[bool]:
    """The slowest content of 1 MiB for every reader."""
    print("\nthe slowest content of 1 MiB for every reader")
    print("  seconds   to a plain read   of 2 MiB to 1 MiB")
    for one in slowest():
        print(f"{one.seconds:9.3f}   {one.ratio:15,.0f}   {one.growth:17.2f}   {one.what}")
        yield one.is_kept


def make_tree(root: Path, count: int) -> int:
    """Make a tree of ``count`` files; returns its size in bytes."""
    choose = random.Random(1)  # noqa: S311 - the same tree every time
    words = [word(choose) for _ in range(2000)]
    text = " ".join(choose.choice(words) for _ in range(40_000)).encode()
    binary = b"\x7fELF" + choose.randbytes(4 << 20)
    size, many = 0, max(count // 20, 1)
    folders = [root / f"{number % 70}" / f"{number}" for number in range(many)]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        at = choose.randrange(len(text) // 2)
        content = text[at : at + int(choose.lognormvariate(8.0, 1.2))]
        if number % 100 == 0:
            content = ANCHORS.encode()
        elif number % 1000 == 1:
            content = binary[: choose.randrange(1 << 20, len(binary))]
        suffix = SUFFIXES[number % len(SUFFIXES)]
        (folders[number % many] / f"{number}{suffix}").write_bytes(content)
        size += len(content)
    return size


def word(choose: random.Random) -> str:
    """A word, or now and then a number."""
    if choose.random() < 1 / 20:
        return str(choose.randrange(10_000))
    weights = range(len(LETTERS), 0, -1)
    return "".join(choose.choices(LETTERS, weights, k=choose.randrange(2, 10)))


def large_blocks() -> Iterator[tuple[str, bytes]]:
    """What a large file is made of; the last one of nothing."""
    yield "random bytes", random.Random(2).randbytes(8 << 20)  # noqa: S311 - as above
    yield "a program", Path(sys.executable).resolve().read_bytes()
    yield "a hole", b""


def make_large(path: Path, block: bytes, size: int) -> None:
    """A file with a digest at its end."""
    with path.open("wb") as stream:
        for _ in range(size // len(block) if block else 0):
            stream.write(block)
        stream.seek(size)
        stream.write(bytes.fromhex(DIGEST))


def compared(path: Path, aim: float, how: str) -> Ran:
    """Print what grep and an audit take, and what is aimed at; returns the ratios."""
    commands = [["grep", "-rlF", DIGEST, str(path)], audit(path, how)]
    for command in commands:
        ran(command)
    turns = [[ran(command) for command in commands] for _ in range(RUNS)]
    grep, ours = (
        Ran(*map(statistics.median, zip(*one, strict=True))) for one in zip(*turns, strict=True)
    )
    ratio = Ran(*(one / other for one, other in zip(ours, grep, strict=True)))
    print("                  clock   processors")
    print(f"grep -rlF      {grep.wall * 1000:5.0f} ms     {grep.cpu * 1000:5.0f} ms")
    print(f"audit          {ours.wall * 1000:5.0f} ms     {ours.cpu * 1000:5.0f} ms")
    print(
        f"ratio          {ratio.wall:8.2f}     {ratio.cpu:8.2f}     aim: at most {aim} on the clock"
    )
    return ratio


def grown(less: float, more: float) -> bool:
    """Print two peaks of memory, of a tenth and of the whole; whether the aim is kept."""
    print(f"peak memory    {less:7.0f} MB for a tenth, {more:.0f} MB for all of it")
    print(f"growth         {more / less:7.2f}     aim: at most {GROWTH}")
    return more / less <= GROWTH


def audit(path: Path, how: str) -> list[str]:
    """The command that audits ``path``; without the extra, as where it is not installed."""
    options = ["--offline", "--quiet", "--at", AT]
    without = "" if how == "with fast" else "sys.modules['hyperscan'] = None; "
    program = f"import sys; {without}from anchors.cli.main import run; sys.exit(run())"
    return [sys.executable, "-c", program, "audit", *options, str(path)]


def least(command: list[str]) -> Ran:
    """The run that took the fewest seconds of a processor."""
    return min((ran(command) for _ in range(RUNS)), key=lambda one: one.cpu)


def ran(command: list[str]) -> Ran:
    """Run a command to its end; its workers count."""
    begin = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    # Kibibytes on Linux.
    peak = usage.ru_maxrss * 1024 / 1e6
    return Ran(perf_counter() - begin, usage.ru_utime + usage.ru_stime, peak)


if __name__ == "__main__":
    sys.exit(main())
