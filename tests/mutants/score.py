"""The score of ``make mutants``, and whether docs/mutants.md justifies just the mutants that lived.

A mutant is known by its function and by the lines it changed, since mutmut's numbers move.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tests.docs.markdown import ROOT, code_blocks, code_spans

__all__ = ["Mutant", "function_of", "justified", "main"]

DOCUMENT = ROOT / "docs" / "mutants.md"
# The type checker refuses it, or a test fails, does not end, or crashes.
DEAD = {"caught by type check", "killed", "segfault", "timeout"}
NOT_CHECKED = "not checked"
_RESULT = re.compile(r" +(\S+): (.+)")


class Mutant(NamedTuple):
    """What was changed: the function, and the lines as they were and as they became."""

    function: str
    was: str
    became: str


def main() -> int:
    """Print the score; return 1 where a mutant lived that nobody justified, or the reverse."""
    known = set(justified(DOCUMENT.read_text(encoding="utf-8")))
    results = dict(_results())
    counts = Counter(results.values())
    lived = [n for n, status in results.items() if status not in {*DEAD, NOT_CHECKED}]
    living = {name: _mutant(name) for name in lived}
    unjustified = {name: mutant for name, mutant in living.items() if mutant not in known}
    # After a part of the mutants (ARGS), nothing is known of the others.
    gone = set() if counts[NOT_CHECKED] else known - set(living.values())
    for name, mutant in unjustified.items():
        print(f"{name} lives: {mutant.was} -> {mutant.became}")
    for mutant in sorted(gone):
        print(f"{mutant.function} has none that lives: {mutant.was} -> {mutant.became}")
    dead = sum(counts[status] for status in DEAD)
    print(", ".join(f"{count} {status}" for status, count in counts.most_common()))
    print(f"score: {dead} of {len(results)} dead, {len(living) - len(unjustified)} justified")
    return 1 if unjustified or gone else 0


def justified(document: str) -> Iterator[Mutant]:
    """The mutants that the document speaks of: a heading for the function, a diff for each."""
    for section in re.split(r"^### ", document, flags=re.MULTILINE)[1:]:
        function = code_spans(section.splitlines()[0])[0]
        for block in code_blocks(section):
            yield Mutant(function, *_changed(block.text))


def _results() -> Iterator[tuple[str, str]]:
    for line in _mutmut("results", "--all", "true").splitlines():
        match = _RESULT.fullmatch(line)
        if match:
            yield match[1], match[2]


def _mutant(name: str) -> Mutant:
    return Mutant(function_of(name), *_changed(_mutmut("show", name)))


def function_of(name: str) -> str:
    """The function, or the method with its class, that a mutant's name stands for."""
    module, _, mangled = re.sub(r"__mutmut_\d+$", "", name).rpartition(".")
    return f"{module}.{re.sub('^x[_ǁ]', '', mangled).replace('ǁ', '.')}"


def _changed(diff: str) -> tuple[str, str]:
    """The lines that a diff takes away, and those that it adds."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    was, became = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return was, became


def _mutmut(*arguments: str) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    raise SystemExit(main())
