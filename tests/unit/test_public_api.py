"""The package's own names: few, loaded late, and the same as in their homes."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import anchors


@pytest.mark.parametrize("name", anchors.__all__)
def test_a_name_is_that_of_its_home(name: str) -> None:
    assert getattr(anchors, name) is getattr(import_module(anchors._HOMES[name]), name)


def test_every_name_is_told_to_type_checkers_too() -> None:
    tree = ast.parse(Path(str(anchors.__file__)).read_text(encoding="utf-8"))
    told = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("anchors.")
        for alias in node.names
    }
    assert told == anchors._HOMES
    assert sorted(told) == anchors.__all__


def test_there_is_no_other_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = anchors.nonsense


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, anchors; print([m for m in sys.modules if m.startswith('anchors.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"
