"""The verified keys with all their digests, and the keys that sign the root zone at each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.core.keys import KeyDigest, KeyState, label
from anchors.core.match import digests_of
from anchors.core.records import Flag
from anchors.core.root_facts import KNOWN_KEYS, planned_for
from anchors.pipeline.evidence import KeyEvidence
from anchors.pipeline.report import Report
from anchors.rootzone.rrset import observe

__all__ = ["Revocation", "RootKey", "Signer", "VerifiedKeys", "is_needed", "verified_keys"]


class RootKey(NamedTuple):
    """A root KSK.

    Attributes:
        name: its name in reports.
        state: its state at the time of judgement.
        digests: its DS digests by digest type; all types if the public key is published.
        public_key: as in RFC 4034 2.1.4; ``None`` if only a digest is published.
        signing: whether the key was seen to sign the root zone; ``None`` if not checked.
    """

    name: str
    key_tag: int
    algorithm: int
    state: KeyState
    digests: tuple[tuple[int, bytes], ...]
    public_key: bytes | None = None
    signing: bool | None = None

    def digest(self, digest_type: int) -> bytes | None:
        """The digest of this type, where it can be known."""
        return dict(self.digests).get(digest_type)


class Signer(NamedTuple):
    """A key that signs the root's DNSKEY RRset from a day on.

    ``since`` is ``None`` if only the observation is known; ``planned`` if only ICANN's plan is
    known.
    """

    key: RootKey
    since: datetime | None
    planned: bool


class Revocation(NamedTuple):
    """A planned revocation of a key that was not observed yet.

    ``looked``: whether the root zone was observed after that day.
    """

    key: RootKey
    day: datetime
    looked: bool = False


class VerifiedKeys(NamedTuple):
    """The verified keys with which anchors are compared.

    Attributes:
        at: the time of judgement.
        keys: every key that is or was in the document.
        now: the keys that sign at that time; empty if neither observation nor plan shows them.
        next: the keys that will sign later by the plan, by day.
        revocations: planned revocations that were not observed, by day.
        zone_keys: the public keys of the zone-signing keys that were observed in the root zone.
        options: the options with which the command line repeats the verification.
    """

    at: datetime
    keys: tuple[RootKey, ...]
    now: tuple[Signer, ...]
    next: tuple[Signer, ...]
    revocations: tuple[Revocation, ...] = ()
    zone_keys: frozenset[bytes] = frozenset()
    options: tuple[str, ...] = ()

    @property
    def current(self) -> tuple[RootKey, ...]:
        """The keys that should be held."""
        return tuple(key for key in self.keys if key.state is KeyState.CURRENT)


def is_needed(key: RootKey, keys: VerifiedKeys) -> bool:
    """Whether a resolver without this current key fails, now or later."""
    signing = [signer.key for signer in keys.now]
    if not signing or any(signer.key == key for signer in keys.next):
        return True
    # An older key has been succeeded, though it may still sign; a younger one's day will come.
    return keys.keys.index(key) >= max(keys.keys.index(other) for other in signing)


def verified_keys(report: Report, options: tuple[str, ...] = ()) -> VerifiedKeys:
    """The keys of a verification, and the times at which they sign by observation and plan.

    Args:
        report: the verification.
        options: the options with which the command line repeats the verification.
    """
    keys = (*_published(report.keys), *_former(report.keys))
    planned = sorted(
        _planned(keys), key=lambda signer: (signer.since or report.at, signer.key.name)
    )
    later = tuple(s for s in planned if s.since is not None and s.since > report.at)
    revoked = sorted(_revocations(keys, report.looked_at), key=lambda one: (one.day, one.key.name))
    return VerifiedKeys(
        at=report.at,
        keys=keys,
        now=_signing_now(report, keys, planned),
        next=later,
        revocations=tuple(revoked),
        zone_keys=frozenset(_zone_keys(report)),
        options=options,
    )


def _zone_keys(report: Report) -> Iterator[bytes]:
    """The public keys of the zone-signing keys in every answer that was verified."""
    for server in report.servers:
        if server.outcome == "verified":
            for key in observe(server.answer).keys:
                if not key.flags & Flag.SEP:
                    yield key.key


def _published(rows: Sequence[KeyEvidence]) -> Iterator[RootKey]:
    seen: set[tuple[int, int, bytes]] = set()
    for row in rows:
        key = row.entry
        if not isinstance(key, KeyDigest):
            continue
        identity = (key.key_tag, key.algorithm, key.public_key or key.digest)
        if identity in seen:
            continue
        seen.add(identity)
        yield RootKey(
            label(key),
            key.key_tag,
            key.algorithm,
            row.state,
            tuple(_digests(key)),
            key.public_key,
            row.signing,
        )


def _digests(key: KeyDigest) -> Iterator[tuple[int, bytes]]:
    if key.public_key is None or key.flags is None:
        yield key.digest_type, key.digest
        yield from _other_digests(key.digest)
        return
    yield from digests_of(key.flags, key.algorithm, key.public_key)


def _other_digests(digest: bytes) -> list[tuple[int, bytes]]:
    """Those of a known key that the document has no public key of."""
    text = digest.hex().upper()
    others = (
        other for known in KNOWN_KEYS if known.digest == text for other in known.other_digests
    )
    return [(digest_type, bytes.fromhex(other)) for digest_type, other in others]


def _former(rows: Sequence[KeyEvidence]) -> Iterator[RootKey]:
    """The known keys that the document no longer has: they were published, so not foreign."""
    listed = {row.entry.digest for row in rows}
    for known in KNOWN_KEYS:
        digest = bytes.fromhex(known.digest)
        if digest not in listed and known.valid_until is not None:
            name = f"{known.name} ({known.key_tag})"
            digests = ((2, digest), *_other_digests(digest))
            yield RootKey(name, known.key_tag, known.algorithm, KeyState.EXPIRED, digests)


def _revocations(keys: Sequence[RootKey], seen: datetime | None) -> Iterator[Revocation]:
    for key in keys:
        plan = planned_for(key.digest(2))
        if plan is not None and plan.revoked is not None and key.state is KeyState.CURRENT:
            # Servers may take the day itself to change.
            looked = seen is not None and seen.date() > plan.revoked.date()
            yield Revocation(key, plan.revoked, looked)


def _planned(keys: Sequence[RootKey]) -> Iterator[Signer]:
    for key in keys:
        plan = planned_for(key.digest(2))
        if plan is not None and plan.signing is not None and key.state is KeyState.CURRENT:
            yield Signer(key, plan.signing, planned=True)


def _signing_now(
    report: Report, keys: Sequence[RootKey], planned: Sequence[Signer]
) -> tuple[Signer, ...]:
    """What was seen, unless a roll was planned between the observation and the judgement."""
    seen = [key for key in keys if key.signing and key.state is KeyState.CURRENT]
    due = [s for s in planned if s.since is not None and s.since <= report.at]
    rolled = [s for s in due if not seen or (s.since is not None and s.since > report.seen_at)]
    if rolled:
        return (rolled[-1]._replace(planned=rolled[-1].key not in seen),)
    dated = {s.key: s.since for s in due}
    if seen:
        return tuple(Signer(key, dated.get(key), planned=False) for key in seen)
    return _before_the_first_planned_roll(keys, planned)


def _before_the_first_planned_roll(
    keys: Sequence[RootKey], planned: Sequence[Signer]
) -> tuple[Signer, ...]:
    """The one current key that no roll to is planned for, where there is one alone."""
    to_come = {signer.key for signer in planned}
    left = [key for key in keys if key.state is KeyState.CURRENT and key not in to_come]
    return (Signer(left[0], None, planned=True),) if len(left) == 1 else ()
