"""Reading YAML, where PyYAML is installed and where it is not."""

from __future__ import annotations

import sys

import pytest

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.found import MalformedAnchors
from anchors.grammars.yaml import MAX_BRACKETS, MAX_YAML, load_yaml


def test_plain_types_only() -> None:
    assert load_yaml(b"a: [1, x, null]\n") == {"a": [1, "x", None]}
    with pytest.raises(MalformedAnchors):
        load_yaml(b"!!python/object/apply:os.system ['true']")


@pytest.mark.parametrize("data", [b"\xff", b"a: b: c", b"\x00", b"{" * 500, b"- 9999-99-99"])
def test_what_is_not_yaml(data: bytes) -> None:
    with pytest.raises(MalformedAnchors, match="not YAML"):
        load_yaml(data)


@pytest.mark.parametrize("mark", [b"[", b"{", b"[{"])
def test_many_brackets_are_not_read(mark: bytes) -> None:
    data = mark * (MAX_BRACKETS // len(mark))
    with pytest.raises(MalformedAnchors, match="not YAML"):
        load_yaml(data)
    with pytest.raises(MalformedAnchors, match="1000 brackets is not read"):
        load_yaml(data + mark)


def test_a_large_document_is_not_read() -> None:
    data = b"#" * MAX_YAML
    assert load_yaml(data) is None
    with pytest.raises(MalformedAnchors, match="262144 bytes"):
        load_yaml(data + b"#")


def test_aliases_do_not_multiply() -> None:
    bomb = ["a: &a [x]"] + [
        f"{n}: &{n} [*{p}, *{p}, *{p}, *{p}]"
        for p, n in zip("abcdefghijklm", "bcdefghijklmn", strict=True)
    ]
    with pytest.raises(MalformedAnchors, match="alias"):
        load_yaml("\n".join(bomb).encode())


@pytest.mark.parametrize("text", ['!!bool "x"', '!!int ""', '!!timestamp "x"', "!!float x"])
def test_a_value_that_is_none_of_its_type(text: str) -> None:
    with pytest.raises(MalformedAnchors, match="not YAML"):
        load_yaml(text.encode())


def test_without_pyyaml_it_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UsageError, match="PyYAML") as refusal:
        load_yaml(b"a: b")
    assert refusal.value.check is Check.USAGE
    assert "root-anchors[yaml]" in refusal.value.remedy


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [1\n", "not YAML: line 2: "),
        ("a: 'x\n", "not YAML: line 2: found unexpected end of stream"),
        ("a: 1\nb\n", "not YAML: line 3: could not find expected ':'"),
        ("a: 1\na: 2\n", "not YAML: line 1: a mapping has the same key twice"),
        ("a: \0\n", "not YAML: a value or a character is not allowed"),
        ("a: 2001-99-99\n", "not YAML: a value or a character is not allowed"),
    ],
)
def test_why_it_is_no_yaml_is_told_without_words_of_python(text: str, why: str) -> None:
    with pytest.raises(MalformedAnchors) as caught:
        load_yaml(text.encode())
    words = str(caught.value)
    assert words.startswith(why)
    assert "Error" not in words
    assert "byte string" not in words
