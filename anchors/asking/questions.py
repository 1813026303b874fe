"""The questions of one round (pure functions: random labels are arguments)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from anchors.consumers.registry import askers

__all__ = [
    "Choice",
    "Question",
    "Role",
    "Subject",
    "first_questions",
    "round_of",
    "unused",
    "witnesses",
]

_MAX_TAG = 0xFFFF


class Role(enum.StrEnum):
    """The purpose of a question."""

    ROOT = "root"
    ROOT_CD = "root, unchecked"
    DNSKEY = "root keys"
    DNSKEY_CD = "root keys, unchecked"
    GOOD = "good name"
    GOOD_CD = "good name, unchecked"
    FRESH = "fresh name"
    FRESH_CD = "fresh name, unchecked"
    BOGUS = "bogus name"
    BOGUS_CD = "bogus name, unchecked"
    IS_TA = "is-ta"
    NOT_TA = "not-ta"
    WITNESS = "trust anchors told"


class Subject(NamedTuple):
    """The subject of a question.

    ``tag`` is the key tag of a sentinel name (RFC 8509 2); ``exists`` is whether the zone may have
    the name.
    """

    role: Role
    tag: int | None = None
    exists: bool = False


class Question(NamedTuple):
    """One question: AD requests the AD flag only, DO also signatures, CD no validation."""

    subject: Subject
    name: str
    rdtype: str
    rdclass: str = "IN"
    ad: bool = False
    do: bool = False
    cd: bool = False


class Choice(NamedTuple):
    """The user's choice of questions.

    Attributes:
        zone: the signed zone of the fresh names and the sentinel names.
        real_names: whether the zone may have sentinel names of its own.
        good: a name with a valid signature; ``None``: the zone ``arpa.`` itself.
        bogus: a name with an invalid signature, if the user gives one.
        rounds: the number of rounds.
    """

    zone: str = "arpa."
    real_names: bool = False
    good: str | None = None
    bogus: str | None = None
    rounds: int = 4


def witnesses() -> tuple[Question, ...]:
    """The questions asked once: some programs report their anchors over DNS, in class CH."""
    names = (name for _, asker in askers() for name in asker.witnesses)
    return tuple(Question(Subject(Role.WITNESS), name, "TXT", "CH", ad=True) for name in names)


def unused(tags: Iterable[int]) -> int:
    """The smallest tag that no key has: the control for the replies of the sentinel."""
    taken = set(tags)
    return next(tag for tag in range(_MAX_TAG + 1) if tag not in taken)


def first_questions() -> tuple[Question, Question]:
    """The first questions: a resolver that answers neither gets no more.

    The status is queried with AD and without DO, and with CD and DO: some resolvers forward DO
    unvalidated, others validate only queries with AD or DO (RFC 6840 5.7).
    """
    return (
        Question(Subject(Role.ROOT), ".", "SOA", ad=True),
        Question(Subject(Role.ROOT_CD), ".", "SOA", do=True, cd=True),
    )


def round_of(choice: Choice, tags: Iterable[int], label: str) -> Iterator[Question]:
    """All other questions of a round.

    Args:
        choice: what the user chose.
        tags: the key tags for the sentinel, including the unused one.
        label: a label that was never queried before, so that no cache has an answer.
    """
    # Without AD: a server that only repeats the flag is not believed.
    yield Question(Subject(Role.DNSKEY), ".", "DNSKEY", do=True)
    yield Question(Subject(Role.DNSKEY_CD), ".", "DNSKEY", do=True, cd=True)
    name, rdtype = ("arpa.", "SOA") if choice.good is None else (choice.good, "A")
    yield from _with_cd(Role.GOOD, Role.GOOD_CD, name, rdtype)
    yield from _with_cd(Role.FRESH, Role.FRESH_CD, _below(label, choice.zone))
    if choice.bogus is not None:
        yield from _with_cd(Role.BOGUS, Role.BOGUS_CD, choice.bogus)
    below = _below(f"s{label}", choice.zone)
    for tag in tags:
        yield from _sentinel(tag, below, exists=False)
        if choice.real_names:
            yield from _sentinel(tag, choice.zone, exists=True)


def _with_cd(role: Role, unchecked: Role, name: str, rdtype: str = "A") -> Iterator[Question]:
    yield Question(Subject(role), name, rdtype, ad=True)
    yield Question(Subject(unchecked), name, rdtype, do=True, cd=True)


def _sentinel(tag: int, zone: str, *, exists: bool) -> Iterator[Question]:
    """Five digits, the leftmost label, type A, CD clear: all of RFC 8509 2.1."""
    for role in (Role.IS_TA, Role.NOT_TA):
        name = _below(f"root-key-sentinel-{role}-{tag:05}", zone)
        yield Question(Subject(role, tag, exists), name, "A", ad=True)


def _below(label: str, zone: str) -> str:
    return f"{label}." if zone == "." else f"{label}.{zone}"
