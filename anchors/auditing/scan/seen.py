"""The possible findings in a file, which a closer search decides."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping

from anchors.auditing.scan.shapes import may_have_escapes
from anchors.auditing.words import may_matter, may_set

__all__ = ["Mark", "Seen"]


class Mark(enum.Enum):
    """A reason for a closer search; the value names it."""

    WORD = "a word that every file with anchors has one of"
    SETTING = "a word that every configuration of interest has one of"
    SHAPE = "a part of a key, a digest or a certificate"
    ESCAPED = "such a part as it may stand in a text with escapes"


_WITHOUT: Mapping[Mark, Callable[[bytes], bool]] = {
    Mark.WORD: may_matter,
    Mark.SETTING: may_set,
    Mark.SHAPE: lambda _content: True,
    Mark.ESCAPED: may_have_escapes,
}


class Seen:
    """What a content may hold: by what an engine saw in it, or else looked for when asked."""

    def __init__(self, content: bytes, marks: Collection[Mark] | None = None) -> None:
        self._content, self._marks = content, marks

    def has(self, mark: Mark) -> bool:
        """Whether the content may have it; never ``False`` where the closer search finds it."""
        if self._marks is None:
            return _WITHOUT[mark](self._content)
        if mark is Mark.SHAPE and Mark.ESCAPED in self._marks:
            # Few bytes of a part are looked for, which stand by chance in what has no escapes.
            return Mark.SHAPE in self._marks or may_have_escapes(self._content)
        return mark in self._marks
