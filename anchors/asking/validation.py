"""Facts -> whether a resolver validates, by the table in ``docs/ask.md``."""

from __future__ import annotations

from typing import NamedTuple

from anchors.asking.answers import Kind
from anchors.asking.facts import Facts, Marks, Seen
from anchors.asking.questions import Role
from anchors.asking.verdict import Validates

__all__ = ["Judgement", "Sentinel", "bogus_counts", "sentinel", "validation"]

# RFC 8914 4: hints in words, and never a reason for a verdict.
_HINTS = {
    7: "it reports an expired signature: check its clock",
    8: "it reports a signature that is not valid yet: check its clock",
    18: "it reports that its policy forbids the query",
    22: "it reports that it reaches no name server",
    23: "it reports a network error",
    33: "it reports a negative trust anchor",
}


_ANOTHER_GOOD = "ask again with another --good DOMAIN of a correctly signed zone"


class Judgement(NamedTuple):
    """Whether the resolver validates, the reason, and a way to learn more."""

    word: Validates
    why: str
    remedy: str | None = None


class Sentinel(NamedTuple):
    """Whether the sentinel of RFC 8509 works, and with which names; ``None``: unclear."""

    at_work: bool | None
    mixed: bool = False
    exists: bool = False


def sentinel(facts: Facts) -> Sentinel:
    """The replies for the tag that no key has: they show whether the sentinel works.

    Names that the zone cannot have come first, because no cache has an answer for them.
    """
    found = [_sentinel(facts, exists=exists) for exists in (False, True)]
    return next((one for one in found if one.at_work), found[0])


def _sentinel(facts: Facts, *, exists: bool) -> Sentinel:
    positive = facts.of(Role.IS_TA, facts.unused_tag, exists=exists)
    negative = facts.of(Role.NOT_TA, facts.unused_tag, exists=exists)
    if positive.mixed or negative.mixed:
        return Sentinel(at_work=None, mixed=True, exists=exists)
    if positive.fails and negative.answered:
        return Sentinel(at_work=True, exists=exists)
    if positive.answered and negative.answered:
        return Sentinel(at_work=False, exists=exists)
    return Sentinel(at_work=None, exists=exists)


def bogus_counts(facts: Facts) -> bool:
    """Whether the bogus name is usable: without validation, the name must exist."""
    bogus = facts.of(Role.BOGUS)
    return bogus.answered or (bogus.fails and facts.of(Role.BOGUS_CD).answered)


def validation(facts: Facts) -> Judgement:
    """Whether the resolver validates."""
    return (
        _no_resolver(facts)
        or _new_names_fail(facts)
        or _differs(facts)
        or _good_fails(facts)
        or _no_new_names(facts)
        or _validates(facts)
    )


def _no_resolver(facts: Facts) -> Judgement | None:
    """Whatever does not answer, or does not resolve, cannot be told of."""
    root, unchecked = facts.of(Role.ROOT), facts.of(Role.ROOT_CD)
    if root.kind is unchecked.kind is Kind.NONE:
        return _cannot_tell("nothing answers at this address")
    if root.kind is Kind.BROKEN or unchecked.kind is Kind.BROKEN:
        return _cannot_tell("the replies are not DNS messages")
    if Kind.REFUSED in {root.kind, unchecked.kind}:
        return _cannot_tell("it refuses queries from this machine", root)
    if any(seen.answered and not seen.recursive for seen in (root, unchecked)):
        return _cannot_tell("it is an authoritative name server, not a resolver")
    return None


def _new_names_fail(facts: Facts) -> Judgement | None:
    """Whoever answers there: no cache has a new name, so a failure of each is one of validation.

    A cache may answer now and then for the others, and that makes no pool.
    """
    good, fresh = facts.of(Role.GOOD), facts.of(Role.FRESH)
    if not (fresh.fails and facts.of(Role.FRESH_CD).answered and (good.answered or good.mixed)):
        return None
    words = "every new name gives SERVFAIL: its other answers come from the cache"
    return Judgement(Validates.FAILS, words + _why_it_fails(facts))


def _differs(facts: Facts) -> Judgement | None:
    names = {Role.ROOT: "the root", Role.GOOD: "the good name", Role.BOGUS: "the bogus name"}
    differing = [name for role, name in names.items() if facts.of(role).mixed]
    if not differing:
        return None
    words = f"its replies for {differing[0]} differ from query to query"
    return Judgement(Validates.MIXED, f"{words}: several resolvers answer at this address")


def _good_fails(facts: Facts) -> Judgement | None:
    good, fresh = facts.of(Role.GOOD), facts.of(Role.FRESH)
    if good.answered:
        return None
    if not facts.of(Role.GOOD_CD).answered:
        words = "it does not answer for the good name, even without validation"
        return _cannot_tell(f"{words} ({_kind(good)})", good)
    if not good.fails:
        return _cannot_tell(f"it does not answer for the good name ({_kind(good)})", good)
    if fresh.answered and fresh.marks is Marks.ALL:
        words = "the good name gives SERVFAIL, but new names are validated"
        return _cannot_tell(words, good, _ANOTHER_GOOD)
    words = "the good name gives SERVFAIL, but is answered without validation"
    return Judgement(Validates.FAILS, words + _why_it_fails(facts))


def _no_new_names(facts: Facts) -> Judgement | None:
    fresh = facts.of(Role.FRESH)
    if fresh.answered:
        return None
    if fresh.mixed:
        words = "some new names fail and others do not: several resolvers answer at this address"
        return Judgement(Validates.MIXED, words)
    return _cannot_tell(f"it does not answer for a new name ({_kind(fresh)})", fresh)


def _validates(facts: Facts) -> Judgement:
    """The good name is answered, and so are new ones: what of a bogus one?"""
    good, bogus = facts.of(Role.GOOD), facts.of(Role.BOGUS)
    if facts.marks_anything or (bogus.answered and bogus.marks is not Marks.NONE):
        return _cannot_tell("it sets AD in answers that nobody can have validated")
    marked = good.marks is Marks.ALL
    if not bogus_counts(facts):
        return _without_bogus(facts, marked=marked)
    if bogus.answered:
        return _answers_bogus(facts)
    if marked:
        return Judgement(
            Validates.YES,
            "it marks the good name as validated (AD), and the bogus name gives SERVFAIL",
        )
    words = "the bogus name gives SERVFAIL, but the good name is not marked as validated (AD)"
    return Judgement(Validates.YES_UNMARKED, words)


def _answers_bogus(facts: Facts) -> Judgement:
    good = facts.of(Role.GOOD)
    if good.marks is Marks.ALL:
        words = "it marks the good name as validated (AD), but answers the bogus name too"
        return Judgement(Validates.LETS_THROUGH, words)
    if good.marks is Marks.SOME:
        words = "some of its replies are marked as validated, and the bogus name is answered"
        return Judgement(Validates.MIXED, words)
    if facts.of(Role.ROOT).marks is not Marks.NONE:
        words = "it validates the root, but not the zone of the good name"
        return _cannot_tell(words, good, _ANOTHER_GOOD)
    words = "it marks nothing as validated, and answers the bogus name"
    return Judgement(Validates.NO, words)


def _without_bogus(facts: Facts, *, marked: bool) -> Judgement:
    """No bogus name was asked for, or none that is bogus: the sentinel or AD must tell."""
    if sentinel(facts).at_work:
        word = Validates.YES if marked else Validates.YES_UNMARKED
        return Judgement(word, "its root key sentinel (RFC 8509) answers, so it validates")
    if marked and facts.of(Role.DNSKEY).marks is Marks.ALL:
        return Judgement(Validates.YES, "it marks the root's keys and the good name as validated")
    if marked:
        return Judgement(Validates.YES, "it marks the good name as validated")
    words = (
        "it marks no answer as validated (the AD bit may get lost on the way), and has no root "
        "key sentinel"
    )
    remedy = "ask again with --bogus DOMAIN, a name whose signature is wrong: that decides it"
    return _cannot_tell(words, remedy=remedy)


def _cannot_tell(words: str, seen: Seen | None = None, remedy: str | None = None) -> Judgement:
    return Judgement(Validates.CANNOT_TELL, words + (_hint(seen) if seen else ""), remedy)


def _why_it_fails(facts: Facts) -> str:
    """The hints of all that fails: some tell the reason once, and a shorter one from then on."""
    roles = (Role.ROOT, Role.DNSKEY, Role.GOOD, Role.FRESH)
    failing = [facts.of(role) for role in roles if not facts.of(role).answered]
    codes = frozenset(code for seen in failing for code in seen.ede)
    return _hint(Seen(None, ede=codes))


def _hint(seen: Seen) -> str:
    return "".join(f"; {words}" for code, words in _HINTS.items() if code in seen.ede)


def _kind(seen: Seen) -> str:
    return seen.kind.value if seen.kind else "replies that differ"
