"""The one time line of the simulator; nothing here reads a clock."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["AT", "CA_END", "CA_START", "SIGNED", "SIGNER_END", "SIGNER_START", "rfc3339"]

CA_START = datetime(2010, 1, 1, tzinfo=UTC)
CA_END = datetime(2045, 1, 1, tzinfo=UTC)
SIGNER_START = datetime(2025, 1, 1, tzinfo=UTC)
SIGNER_END = datetime(2031, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 2, 1, 12, tzinfo=UTC)
AT = datetime(2026, 10, 4, 12, tzinfo=UTC)


def rfc3339(when: datetime) -> str:
    """The time as a command line takes it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
