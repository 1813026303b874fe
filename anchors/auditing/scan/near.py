"""Find copies of a digest or key that differ from it in a few digits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from anchors.auditing.scan.shapes import Shape, Stream, parts_of, siblings_of
from anchors.core.match import MAX_SLIPS, agreeing_ends, slip

__all__ = ["Edges", "Slip", "slip_at"]

# So many digits too many or too few are looked for; a dump has an address of more on each line.
_MAX_SHIFT = 4


class Edges(NamedTuple):
    """Whether a stream begins where the content begins, and whether it ends where that ends."""

    begins: bool
    ends: bool


class Slip(NamedTuple):
    """A copy that differs in a few digits.

    Attributes:
        differing: the number of different digits or characters.
        begin: its offset.
        digest: the digest of the key.
        fault: the damage, in words.
    """

    differing: int
    begin: int
    digest: bytes
    fault: str

    def is_at(self, other: Slip) -> bool:
        """Whether both are the same copy, perhaps read as another shape."""
        return self.digest == other.digest and abs(self.begin - other.begin) <= 2 * MAX_SLIPS


def slip_at(text: bytes, begin: int, shape: Shape, edges: Edges) -> Slip | None:
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
    if shape.digest is None or _is_another(text, begin, shape.digest, shape.stream):
        return None
    fault = _fault(wanted, got, differing, shape)
    return None if fault is None else Slip(differing, begin, shape.digest, fault)


def _is_another(text: bytes, begin: int, digest: bytes, stream: Stream) -> bool:
    """Whether another shape of the same key stands there, with nothing wrong."""
    near = range(max(begin - MAX_SLIPS, 0), begin + MAX_SLIPS + 1)
    others = [other.content for other in siblings_of(digest, stream)]
    return any(text.startswith(other, at) for other in others for at in near)


def _fault(wanted: bytes, got: bytes, differing: int, shape: Shape) -> str | None:
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
