"""The catalogue itself: well-formed, and nothing in it that nobody checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import anchors
from anchors.core.checks import Check

PACKAGE = Path(str(anchors.__file__)).parent


@pytest.mark.parametrize("check", Check)
def test_a_check_is_well_formed(check: Check) -> None:
    assert re.fullmatch(r"usage|[a-z]+\.[a-z0-9-]+", check.id)
    assert check.id.split(".")[0] == check.name.split("_")[0].lower()
    assert check.title[0].isupper()
    assert not check.title.endswith(".")
    assert check.reference
    assert check.reference in {check.value[2], f"root-anchors explain {check.id}"}


def test_ids_and_titles_are_unique() -> None:
    assert len({check.id for check in Check}) == len({check.title for check in Check}) == len(Check)


def test_every_check_is_made_somewhere() -> None:
    used = {
        node.attr
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Check"
    }
    assert used == {check.name for check in Check}
