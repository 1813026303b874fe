"""What a file may hold, found in one pass: the closer and slower search is for the few that may.

With the extra ``fast`` an engine looks for everything at once, as soon as there is enough to look
at that its start is worth it.  Without, every file is searched closely, which finds the same.
"""

from __future__ import annotations

from anchors.auditing.scan.engine import Engine, started
from anchors.auditing.scan.seen import Seen

__all__ = ["Sieve", "sift", "start"]

# To start the engine takes as long as to search so many bytes without.
_WORTH = 8 << 20


class Sieve:
    """Searches one file after the other.

    Args:
        worth: the number of bytes that are searched before the engine starts.
    """

    def __init__(self, worth: int = _WORTH) -> None:
        self._left = worth
        self._engine: Engine | None = None

    def start(self) -> None:
        """Have the engine at once, and in all processes that are forked from now on."""
        if self._left >= 0:
            self._left = -1
            self._engine = started()

    def sift(self, content: bytes) -> Seen:
        """What the content may hold."""
        if self._engine is not None:
            return Seen(content, self._engine.marks(content))
        if self._left >= 0 and len(content) > self._left:
            self.start()
        elif self._left >= 0:
            self._left -= len(content)
        return Seen(content)


_SIEVE = Sieve()
start, sift = _SIEVE.start, _SIEVE.sift
