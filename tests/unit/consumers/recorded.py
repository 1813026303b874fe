"""State files that programs wrote in a whole roll: what is read of them, and of any damage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import strategies as st

from anchors.consumers.reading import Reading, Rfc5011State
from anchors.core.found import MalformedAnchors
from tests.unit.consumers.samples import anchors

__all__ = ["FIXTURES", "NEW", "OLD", "OLD_REVOKED", "any_bytes", "damaged", "states", "try_to_read"]

FIXTURES = Path(__file__).parents[3] / "fixtures"
# The tags of the keys of that roll.
OLD, OLD_REVOKED, NEW = 51370, 51498, 12464


def states(reading: Reading) -> list[tuple[int, int | None, Rfc5011State | None]]:
    """Key tag, line and state of each anchor."""
    rows = zip(anchors(reading), reading.held, strict=True)
    return [(tag, line, held.state) for (tag, line, _), held in rows]


def any_bytes(pieces: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, and such as have pieces of a state among them."""
    some = st.sampled_from(pieces) | st.binary(max_size=4)
    return st.binary() | st.lists(some, max_size=12).map(b"".join)


@st.composite
def damaged(draw: st.DrawFn, recorded: Sequence[Path], pieces: Sequence[bytes]) -> bytes:
    """A recorded file, a part of which is left out, and something else put in its place."""
    content = draw(st.sampled_from(recorded)).read_bytes()
    begin = draw(st.integers(0, len(content)))
    end = draw(st.integers(begin, min(begin + 40, len(content))))
    return content[:begin] + draw(st.binary(max_size=3) | st.sampled_from(pieces)) + content[end:]


def try_to_read(read: Callable[[bytes], Reading | None], content: bytes) -> None:
    """Read it, or be told at which line it cannot be read; each anchor has a line of the file."""
    try:
        reading = read(content)
    except MalformedAnchors as error:
        assert str(error).startswith("line ")  # noqa: PT017 - most content raises nothing
        return
    if reading is None:
        return
    lines = content.count(b"\n") + 1
    assert all(held.line is not None and 1 <= held.line <= lines for held in reading.held)
