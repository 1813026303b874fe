"""A copy of a digest or key that agrees with it in all but a few digits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from anchors.auditing.scan.shapes import Shape, Stream, parts_of
from anchors.core.match import MAX_SLIPS, agreeing_ends, slip

__all__ = ["Edges", "slip_at"]

# So many digits too many or too few are looked for; a dump has an address of more on each line.
_MAX_SHIFT = 4


class Edges(NamedTuple):
    """Whether a stream begins where the content begins, and whether it ends where that ends."""

    begins: bool
    ends: bool


def slip_at(text: bytes, begin: int, shape: Shape, edges: Edges) -> str | None:
    """What is wrong with the copy of ``shape`` in ``text``, ``None`` where it is no such copy.

    Args:
        text: a stream, or a window of one.
        begin: where the shape would begin in it, by a part that agrees.
        shape: what is looked for.
        edges: whether the window is cut, where a copy could be whole in the next one.
    """
    wanted = shape.content
    end = begin + len(wanted)
    if begin < _MAX_SHIFT and not edges.begins:
        return None
    if end + _MAX_SHIFT > len(text) and not edges.ends:
        return None
    got = min(_copies(text, begin, end), key=lambda copy: _differing(wanted, copy))
    differing = _differing(wanted, got)
    if differing > MAX_SLIPS or not any(part in got for part in parts_of(shape)):
        return None
    if shape.stream is Stream.LETTERS:
        # Some characters are left out of what is searched, so none can be numbered.
        many, verb = ("", "differs") if differing == 1 else ("s", "differ")
        return f"{differing} base64 character{many} of the {shape.what} {verb}"
    return slip(_hex(wanted, shape), _hex(got, shape), shape.what, "digit")


def _hex(content: bytes, shape: Shape) -> str:
    text = content.hex() if shape.stream is Stream.BYTES else content.decode("ascii")
    return text.upper()


def _copies(text: bytes, begin: int, end: int) -> Iterator[bytes]:
    """What stands there: of the same size first, then with some digits more or fewer."""
    yield text[max(begin, 0) : end]
    for shift in range(1, _MAX_SHIFT + 1):
        for first, last in ((0, shift), (0, -shift), (shift, 0), (-shift, 0)):
            yield text[max(begin + first, 0) : end + last]


def _differing(wanted: bytes, got: bytes) -> int:
    """How many characters differ: one for one, or between the ends where the sizes differ."""
    if len(wanted) == len(got):
        return sum(one != other for one, other in zip(wanted, got, strict=True))
    return max(len(wanted), len(got)) - agreeing_ends(wanted, got)
