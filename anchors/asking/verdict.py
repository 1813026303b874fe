"""The words of the answer: what a resolver does with what it is asked."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.asking.control import Witness
from anchors.core.findings import Finding

__all__ = ["Day", "Expected", "KeyTrust", "ResolverVerdict", "Summary", "Trust", "Validates"]


class Validates(enum.StrEnum):
    """Whether a resolver validates."""

    YES = "yes"
    YES_UNMARKED = "yes-unmarked"
    LETS_THROUGH = "lets-through"
    NO = "no"
    FAILS = "fails"
    MIXED = "mixed"
    CANNOT_TELL = "cannot-tell"


class Trust(enum.StrEnum):
    """Whether a resolver trusts one key of the root, and how that is known."""

    BY_USE = "trusts-by-use"
    BY_TAG = "trusts-by-tag"
    NOT_TRUSTED = "not-trusted"
    FAILS = "fails"
    TELLS_NOTHING = "tells-nothing"
    DOES_NOT_VALIDATE = "does-not-validate"
    MIXED = "mixed"
    CANNOT_TELL = "cannot-tell"


class Summary(enum.StrEnum):
    """The answer for one resolver, worst first."""

    NOT_READY = "not ready"
    CANNOT_TELL = "cannot tell"
    NOT_AFFECTED = "not affected"
    READY = "ready"


class Expected(enum.StrEnum):
    """What becomes of a resolver on a planned day."""

    FAILS = "fails"
    CANNOT_TELL = "cannot tell"
    GOES_ON = "goes on"


class KeyTrust(NamedTuple):
    """One key.

    Attributes:
        name: as reports call it.
        key_tag: its tag.
        digest: its SHA-256 DS digest, where it is known.
        signing: whether it signs the root's keys that the resolver hands over.
        needed: whether a resolver needs it, now or some day.
        trust: what the resolver makes of it.
        words: why, in a sentence.
    """

    name: str
    key_tag: int
    digest: bytes | None
    signing: bool
    needed: bool
    trust: Trust
    words: str


class Day(NamedTuple):
    """What ICANN plans for a day, and what will then become of the resolver."""

    day: datetime
    event: str
    expected: Expected
    words: str


class ResolverVerdict(NamedTuple):
    """All that is said of one resolver.

    Attributes:
        address: the resolver as it is asked for.
        validates: whether it validates.
        why: what that rests on, in a sentence.
        keys: one row for each key of the root that is of use.
        summary: the answer.
        days: what will become of it.
        told: the key tags that the resolver tells by itself (CH TXT).
        findings: what needs a person, worst first.
        asked: how many questions it was asked.
        witness: what its control program says.
    """

    address: str
    validates: Validates
    why: str
    keys: Sequence[KeyTrust]
    summary: Summary
    days: Sequence[Day]
    told: Sequence[int]
    findings: Sequence[Finding]
    asked: int
    witness: Witness | None = None
