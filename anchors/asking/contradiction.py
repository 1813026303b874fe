"""Compare the report of a program on its anchors with its behaviour."""

from __future__ import annotations

from collections.abc import Iterator

from anchors.asking.control import Holding, Witness
from anchors.asking.trust import TrustOfKey
from anchors.asking.validation import Judgement
from anchors.asking.verdict import KeyTrust, Trust, Validates
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = ["contradictions", "untold", "with_holding"]

_VALIDATES = {Validates.YES, Validates.YES_UNMARKED, Validates.LETS_THROUGH}
# What the program says counts where the resolver does not show more.
_TOLD = {
    (Trust.BY_TAG, Holding.WRONG): TrustOfKey(
        Trust.NOT_TRUSTED, "{} reports its tag with another digest"
    ),
    (Trust.TELLS_NOTHING, Holding.WRONG): TrustOfKey(
        Trust.NOT_TRUSTED, "{} reports its tag with another digest"
    ),
    (Trust.BY_TAG, Holding.RIGHT): TrustOfKey(
        Trust.BY_TAG, "its root key sentinel shows it, and {} reports the right digest"
    ),
    (Trust.TELLS_NOTHING, Holding.RIGHT): TrustOfKey(
        Trust.BY_TAG, "{} reports it with the right digest"
    ),
    (Trust.TELLS_NOTHING, Holding.TAG): TrustOfKey(
        Trust.BY_TAG, "{} reports its tag, but no digest"
    ),
    (Trust.TELLS_NOTHING, Holding.ABSENT): TrustOfKey(Trust.NOT_TRUSTED, "{} does not report it"),
}
_HOLDS = {Holding.RIGHT, Holding.TAG}
_ELSEWHERE = (
    "find out which program answers at the address, and whether it leaves validation to the "
    "resolver that it forwards to"
)


def with_holding(
    said: TrustOfKey, holding: Holding, witness: Witness | None, judged: Judgement
) -> TrustOfKey:
    """The trust in a key, with the report of the program; behaviour outweighs the report."""
    if witness is None or witness.held is None or judged.word not in _VALIDATES:
        return said
    told = _TOLD.get((said.word, holding))
    return said if told is None else TrustOfKey(told.word, told.why.format(witness.held.by))


def contradictions(
    row: KeyTrust, holding: Holding, witness: Witness | None, update: str
) -> Iterator[Finding]:
    """The findings if the program reports one thing about a key and does another.

    Args:
        row: the behaviour of the resolver with the key.
        holding: the report of the program on the key.
        witness: the program, and how it was asked.
        update: the remedy that gives a resolver the right anchors.
    """
    if witness is None or witness.held is None:
        return
    got, want = f"{witness.title}: {witness.held.by}", f"the digest of {row.name} in IANA's XML"
    if holding is Holding.WRONG:
        severity = Severity.FAILURE if row.needed else Severity.WARNING
        words = f"it has an anchor with the tag of {row.name}, but with a wrong digest"
        yield Finding(Check.ASK_CONTRADICTION, severity, words, got, want, update)
    if row.trust is Trust.FAILS and holding is Holding.TAG:
        words = f"it reports {row.name}, but cannot use it: the digest or the clock is wrong"
        yield Finding(Check.ASK_CONTRADICTION, Severity.FAILURE, words, got, want, update)
    if row.trust is Trust.FAILS and holding is Holding.RIGHT:
        words = f"it has {row.name} with the right digest, but cannot use it"
        remedy = "check its clock, and restart it to empty its cache"
        yield Finding(Check.ASK_CONTRADICTION, Severity.FAILURE, words, got, remedy=remedy)
    if row.trust in {Trust.BY_USE, Trust.BY_TAG} and holding is Holding.ABSENT:
        words = f"{row.name} is trusted at this address, but the program does not report it"
        yield Finding(Check.ASK_CONTRADICTION, Severity.WARNING, words, got, remedy=_ELSEWHERE)
    if row.trust is Trust.NOT_TRUSTED and holding in _HOLDS:
        words = (
            f"the program reports {row.name}, but its root key sentinel shows that the key is "
            "not trusted"
        )
        yield Finding(Check.ASK_CONTRADICTION, Severity.WARNING, words, got, remedy=_ELSEWHERE)


def untold(witness: Witness | None) -> Iterator[Finding]:
    """The finding that the program did not report its anchors."""
    if witness is None or witness.held is not None:
        return
    words = f"{witness.title} does not report its anchors"
    got = printable(witness.failure[:300])
    remedy = (
        "run root-anchors as a user who may use its control program, or name the program with "
        "--control PROGRAM=PLACE"
    )
    yield Finding(
        Check.ASK_NOT_TOLD,
        Severity.WARNING if witness.is_chosen else Severity.NOTICE,
        words,
        got,
        remedy=remedy,
    )
