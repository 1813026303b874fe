"""The result of a proof: one statement for each aspect, and for each key if keys differ."""

from __future__ import annotations

import enum
from typing import NamedTuple

from anchors.consumers.format import Format
from anchors.core.keys import KeyDigest

__all__ = ["NEEDED", "Aspect", "Outcome", "Proof", "Statement"]

_PROVEN, _CONTRADICTED, _UNDECIDED = 0, 1, 3


class Aspect(enum.StrEnum):
    """A claim about an anchor file."""

    FILE = "file"
    LOADS = "loads"
    HOLDS = "holds"
    VALIDATES = "validates"
    CONFORMS = "conforms"


# Without these, of each key, nothing is proven.
NEEDED = (Aspect.FILE, Aspect.LOADS, Aspect.HOLDS)


class Outcome(enum.StrEnum):
    """The result of a test."""

    SHOWN = "shown"
    TAG_SHOWN = "tag shown"
    CONTRADICTED = "contradicted"
    NOT_SHOWN = "not shown"

    @property
    def is_shown(self) -> bool:
        """Whether it was shown, be it by the key's tag alone."""
        return self in {Outcome.SHOWN, Outcome.TAG_SHOWN}


class Statement(NamedTuple):
    """The result of one test: ``key`` is ``None`` if it is about the whole file."""

    aspect: Aspect
    outcome: Outcome
    by: str
    words: str
    key: KeyDigest | None = None


class Proof(NamedTuple):
    """All tests of one file.

    Attributes:
        row: the format.
        keys: the verified keys that the file must hold.
        statements: the results, in the order of the tests.
        missing: consumers that are not installed, each with its Debian package.
        as_rendered: whether the file has exactly the bytes of the renderer.
    """

    row: Format
    keys: tuple[KeyDigest, ...]
    statements: tuple[Statement, ...]
    missing: tuple[tuple[str, str], ...] = ()
    as_rendered: bool = True

    @property
    def exit_code(self) -> int:
        """0 proven: all of ``NEEDED`` shown, nothing contradicted; 1 contradicted; 3 neither."""
        if any(s.outcome is Outcome.CONTRADICTED for s in self.statements):
            return _CONTRADICTED
        proven = (
            bool(self.keys)
            and not self.unjudged
            and all(self.of(aspect, key).is_shown for aspect in NEEDED for key in self.keys)
        )
        return _PROVEN if proven else _UNDECIDED

    @property
    def unjudged(self) -> tuple[str, ...]:
        """What the file holds besides its anchors, in words."""
        return tuple(
            s.words
            for s in self.statements
            if (s.aspect, s.outcome, s.key) == (Aspect.FILE, Outcome.NOT_SHOWN, None)
        )

    def of(self, aspect: Aspect, key: KeyDigest) -> Outcome:
        """What was shown of one key by anybody; a contradiction outweighs the rest."""
        about = [s for s in self.statements if s.aspect is aspect]
        outcomes = {s.outcome for s in about if s.key == key}
        # What is said of the file as a whole counts where nothing is said of the key.
        outcomes = outcomes or {s.outcome for s in about if s.key is None}
        for outcome in (Outcome.CONTRADICTED, Outcome.SHOWN, Outcome.TAG_SHOWN):
            if outcome in outcomes:
                return outcome
        return Outcome.NOT_SHOWN
