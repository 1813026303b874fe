"""The engine sees everything that the search without it finds."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.auditing.scan import engine
from anchors.auditing.scan.embedded import compiled_in
from anchors.auditing.scan.seen import Mark
from anchors.auditing.scan.shapes import Shape, Stream, parts_of, shapes, spellings, unescaped
from anchors.auditing.scan.sieve import Sieve
from anchors.auditing.words import BLANKS, hints, may_matter, may_set

hyperscan = pytest.importorskip("hyperscan", reason="needs the extra fast")


SHAPES = tuple(shapes())
BETWEEN = {
    Stream.DIGITS: [b"", b"", b"", b" ", b"\n\t", b", ", b"\\x", b'" "', b"\0", b":", b"\xff-x"],
    Stream.LETTERS: [b"", b"", b"", b" ", b"\n\t", b'"\n"', b"\\n", b"=", b"+/", b"\0", b"\xff"],
    Stream.BYTES: [b""],
}
SURROUNDINGS = [b"", b" ", b"abc 0x7F 789Zq", b"\x80\0", b"\\", b'"\\n\\n\\n\\n\\n\\n\\n\\n'] + [
    part[:-1] for shape in SHAPES[::9] for part in parts_of(shape)
]


@pytest.fixture(scope="module")
def sieve() -> Sieve:
    sieve = Sieve(worth=0)
    sieve.sift(b" ")
    assert sieve._engine is not None
    return sieve


@st.composite
def copies(draw: st.DrawFn) -> bytes:
    """A shape, folded and quoted in any way, with some slips."""
    shape = draw(st.sampled_from(SHAPES))
    text = bytearray(shape.content)
    for at in draw(st.lists(st.integers(0, len(text) - 1), max_size=9)):
        text[at : at + 1] = draw(st.sampled_from([b"", b"1", b"77", b"\x80", b"a"]))
    choose = draw(st.randoms(use_true_random=False))
    if shape.stream is Stream.BYTES and draw(st.booleans()):
        return b"".join(choose.choice(list(spellings(byte))) for byte in text)
    if shape.stream is Stream.DIGITS and draw(st.booleans()):
        text = bytearray(bytes(text).upper())
    between = BETWEEN[shape.stream]
    return b"".join(bytes([byte]) + choose.choice(between) for byte in text)


@settings(max_examples=300, deadline=None)
@given(st.lists(copies(), min_size=1, max_size=2), st.sampled_from(SURROUNDINGS))
def test_what_holds_a_key_is_seen(sieve: Sieve, found: list[bytes], around: bytes) -> None:
    content = around + around.join(found) + around
    if compiled_in(content) is not None:
        assert sieve.sift(content).has(Mark.SHAPE)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(hints().words + hints().setting_words),
    st.sampled_from([*BLANKS, ord("x")]),
    st.binary(max_size=3),
    st.booleans(),
)
def test_the_same_words_are_seen(
    sieve: Sieve, word: bytes, blank: int, around: bytes, is_upper: bool
) -> None:
    content = around + (word.upper() if is_upper else word).replace(b" ", bytes([blank])) + around
    seen = sieve.sift(content)
    assert seen.has(Mark.WORD) is may_matter(content)
    assert seen.has(Mark.SETTING) is may_set(content)


CHOOSE = random.Random(1)
NOTHING = {
    "none": b"",
    "holes": bytes(5000),
    "random": CHOOSE.randbytes(1 << 16),
    "hex": CHOOSE.randbytes(1 << 16).hex().encode(),
    "text": bytes(CHOOSE.randrange(32, 127) for _ in range(1 << 16)),
}


@pytest.mark.parametrize("content", NOTHING.values(), ids=NOTHING)
def test_what_holds_nothing_is_passed_over(sieve: Sieve, content: bytes) -> None:
    assert not sieve.sift(content).has(Mark.SHAPE)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.stream.name} {shape.what}")
def test_a_shape_has_its_parts(shape: Shape) -> None:
    parts = parts_of(shape)
    assert len(parts) == (2 if shape.what else 1)
    assert all(part in shape.content for part in parts)


def test_every_spelling_of_a_byte_stands_for_it() -> None:
    for byte in set(range(256)) - {ord("\\")}:
        for spelt in spellings(byte):
            assert unescaped(spelt) == bytes([byte])


def test_the_engine_starts_when_there_is_enough_to_look_at() -> None:
    sieve = Sieve(worth=10)
    sieve.sift(b"0123456789")
    assert sieve._engine is None
    sieve.sift(b"0")
    assert sieve._engine is not None


def test_without_the_extra_every_file_is_searched_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    sieve = Sieve(worth=0)
    sieve.sift(b" ")
    assert sieve._engine is None
    assert sieve.sift(b" ").has(Mark.SHAPE)
    assert not sieve.sift(b" ").has(Mark.WORD)


def test_where_the_engine_cannot_run_every_file_is_searched_closely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise hyperscan.error

    monkeypatch.setattr(engine, "Engine", refuse)
    sieve = Sieve(worth=0)
    sieve.sift(b" ")
    assert sieve._engine is None
