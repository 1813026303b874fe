"""Facts and verified keys -> the verdict on one resolver (pure functions)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from anchors.asking.contradiction import contradictions, untold, with_holding
from anchors.asking.control import Holding, holding
from anchors.asking.facts import Facts, Marks
from anchors.asking.questions import Choice, Role
from anchors.asking.trust import KeyName, trust
from anchors.asking.validation import Judgement, bogus_counts, validation
from anchors.asking.verdict import (
    Day,
    Expected,
    KeyTrust,
    ResolverVerdict,
    Summary,
    Trust,
    Validates,
)
from anchors.core.checks import Check
from anchors.core.findings import WORST_FIRST, Finding, Severity
from anchors.core.keys import KeyState
from anchors.core.root_facts import planned_for
from anchors.core.words import listed
from anchors.pipeline.root_keys import RootKey, VerifiedKeys, is_needed

__all__ = ["asked_for", "judge"]

_OF_USE = {KeyState.CURRENT, KeyState.FUTURE}
_TRUSTED = {Trust.BY_USE, Trust.BY_TAG}
_UPDATE = (
    "give the resolver IANA's current trust anchors ('root-anchors explain operators' shows how "
    "for each program), restart it, and ask again; keep validation on"
)

_REMOVE = {
    "revoked": (
        "remove the key from the configuration; a resolver that follows RFC 5011 removes it by "
        "itself after it has seen the revocation: ask again in two days"
    ),
    "retired": "remove the key from the configuration and from the resolver's state file",
}


def asked_for(keys: VerifiedKeys) -> list[RootKey]:
    """The keys about which resolvers are asked: the keys in use, and the last retired key."""
    return [key for key in keys.keys if key.state in _OF_USE or _is_given_up(key)]


def _is_given_up(key: RootKey) -> bool:
    """Whether its time is over, by the root zone or by the document, and was planned to end."""
    planned = planned_for(key.digest(2))
    ended = key.state is KeyState.EXPIRED and planned is not None and planned.revoked is not None
    return ended or key.state is KeyState.REVOKED


def judge(
    address: str, facts: Facts, keys: VerifiedKeys, choice: Choice, *, asked: int = 0
) -> ResolverVerdict:
    """The verdict on one resolver.

    Args:
        address: the resolver, as the user names it.
        facts: the facts about it.
        keys: the verified keys, with the keys that sign the root's keys in its replies.
        choice: what the user chose to ask.
        asked: the number of questions it was asked.
    """
    judged = validation(facts)
    says = {key.name: holding(key, facts.witness) for key in asked_for(keys)}
    rows = [_row(key, facts, keys, judged, says[key.name]) for key in asked_for(keys)]
    summary = _summary(judged, rows)
    found = [*_findings(facts, choice, judged, rows, says), *_of_given_up(keys, rows)]
    return ResolverVerdict(
        address=address,
        validates=judged.word,
        why=judged.why,
        keys=rows,
        summary=summary,
        days=[*_days(keys, rows, judged, summary)],
        told=sorted(facts.told),
        witness=facts.witness,
        findings=sorted(found, key=lambda finding: WORST_FIRST.index(finding.severity)),
        asked=asked,
    )


def _row(
    key: RootKey, facts: Facts, keys: VerifiedKeys, judged: Judgement, says: Holding
) -> KeyTrust:
    said = trust(KeyName(key.name, key.key_tag), facts, judged)
    word, why = with_holding(said, says, facts.witness, judged)
    return KeyTrust(
        name=key.name,
        key_tag=key.key_tag,
        digest=key.digest(2),
        signing=key.name in (facts.served or ()),
        needed=key.state is KeyState.CURRENT and is_needed(key, keys),
        trust=word,
        words=why,
    )


def _summary(judged: Judgement, rows: Sequence[KeyTrust]) -> Summary:
    if judged.word is Validates.FAILS:
        return Summary.NOT_READY
    if judged.word is Validates.NO:
        return Summary.NOT_AFFECTED
    if judged.word in {Validates.MIXED, Validates.CANNOT_TELL}:
        return Summary.CANNOT_TELL
    needed = [row for row in rows if row.needed]
    if any(row.trust in {Trust.NOT_TRUSTED, Trust.FAILS} for row in needed):
        return Summary.NOT_READY
    signing = [row for row in needed if row.signing]
    used = bool(signing) and all(row.trust is Trust.BY_USE for row in signing)
    return (
        Summary.READY
        if used and all(row.trust in _TRUSTED for row in needed)
        else Summary.CANNOT_TELL
    )


def _days(
    keys: VerifiedKeys, rows: Sequence[KeyTrust], judged: Judgement, summary: Summary
) -> Iterator[Day]:
    """What is planned after the time of judgement, and what becomes of the resolver then."""
    by_name = {row.name: row for row in rows}
    for signer in keys.next:
        if signer.since is not None and signer.key.name in by_name:
            event = f"{signer.key.name} is planned to sign the root's keys"
            expected, words = _when_it_signs(by_name[signer.key.name], judged)
            yield Day(signer.since, event, expected, words)
    for key in keys.current:
        planned = planned_for(key.digest(2))
        if planned is not None and planned.revoked is not None and planned.revoked > keys.at:
            event = f"{key.name} is planned to be revoked"
            expected, words = _when_it_ends(key.name, rows, judged, summary)
            yield Day(planned.revoked, event, expected, words)


def _when_it_signs(row: KeyTrust, judged: Judgement) -> tuple[Expected, str]:
    if judged.word is Validates.NO:
        return Expected.GOES_ON, "it does not validate, so nothing changes"
    if row.trust in _TRUSTED:
        doubt = "" if row.trust is Trust.BY_USE else ", if it has the right digest"
        return Expected.GOES_ON, f"it keeps working{doubt}"
    if row.trust in {Trust.NOT_TRUSTED, Trust.FAILS}:
        return Expected.FAILS, "every look-up will fail"
    return Expected.CANNOT_TELL, f"it is unknown whether it trusts {row.name}"


def _when_it_ends(
    name: str, rows: Sequence[KeyTrust], judged: Judgement, summary: Summary
) -> tuple[Expected, str]:
    if judged.word is Validates.NO:
        return Expected.GOES_ON, "it does not validate, so nothing changes"
    others = [row for row in rows if row.name != name and row.trust in _TRUSTED]
    if others:
        names = listed([row.name for row in others])
        return Expected.GOES_ON, f"it keeps working, because it trusts {names}"
    if summary is Summary.NOT_READY:
        return Expected.FAILS, "every look-up will fail, unless the resolver is corrected before"
    return Expected.CANNOT_TELL, "it is unknown whether it trusts another key"


def _findings(
    facts: Facts,
    choice: Choice,
    judged: Judgement,
    rows: Sequence[KeyTrust],
    says: Mapping[str, Holding],
) -> Iterator[Finding]:
    yield from untold(facts.witness)
    yield from _of_validation(facts, choice, judged)
    is_open = judged.word in {Validates.CANNOT_TELL, Validates.MIXED, Validates.NO}
    for row in rows:
        yield from _of_key(row, facts)
        yield from contradictions(row, says[row.name], facts.witness, _UPDATE)
        if row.needed and not is_open:
            yield from _of_needed(row)
    if facts.of(Role.DNSKEY_CD).answered and not any(row.signing for row in rows):
        yield _ROOT_KEYS


_ROOT_KEYS = Finding(
    Check.ASK_ROOT_KEYS,
    Severity.WARNING,
    "no key of IANA's publication signs the root DNSKEY RRset that it returns",
    want="a root DNSKEY RRset with a valid signature by a published key, when asked with CD",
    remedy="ask again; compare with another network, because somebody may be changing its replies",
)
_OF_VALIDATION = {
    Validates.CANNOT_TELL: (
        Check.ASK_UNDECIDED,
        Severity.WARNING,
        "ask again, on the machine itself if you can",
    ),
    Validates.MIXED: (
        Check.ASK_MIXED,
        Severity.WARNING,
        "ask each resolver of the pool by its own address",
    ),
    Validates.FAILS: (Check.ASK_FAILS, Severity.FAILURE, f"check its clock; {_UPDATE}"),
    Validates.LETS_THROUGH: (
        Check.ASK_FORGED,
        Severity.WARNING,
        "switch off the permissive mode, or whatever lets it return data that does not validate",
    ),
    Validates.NO: (
        Check.ASK_VALIDATION,
        Severity.WARNING,
        "switch validation on, if this resolver should protect its users",
    ),
}


def _of_validation(facts: Facts, choice: Choice, judged: Judgement) -> Iterator[Finding]:
    if judged.word in _OF_VALIDATION:
        check, severity, remedy = _OF_VALIDATION[judged.word]
        yield Finding(check, severity, judged.why, remedy=judged.remedy or remedy)
    held = facts.told | {tag for tag, _ in (facts.witness.anchors if facts.witness else ()) if tag}
    if judged.word is Validates.NO and held:
        tags = ", ".join(map(str, sorted(held)))
        words = "it reports trust anchors, but does not validate with them"
        yield Finding(Check.ASK_CONTRADICTION, Severity.WARNING, words, got=f"key tags {tags}")
    if choice.bogus is not None and facts.of(Role.BOGUS).fails and not bogus_counts(facts):
        words = "the name given with --bogus shows nothing: it fails without validation too"
        yield Finding(Check.ASK_CONTROL, Severity.NOTICE, words, got=choice.bogus)
    if choice.bogus is None and judged.word is Validates.YES:
        words = "it was not tested whether forged data is refused (--bogus DOMAIN tests it)"
        yield Finding(Check.ASK_CONTROL, Severity.NOTICE, words)
    if judged.word is Validates.YES and facts.of(Role.DNSKEY).marks is Marks.NONE:
        words = "the root's keys come without AD, as from a local copy of the root zone"
        yield Finding(Check.ASK_CONTROL, Severity.NOTICE, words)


def _of_key(row: KeyTrust, facts: Facts) -> Iterator[Finding]:
    """What it tells of a key, and what it does with it."""
    if row.trust is Trust.FAILS and row.key_tag in facts.told:
        yield Finding(
            Check.ASK_CONTRADICTION,
            Severity.FAILURE,
            f"it reports {row.name}, but cannot use it: the digest or the clock is wrong",
            got=f"CH TXT: {' '.join(map(str, sorted(facts.told)))}",
            want=f"the digest of {row.name} that IANA publishes",
            remedy=_UPDATE,
        )


def _of_given_up(keys: VerifiedKeys, rows: Sequence[KeyTrust]) -> Iterator[Finding]:
    """That it goes on trusting a key whose time is over."""
    over = {
        key.name: "revoked" if key.state is KeyState.REVOKED else "retired"
        for key in keys.keys
        if _is_given_up(key)
    }
    for row in rows:
        if row.name in over and row.trust in _TRUSTED:
            yield Finding(
                Check.ASK_REVOKED,
                Severity.WARNING,
                f"{row.name} is {over[row.name]}, but still trusted",
                got=row.words,
                want=f"no trust in {row.name}",
                remedy=_REMOVE[over[row.name]],
            )


def _of_needed(row: KeyTrust) -> Iterator[Finding]:
    if row.trust is Trust.NOT_TRUSTED:
        yield Finding(
            Check.ASK_NOT_TRUSTED,
            Severity.FAILURE,
            f"{row.name} is not trusted",
            got=row.words,
            want=f"an anchor for {row.name}",
            remedy=_UPDATE,
        )
    if row.trust is Trust.MIXED:
        remedy = _OF_VALIDATION[Validates.MIXED][2]
        words = f"{row.name}: {row.words}"
        yield Finding(Check.ASK_MIXED, Severity.WARNING, words, remedy=remedy)
    # A key that signs now must be used: of its digest a tag says nothing.
    unproven = row.trust is Trust.BY_TAG and row.signing
    if unproven or row.trust in {Trust.TELLS_NOTHING, Trust.CANNOT_TELL}:
        words = f"it is unknown whether it can use {row.name}: {row.words}"
        remedy = "audit its configuration: root-anchors audit PATH"
        yield Finding(Check.ASK_UNDECIDED, Severity.WARNING, words, remedy=remedy)
