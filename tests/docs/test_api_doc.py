"""The examples of docs/api.md and of the package's docstring are run, and say what is public."""

from __future__ import annotations

import ast
import doctest
import enum
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

import anchors
from anchors.auditing.result import SCHEMA as AUDIT
from anchors.consumers.documents import json as anchors_json
from anchors.publication.manifest import SCHEMA
from anchors.report import json as report_json
from tests.docs.markdown import ROOT, code_blocks, code_spans

DOCUMENT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
DOCSTRING = str(anchors.__doc__)
PARSER = doctest.DocTestParser()
# What docs/api.md says is public of each type.
ATTRIBUTES = {
    row[1]: code_spans(row[2])
    for row in re.finditer(r"^\| `(\w+)` \| ((?:`\w+` ?)+)\|$", DOCUMENT, re.MULTILINE)
}


def failures(text: str, name: str) -> tuple[int, int, str]:
    """How many examples failed, how many there are, and what doctest says of them."""
    said: list[str] = []
    test = PARSER.get_doctest(text, {}, name, name, 0)
    ran = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    return ran.failed, ran.attempted, "".join(said)


@pytest.mark.parametrize(
    ("text", "least"), [(DOCUMENT, 30), (DOCSTRING, 4)], ids=["docs/api.md", "anchors"]
)
def test_every_example_says_what_it_says(
    text: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed, attempted, said = failures(text, "examples")
    assert failed == 0, said
    assert attempted >= least
    assert [*tmp_path.iterdir()] == []


def test_a_false_example_would_be_told() -> None:
    failed, _, said = failures(DOCUMENT.replace("20326 current", "20326 expired"), "false")
    assert failed == 1
    assert "20326 current True" in said


def test_every_block_is_an_example_that_is_run() -> None:
    blocks = code_blocks(DOCUMENT)
    assert {block.language for block in blocks} == {"pycon"}
    # doctest takes all up to an empty line for the output.
    assert [block for block in blocks if not block.text.endswith("\n\n")] == []


def test_the_examples_pass_a_strict_type_checker(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    script = tmp_path / "examples.py"
    examples = PARSER.get_examples(DOCUMENT)
    # A line that is only an expression shows it at the prompt.
    script.write_text("".join(example.source for example in examples), encoding="utf-8")
    assert _mypy(script) == "Success: no issues found in 1 source file\n"
    script.write_text("import anchors\nanchors.verify(at=1)\n", encoding="utf-8")
    assert 'Argument "at" to "verify" has incompatible type' in _mypy(script)


def _mypy(script: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.stdout + done.stderr


def test_what_is_public_is_listed() -> None:
    _, _, promise = DOCUMENT.partition("\n## What stays\n")
    schemas = {report_json.SCHEMA, AUDIT, anchors_json.SCHEMA, SCHEMA}
    assert schemas <= {*code_spans(promise)}
    assert {*ATTRIBUTES} <= {*anchors.__all__}
    # Inputs have parameters, and enumerations values; all others have a row.
    inputs = {"Choice", "Options", "Request", "Server", "Target", "VerificationPolicy"}
    classes = {name for name in anchors.__all__ if isinstance(getattr(anchors, name), type)}
    enums = {name for name in classes if issubclass(getattr(anchors, name), enum.Enum)} - {"Check"}
    errors = {"NotTrusted", "Undecided", "UsageError"}
    assert {*ATTRIBUTES} == classes - inputs - enums - errors


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_attribute_has_a_narrow_public_type(name: str) -> None:
    owner = getattr(anchors, name)
    fields = hints(owner)
    for attribute in ATTRIBUTES[name]:
        found = getattr(owner, attribute, None)
        if isinstance(found, property):
            types = hints(found.fget)["return"]
        elif inspect.isfunction(found):
            types = hints(found).get("return")
        elif owner in {anchors.AnchorsError, anchors.Check}:
            error = anchors.AnchorsError(anchors.Check.USAGE, "", remedy="")
            types = type(
                getattr(error if owner is anchors.AnchorsError else error.check, attribute)
            )
        else:
            types = fields[attribute]
        assert not {t for t in named_in(types) if not is_public(t)}, attribute
        assert is_narrow(types), attribute


def test_a_type_that_is_not_public_would_be_told() -> None:
    place = vars(anchors.JudgedPlace)["place"]
    assert [is_public(one) for one in named_in(hints(place.fget)["return"])] == [False]
    assert not is_narrow(hints(anchors.KeyEvidence)["entry"])


def hints(owner: object) -> dict[str, Any]:
    """The types of a class's fields or of a function, those of the type checker alone too."""
    module = sys.modules[getattr(owner, "__module__", "")]
    names = dict(vars(module))
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and node.module:
            home = import_module(node.module)
            names |= {one.name: getattr(home, one.name, None) for one in node.names}
    return get_type_hints(owner, names)


def named_in(types: object) -> set[type]:
    """The classes in a type."""
    inside = get_args(types)
    if not inside:
        return {types} if isinstance(types, type) else set()
    return set().union(*map(named_in, inside))


def is_public(one: type) -> bool:
    own = one.__module__.startswith("anchors.")
    return not own or getattr(anchors, one.__name__, None) is one


def is_narrow(types: object) -> bool:
    """Whether it is no union but with None."""
    inside = get_args(types)
    if get_origin(types) in {Union, UnionType} and len({*inside} - {type(None)}) > 1:
        return False
    return all(map(is_narrow, inside))


def test_every_function_is_shown() -> None:
    functions = [name for name in anchors.__all__ if name.islower()]
    assert functions == ["ask", "audit", "build", "trust_anchors", "verify"]
    for name in functions:
        assert f"\n## {name}\n" in DOCUMENT
        assert f"anchors.{name}(" in DOCUMENT
        assert f"anchors.{name}" in DOCSTRING
