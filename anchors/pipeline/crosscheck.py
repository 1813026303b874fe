"""TrustAnchors x Observations -> CrossCheck: one state per key, one row per server.

One RRset with a valid signature by a key of the document that is current and not revoked is enough;
every answer with another RRset is an alarm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from anchors.core.checks import Check
from anchors.core.emission import Emission, Provenance
from anchors.core.errors import AnchorsError, NothingValid, RootZoneRefused, RootZoneSilent
from anchors.core.findings import Finding
from anchors.core.keys import (
    Anchor,
    AnchorSet,
    DocumentKey,
    KeyDigest,
    KeyState,
    TrustAnchors,
    UnusableKeyDigest,
)
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.evidence import (
    KeyEvidence,
    ServerEvidence,
    in_advance,
    outcome_of,
)
from anchors.pipeline.rootzone_findings import rootzone_findings
from anchors.publication.authenticate import Authenticated

if TYPE_CHECKING:
    from anchors.rootzone.rrset import Evidence, Observation

__all__ = ["CrossCheck", "cross_check", "withheld"]


class CrossCheck(NamedTuple):
    """The comparison of document and root zone.  Only :func:`cross_check` makes one.

    Attributes:
        authenticated: the publication.
        document: the parsed document.
        keys: every key of the document, in the document's order.
        servers: every queried server; empty if DNS was not checked.
        findings: the findings.
        anchors: the keys that may be emitted; empty if ``refusal`` is set.
        refusal: the reason why no key may be emitted, or ``None``.
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
    """Compare the document with the observations; ``None``: DNS was not queried."""
    evidence = [] if observations is None else _judged(observations, document)
    revoked = frozenset[DocumentKey]().union(*(e.revoked for e in evidence))
    verified = [e for e in evidence if _is_verified(e, revoked)]
    keys = tuple(_key_evidence(key, verified or evidence, revoked, policy) for key in document.keys)
    refusal = _nothing_valid(keys)
    if refusal is None and observations is not None and not verified:
        refusal = _root_zone_refusal(evidence)
    if refusal is not None:
        keys = withheld(keys)
    emitted = [
        Anchor(k.entry, k.state) for k in keys if k.usable and isinstance(k.entry, KeyDigest)
    ]
    return CrossCheck(
        authenticated=authenticated,
        document=document,
        keys=keys,
        servers=tuple(_server_evidence(e, revoked) for e in evidence),
        findings=tuple(
            rootzone_findings(evidence, verified, keys, policy, asked=observations is not None)
        ),
        anchors=AnchorSet.of(emitted),
        refusal=refusal,
    )


def _judged(observations: Sequence[Observation], document: TrustAnchors) -> list[Evidence]:
    # What validates answers is loaded only where there are some.
    from anchors.rootzone.rrset import judge  # noqa: PLC0415

    return judge(observations, document)


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
        return KeyEvidence(key, KeyState.UNUSABLE, published, signing, usable=False, why=why)
    tags = tuple(sorted({tag for e in seen for k, tag in e.revoked_tags if k == key}))
    state = KeyState.REVOKED if key in revoked else key.window.state_at(policy.at)
    emitted = state is KeyState.CURRENT or (state is KeyState.FUTURE and policy.include_future)
    why_not = None if emitted else _why(key, state)
    return KeyEvidence(key, state, published, signing, emitted, why_not, tags)


def _why(key: KeyDigest, state: KeyState) -> str:
    window = key.window
    if state is KeyState.FUTURE:
        return f"not valid before {window.valid_from:%Y-%m-%d}"
    if state is KeyState.EXPIRED and window.valid_until is not None:
        return f"expired on {window.valid_until:%Y-%m-%d}"
    return "revoked in the root zone"


def withheld(
    keys: Sequence[KeyEvidence], why: str = "the run was refused"
) -> tuple[KeyEvidence, ...]:
    """The same rows for a run that emits nothing, with the reason ``why``."""
    return tuple(row._replace(usable=False, why=row.why or why) for row in keys)


def _nothing_valid(keys: Sequence[KeyEvidence]) -> AnchorsError | None:
    if any(key.state is KeyState.CURRENT for key in keys):
        return None
    states = Counter(key.state.value for key in keys)
    return NothingValid(
        Check.KEY_NONE_VALID,
        "the document is authentic, but has no key that is valid at this time",
        got=", ".join(f"{count} {state}" for state, count in sorted(states.items())),
        want="at least one current key",
        remedy="keep validation on; look for a newer publication, and check the clock or --at",
    )


def _root_zone_refusal(evidence: Sequence[Evidence]) -> AnchorsError:
    outcomes = Counter(map(outcome_of, evidence))
    got = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    if "untrusted" in outcomes:
        whose = "the response's" if in_advance(evidence) else "the root zone's"
        signed = dict.fromkeys(words for e in evidence for words in e.observation.signed[:4])
        return RootZoneRefused(
            Check.ROOTZONE_SIGNATURE,
            f"no current key of the document signs {whose} DNSKEY RRset",
            got=f"{got}; RRSIGs by {', '.join(signed)}",
            want="a valid RRSIG by a current key of the document, from at least one server",
            remedy="check the clock or --at; compare with another network; "
            "do not use these anchors until you know why",
        )
    return RootZoneSilent(
        Check.ROOTZONE_ANSWERS,
        "no server answered with a signed DNSKEY RRset of the root",
        got=got or "no answer",
        want="a signed answer from at least one server",
        remedy="try again; if port 53 is filtered here, use another network or name a --server; "
        "without a network, use --offline",
    )


def _server_evidence(evidence: Evidence, revoked: frozenset[DocumentKey]) -> ServerEvidence:
    return ServerEvidence(
        evidence.observation.answer,
        "verified" if _is_verified(evidence, revoked) else outcome_of(evidence),
        evidence.key_tags,
        evidence.flags,
        evidence.signs,
        tuple(sorted({key.key_tag for key in evidence.signing if key.key_tag is not None})),
    )
