"""What is wrong with a command line is told like every other error, with a near name."""

from __future__ import annotations

import pytest

from anchors.cli.main import main
from anchors.core.words import did_you_mean

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("arguments", "message", "got", "remedy"),
    [
        ("vrify", "there is no such command", "vrify", "did you mean 'verify'? see root-anchors"),
        ("verify --offlin", "verify does not have this option", "--offlin", "'--offline'?"),
        ("verify --frmat x", "verify does not have this option", "--frmat x", "see root-anchors"),
        ("verify extra", "verify does not have this argument", "extra", "see root-anchors verify"),
        (
            "verify --report-format jsn",
            "there is no such value of --report-format",
            "jsn",
            "did you mean 'json'? see root-anchors verify --help",
        ),
        ("verify --ca", "--ca cannot be used like this", "expected one argument", "verify --help"),
        (
            "build --offline -o x --format bind-initial-d",
            "no format has this name",
            "bind-initial-d",
            "did you mean 'bind-initial-ds'?",
        ),
        (
            "audit --offline --fail-on mising .",
            "no check of the audit has this name",
            "mising",
            "did you mean 'missing'?",
        ),
        ("ask --offline --control bnd 192.0.2.1", "the program cannot be asked", "bnd", "'bind'?"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(
    arguments: str, message: str, got: str, remedy: str, capsys: Capture
) -> None:
    assert main(arguments.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    first, second, *others = told.err.splitlines()
    assert first == f"root-anchors: error: {message}"
    assert second == f"  got:   {got}"
    (do,) = [line for line in others if line.startswith("  do:    ")]
    assert remedy in do
    assert others[-1] == "  check: usage (root-anchors --help)"


def test_nothing_is_suggested_where_no_name_is_near() -> None:
    assert did_you_mean("xyzzy", ["verify", "build"]) == ""
    assert did_you_mean("", ["verify"]) == ""
