"""SECURITY.md: every promise names checks and tests that there are, and no check is without one."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

import pytest

from anchors.core.checks import Check
from tests.docs.markdown import ROOT, code_spans, table_rows

SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
BY_ID = {check.id: check for check in Check}


class Promise(NamedTuple):
    """One row: the ids of checks, and tests as ``path::name`` or ``path::class::name``."""

    text: str
    checks: list[str]
    tests: list[str]


_, _, TABLE = SECURITY.partition("\n## What is promised, and what would tell\n")
PROMISES = [
    Promise(cells[0], code_spans(cells[1]), code_spans(cells[2])) for cells in table_rows(TABLE)
]


def names_of_tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{f.name}" for f in node.body if isinstance(f, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("promise", PROMISES, ids=[promise.text for promise in PROMISES])
def test_a_promise_is_kept_by_checks_and_told_by_tests_that_exist(promise: Promise) -> None:
    assert promise.checks == [one for one in promise.checks if one in BY_ID]
    assert promise.tests
    for test in promise.tests:
        path, _, name = test.partition("::")
        assert re.search(r"(^|::)test_", name)
        assert name in names_of_tests(path), test


@pytest.mark.parametrize("promise", PROMISES, ids=[promise.text for promise in PROMISES])
def test_every_check_of_a_promise_is_named_where_its_tests_are(promise: Promise) -> None:
    files = {test.partition("::")[0] for test in promise.tests}
    told = "\n".join((ROOT / path).read_text(encoding="utf-8") for path in sorted(files))
    untold = [
        one for one in promise.checks if one not in told and f"Check.{BY_ID[one].name}" not in told
    ]
    assert untold == []


def test_every_check_keeps_a_promise() -> None:
    kept = {one for promise in PROMISES for one in promise.checks}
    assert kept == {check.id for check in Check}


def test_no_promise_is_made_twice() -> None:
    listed = [one for promise in PROMISES for one in promise.checks]
    assert len(listed) == len(set(listed))
    assert len({promise.text for promise in PROMISES}) == len(PROMISES) > 15


def test_how_to_report_a_hole_is_still_there() -> None:
    assert "\n## Reporting a vulnerability\n" in SECURITY
    assert "\n## Supported versions\n" in SECURITY
