"""What happened to the root's key-signing keys in the root zone, and what is expected of the CAs.

Recorded history, one row for each step: the picture shows it as observed.  What is still to come
stands in :mod:`anchors.rootzone.plan`.
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import NamedTuple

__all__ = ["HISTORY", "RECORDED_UNTIL", "SECOND_ROOT", "SECOND_ROOT_EXPECTED", "Fact", "Step"]


class Step(enum.Enum):
    """A step in the life of a key, as the root zone shows it; the value is what a table says."""

    PUBLISHED = "in the root zone"
    SIGNING = "signs"
    RETIRED = "signs no more"
    REVOKED = "revoked"
    REMOVED = "gone from the root zone"


class Fact(NamedTuple):
    """A key (:data:`anchors.publication.known.KNOWN_KEYS`) took a step on a day."""

    key: str
    step: Step
    day: datetime
    source: str


_FIRST = "https://www.root-dnssec.org/"
_ROLLOVER = "https://www.icann.org/resources/pages/ksk-rollover"
_REVOKING = (
    "https://www.icann.org/en/blogs/details/"
    "icann-is-revoking-the-old-key-signing-key-this-week-7-1-2019-en"
)
# Both from after the day that they tell of.
_REVOKED = "https://lists.dns-oarc.net/pipermail/dns-operations/2019-January/018279.html"
_REMOVED = "https://mm.icann.org/pipermail/ksk-rollover/2019-April/000822.html"

HISTORY = (
    Fact("KSK-2010", Step.PUBLISHED, datetime(2010, 7, 15, tzinfo=UTC), _FIRST),
    Fact("KSK-2010", Step.SIGNING, datetime(2010, 7, 15, tzinfo=UTC), _FIRST),
    Fact("KSK-2017", Step.PUBLISHED, datetime(2017, 7, 11, tzinfo=UTC), _ROLLOVER),
    Fact("KSK-2017", Step.SIGNING, datetime(2018, 10, 11, tzinfo=UTC), _REVOKING),
    Fact("KSK-2010", Step.REVOKED, datetime(2019, 1, 11, tzinfo=UTC), _REVOKED),
    Fact("KSK-2010", Step.REMOVED, datetime(2019, 3, 22, tzinfo=UTC), _REMOVED),
    Fact("KSK-2024", Step.PUBLISHED, datetime(2025, 1, 11, tzinfo=UTC), _ROLLOVER),
)

# The answers of the root zone that this release carries: history is complete up to them.
RECORDED_UNTIL = datetime(2026, 10, 4, tzinfo=UTC)

# https://data.iana.org/root-anchors/icannbundle.pem has it since 2026; the year is IANA's plan.
SECOND_ROOT = "ICANN Root CA v2"
SECOND_ROOT_EXPECTED = 2028
