"""Search for all patterns in one pass, with Hyperscan (the extra ``fast``).

The patterns are made of the same tables as the search without it: the words of the consumers, and
the parts of the shapes, of which what the search finds has one at least.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from anchors.auditing.scan.seen import Mark
from anchors.auditing.scan.shapes import Stream, parts_of, shapes, spellings
from anchors.auditing.words import BLANKS, hints

__all__ = ["Engine", "started"]

# So many bytes of a part that is written in escapes are no chance.
_ESCAPED = 4
# Parts in one expression, of which Hyperscan takes no more than 16,000 characters.
_AT_ONCE = 80


class _Pattern(NamedTuple):
    mark: Mark
    expression: str
    is_caseless: bool = True


def started() -> Engine | None:
    """The engine; ``None`` without the extra, or if the processor is too old."""
    try:
        import hyperscan  # noqa: PLC0415 - an optional extra
    except ImportError:
        return None
    try:
        return Engine()
    except hyperscan.error:
        return None


class Engine:
    """Searches for all patterns.

    Raises:
        ImportError: the extra is not installed.
        hyperscan.error: the processor is too old for it.
    """

    def __init__(self) -> None:
        # Together they would take several times as long to compile, and little less to search.
        self._passes = [_Pass(patterns) for patterns in (_literals(), *_automata())]

    def marks(self, content: bytes) -> set[Mark]:
        """What was seen in the content."""
        found: set[Mark] = set()
        for one in self._passes:
            one.look(content, found)
        return found


class _Pass:
    """Some patterns, searched for together."""

    def __init__(self, patterns: Iterable[_Pattern]) -> None:
        import hyperscan  # noqa: PLC0415 - an optional extra

        patterns = tuple(patterns)
        self._marks = [pattern.mark for pattern in patterns]
        once = hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_SINGLEMATCH
        flags = {True: once | hyperscan.HS_FLAG_CASELESS, False: once}
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[pattern.expression.encode() for pattern in patterns],
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=[flags[pattern.is_caseless] for pattern in patterns],
        )

    def look(self, content: bytes, found: set[Mark]) -> None:
        """Add what is seen in the content."""

        def see(number: int, _begin: int, _end: int, _flags: int, _context: object) -> None:
            found.add(self._marks[number])

        self._database.scan(content, match_event_handler=see)


def _literals() -> Iterator[_Pattern]:
    """Words, and what stands there as bytes or in escapes."""
    blank = f"[{_exactly(BLANKS)}]"
    for word in hints().words:
        yield _Pattern(Mark.WORD, blank.join(_exactly(part) for part in word.split(b" ")))
    for word in hints().setting_words:
        yield _Pattern(Mark.SETTING, _exactly(word))
    for part in _parts(Stream.BYTES):
        yield _Pattern(Mark.SHAPE, _exactly(part), is_caseless=False)
        yield _Pattern(Mark.ESCAPED, "".join(map(_spelt, part[:_ESCAPED])))


def _automata() -> Iterator[tuple[_Pattern]]:
    """Digits and letters with anything between them: as one expression they are one automaton."""
    for stream in (Stream.DIGITS, Stream.LETTERS):
        parts = _parts(stream)
        gap = f"[^{_ranges(stream.kept)}]*"
        for first in range(0, len(parts), _AT_ONCE):
            spelt = (gap.join(part.decode()) for part in parts[first : first + _AT_ONCE])
            yield (_Pattern(Mark.SHAPE, "|".join(spelt), stream is Stream.DIGITS),)


def _parts(stream: Stream) -> list[bytes]:
    found = (parts_of(shape) for shape in shapes() if shape.stream is stream)
    return sorted({part for parts in found for part in parts})


def _ranges(kept: bytes) -> str:
    """Letters and digits as in a bracket expression."""
    first = [byte for byte in kept if byte - 1 not in kept]
    last = [byte for byte in kept if byte + 1 not in kept]
    return "".join(f"{one:c}-{other:c}" for one, other in zip(first, last, strict=True))


def _exactly(text: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text)


def _spelt(byte: int) -> str:
    return f"(?:{'|'.join(map(_exactly, spellings(byte)))})"
