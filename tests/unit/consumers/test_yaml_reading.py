"""What the readers of YAML have in common."""

from __future__ import annotations

import re
import sys

import pytest

from anchors.consumers.yaml_reading import is_shaped, line_of, read_document, value_at
from anchors.core.findings import Finding
from anchors.core.found import MalformedAnchors
from anchors.grammars.yaml import MAX_YAML, Override

KEY = re.compile(rb"key")


def test_keys_and_strings_know_their_lines() -> None:
    document = read_document(b"# x\na:\n  b: false\n  c: |\n    d\n")
    assert value_at(document, "a", "b") is False
    assert line_of(value_at(document, "a"), "b") == 3
    assert value_at(document, "a", "c").line == 5  # type: ignore[attr-defined]
    assert line_of(document, "z") is None


@pytest.mark.parametrize("content", [b"#" * (MAX_YAML + 1), b"[{" * 501])
def test_what_would_take_long_is_not_read(content: bytes) -> None:
    finding = read_document(content)
    assert isinstance(finding, Finding)
    assert finding.check.id == "audit.limit"


def test_without_pyyaml_there_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    finding = read_document(b"key: value\n")
    assert isinstance(finding, Finding)
    assert finding.check.id == "audit.unreadable"
    assert "root-anchors[yaml]" in str(finding.remedy)


@pytest.mark.parametrize(
    "content",
    [b"a: 'b\nc: d\n", b"a: 1\n---\nb: 2\n", b"a: 1\na: 2\n", b"a: {b: 1, b: 2}\n", b"a: !x y\n"],
)
def test_what_cannot_be_read_is_told_in_one_line(content: bytes) -> None:
    with pytest.raises(MalformedAnchors, match=r"\Anot YAML: [^\n]+\Z"):
        read_document(content)


@pytest.mark.parametrize(
    "content", [b"a: &x 1\nb: *x\n", b"a: {<<: {b: 1}}\n", b'a: "\\ud800"\n', b'"\\udfff": a\n']
)
def test_what_a_program_may_take_is_not_called_wrong(content: bytes) -> None:
    with pytest.raises(MalformedAnchors, match=r"\Anot read: [^\n]+\Z"):
        read_document(content)


def test_a_list_says_that_it_overrides() -> None:
    document = read_document(b"a: !override [b]\nc: [d]\n")
    assert isinstance(value_at(document, "a"), Override)
    assert not isinstance(value_at(document, "c"), Override)


@pytest.mark.parametrize(
    ("text", "shaped"),
    [
        ("key: value", True),
        ("%YAML 1.2\n---\n# x\nkey:\n- a\n-\n  b: c\n...\n", True),
        ("\ufeffkey: value\r\nother.key: 1\r\n'k' : 2\r\n", True),
        ('{"key": [\n 1\n]\n}\n', True),
        ("other: value\n", False),
        ("key: value\nprose goes on\n", False),
        ("# Title\n\nThe key:\n", False),
        ("key:value\n", False),
        ("{{ key }}\n", False),
        ("--key: value\n", False),
    ],
)
def test_what_has_the_shape_of_yaml(text: str, shaped: bool) -> None:
    assert is_shaped(text.encode(), KEY) is shaped
