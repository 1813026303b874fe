"""The keys of the root as the stages hand them to each other: frozen, standard library only.

They are NamedTuples: as immutable as a frozen dataclass, at a seventh of its time at import.

Times are timezone-aware UTC datetimes throughout.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.findings import Finding
from anchors.core.rdata_text import dnskey_text, ds_text
from anchors.core.root_facts import name_of

if TYPE_CHECKING:
    from anchors.core.records import DNSKEY, DS

__all__ = [
    "Anchor",
    "AnchorSet",
    "DocumentKey",
    "KeyDigest",
    "KeyState",
    "TrustAnchors",
    "UnusableKeyDigest",
    "Window",
    "label",
]


class KeyState(enum.StrEnum):
    """The state of a key of the document at one time."""

    FUTURE = "future"
    CURRENT = "current"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSABLE = "unusable"


class Window(NamedTuple):
    """When a KeyDigest may be used (RFC 9718 2.2); the end is exclusive."""

    valid_from: datetime
    valid_until: datetime | None

    def state_at(self, at: datetime) -> KeyState:
        """``FUTURE``, ``CURRENT`` or ``EXPIRED``."""
        if at < self.valid_from:
            return KeyState.FUTURE
        if self.valid_until is not None and at >= self.valid_until:
            return KeyState.EXPIRED
        return KeyState.CURRENT


class KeyDigest(NamedTuple):
    """A KeyDigest element that may serve as a trust anchor inside its window (RFC 9718 2.2).

    ``digest`` and ``public_key`` are raw bytes.  ``public_key`` (RFC 4034 2.1.4) and ``flags``
    are the DNSKEY's, ``None`` where only the digest is published.
    """

    id: str
    key_tag: int
    algorithm: int
    digest_type: int
    digest: bytes
    window: Window
    public_key: bytes | None = None
    flags: int | None = None

    @property
    def sort_key(self) -> tuple[datetime, int, int, int, bytes, str]:
        """The fixed order of everything we write: oldest key first."""
        begin, end = self.window
        fields = begin, self.key_tag, self.algorithm, self.digest_type, self.digest
        # Of twins, the one without an end comes first.
        return (*fields, "" if end is None else end.isoformat())


class UnusableKeyDigest(NamedTuple):
    """A KeyDigest element that must not be used, with the finding that says why.

    Every field that could not be read is ``None``.
    """

    id: str | None
    key_tag: int | None
    algorithm: int | None
    digest_type: int | None
    digest: bytes | None
    window: Window | None
    finding: Finding


DocumentKey: TypeAlias = KeyDigest | UnusableKeyDigest


class TrustAnchors(NamedTuple):
    """The meaning of an authentic document; built by :mod:`anchors.publication.document`."""

    id: str
    source: str
    keys: tuple[DocumentKey, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def usable(self) -> tuple[KeyDigest, ...]:
        """The keys that may serve inside their window."""
        return tuple(key for key in self.keys if isinstance(key, KeyDigest))


class Anchor(NamedTuple):
    """A key that may serve as a trust anchor: current, or future where the user asked for those.

    ``key`` is the entry of IANA's document.
    """

    key: KeyDigest
    state: KeyState

    def __repr__(self) -> str:
        return f"<Anchor {self.name}: {self.ds()}>"

    @property
    def name(self) -> str:
        """As reports call it: ``KSK-2017 (20326)``."""
        return label(self.key)

    @property
    def key_tag(self) -> int:
        """The key tag (RFC 4034 appendix B)."""
        return self.key.key_tag

    @property
    def algorithm(self) -> int:
        """The number of the algorithm in IANA's registry."""
        return self.key.algorithm

    @property
    def digest_type(self) -> int:
        """The number of the digest's type in IANA's registry."""
        return self.key.digest_type

    @property
    def digest(self) -> bytes:
        """The digest of the DS."""
        return self.key.digest

    @property
    def valid_from(self) -> datetime:
        """From when it may be used (RFC 9718 2.2)."""
        return self.key.window.valid_from

    @property
    def valid_until(self) -> datetime | None:
        """Until when, exclusive; ``None`` where IANA has set no end."""
        return self.key.window.valid_until

    @property
    def has_dnskey(self) -> bool:
        """Whether its public key is published, not its digest alone."""
        return self.key.public_key is not None and self.key.flags is not None

    def ds(self) -> str:
        """The DS as text: tag, algorithm, digest type, digest (RFC 4034 5.3)."""
        return ds_text(*self.key[1:5])

    def dnskey(self) -> str:
        """The DNSKEY as text: flags, protocol, algorithm, key (RFC 4034 2.2).

        Raises:
            UsageError: it has none.
        """
        flags, public_key = self._dnskey()
        return dnskey_text(flags, self.algorithm, public_key)

    def ds_rdata(self) -> DS:
        """The DS as rdata of dnspython."""
        from anchors.core.records import ds_record  # noqa: PLC0415 - only who asks pays for it

        return ds_record(*self.key[1:5])

    def dnskey_rdata(self) -> DNSKEY:
        """The DNSKEY as rdata of dnspython.

        Raises:
            UsageError: it has none.
        """
        from anchors.core.records import dnskey  # noqa: PLC0415 - as in ds_rdata

        flags, public_key = self._dnskey()
        return dnskey(flags, self.algorithm, public_key)

    def _dnskey(self) -> tuple[int, bytes]:
        if self.key.flags is None or self.key.public_key is None:
            raise UsageError(
                Check.USAGE,
                f"{self.name} has no DNSKEY",
                got="a key that IANA publishes by its digest alone",
                want="a PublicKey in the document",
                remedy="use its DS, and has_dnskey tells",
            )
        return self.key.flags, self.key.public_key


class AnchorSet(NamedTuple):
    """The keys that may be emitted, in their fixed order; only the cross-check makes one."""

    anchors: tuple[Anchor, ...]

    @classmethod
    def of(cls, anchors: Iterable[Anchor]) -> AnchorSet:
        """Sort and drop what is listed twice (the one with a public key stays)."""
        by_ds: dict[tuple[int, int, int, bytes], Anchor] = {}
        for anchor in sorted(anchors, key=lambda a: (a.key.public_key is None, a.key.sort_key)):
            key = anchor.key
            by_ds.setdefault((key.key_tag, key.algorithm, key.digest_type, key.digest), anchor)
        return cls(tuple(sorted(by_ds.values(), key=lambda a: a.key.sort_key)))


def label(key: DocumentKey) -> str:
    """A key's name and tag, as reports call it."""
    name = name_of(key.digest)
    tag = "?" if key.key_tag is None else key.key_tag
    return f"{name} ({tag})" if name else f"key {tag}"
