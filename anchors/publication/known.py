"""Facts about the root's keys and about the snapshot that this release carries.

They name keys in reports and notice when a publication goes back in time; no key is trusted
because it stands here.  Source: https://data.iana.org/root-anchors/root-anchors.xml, signed
2025-03-25.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

__all__ = ["KNOWN_KEYS", "SNAPSHOT_SIGNING_TIME", "KnownKey", "name_of"]

SNAPSHOT_SIGNING_TIME = datetime(2025, 3, 25, 20, 25, 2, tzinfo=UTC)


class KnownKey(NamedTuple):
    """A root KSK: its name, and its DS with SHA-256; ``digest`` in upper-case hex."""

    name: str
    key_tag: int
    digest: str
    valid_from: datetime
    valid_until: datetime | None


KNOWN_KEYS = (
    KnownKey(
        "KSK-2010",
        19036,
        "49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5",
        datetime(2010, 7, 15, tzinfo=UTC),
        datetime(2019, 1, 11, tzinfo=UTC),
    ),
    KnownKey(
        "KSK-2017",
        20326,
        "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
        datetime(2017, 2, 2, tzinfo=UTC),
        None,
    ),
    KnownKey(
        "KSK-2024",
        38696,
        "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
        datetime(2024, 7, 18, tzinfo=UTC),
        None,
    ),
)


def name_of(digest: bytes | None) -> str | None:
    """The name of the root KSK with this SHA-256 DS digest, where it has one."""
    text = digest.hex().upper() if digest else None
    return next((key.name for key in KNOWN_KEYS if key.digest == text), None)
