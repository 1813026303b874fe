"""Find root keys and ICANN's root certificates in programs, sources and any other text."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from anchors.auditing.scan.near import Edges, Slip, slip_at
from anchors.auditing.scan.seen import Mark
from anchors.auditing.scan.shapes import Shape, Stream, may_have_escapes, shapes, unescaped
from anchors.auditing.scan.sieve import sift
from anchors.consumers.reading import Compiled, Damaged
from anchors.core.root_facts import KNOWN_KEYS, ROOT_CAS

__all__ = ["Search", "compiled_in"]

# A public key as a list of numbers, with what stands between them, is no longer.
_TAIL = 4096
# Not every group of so many characters is looked up: two of each digest's are among those that
# are, for a slip may lie in one of them.
_GROUP = 8
_EVERY = {Stream.DIGITS: 3, Stream.LETTERS: 2, Stream.BYTES: 1}
# A shape of fewer bytes (SHA-1) is looked for as it is.
_FEW_BYTES = 23
# Of a long shape the groups are kept so far from its beginning and from its end.
_KEPT = 64
# Copies with a slip are looked at closely; a text that is made to cost time has thousands.
_MAX_CLOSE = 200
_WHOLE = Edges(begins=True, ends=True)

# A shape, and how far inside of it something lies.
Inside = tuple[Shape, int]


class _Patterns(NamedTuple):
    """What is looked for: groups of each stream, as numbers, and what is too short for these."""

    groups: Mapping[Stream, Mapping[int, Sequence[Inside]]]
    short: Sequence[Shape]


class Search:
    """Searches a stream of blocks for the patterns, with the memory of one block.

    Attributes:
        matters: whether a word was found that a reader would look for.
    """

    def __init__(self) -> None:
        self.matters = False
        self._digests: set[bytes | None] = set()
        self._roots: set[str | None] = set()
        self._damaged: dict[tuple[bytes, str], Damaged] = {}
        self._lines: list[int] = []
        self._close = 0
        self._edges = _WHOLE
        self._fed = False
        self._tail = b""

    def feed(self, block: bytes) -> None:
        """Search the next block."""
        window = self._tail + block if self._tail else block
        self._edges = Edges(begins=not self._fed, ends=False)
        seen = sift(window)
        self.matters = self.matters or seen.has(Mark.WORD) or seen.has(Mark.SETTING)
        if seen.has(Mark.SHAPE):
            self._search(window, has_lines=False)
        # The whole window again, as long as it is short.
        self._fed = self._fed or len(window) > _TAIL
        self._tail = window[-_TAIL:]

    def feed_whole(self, content: bytes) -> None:
        """Search a whole file: what is found in a text has a line."""
        self._search(content, has_lines=b"\0" not in content)

    def _search(self, window: bytes, *, has_lines: bool) -> None:
        for stream in (Stream.DIGITS, Stream.LETTERS):
            text = stream.of(window)
            self._take(stream, _in_groups(stream, text), text, window if has_lines else None)
        if not window.isascii():
            self._take_bytes(window)
        if may_have_escapes(window):
            self._take_bytes(unescaped(window))

    def _take_bytes(self, content: bytes) -> None:
        self._take(Stream.BYTES, _in_groups(Stream.BYTES, content), content, None)
        self._digests |= {s.digest for s in _patterns().short if s.content in content}

    def _take(
        self, stream: Stream, found: Iterator[Inside], text: bytes, lines: bytes | None
    ) -> None:
        """Note what is there; ``lines``: the content, where its lines are to be told."""
        has_line = False
        slips: list[Slip] = []
        for shape, begin in found:
            if begin >= 0 and text.startswith(shape.content, begin):
                self._digests.add(shape.digest)
                self._roots.add(shape.root)
                if lines is not None and not has_line:
                    has_line = True
                    self._lines.append(_line(lines, stream, begin))
            elif shape.what and self._close < _MAX_CLOSE:
                self._close += 1
                slip = slip_at(text, begin, shape, self._edges)
                slips += [] if slip is None else [slip]
        self._take_slips(stream, slips, lines)

    def _take_slips(self, stream: Stream, slips: Sequence[Slip], lines: bytes | None) -> None:
        """Note each copy once, as the shape that it is most like."""
        told: list[Slip] = []
        for slip in sorted(slips):
            if any(slip.is_at(other) for other in told):
                continue
            told.append(slip)
            if (slip.digest, slip.fault) not in self._damaged:
                line = None if lines is None else _line(lines, stream, max(slip.begin, 0))
                damaged = Damaged(slip.digest, slip.fault, line)
                self._damaged[slip.digest, slip.fault] = damaged

    def result(self) -> Compiled | None:
        """What was found, in the order of the keys and roots."""
        if self._tail:
            self._edges = Edges(begins=not self._fed, ends=True)
            self._search(self._tail, has_lines=False)
        compiled = Compiled(
            tuple(d for key in KNOWN_KEYS if (d := bytes.fromhex(key.digest)) in self._digests),
            tuple(ca.sha256 for ca in ROOT_CAS if ca.sha256 in self._roots),
            min(self._lines, default=None),
            tuple(self._damaged.values()),
        )
        return compiled if compiled.key_digests or compiled.roots or compiled.damaged else None


def compiled_in(content: bytes) -> Compiled | None:
    """The keys and certificates in a whole file."""
    search = Search()
    search.feed_whole(content)
    return search.result()


def _in_groups(stream: Stream, text: bytes) -> Iterator[Inside]:
    """The shapes that a group of the text belongs to, and where each would begin."""
    groups = _patterns().groups[stream]
    every = _EVERY[stream]
    numbers = memoryview(text)[: len(text) // _GROUP * _GROUP].cast("Q")[::every]
    if groups.keys().isdisjoint(numbers):
        return
    for at, number in enumerate(numbers):
        for shape, inside in groups.get(number, ()):
            yield shape, at * _GROUP * every - inside


def _line(content: bytes, stream: Stream, begin: int) -> int:
    """The line that a place in a stream lies in: what comes before it is halved again and again."""
    low, high = 0, len(content)
    while low < high:
        middle = (low + high) // 2
        if len(stream.of(content[:middle])) > begin:
            high = middle
        else:
            low = middle + 1
    return content.count(b"\n", 0, max(low - 1, 0)) + 1


@functools.cache
def _patterns() -> _Patterns:
    groups: dict[Stream, dict[int, list[Inside]]] = {stream: defaultdict(list) for stream in Stream}
    short = []
    for shape in shapes():
        content = shape.content
        last = len(content) - _GROUP
        if len(content) < _FEW_BYTES:
            short.append(shape)
            continue
        for at in sorted({*range(min(last, _KEPT) + 1), *range(max(last - _KEPT, 0), last + 1)}):
            (number,) = memoryview(content[at : at + _GROUP]).cast("Q")
            groups[shape.stream][number].append((shape, at))
    # A lookup must not add to them.
    return _Patterns({stream: dict(of) for stream, of in groups.items()}, short)
