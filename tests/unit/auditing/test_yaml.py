"""What the readers of YAML have in common."""

from __future__ import annotations

import re
import sys

import pytest

from anchors.auditing.place import Reading, Syntax
from anchors.auditing.readers.yaml import is_shaped, read_yaml
from anchors.formats.found import MalformedAnchors
from anchors.formats.yaml import MAX_YAML
from tests.unit.auditing.samples import checks

KEY = re.compile(rb"key")


def read(content: bytes) -> Reading:
    return read_yaml(content, Syntax.STUBBY, lambda _: Reading(Syntax.XML))


def test_what_the_reader_makes_of_it() -> None:
    assert read(b"key: value\n") == Reading(Syntax.XML)


@pytest.mark.parametrize("content", [b"#" * (MAX_YAML + 1), b"[{" * 501])
def test_what_would_take_long_is_not_read(content: bytes) -> None:
    assert checks(read(content)) == [("audit.limit", None)]


def test_without_pyyaml_there_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    reading = read(b"key: value\n")
    assert checks(reading) == [("audit.unreadable", None)]
    assert "root-anchors[yaml]" in str(reading.notes[0].finding.remedy)


@pytest.mark.parametrize("content", [b"a: 'b\nc: d\n", b"a: &x 1\nb: *x\n", b"a: 1\n---\nb: 2\n"])
def test_what_cannot_be_read_is_told_in_one_line(content: bytes) -> None:
    with pytest.raises(MalformedAnchors, match=r"\A[^\n]+\Z"):
        read(content)


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
