"""Time an audit of 100,000 files, as a ratio to ``grep -rlF`` for one digest over the same tree.

The tree is made in a temporary folder: sizes as in a root file system, a few large binaries, one
file in a hundred with anchors.  Both are whole processes that take turns over a warm cache.  Then
the same for one file of 2 GiB, and the peak memory of audits of a tenth of the tree and of the
whole.  All with the extra ``fast`` and without.  Exits 1 when an aim is missed.
"""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from anchors.core.root_facts import KNOWN_KEYS

# With the extra and without it: of the tree, and of the one large file.  grep looks for one string,
# and an audit for every word and every form of all keys and roots.
AIMS = {"with fast": (1.5, 3.0), "without": (5.0, 15.0)}
# A tree of ten times as many files must not take ten times the memory.
GROWTH = 1.5
FILES, FOLDERS, RUNS = 100_000, 5_000, 3
LARGE = 2 << 30
DIGEST = KNOWN_KEYS[2].digest
ANCHORS = "".join(f". IN DS {key.key_tag} 8 2 {key.digest}\n" for key in KNOWN_KEYS[1:])
# As many of each as a root file system has.
SUFFIXES = (".py", "", ".h", ".mo", ".gz", ".html", ".py", ".conf", "", ".so")
BUILDING = Path(__file__).parents[1] / "docs" / "building.md"
(AT,) = re.findall(r"build --offline --at (\S+)", BUILDING.read_text(encoding="utf-8"))


def main() -> int:
    """Measure, print, and judge."""
    with tempfile.TemporaryDirectory(prefix="root-anchors-bench-") as directory:
        whole, tenth = Path(directory, "whole"), Path(directory, "tenth")
        size = make_tree(whole, FILES)
        make_tree(tenth, FILES // 10)
        print(f"{FILES:,} files, {size / 1e6:,.0f} MB")
        image = Path(directory, "image")
        make_large(image)
        aims = [kept for how in AIMS for kept in measured(how, whole, tenth, image)]
    return 0 if all(aims) else 1


def measured(how: str, whole: Path, tenth: Path, image: Path) -> list[bool]:
    """Print what an audit takes, with the extra or without; returns which aims are kept."""
    of_tree, of_large = AIMS[how]
    print(f"\n{how}")
    ratio = compared(whole, of_tree, how)
    less, more = peak(tenth, how), peak(whole, how)
    print(f"peak memory    {less:7.0f} MB for {FILES // 10:,} files")
    print(f"               {more:7.0f} MB for {FILES:,} files")
    print(f"growth         {more / less:7.2f}     aim: at most {GROWTH}")
    print(f"one file of {LARGE / 1e9:.1f} GB")
    large = compared(image, of_large, how)
    return [ratio <= of_tree, large <= of_large, more / less <= GROWTH]


def make_tree(root: Path, count: int) -> int:
    """Make a tree of ``count`` files; returns its size in bytes."""
    choose = random.Random(1)  # noqa: S311 - the same tree every time
    words = [choose.randbytes(6).hex() for _ in range(2000)]
    text = " ".join(choose.choice(words) for _ in range(40_000)).encode()
    binary = b"\x7fELF" + choose.randbytes(4 << 20)
    size = 0
    folders = [root / f"{number % 70}" / f"{number}" for number in range(FOLDERS)]
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
        (folders[number % FOLDERS] / f"{number}{suffix}").write_bytes(content)
        size += len(content)
    return size


def make_large(path: Path) -> None:
    """A file that is not sparse, with a digest at its end."""
    block = random.Random(2).randbytes(8 << 20)  # noqa: S311 - as above
    with path.open("wb") as stream:
        for _ in range(LARGE // len(block)):
            stream.write(block)
        stream.write(bytes.fromhex(DIGEST))


def compared(path: Path, aim: float, how: str) -> float:
    """Print what grep and an audit take, and what is aimed at; returns the ratio."""
    commands = [["grep", "-rlF", DIGEST, str(path)], audit(path, how)]
    seconds: list[list[float]] = [[], []]
    for turn in range(RUNS + 1):
        for command, times in zip(commands, seconds, strict=True):
            start = time.perf_counter()
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
            if turn:
                times.append(time.perf_counter() - start)
    grep, ours = map(statistics.median, seconds)
    print(f"grep -rlF      {grep * 1000:7.0f} ms")
    print(f"audit          {ours * 1000:7.0f} ms")
    print(f"ratio          {ours / grep:7.2f}     aim: at most {aim}")
    return ours / grep


def audit(path: Path, how: str) -> list[str]:
    """The command that audits ``path``; without the extra, as where it is not installed."""
    options = ["--offline", "--quiet", "--at", AT]
    without = "" if how == "with fast" else "sys.modules['hyperscan'] = None; "
    program = f"import sys; {without}from anchors.cli.main import run; sys.exit(run())"
    return [sys.executable, "-c", program, "audit", *options, str(path)]


def peak(path: Path, how: str) -> float:
    """The largest resident set of one process of an audit, in MB."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *audit(path, how)],
        check=True,
        capture_output=True,
        text=True,
    )
    # Kibibytes on Linux.
    return int(done.stdout) * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main())
