"""named.conf as words, statements and blocks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchors.grammars.named_conf import Block, Statement, Word, parse_named_conf


def shown(statement: Statement) -> list[object]:
    """Words as text, quoted ones with their marks; blocks as lists."""
    return [
        [shown(one) for one in item.statements]
        if isinstance(item, Block)
        else (f'"{item.text}"' if item.quoted else item.text)
        for item in statement.items
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a b;", [["a", "b"]]),
        ('a "b c";', [["a", '"b c"']]),
        ("a{b;c{d;};};", [["a", [["b"], ["c", [["d"]]]]]]),
        ("x { i allow { a; } keys { k; }; };", [["x", [["i", "allow", [["a"]], "keys", [["k"]]]]]]),
        ("a { { b; }; };", [["a", [[[["b"]]]]]]),
        ("a /* x; */ b // y;\n# z;\n;", [["a", "b"]]),
        ("a#b\nc;", [["a", "c"]]),
        ("a/*x*/b;", [["a", "b"]]),
        # A slash, a mark of exclamation and an equals sign are words of their own.
        ("10.0.0.0/8; !b; c=d;", [["10.0.0.0", "/", "8"], ["!", "b"], ["c", "=", "d"]]),
        ('a "b\nc";', [["a", '"b\nc"']]),
        (r'a "b\"c\d";', [["a", r'"b"c\d"']]),
        ("a\r\nb\r;", [["a", "b"]]),
        ("a\u00a0b\vc;", [["a\xc2\xa0b\vc"]]),
        ("\ufeffa;", [["\xef\xbb\xbfa"]]),
        ("a\0b;", [["a\0b"]]),
    ],
)  # fmt: skip
def test_shapes(text: str, expected: list[object]) -> None:
    parsed = parse_named_conf(text.encode())
    assert parsed.fault is None
    assert [shown(one) for one in parsed.statements] == expected


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a;\n;", 2, "no statement before it"),
        ("a { b;; };", 1, "no statement before it"),
        ("a {\nb }\n;", 2, "missing ';' before '}'"),
        ("a { };\n}", 2, "no opening brace"),
        ("a { }\nb;", 2, "missing ';' before 'b'"),
        ("a {\nb;\n", 2, "in the middle"),
        ("a b", 1, "in the middle"),
        ("a;\n/* b", 2, "comment"),
        ('a;\n"b;\n', 2, "quoted string"),
        ("{" * 101, 1, "nested"),
    ],
)
def test_faults_have_their_line(text: str, line: int, why: str) -> None:
    fault = parse_named_conf(text.encode()).fault
    assert fault is not None
    assert (fault.line, why in fault.why) == (line, True)


def test_what_stands_before_a_fault_is_kept() -> None:
    parsed = parse_named_conf(b"a;\nb {\nc;\nd { e; /*")
    assert [shown(one) for one in parsed.statements] == [["a"], ["b", [["c"], ["d", [["e"]]]]]]
    assert [one.line for one in parsed.statements] == [1, 2]


def test_a_statement_tells_its_name_its_words_and_its_block() -> None:
    (statement,) = parse_named_conf(b'\nVIEW "a" {\nx; };').statements
    assert (statement.name, statement.line) == ("view", 2)
    assert statement.words == (Word("VIEW", 2), Word("a", 2, quoted=True))
    assert statement.block is not None
    assert [one.line for one in statement.block.statements] == [3]
    (quoted,) = parse_named_conf(b'"view" x;').statements
    assert quoted.name == ""
    (nameless,) = parse_named_conf(b"{ a; };").statements
    assert nameless.words == ()


PIECES = st.sampled_from(
    [b"a", b"{", b"}", b";", b'"', b"/*", b"*/", b"//", b"#", b"\n", b"\\", b" "]
)


@given(st.binary() | st.lists(PIECES, max_size=30).map(b"".join))
def test_any_bytes(content: bytes) -> None:
    parsed = parse_named_conf(content)
    lines = content.count(b"\n") + 1
    assert all(1 <= one.line <= lines for one in parsed.statements)
    assert parsed.fault is None or 1 <= parsed.fault.line <= lines


@pytest.mark.parametrize(
    "unit",
    ["{", "}", "a{", "a;", '"', '\\"', '"\\', "/*", "/", "//\n", "#", "a ", "\n", "a{};", "*/"],
)
def test_no_content_takes_long(unit: str) -> None:
    """Half a megabyte takes a second at most here; what grows with its square, many minutes."""
    content = (unit * (1 << 19))[: 1 << 19].encode()
    began = time.process_time()
    parse_named_conf(content)
    parse_named_conf(b'a "' + content)
    parse_named_conf(b"a {" + content)
    assert time.process_time() - began < 30
