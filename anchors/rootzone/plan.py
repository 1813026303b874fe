"""What ICANN has planned for the root's key-signing keys: dates to expect, never facts observed.

Source: ICANN, "Root KSK rollover", https://www.icann.org/resources/pages/ksk-rollover, as of
2026-11.  What the root zone shows wins over every date here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

__all__ = ["PLAN", "Planned", "planned_for"]


class Planned(NamedTuple):
    """The planned days of one key, named by its SHA-256 DS digest in upper-case hex."""

    digest: str
    published: datetime | None
    signing: datetime | None
    revoked: datetime | None


PLAN = (
    Planned(
        "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",  # KSK-2017
        published=None,
        signing=None,
        revoked=datetime(2027, 1, 11, tzinfo=UTC),
    ),
    Planned(
        "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",  # KSK-2024
        published=datetime(2025, 1, 11, tzinfo=UTC),
        signing=datetime(2026, 10, 11, tzinfo=UTC),
        revoked=None,
    ),
)


def planned_for(digest: bytes | None) -> Planned | None:
    """The plan for the key with this SHA-256 DS digest, where there is one."""
    text = digest.hex().upper() if digest else None
    return next((planned for planned in PLAN if planned.digest == text), None)
