"""The programs still answer to odd inputs as the tables in fixtures/odd say.

How each program is asked what it holds is told in :mod:`tests.consumers.odd_programs`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from anchors.consumers.bench import find_program
from tests.consumers.conftest import FOLDERS, REQUIRE
from tests.consumers.odd_programs import ASKED, Asked, version
from tests.odd_inputs import OddInput, odd_inputs, told


def places() -> Iterator[ParameterSet]:
    """Each program with each of its syntaxes, once for each place that has it."""
    for folder in (None, *FOLDERS):
        for (syntax, program), asked in ASKED.items():
            if folder is None or all((folder / name).exists() for name in asked.programs):
                where = "installed" if folder is None else folder.parent.name
                name = f"{where}-{syntax}-{program}".replace(" ", "-")
                yield pytest.param(syntax, program, folder, id=name)


@pytest.mark.parametrize(("syntax", "program", "folder"), [*places()])
def test_the_program_answers_as_the_table_says(
    syntax: str, program: str, folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ASKED[syntax, program]
    if folder is not None:
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    needs(asked)
    cases = [*of_version(syntax, program, version(asked))]
    assert cases
    answers = asked.answers([one.content for one in cases])
    differences = [
        f"{one.case}: {told(answer)}, in {one.version} {told(one.answer)}"
        for one, answer in zip(cases, answers, strict=True)
        if answer != one.answer
    ]
    assert not differences


def needs(asked: Asked) -> None:
    """Skip the test where a program is missing, or fail it where it must be there."""
    missing = [name for name in asked.programs if find_program(name) is None]
    if missing:
        message = f"not installed: {', '.join(missing)}"
        elsewhere = any((folder / missing[0]).exists() for folder in FOLDERS)
        if os.environ.get(REQUIRE) == "1" and not elsewhere and not asked.newest_only:
            pytest.fail(f"{message}, and {REQUIRE}=1", pytrace=False)
        pytest.skip(message)
    found = version(asked)
    if int(found.split(".")[0]) < asked.since:
        pytest.skip(f"version {found} reads no such file, which {asked.since} does")


def of_version(syntax: str, program: str, found: str) -> Iterator[OddInput]:
    """The cases as this version answered them; of a version without a row, the nearest one."""
    cases = [*odd_inputs(syntax, program)]
    nearest = min({one.version for one in cases}, key=lambda one: _distance(one, found))
    return (one for one in cases if one.version == nearest)


def _distance(one: str, other: str) -> list[int]:
    """How far two versions are apart, the first number first."""
    pairs = zip(one.split("."), other.split("."), strict=False)
    return [abs(int(a) - int(b)) for a, b in pairs if a.isdigit() and b.isdigit()]


def test_every_table_has_its_way_to_ask() -> None:
    assert {(one.syntax, one.program) for one in odd_inputs()} == {*ASKED}
