"""Fuzz with atheris: ``python -m tests.fuzz.run FOLDER SECONDS [TARGET...]``; without, all.

Each target runs in a process of its own, with a corpus in FOLDER that gets the seeds first, then
what the fuzzer finds.  An error that is not ours, an input slower than 10 seconds or one that takes
more than 2 GB fails the run, and lies in FOLDER afterwards.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import atheris

_ONE = "--one"
_OPTIONS = ("-timeout=10", "-rss_limit_mb=2048", "-max_len=65536")


def main() -> int:
    """Run the targets that the command line names, as many at once as there are cores."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - a target imports it instrumented

    folder, seconds, *names = sys.argv[1:]
    known = [target.name for target in TARGETS]
    if unknown := set(names) - set(known):
        say(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return 2
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda name: run(name, folder, seconds), names or known)
        failed = [name for name, passed in zip(names or known, results, strict=True) if not passed]
    if failed:
        say(f"FAILED: {', '.join(failed)}; the inputs lie in {folder}")
    return 1 if failed else 0


def run(name: str, folder: str, seconds: str) -> bool:
    """Fuzz one target in a process of its own; tells whether nothing was found."""
    arguments = [sys.executable, "-m", "tests.fuzz.run", _ONE, name, folder, seconds]
    done = subprocess.run(arguments, check=False, stderr=subprocess.PIPE, text=True)
    told = done.stderr.splitlines()[-(40 if done.returncode else 1) :]
    say("\n".join([f"== {name}", *told]))
    return done.returncode == 0


def say(text: str) -> None:
    """Tell a person."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def fuzz(name: str, folder: Path, seconds: str) -> None:
    """Fuzz one target; libFuzzer ends the process."""
    with atheris.instrument_imports(include=["anchors", "dns"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - instrumented

    target = next(target for target in TARGETS if target.name == name)
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha256(seed).hexdigest()).write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={folder}/{name}-"]
    atheris.Setup([sys.argv[0], *_OPTIONS, *options, str(corpus)], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == [_ONE]:
        fuzz(sys.argv[2], Path(sys.argv[3]), sys.argv[4])
    sys.exit(main())
