"""Content as text, and where its lines are."""

from __future__ import annotations

import bisect
import re

__all__ = ["Lines", "decoded"]


def decoded(content: bytes) -> str:
    """The text, whatever its bytes; what is no UTF-8 can only be comment."""
    return content.decode("utf-8-sig", errors="replace")


class Lines:
    """Tells the line, counted from 1, that a character of a text is in."""

    def __init__(self, text: str) -> None:
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def at(self, position: int) -> int:
        """The line of the character at ``position``, which counts from 0."""
        return bisect.bisect_left(self._ends, position) + 1
