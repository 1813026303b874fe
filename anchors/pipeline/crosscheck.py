"""TrustAnchors x Observations -> CrossCheck: one state per key, one row per server.

DNS is evidence.  One server's RRset, validly signed by a key of the document that is current and
not revoked, is enough; every answer that differs is an alarm.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.core.checks import Check
from anchors.core.emission import Emission, Provenance
from anchors.core.errors import AnchorsError, NothingValid, RootZoneRefused, RootZoneSilent
from anchors.core.findings import Finding, Severity
from anchors.core.keys import (
    Anchor,
    AnchorSet,
    DocumentKey,
    KeyDigest,
    KeyState,
    TrustAnchors,
    UnusableKeyDigest,
    label,
)
from anchors.core.policy import VerificationPolicy
from anchors.core.servers import ServerAnswer
from anchors.publication.authenticate import Authenticated
from anchors.rootzone.rrset import Evidence, Observation, judge

__all__ = [
    "CrossCheck",
    "KeyEvidence",
    "ServerEvidence",
    "cross_check",
    "withheld",
    "without_ipv6",
]


_NO_NETWORK = frozenset({"unreachable", "timeout"})


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


class CrossCheck(NamedTuple):
    """Document and root zone held against each other.  Only :func:`cross_check` makes one.

    Attributes:
        authenticated: the publication.
        document: what it means.
        keys: every key of the document, in the document's order.
        servers: every server that was asked; empty where DNS was not checked.
        findings: what a person may want to know.
        anchors: what may be emitted; empty when ``refusal`` is set.
        refusal: why nothing may be emitted, or ``None``.
    """

    authenticated: Authenticated
    document: TrustAnchors
    keys: tuple[KeyEvidence, ...]
    servers: tuple[ServerEvidence, ...]
    findings: tuple[Finding, ...]
    anchors: AnchorSet
    refusal: AnchorsError | None

    @property
    def emission(self) -> Emission:
        """What writers may write."""
        authenticated = self.authenticated
        return Emission(
            anchors=self.anchors.anchors,
            provenance=Provenance(
                source=self.document.source,
                document_sha256=authenticated.document_sha256,
                signing_time=authenticated.signing_time,
                signer=authenticated.signer.email,
                cross_checked=self.in_agreement,
                observed_at=min(self._confirmed_at, default=None),
            ),
            document=authenticated.document,
        )

    @property
    def in_agreement(self) -> bool:
        """Whether the root zone was asked and confirmed the document."""
        return bool(self._confirmed_at)

    @property
    def _confirmed_at(self) -> list[datetime]:
        """When the root zone confirmed the document; what was signed in advance is no answer."""
        return [
            server.answer.observed_at
            for server in self.servers
            if server.outcome == "verified" and server.answer.transport != "skr"
        ]


def cross_check(
    authenticated: Authenticated,
    document: TrustAnchors,
    observations: Sequence[Observation] | None,
    policy: VerificationPolicy,
) -> CrossCheck:
    """Hold the document against what the root zone showed; ``None``: DNS was not asked."""
    evidence = judge(observations or (), document)
    revoked = frozenset[DocumentKey]().union(*(e.revoked for e in evidence))
    verified = [e for e in evidence if _is_verified(e, revoked)]
    keys = tuple(_key_evidence(key, verified or evidence, revoked, policy) for key in document.keys)
    refusal = _nothing_valid(keys)
    if refusal is None and observations is not None and not verified:
        refusal = _root_zone_refusal(evidence)
    if refusal is not None:
        keys = withheld(keys)
    emitted = [Anchor(k.key, k.state) for k in keys if k.emitted and isinstance(k.key, KeyDigest)]
    return CrossCheck(
        authenticated=authenticated,
        document=document,
        keys=keys,
        servers=tuple(_server_evidence(e, revoked) for e in evidence),
        findings=tuple(_findings(evidence, verified, keys, policy, asked=observations is not None)),
        anchors=AnchorSet.of(emitted),
        refusal=refusal,
    )


def _is_verified(evidence: Evidence, revoked: frozenset[DocumentKey]) -> bool:
    """Signed by a key that was current when it was observed, and that nobody saw revoked."""
    at = evidence.observation.answer.observed_at
    return any(
        isinstance(key, KeyDigest) and key.window.state_at(at) is KeyState.CURRENT
        for key in evidence.signing - revoked
    )


def _key_evidence(
    key: DocumentKey,
    evidence: Sequence[Evidence],
    revoked: frozenset[DocumentKey],
    policy: VerificationPolicy,
) -> KeyEvidence:
    seen = [e for e in evidence if e.observation.keys]
    published = any(key in e.published for e in seen) if seen else None
    signing = any(key in e.signing for e in seen) if seen else None
    if isinstance(key, UnusableKeyDigest):
        if key.digest is None:
            published = signing = None
        why = key.finding.message
        return KeyEvidence(key, KeyState.UNUSABLE, published, signing, emitted=False, why=why)
    tags = tuple(sorted({tag for e in seen for k, tag in e.revoked_tags if k == key}))
    state = KeyState.REVOKED if key in revoked else key.window.state_at(policy.at)
    emitted = state is KeyState.CURRENT or (state is KeyState.FUTURE and policy.include_future)
    why_not = None if emitted else _why(key, state)
    return KeyEvidence(key, state, published, signing, emitted, why_not, tags)


def _why(key: KeyDigest, state: KeyState) -> str:
    window = key.window
    if state is KeyState.FUTURE:
        return f"its time begins on {window.valid_from:%Y-%m-%d}"
    if state is KeyState.EXPIRED and window.valid_until is not None:
        return f"its time ended on {window.valid_until:%Y-%m-%d}"
    return "the root zone shows it revoked"


def withheld(
    keys: Sequence[KeyEvidence], why: str = "the run was refused"
) -> tuple[KeyEvidence, ...]:
    """The same rows for a run that emits nothing, and ``why``."""
    return tuple(row._replace(emitted=False, why=row.why or why) for row in keys)


def _nothing_valid(keys: Sequence[KeyEvidence]) -> AnchorsError | None:
    if any(key.state is KeyState.CURRENT for key in keys):
        return None
    states = Counter(key.state.value for key in keys)
    return NothingValid(
        Check.KEY_NONE_VALID,
        "the document is authentic, but none of its keys is valid at this time",
        got=", ".join(f"{count} {state}" for state, count in sorted(states.items())),
        want="at least one current key",
        remedy="do not turn validation off: look for a newer publication, and check the clock "
        "or --at",
    )


def _root_zone_refusal(evidence: Sequence[Evidence]) -> AnchorsError:
    outcomes = Counter(map(_outcome, evidence))
    got = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    if "untrusted" in outcomes:
        whose = "the response's" if _in_advance(evidence) else "the root zone's"
        signed = dict.fromkeys(words for e in evidence for words in e.observation.signed[:4])
        return RootZoneRefused(
            Check.ROOTZONE_SIGNATURE,
            f"{whose} DNSKEY RRset is not signed by any current key of the document",
            got=f"{got}; RRSIGs by {', '.join(signed)}",
            want="a valid RRSIG by a current key of the document, from at least one server",
            remedy="check the clock or --at; compare with another network; "
            "do not use these anchors until you know why",
        )
    return RootZoneSilent(
        Check.ROOTZONE_ANSWERS,
        "no server gave a signed DNSKEY RRset of the root",
        got=got or "no answer at all",
        want="a signed answer from at least one server",
        remedy="try again, from another network if port 53 is filtered here, or name a --server; "
        "--dns recorded and --dns none work without",
    )


def _outcome(evidence: Evidence) -> str:
    """Why an answer is not verified."""
    observation = evidence.observation
    return observation.failure or ("untrusted" if observation.signatures else "unsigned")


def _server_evidence(evidence: Evidence, revoked: frozenset[DocumentKey]) -> ServerEvidence:
    return ServerEvidence(
        evidence.observation.answer,
        "verified" if _is_verified(evidence, revoked) else _outcome(evidence),
        evidence.key_tags,
        evidence.flags,
        evidence.signs,
        tuple(sorted({key.key_tag for key in evidence.signing if key.key_tag is not None})),
    )


def _findings(
    evidence: Sequence[Evidence],
    verified: Sequence[Evidence],
    keys: Sequence[KeyEvidence],
    policy: VerificationPolicy,
    *,
    asked: bool,
) -> Iterator[Finding]:
    in_advance = _in_advance(evidence)
    if not asked or in_advance:
        yield Finding(
            Check.ROOTZONE_NOT_CHECKED,
            Severity.NOTICE,
            "the root zone was NOT CHECKED",
            got="what was signed in advance" if in_advance else "--dns none",
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


def _in_advance(evidence: Sequence[Evidence]) -> bool:
    """Whether nobody was asked: what was signed in advance stands in the place of an answer."""
    return any(e.observation.answer.transport == "skr" for e in evidence)


def _addresses(evidence: Sequence[Evidence]) -> str:
    return ", ".join(e.observation.answer.server for e in evidence)


def without_ipv6(outcomes: Sequence[tuple[str, str | None]]) -> bool:
    """Whether no IPv6 address answered while some IPv4 address did: then IPv6 is at fault.

    Args:
        outcomes: the address of each server, and how asking it ended.
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
            f"IPv6 does not work here: {len(no_ipv6)} addresses could not be asked",
        )
    if failed:
        words = Counter(e.observation.failure for e in failed)
        yield Finding(
            Check.ROOTZONE_SILENT,
            Severity.WARNING,
            f"{len(failed)} of {len(evidence)} servers gave no usable answer",
            got=", ".join(f"{count} {word}" for word, count in sorted(words.items()))
            + f" ({_addresses(failed)})",
            want="an answer from each",
            remedy="usually nothing: one verified answer is enough"
            if enough
            else "look into the network between, or ask with --server",
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
            "servers answered without keys that a current key of the document signs",
            got="; ".join(
                f"{e.observation.answer.server}: {_outcome(e)}"
                f" {' '.join(map(str, e.key_tags))}".rstrip()
                for e in liars
            ),
            want=f"the RRset that the other servers gave: {' '.join(map(str, wanted))}",
            remedy="look into these servers, or into the network between",
        )


def _disagreement(verified: Sequence[Evidence]) -> Iterator[Finding]:
    groups = defaultdict(list)
    for e in verified:
        groups[frozenset(e.observation.keys)].append(e)
    if len(groups) > 1:
        yield Finding(
            Check.ROOTZONE_AGREEMENT,
            Severity.ALARM,
            f"the servers give {len(groups)} different RRsets, each validly signed",
            got="; ".join(
                f"{' '.join(map(str, group[0].key_tags))} from {_addresses(group)}"
                for group in groups.values()
            ),
            want="one RRset everywhere",
            remedy="ask again in a few minutes; if it stays, look into the servers that differ",
        )


def _unknown_sep(verified: Sequence[Evidence]) -> Iterator[Finding]:
    tags = sorted({tag for e in verified for tag in e.unknown_sep_tags})
    if tags:
        yield Finding(
            Check.ROOTZONE_UNKNOWN_SEP,
            Severity.ALARM,
            "the root zone has a key-signing key that IANA does not publish",
            got=", ".join(map(str, tags)),
            want="only keys of the document",
            remedy="look for a newer publication and for an announcement of ICANN",
        )


def _revocations(
    evidence: Sequence[Evidence], keys: Sequence[KeyEvidence], policy: VerificationPolicy
) -> Iterator[Finding]:
    where = "what was signed in advance" if _in_advance(evidence) else "the root zone"
    unsigned = frozenset[DocumentKey]().union(*(e.revoke_unsigned for e in evidence))
    for row in keys:
        key = row.key
        if not isinstance(key, KeyDigest):
            continue
        if row.state is KeyState.REVOKED:
            # Where the document has ended the key too, both say the same: nobody need look.
            ended = key.window.state_at(policy.at) is KeyState.EXPIRED
            yield Finding(
                Check.ROOTZONE_REVOKED,
                Severity.NOTICE if ended else Severity.WARNING,
                f"{label(key)} is revoked in {where} and is not emitted",
                got="REVOKE, signed by the key itself",
                want="no REVOKE",
                remedy="remove it wherever it is configured by hand",
            )
        elif key in unsigned:
            yield Finding(
                Check.ROOTZONE_REVOKE_UNSIGNED,
                Severity.WARNING,
                f"{label(key)} carries REVOKE without its own signature, which does not revoke it",
                got="REVOKE without RRSIG of the key",
                want="REVOKE signed by the key itself",
                remedy="watch this key: its revocation may be under way",
            )
