"""What a proof says: one statement for each aspect, and for each key where keys differ."""

from __future__ import annotations

import enum
from typing import NamedTuple

from anchors.consumers.format import Format
from anchors.core.keys import KeyDigest

__all__ = ["NEEDED", "Aspect", "Outcome", "Proof", "Statement"]

_PROVEN, _CONTRADICTED, _UNDECIDED = 0, 1, 3


class Aspect(enum.StrEnum):
    """What is claimed of an anchor file."""

    FILE = "file"
    LOADS = "loads"
    HOLDS = "holds"
    VALIDATES = "validates"
    CONFORMS = "conforms"


# Without these, of each key, nothing is proven.
NEEDED = (Aspect.FILE, Aspect.LOADS, Aspect.HOLDS)


class Outcome(enum.StrEnum):
    """What came of it."""

    SHOWN = "shown"
    TAG_SHOWN = "tag shown"
    CONTRADICTED = "contradicted"
    NOT_SHOWN = "not shown"

    @property
    def is_shown(self) -> bool:
        """Whether it was shown, be it by the key's tag alone."""
        return self in {Outcome.SHOWN, Outcome.TAG_SHOWN}


class Statement(NamedTuple):
    """One thing that was tried: ``key`` is ``None`` where it is about the file as a whole."""

    aspect: Aspect
    outcome: Outcome
    by: str
    words: str
    key: KeyDigest | None = None


class Proof(NamedTuple):
    """Everything that was tried on one file.

    Attributes:
        row: the format.
        keys: the verified keys that the file must hold.
        statements: in the order of trying.
        missing: consumers that are not installed, each with the Debian package that has it.
        as_rendered: whether the file is byte for byte what the renderer writes.
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
