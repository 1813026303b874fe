"""Fuzz one reader with atheris: ``python -m tests.fuzz.run TARGET CORPUS [libFuzzer options]``.

The corpus directory gets the seeds first, and then what the fuzzer finds.  An error that is not
ours, an input slower than 10 seconds or one that takes more than 2 GB ends the run; libFuzzer then
leaves the input in the working directory.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["anchors", "dns"]):
    from tests.fuzz.targets import TARGETS, seeds_of

_OPTIONS = ("-timeout=10", "-rss_limit_mb=2048", "-max_len=65536")


def main() -> None:
    """Run what the command line says; libFuzzer ends the process."""
    name, corpus, *options = sys.argv[1:]
    target = next(target for target in TARGETS if target.name == name)
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds_of(target):
        (folder / hashlib.sha256(seed).hexdigest()).write_bytes(seed)
    atheris.Setup([sys.argv[0], *_OPTIONS, *options, str(folder)], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
