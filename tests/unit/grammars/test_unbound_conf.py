"""unbound.conf as Unbound's lexer reads it."""

from __future__ import annotations

import time

import pytest

from anchors.grammars.unbound_conf import parse_unbound_conf


def options(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(one.line, one.name, one.values) for one in parse_unbound_conf(text.encode()).options]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server:", [(1, "server", ())]),
        ("server:verbosity:1", [(1, "server", ()), (1, "verbosity", ("1",))]),
        ("a:b c:d", [(1, "a", ("b",)), (1, "c", ("d",))]),
        ("a:\n# x\r\n\tb # c", [(1, "a", ("b",))]),
        ("a: 'b \" c'", [(1, "a", ('b " c',))]),
        ('a: "b \' c"#d', [(1, "a", ("b ' c",))]),
        ('a: ""', [(1, "a", ("",))]),
        (r'a: "b\"c"', [(1, "a", (r"b\"c",))]),
        ("a: b#c", [(1, "a", ("b#c",))]),
        ("a: server:", [(1, "a", ("server:",))]),
        ("a: \u00a0", [(1, "a", ("\u00a0",))]),
        ("local-zone: x static\na: b", [(1, "local-zone", ("x", "static")), (2, "a", ("b",))]),
        ("access-control-tag-data:\n1 2\n3", [(1, "access-control-tag-data", ("1", "2", "3"))]),
        ("", []),
        ("# only this", []),
    ],
)
def test_options(text: str, expected: list[tuple[int, str, tuple[str, ...]]]) -> None:
    assert options(text) == expected
    assert parse_unbound_conf(text.encode()).left_over == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b\nc d", 2),
        ("a: b c", 1),
        ("a:\n\n", 1),
        ("local-zone: x", 1),
        ('a: b\nc: "d\ne"', 2),
        ("a: 'b", 1),
        ("A: b", 1),
        ("\ufeffa: b", 1),
        ("\u00a0a: b", 1),
        ("\va: b", 1),
        ("a: b\n\x00", 2),
        ("a b", 1),
        (": b", 1),
        ("server: include", 1),
        ("a:\ninclude: b", 2),
        (". IN DS 1 8 2 00", 1),
    ],
)
def test_what_is_left_over_is_the_end(text: str, line: int) -> None:
    document = parse_unbound_conf(text.encode())
    assert [left.line for left in document.left_over] == [line]
    assert document.items[-1] == document.left_over[0]


def test_bytes_that_are_no_utf_8_are_kept() -> None:
    (option,) = parse_unbound_conf(b"a: \xff").options
    assert option.value.encode("utf-8", "surrogateescape") == b"\xff"


@pytest.mark.parametrize(
    "unit", ["a:b ", "\n", "#", "# \n", "a: 'b' ", "a:\n", "\\", '"', "a", " "]
)
def test_no_content_takes_long(unit: str) -> None:
    content = ("a: " + unit * (1 << 18))[: 1 << 19].encode()
    began = time.process_time()
    parse_unbound_conf(content)
    assert time.process_time() - began < 10
