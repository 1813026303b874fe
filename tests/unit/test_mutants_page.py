"""docs/mutants.md speaks of the code as it is."""

from __future__ import annotations

import importlib
import inspect
from operator import attrgetter

import pytest

from tests.mutants.score import DOCUMENT, Mutant, function_of, justified

JUSTIFIED = list(justified(DOCUMENT.read_text(encoding="utf-8")))


def source_of(function: str) -> str:
    """The lines of a function or a method as the document has them, without indentation."""
    parts = function.split(".")
    for count in range(len(parts) - 1, 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        source = inspect.getsource(attrgetter(".".join(parts[count:]))(module))
        return " ".join(line.strip() for line in source.splitlines())
    raise ModuleNotFoundError(function)


@pytest.mark.parametrize("mutant", JUSTIFIED, ids=lambda mutant: mutant.function)
def test_what_is_justified_changes_a_line_that_there_is(mutant: Mutant) -> None:
    assert mutant.was
    assert mutant.was in source_of(mutant.function)
    assert mutant.became != mutant.was


def test_nothing_is_justified_twice() -> None:
    assert len(set(JUSTIFIED)) == len(JUSTIFIED)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("anchors.pipeline.crosscheck.x__why__mutmut_3", "anchors.pipeline.crosscheck._why"),
        ("anchors.pipeline.crosscheck.x_label__mutmut_12", "anchors.pipeline.crosscheck.label"),
        ("anchors.m.xǁDirectorySourceǁ_read__mutmut_1", "anchors.m.DirectorySource._read"),
        ("anchors.m.xǁ_Unusableǁ__init____mutmut_1", "anchors.m._Unusable.__init__"),
    ],
)
def test_the_function_of_a_mutants_name(name: str, function: str) -> None:
    assert function_of(name) == function


def test_the_two_sides_of_a_change() -> None:
    page = (
        "### `a.b`\n\n```diff\n-    return (\n-        1\n+    return (\n+        2\n```\n\nWhy.\n"
    )
    assert list(justified(page)) == [Mutant("a.b", "return ( 1", "return ( 2")]
