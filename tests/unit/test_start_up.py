"""What a command loads: modules are counted, which no load of the machine changes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.frozen import CARRIED_AT as AT

PRINT = """
import sys
from anchors.cli.main import main
assert main(sys.argv[1:]) == 0
sys.stderr.write("\\n" + " ".join(sys.modules))
"""
LIBRARIES = {"cryptography", "dns", "lxml", "requests"}


def loaded(*words: str) -> set[str]:
    """Every module that a run of the command has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT, *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("words", "libraries"),
    [
        (["--help"], set()),
        (["build", "--help"], set()),
        (["formats"], set()),
        (["pinned"], {"cryptography"}),
    ],
    ids=" ".join,
)
def test_what_verifies_nothing_loads_few_libraries(words: list[str], libraries: set[str]) -> None:
    modules = loaded(*words)
    assert modules & LIBRARIES == libraries
    assert "dataclasses" not in modules


def test_who_asks_nobody_loads_nothing_that_reads_answers() -> None:
    options = ["verify", "--source", "embedded", "--at", AT, "-q"]
    modules = loaded(*options, "--dns", "none")
    assert "dns.message" not in modules
    assert "anchors.rootzone.rrset" not in modules
    assert "dns.message" in loaded(*options, "--dns", "recorded")


def test_an_offline_build_loads_nothing_that_it_does_not_use() -> None:
    modules = loaded("build", "--offline", "--at", AT, "-q", "-o", "-", "--format", "ds")
    assert "difflib" not in modules
    assert modules & {"requests", "asyncio", "ssl", "traceback"} == set()
