"""The calendar of a quarter: which keys each slot publishes and which of them sign it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from dns.rdtypes.ANY.DNSKEY import DNSKEY

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.keys import DocumentKey, KeyDigest, KeyState, TrustAnchors
from anchors.core.records import Flag, key_tag
from anchors.core.times import format_time
from anchors.rootzone.rrset import Evidence, Observation, judge
from anchors.rootzone.skr import Bundle, SignedKeyResponse

__all__ = ["Slot", "SlotKey", "agreement", "agrees", "calendar", "slot_at"]

_QUARTERS = 4
_MONTHS_OF_A_QUARTER = 3


class SlotKey(NamedTuple):
    """A SEP key of a slot.

    Attributes:
        key_tag: its tag as it is published; REVOKE changes it.
        key: the key of the document that it is, by its DS; ``None`` where there is none.
        revoke: whether it carries REVOKE.
        signs: whether its signature over the keys of the slot holds.
    """

    key_tag: int
    key: DocumentKey | None
    revoke: bool
    signs: bool


class Slot(NamedTuple):
    """What the root zone is to serve from ``begin`` until ``end``, exclusive.

    Attributes:
        id: the bundle's.
        begin: the inception of its signatures.
        end: where the next slot begins, or the next quarter.
        expiration: when its signatures end; the slots overlap that far.
        sep_keys: the key-signing keys, oldest of the document first.
        other_tags: the tags of the other keys, the zone-signing keys.
        dnskeys: all keys, as records.
        signed_by: the tags of who signs, as the signatures claim.
        findings: what a person may want to know of this slot.
    """

    id: str
    begin: datetime
    end: datetime
    expiration: datetime
    sep_keys: tuple[SlotKey, ...]
    other_tags: tuple[int, ...]
    dnskeys: frozenset[DNSKEY]
    signed_by: frozenset[int]
    findings: tuple[Finding, ...]


def calendar(response: SignedKeyResponse, document: TrustAnchors) -> tuple[Slot, ...]:
    """Try each anchored key on each bundle, as of the time for which it was signed."""
    bundles = response.bundles
    begins = [bundle.inception for bundle in bundles]
    nexts = [*begins[1:], _next_quarter(begins[-1])]
    revoked = frozenset[DocumentKey]()
    slots = []
    for bundle, following in zip(bundles, nexts, strict=True):
        (evidence,) = judge([bundle.observation], document)
        # Once revoked, a key stays so (RFC 5011 2.1).
        revoked |= evidence.revoked
        slots.append(_slot(bundle, following, evidence, revoked, document))
    return tuple(slots)


def _next_quarter(time: datetime) -> datetime:
    """When the calendar quarter after ``time`` begins: the last slot lasts that long."""
    years, quarter = divmod((time.month - 1) // _MONTHS_OF_A_QUARTER + 1, _QUARTERS)
    return datetime(time.year + years, 1 + quarter * _MONTHS_OF_A_QUARTER, 1, tzinfo=UTC)


def _slot(
    bundle: Bundle,
    following: datetime,
    evidence: Evidence,
    revoked: frozenset[DocumentKey],
    document: TrustAnchors,
) -> Slot:
    return Slot(
        id=bundle.id,
        begin=bundle.inception,
        end=min(following, bundle.expiration),
        expiration=bundle.expiration,
        sep_keys=tuple(_sep_keys(evidence, document)),
        other_tags=tuple(tag for tag, flags, _ in evidence.sorted_keys if not flags & Flag.SEP),
        dnskeys=frozenset(evidence.observation.keys),
        signed_by=_signers(evidence.observation),
        findings=tuple(_findings(bundle, evidence, revoked)),
    )


def _sep_keys(evidence: Evidence, document: TrustAnchors) -> Iterator[SlotKey]:
    for key in document.keys:
        if key not in evidence.published:
            continue
        tags = sorted(tag for revoked, tag in evidence.revoked_tags if revoked == key)
        for tag in tags:
            yield SlotKey(tag, key, revoke=True, signs=key in evidence.revoked)
        if key.key_tag is not None and (key in evidence.signing or not tags):
            yield SlotKey(key.key_tag, key, revoke=False, signs=key in evidence.signing)
    flags = {tag: flags for tag, flags, _ in evidence.sorted_keys}
    for tag in evidence.unknown_sep_tags:
        yield SlotKey(tag, None, revoke=bool(flags[tag] & Flag.REVOKE), signs=False)


def _findings(
    bundle: Bundle, evidence: Evidence, revoked: frozenset[DocumentKey]
) -> Iterator[Finding]:
    begin = format_time(bundle.inception)
    if not any(
        isinstance(key, KeyDigest) and key.window.state_at(bundle.inception) is KeyState.CURRENT
        for key in evidence.signing - revoked
    ):
        yield Finding(
            Check.SKR_SIGNATURE,
            Severity.ALARM,
            f"no current key of the document signs the slot from {begin}",
            got=f"RRSIGs by {', '.join(bundle.observation.signed)}",
            want="a valid RRSIG by a current key that is not revoked",
            remedy="do not rely on this response until you know the reason",
        )
    if evidence.unknown_sep_tags:
        yield Finding(
            Check.SKR_UNKNOWN_SEP,
            Severity.ALARM,
            f"the slot from {begin} has a key-signing key that IANA does not publish",
            got=", ".join(map(str, evidence.unknown_sep_tags)),
            want="only key-signing keys that are in the document",
            remedy="look for a newer publication and for an announcement by ICANN",
        )


def slot_at(slots: Sequence[Slot], at: datetime) -> Slot | None:
    """The slot whose RRset the root zone is to serve at that time."""
    return next((slot for slot in slots if slot.begin <= at < slot.end), None)


def agrees(slot: Slot, observation: Observation) -> bool:
    """Whether a server gave the keys of this slot; order and TTL do not matter."""
    return frozenset(observation.keys) == slot.dnskeys


def agreement(slots: Sequence[Slot], observations: Sequence[Observation]) -> tuple[Finding, ...]:
    """Hold what was served against the slot of its time; servers without an RRset do not count."""
    groups = defaultdict[tuple[datetime, frozenset[DNSKEY], frozenset[int]], list[Observation]](
        list
    )
    for observation in observations:
        if observation.keys:
            content = frozenset(observation.keys), _signers(observation)
            groups[observation.answer.observed_at, *content].append(observation)
    return tuple(
        finding
        for (at, _, _), group in groups.items()
        for finding in _disagreement(slots, at, group)
    )


def _signers(observation: Observation) -> frozenset[int]:
    return frozenset(signature.key_tag for signature in observation.signatures)


def _disagreement(
    slots: Sequence[Slot], at: datetime, group: Sequence[Observation]
) -> Iterator[Finding]:
    slot = slot_at(slots, at)
    if slot is None:
        span = f"{format_time(slots[0].begin)} to {format_time(slots[-1].end)}" if slots else "none"
        yield Finding(
            Check.SKR_AGREEMENT,
            Severity.WARNING,
            "the signed key response has no slot for the time of the answers",
            got=span,
            want=format_time(at),
            remedy="use the signed key response of that quarter",
        )
        return
    servers = ", ".join(observation.answer.server for observation in group)
    if agrees(slot, group[0]):
        yield from _other_signers(slot, _signers(group[0]), servers)
        return
    late = [s for s in slots if s.begin < slot.begin and at <= s.expiration and agrees(s, group[0])]
    if late:
        yield Finding(
            Check.SKR_AGREEMENT,
            Severity.WARNING,
            "the root zone still serves the RRset that was signed for an earlier slot",
            got=f"that from {format_time(late[-1].begin)} ({servers})",
            want=f"that from {format_time(slot.begin)}",
            remedy="ask again tomorrow: the root zone may change several hours after a slot begins",
        )
        return
    yield Finding(
        Check.SKR_AGREEMENT,
        Severity.ALARM,
        "the root zone does not serve the RRset that was signed in advance for this time",
        got=f"{_tags(group[0].keys)} ({servers})",
        want=_tags(slot.dnskeys),
        remedy="look for a later response for this quarter, and for an announcement by ICANN",
    )


def _other_signers(slot: Slot, signers: frozenset[int], servers: str) -> Iterator[Finding]:
    """The keys are those of the slot, and others sign them: a roll was put off, or taken back."""
    if signers != slot.signed_by:
        yield Finding(
            Check.SKR_AGREEMENT,
            Severity.WARNING,
            "the root zone serves the keys that were signed in advance for this time, but other "
            "keys sign them",
            got=f"RRSIGs by {_in_words(signers)} ({servers})",
            want=f"RRSIGs by {_in_words(slot.signed_by)}",
            remedy="look for a later response for this quarter: when ICANN abandons a plan, it "
            "publishes another one",
        )


def _tags(keys: Iterable[DNSKEY]) -> str:
    return _in_words(map(key_tag, keys))


def _in_words(tags: Iterable[int]) -> str:
    return " ".join(map(str, sorted(tags)))
