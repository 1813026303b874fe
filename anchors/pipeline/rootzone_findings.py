"""Findings about the root zone's answers: missing and forged answers, and signs of a rollover."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.keys import DocumentKey, KeyDigest, KeyState, label
from anchors.core.policy import VerificationPolicy
from anchors.core.records import key_tag
from anchors.pipeline.evidence import KeyEvidence, in_advance, outcome_of

if TYPE_CHECKING:
    from anchors.rootzone.rrset import Evidence

__all__ = ["rootzone_findings", "without_ipv6"]

_NO_NETWORK = frozenset({"unreachable", "timeout"})


def rootzone_findings(
    evidence: Sequence[Evidence],
    verified: Sequence[Evidence],
    keys: Sequence[KeyEvidence],
    policy: VerificationPolicy,
    *,
    asked: bool,
) -> Iterator[Finding]:
    """Findings about the answers, and about keys in the answers.

    Args:
        evidence: every answer, compared with the document.
        verified: the answers that a current key of the document signs.
        keys: every key of the document.
        policy: contains the time of judgement.
        asked: whether a server was queried.
    """
    signed_in_advance = in_advance(evidence)
    if not asked or signed_in_advance:
        yield Finding(
            Check.ROOTZONE_NOT_CHECKED,
            Severity.NOTICE,
            "the root zone was NOT CHECKED",
            got="the RRset signed in advance" if signed_in_advance else "--dns none",
            want="--dns live, recorded, or FILE",
            remedy="leave --dns out to cross-check the keys",
        )
    if not asked:
        return
    yield from _silent(evidence, enough=bool(verified))
    if verified:
        yield from _untrusted(evidence, verified)
        yield from _disagreement(verified)
        yield from _unknown_sep(verified)
    yield from _revocations(evidence, keys, policy)
    yield from _chains(verified, keys)


def _addresses(evidence: Sequence[Evidence]) -> str:
    return ", ".join(e.observation.answer.server for e in evidence)


def without_ipv6(outcomes: Sequence[tuple[str, str | None]]) -> bool:
    """Whether an IPv4 address answered and no IPv6 address did: then IPv6 does not work here.

    Args:
        outcomes: the address of each server, and the outcome of its query.
    """
    silent = [(address, outcome in _NO_NETWORK) for address, outcome in outcomes]
    ipv6 = [lost for address, lost in silent if ":" in address]
    return len(ipv6) > 1 and all(ipv6) and not all(lost for _, lost in silent)


def _silent(evidence: Sequence[Evidence], *, enough: bool) -> Iterator[Finding]:
    failed = [e for e in evidence if not _is_an_answer(e)]
    if not failed:
        return
    outcomes = [(e.observation.answer.address, e.observation.failure) for e in evidence]
    if without_ipv6(outcomes):
        no_ipv6 = [e for e in failed if ":" in e.observation.answer.address]
        failed = [e for e in failed if e not in no_ipv6]
        yield Finding(
            Check.ROOTZONE_SILENT,
            Severity.NOTICE,
            f"this machine has no IPv6: {len(no_ipv6)} addresses could not be asked",
        )
    if failed:
        words = Counter(e.observation.failure for e in failed)
        yield Finding(
            Check.ROOTZONE_SILENT,
            Severity.WARNING,
            f"{len(failed)} of {len(evidence)} servers did not give a usable answer",
            got=", ".join(f"{count} {word}" for word, count in sorted(words.items()))
            + f" ({_addresses(failed)})",
            want="an answer from every server",
            remedy="usually nothing needs to be done: one verified answer is enough"
            if enough
            else "check the network path to these servers, or choose others with --server",
        )


def _is_an_answer(evidence: Evidence) -> bool:
    """Whether a server answered the question, if only to say that there is no such thing."""
    return evidence.observation.failure in {None, "nxdomain", "no-dnskey"}


def _untrusted(evidence: Sequence[Evidence], verified: Sequence[Evidence]) -> Iterator[Finding]:
    liars = [e for e in evidence if _is_an_answer(e) and e not in verified]
    wanted = verified[0].key_tags
    if liars:
        yield Finding(
            Check.ROOTZONE_SERVER,
            Severity.ALARM,
            "servers gave a DNSKEY RRset that no current key of the document signs",
            got="; ".join(
                f"{e.observation.answer.server}: {outcome_of(e)}"
                f" {' '.join(map(str, e.key_tags))}".rstrip()
                for e in liars
            ),
            want=f"the RRset of the other servers: {' '.join(map(str, wanted))}",
            remedy="check these servers and the network path to them",
        )


def _disagreement(verified: Sequence[Evidence]) -> Iterator[Finding]:
    groups = defaultdict(list)
    for e in verified:
        groups[frozenset(e.observation.keys)].append(e)
    if len(groups) > 1:
        yield Finding(
            Check.ROOTZONE_AGREEMENT,
            Severity.ALARM,
            f"the servers give {len(groups)} different DNSKEY RRsets, each validly signed",
            got="; ".join(
                f"{' '.join(map(str, group[0].key_tags))} from {_addresses(group)}"
                for group in groups.values()
            ),
            want="the same RRset from every server",
            remedy="ask again in a few minutes; if the difference persists, check the servers "
            "that differ",
        )


def _unknown_sep(verified: Sequence[Evidence]) -> Iterator[Finding]:
    tags = sorted({tag for e in verified for tag in e.unknown_sep_tags})
    if tags:
        yield Finding(
            Check.ROOTZONE_UNKNOWN_SEP,
            Severity.ALARM,
            "the root zone has a key-signing key that IANA does not publish",
            got=", ".join(map(str, tags)),
            want="only key-signing keys that are in the document",
            remedy="look for a newer publication and for an announcement by ICANN",
        )


def _revocations(
    evidence: Sequence[Evidence], keys: Sequence[KeyEvidence], policy: VerificationPolicy
) -> Iterator[Finding]:
    where = "the RRset signed in advance" if in_advance(evidence) else "the root zone"
    unsigned = frozenset[DocumentKey]().union(*(e.revoke_unsigned for e in evidence))
    for row in keys:
        key = row.entry
        if not isinstance(key, KeyDigest):
            continue
        if row.state is KeyState.REVOKED:
            # Where the document has ended the key too, both say the same: nobody need look.
            ended = key.window.state_at(policy.at) is KeyState.EXPIRED
            yield Finding(
                Check.ROOTZONE_REVOKED,
                Severity.NOTICE if ended else Severity.WARNING,
                f"{label(key)} is revoked in {where} and is left out of the files",
                got="the REVOKE bit, signed by the key itself",
                want="no REVOKE",
                remedy="remove this key wherever it is configured by hand",
            )
        elif key in unsigned:
            yield Finding(
                Check.ROOTZONE_REVOKE_UNSIGNED,
                Severity.WARNING,
                f"{label(key)} has the REVOKE bit but not its own signature, so it is not revoked",
                got="the REVOKE bit without an RRSIG by the key",
                want="the REVOKE bit with an RRSIG by the key itself",
                remedy="watch this key: its revocation may have begun",
            )


def _chains(verified: Sequence[Evidence], keys: Sequence[KeyEvidence]) -> Iterator[Finding]:
    """Chains that do not hold beside one that does: one good signature must not hide a bad one."""
    broken: defaultdict[tuple[int, int], list[Evidence]] = defaultdict(list)
    for e in verified:
        for whose in _broken(e):
            broken[whose].append(e)
    for row in keys:
        key = row.entry
        if not isinstance(key, KeyDigest) or not row.published:
            continue
        found = broken.get((key.key_tag, key.algorithm))
        if found:
            name = label(key)
            yield Finding(
                Check.ROOTZONE_CHAIN,
                Severity.ALARM,
                f"the signature by {name} over the root's keys is invalid; another signature is "
                "valid",
                got=f"an RRSIG that does not validate with {name} ({_addresses(found)})",
                want="a valid RRSIG, or none",
                remedy="check the clock; compare with another network; resolvers that trust this "
                "key alone fail",
            )


def _broken(evidence: Evidence) -> Iterator[tuple[int, int]]:
    """Tag and algorithm of each key whose signature is in the answer, and does not hold."""
    seen = evidence.observation
    # Where two keys have one tag, nobody knows whose the signature is.
    keys = Counter((key_tag(key), int(key.algorithm)) for key in seen.keys)
    holding = {key.key_tag for key in evidence.signing}
    for name in sorted({(s.key_tag, int(s.algorithm)) for s in seen.signatures}):
        if keys[name] == 1 and name[0] not in holding:
            yield name
