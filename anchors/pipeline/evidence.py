"""What was found of each key and of each server: the rows of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from anchors.core.keys import DocumentKey, KeyState
from anchors.core.servers import ServerAnswer
from anchors.rootzone.rrset import Evidence

__all__ = [
    "KeyEvidence",
    "ServerEvidence",
    "in_advance",
    "outcome_of",
]


class KeyEvidence(NamedTuple):
    """One key of the document: ``published`` and ``signing`` are ``None`` where not checked.

    ``revoked_tags`` are the tags it has in DNS with the REVOKE bit.
    """

    key: DocumentKey
    state: KeyState
    published: bool | None
    signing: bool | None
    emitted: bool
    why: str | None
    revoked_tags: tuple[int, ...] = ()


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


def outcome_of(evidence: Evidence) -> str:
    """Why an answer is not verified."""
    observation = evidence.observation
    return observation.failure or ("untrusted" if observation.signatures else "unsigned")


def in_advance(evidence: Sequence[Evidence]) -> bool:
    """Whether nobody was asked: what was signed in advance stands in the place of an answer."""
    return any(e.observation.answer.transport == "skr" for e in evidence)
