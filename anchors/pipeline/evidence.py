"""The results for each key and each server: the rows of a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from anchors.core.facade import renamed
from anchors.core.keys import DocumentKey, KeyState, label
from anchors.core.servers import ServerAnswer

if TYPE_CHECKING:
    from anchors.rootzone.rrset import Evidence

__all__ = [
    "KeyEvidence",
    "ServerEvidence",
    "in_advance",
    "outcome_of",
]


class KeyEvidence(NamedTuple):
    """One key of the document.

    Attributes:
        entry: its KeyDigest; a field that could not be read is ``None``.
        state: its state at the time of judgement.
        published: whether the key is in the root zone; ``None`` if this was not checked.
        signing: whether the key signs the root's keys; ``None`` if this was not checked.
        usable: whether the key may be a trust anchor, and is written into anchor files.
        why: the reason why the key is not usable.
        revoked_tags: its key tags in DNS with the REVOKE bit.
    """

    entry: DocumentKey
    state: KeyState
    published: bool | None
    signing: bool | None
    usable: bool
    why: str | None
    revoked_tags: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"<KeyEvidence {self.name}: {self.state}, {'' if self.usable else 'not '}usable>"

    @property
    def name(self) -> str:
        """As reports call it: ``KSK-2017 (20326)``."""
        return label(self.entry)

    @property
    def key_tag(self) -> int | None:
        """The key tag (RFC 4034 appendix B)."""
        return self.entry.key_tag

    @property
    def algorithm(self) -> int | None:
        """The number of the algorithm in IANA's registry."""
        return self.entry.algorithm

    @property
    def digest_type(self) -> int | None:
        """The number of the digest's type in IANA's registry."""
        return self.entry.digest_type

    @property
    def digest(self) -> bytes | None:
        """The digest of the DS."""
        return self.entry.digest

    @property
    def valid_from(self) -> datetime | None:
        """From when it may be used (RFC 9718 2.2)."""
        return self.entry.window and self.entry.window.valid_from

    @property
    def valid_until(self) -> datetime | None:
        """Until when, exclusive; ``None`` also where IANA has set no end."""
        return self.entry.window and self.entry.window.valid_until

    @property
    def key(self) -> DocumentKey:
        """Deprecated: ``entry``."""
        return renamed(self.entry, "KeyEvidence.key", "entry")

    @property
    def emitted(self) -> bool:
        """Deprecated: ``usable``."""
        return renamed(self.usable, "KeyEvidence.emitted", "usable")


class ServerEvidence(NamedTuple):
    """One server: ``outcome`` is ``verified``, ``untrusted``, ``unsigned``, or why none came.

    ``flags`` and ``signs`` are of the keys, in the order of ``key_tags``.
    """

    answer: ServerAnswer
    outcome: str
    key_tags: tuple[int, ...]
    flags: tuple[int, ...]
    signs: tuple[bool, ...]
    signed_by: tuple[int, ...]

    def __repr__(self) -> str:
        return f"<ServerEvidence {self.address}: {self.outcome}>"

    @property
    def address(self) -> str:
        """Whom the answer is from."""
        return self.answer.server

    @property
    def transport(self) -> str:
        """What the answer came over."""
        return self.answer.transport


def outcome_of(evidence: Evidence) -> str:
    """The outcome of an answer that is not verified."""
    observation = evidence.observation
    return observation.failure or ("untrusted" if observation.signatures else "unsigned")


def in_advance(evidence: Sequence[Evidence]) -> bool:
    """Whether no server was queried, and RRsets that were signed in advance replace the answers."""
    return any(e.observation.answer.transport == "skr" for e in evidence)
