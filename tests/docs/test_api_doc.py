"""The examples of docs/api.md and of the package's docstring are run, and say what is public."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

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


def failures(text: str, name: str) -> tuple[int, int, str]:
    """How many examples failed, how many there are, and what doctest says of them."""
    said: list[str] = []
    test = PARSER.get_doctest(text, {}, name, name, 0)
    ran = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    return ran.failed, ran.attempted, "".join(said)


@pytest.mark.parametrize(
    ("text", "least"), [(DOCUMENT, 20), (DOCSTRING, 6)], ids=["docs/api.md", "anchors"]
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


def test_what_is_public_is_listed() -> None:
    _, _, promise = DOCUMENT.partition("\n## What stays\n")
    (names,) = re.findall(r"names in `anchors.__all__`.*?:(.*?);", promise, re.DOTALL)
    assert code_spans(names) == anchors.__all__
    schemas = {report_json.SCHEMA, AUDIT, anchors_json.SCHEMA, SCHEMA}
    assert schemas <= {*code_spans(promise)}


def test_every_function_is_shown() -> None:
    functions = [name for name in anchors.__all__ if name.islower()]
    assert functions == ["audit", "build", "verify"]
    for name in functions:
        assert f"\n## {name}\n" in DOCUMENT
        assert f"anchors.{name}(" in DOCUMENT
        assert f"anchors.{name}" in DOCSTRING
