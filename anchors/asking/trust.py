"""Facts -> whether a resolver trusts one key of the root, by the table in ``docs/ask.md``."""

from __future__ import annotations

from typing import NamedTuple

from anchors.asking.facts import Facts, Marks, Seen
from anchors.asking.questions import Role
from anchors.asking.validation import Judgement, sentinel
from anchors.asking.verdict import Trust, Validates

__all__ = ["KeyName", "TrustOfKey", "trust"]

_WITHOUT_VALIDATION = {
    Validates.NO: Trust.DOES_NOT_VALIDATE,
    Validates.MIXED: Trust.MIXED,
    Validates.CANNOT_TELL: Trust.CANNOT_TELL,
}


class KeyName(NamedTuple):
    """The name and the tag of a key."""

    name: str
    tag: int


class TrustOfKey(NamedTuple):
    """The result, and the reason in a sentence."""

    word: Trust
    why: str


def trust(key: KeyName, facts: Facts, judged: Judgement) -> TrustOfKey:
    """Whether the resolver trusts the key; the first matching row decides."""
    if judged.word in _WITHOUT_VALIDATION:
        return TrustOfKey(_WITHOUT_VALIDATION[judged.word], judged.why)
    if judged.word is Validates.FAILS:
        return _of_one_that_fails(key, facts)
    pair = _pair(key, facts)
    if _uses(key, facts) and not pair.denied:
        words = f"it has validated the root's keys, and {key.name} alone signs them"
        return TrustOfKey(Trust.BY_USE, words)
    return _by_sentinel(pair, facts)


def _of_one_that_fails(key: KeyName, facts: Facts) -> TrustOfKey:
    if facts.served == frozenset({key.name}):
        words = (
            f"{key.name} alone signs the root's keys, and the resolver cannot use {key.name}: the "
            "resolver does not trust it, has a wrong digest of it, or has a wrong clock"
        )
        return TrustOfKey(Trust.FAILS, words)
    words = "a failure shows nothing about a key that does not sign alone"
    return TrustOfKey(Trust.TELLS_NOTHING, words)


def _uses(key: KeyName, facts: Facts) -> bool:
    """Whether the root's keys come back secure, with this key's signature and no other.

    AD may get lost on the way to some of the replies; a pool shows itself by other differences.
    """
    seen = facts.of(Role.DNSKEY)
    return seen.answered and seen.marks is not Marks.NONE and facts.held == frozenset({key.name})


class _Pair(NamedTuple):
    """The two sentinel names of a key."""

    is_ta: Seen
    not_ta: Seen

    @property
    def denied(self) -> bool:
        return self.is_ta.fails and self.not_ta.answered

    @property
    def confirmed(self) -> bool:
        return self.is_ta.answered and self.not_ta.fails

    @property
    def silent(self) -> bool:
        return self.is_ta.answered and self.not_ta.answered

    @property
    def mixed(self) -> bool:
        return self.is_ta.mixed or self.not_ta.mixed


def _pair(key: KeyName, facts: Facts) -> _Pair:
    exists = sentinel(facts).exists
    return _Pair(
        facts.of(Role.IS_TA, key.tag, exists=exists), facts.of(Role.NOT_TA, key.tag, exists=exists)
    )


def _by_sentinel(pair: _Pair, facts: Facts) -> TrustOfKey:
    control = sentinel(facts)
    if control.at_work and pair.denied:
        words = "its root key sentinel shows it: the key is absent, pending or revoked"
        return TrustOfKey(Trust.NOT_TRUSTED, words)
    if control.at_work and pair.confirmed:
        words = "its root key sentinel shows it, by the tag and not by the digest"
        return TrustOfKey(Trust.BY_TAG, words)
    if control.at_work is False and pair.silent:
        words = "it has no root key sentinel, and the key does not sign the root's keys alone"
        return TrustOfKey(Trust.TELLS_NOTHING, words)
    if control.mixed or pair.mixed:
        words = "its replies about the key differ: several resolvers answer at this address"
        return TrustOfKey(Trust.MIXED, words)
    return TrustOfKey(
        Trust.CANNOT_TELL, "its replies about the key do not match any known behaviour"
    )
