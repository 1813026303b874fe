"""The verified keys as an audit needs them: by every digest they can have, and who signs when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors import records
from anchors.crosscheck import KeyEvidence, label
from anchors.model import KeyDigest, KeyState
from anchors.publication.known import KNOWN_KEYS
from anchors.report import Report
from anchors.rootzone.plan import planned_for

__all__ = ["RootKey", "Signer", "VerifiedKeys", "verified_keys"]

_DIGEST_TYPES = (1, 2, 4)
# Of KSK-2010 the document has no public key; the other digests of it, by that of type 2.
_OTHER_DIGESTS = {
    "49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5": (
        (1, bytes.fromhex("B256BD09DC8DD59F0E0F0D8541B8328DD986DF6E")),
        (
            4,
            bytes.fromhex(
                "F52AC67A55659153641967305EAD97A388B642495CC991F1AEA6B93327D0E159"
                "EB1E5C8813F14C3C5569DE4D681697E3"
            ),
        ),
    )
}


class RootKey(NamedTuple):
    """A root KSK.

    Attributes:
        name: as reports call it.
        state: its state at the time of judgement.
        digests: its DS digests by digest type: all where the public key is published.
        public_key: as in RFC 4034 2.1.4, ``None`` where only a digest is published.
        signing: whether the root zone was seen signed with it; ``None`` where nobody looked.
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

    ``since`` is ``None`` where only the observation is known, ``planned`` where ICANN's plan is
    all there is.
    """

    key: RootKey
    since: datetime | None
    planned: bool


class VerifiedKeys(NamedTuple):
    """What anchors are held against.

    Attributes:
        at: the time of judgement.
        keys: every key of the document, and those that once were in it.
        now: who signs at that time; empty where neither observation nor plan tells.
        next: who is planned to sign later, by day.
    """

    at: datetime
    keys: tuple[RootKey, ...]
    now: tuple[Signer, ...]
    next: tuple[Signer, ...]

    @property
    def current(self) -> tuple[RootKey, ...]:
        """The keys that should be held."""
        return tuple(key for key in self.keys if key.state is KeyState.CURRENT)


def verified_keys(report: Report) -> VerifiedKeys:
    """The keys of a verification, and who signs with them by observation and by plan."""
    keys = (*_published(report.keys), *_former(report.keys))
    planned = sorted(
        _planned(keys), key=lambda signer: (signer.since or report.at, signer.key.name)
    )
    later = tuple(s for s in planned if s.since is not None and s.since > report.at)
    return VerifiedKeys(report.at, keys, _signing_now(report, keys, planned), later)


def _published(rows: Sequence[KeyEvidence]) -> Iterator[RootKey]:
    seen: set[tuple[int, int, bytes]] = set()
    for row in rows:
        key = row.key
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
        yield from _OTHER_DIGESTS.get(key.digest.hex().upper(), ())
        return
    dnskey = records.dnskey(key.flags, key.algorithm, key.public_key)
    for digest_type in _DIGEST_TYPES:
        yield digest_type, records.ds_digest(dnskey, digest_type)


def _former(rows: Sequence[KeyEvidence]) -> Iterator[RootKey]:
    """The known keys that the document no longer has: they were published, so not foreign."""
    listed = {row.key.digest for row in rows}
    for known in KNOWN_KEYS:
        digest = bytes.fromhex(known.digest)
        if digest not in listed and known.valid_until is not None:
            name = f"{known.name} ({known.key_tag})"
            digests = ((2, digest), *_OTHER_DIGESTS.get(known.digest, ()))
            yield RootKey(name, known.key_tag, 8, KeyState.EXPIRED, digests)


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
