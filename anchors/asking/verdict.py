"""The words of the verdict on a resolver."""

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
    """Whether a resolver trusts one key of the root, and the kind of evidence."""

    BY_USE = "trusts-by-use"
    BY_TAG = "trusts-by-tag"
    NOT_TRUSTED = "not-trusted"
    FAILS = "fails"
    TELLS_NOTHING = "tells-nothing"
    DOES_NOT_VALIDATE = "does-not-validate"
    MIXED = "mixed"
    CANNOT_TELL = "cannot-tell"


class Summary(enum.StrEnum):
    """The verdict on one resolver, worst first."""

    NOT_READY = "not ready"
    CANNOT_TELL = "cannot tell"
    NOT_AFFECTED = "not affected"
    READY = "ready"


class Expected(enum.StrEnum):
    """The outcome of a resolver on a planned day."""

    FAILS = "fails"
    CANNOT_TELL = "cannot tell"
    GOES_ON = "goes on"


class KeyTrust(NamedTuple):
    """One key.

    Attributes:
        name: its name in reports.
        key_tag: its key tag.
        digest: its SHA-256 DS digest, if it is known.
        signing: whether it signs the root's keys in the replies of the resolver.
        needed: whether a resolver needs it, now or later.
        trust: whether the resolver trusts it.
        words: the reason, in a sentence.
    """

    name: str
    key_tag: int
    digest: bytes | None
    signing: bool
    needed: bool
    trust: Trust
    words: str


class Day(NamedTuple):
    """ICANN's plan for a day, and the outcome of the resolver on that day."""

    day: datetime
    event: str
    expected: Expected
    words: str


class ResolverVerdict(NamedTuple):
    """The verdict on one resolver, with its evidence.

    Attributes:
        address: the resolver, as the user names it.
        validates: whether it validates.
        why: the reason, in a sentence.
        keys: one row for each relevant key of the root.
        summary: the verdict in one word.
        days: its outcomes on the planned days.
        told: the key tags that the resolver reports over DNS (CH TXT).
        findings: the findings, worst first.
        asked: the number of questions it was asked.
        witness: the report of its control program.
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
