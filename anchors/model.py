"""What the stages hand to each other: frozen, standard library only.

They are NamedTuples: as immutable as a frozen dataclass, at a seventh of its time at import.

Times are timezone-aware UTC datetimes throughout.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, TypeAlias

from anchors.addresses import server_text
from anchors.checks import Check
from anchors.errors import AnchorsError

__all__ = [
    "Anchor",
    "AnchorSet",
    "DocumentKey",
    "Finding",
    "KeyDigest",
    "KeyState",
    "ServerAnswer",
    "Severity",
    "TrustAnchors",
    "UnusableKeyDigest",
    "Window",
]


class Severity(enum.StrEnum):
    """How much a finding asks of a person, mildest first."""

    NOTICE = "notice"
    WARNING = "warning"
    ALARM = "alarm"
    FAILURE = "failure"


class Finding(NamedTuple):
    """One thing worth telling, with the check it comes from."""

    check: Check
    severity: Severity
    message: str
    got: str | None = None
    want: str | None = None
    remedy: str | None = None

    @classmethod
    def from_error(cls, error: AnchorsError) -> Finding:
        """The failure that decides a verdict, as a finding."""
        return cls(
            error.check, Severity.FAILURE, error.message, error.got, error.want, error.remedy
        )


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


class ServerAnswer(NamedTuple):
    """What one server sent, undigested: live, replayed, or read from a file.

    Attributes:
        address: the IP address that was asked, or ``file``.
        port: the port, 0 for a file.
        transport: ``udp``, ``tcp``, ``tls``, ``file``, or ``skr`` (signed in advance).
        observed_at: the time the answer is judged at; a recording's is what it claims.
        wire: the DNS message, or ``None`` where there was none.
        failure: ``timeout``, ``unreachable`` and the like where there was none.
        rtt_ms: the round trip in milliseconds, where one was measured.
        tries: how often it was asked over that transport.
    """

    address: str
    port: int
    transport: str
    observed_at: datetime
    wire: bytes | None
    failure: str | None = None
    rtt_ms: float | None = None
    tries: int = 1

    @property
    def server(self) -> str:
        """The server as ``--server`` takes it: the port only where it is not the usual one."""
        return server_text(self.address, self.port, tls=self.transport == "tls")


class Anchor(NamedTuple):
    """A key that may be emitted: current, or future where the user asked for those."""

    key: KeyDigest
    state: KeyState


class AnchorSet(NamedTuple):
    """The keys that may be emitted, in their fixed order; built by :mod:`anchors.crosscheck`."""

    anchors: tuple[Anchor, ...]

    @classmethod
    def of(cls, anchors: Iterable[Anchor]) -> AnchorSet:
        """Sort and drop what is listed twice (the one with a public key stays)."""
        by_ds: dict[tuple[int, int, int, bytes], Anchor] = {}
        for anchor in sorted(anchors, key=lambda a: (a.key.public_key is None, a.key.sort_key)):
            key = anchor.key
            by_ds.setdefault((key.key_tag, key.algorithm, key.digest_type, key.digest), anchor)
        return cls(tuple(sorted(by_ds.values(), key=lambda a: a.key.sort_key)))
