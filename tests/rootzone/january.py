"""January 2027 as ICANN plans it, day by day, over keys of the lab; and the ways that it may go."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from anchors.core import root_facts
from tests.asking.simulated import NEW, OLD, ZSK
from tests.lab.keys import LabKey
from tests.lab.tables import modules_with
from tests.lab.zone import Apex, signed
from tests.rootzone.told import key_digest
from tests.simulator.authority import Profile, lab_signer
from tests.simulator.cms import Signing
from tests.simulator.document import EXPIRED, Document
from tests.simulator.publication import publish
from tests.simulator.times import rfc3339

__all__ = ["DAYS", "END", "NEW", "OLD", "REVOKED", "Day", "Scene", "lab_keys_are_the_roots"]

REVOKED = OLD.revoked()
END = datetime(2027, 1, 11, tzinfo=UTC)
_SIGNED_IN_MARCH = datetime(2025, 3, 25, 20, 25, 2, tzinfo=UTC)
_SIGNED_IN_DECEMBER = datetime(2026, 12, 18, 20, tzinfo=UTC)
# As the certificate of the signer of 2025 has it.
_CERTIFICATE = (datetime(2023, 3, 15, tzinfo=UTC), datetime(2029, 3, 13, tzinfo=UTC))
_SLOT = timedelta(days=10)


@dataclass(frozen=True)
class Day:
    """What IANA publishes, and what the root zone serves.

    Attributes:
        at: when all is asked.
        ended: whether IANA's document ends KSK-2017.
        keys: the key-signing keys of the root zone.
        by: who signs them.
    """

    at: datetime
    ended: bool
    keys: tuple[LabKey, ...]
    by: tuple[LabKey, ...]

    @property
    def apex(self) -> Apex:
        """The RRset of the day, signed for a slot."""
        begin = self.at.replace(hour=0) - timedelta(days=1)
        return signed([*self.keys, ZSK], self.by, inception=begin, expiration=begin + 2 * _SLOT)


def _day(day: str, ended: str, keys: tuple[LabKey, ...], *by: LabKey) -> Day:
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return Day(at, ended == "ended", keys, by)


_BOTH, _REVOKING = (OLD, NEW), (REVOKED, NEW)
DAYS = {
    "the roll is over": _day("2026-12-01", "no end", _BOTH, NEW),
    "its end is published": _day("2026-12-20", "ended", _BOTH, NEW),
    "the day before": _day("2027-01-10", "ended", _BOTH, NEW),
    "revoked": _day("2027-01-12", "ended", _REVOKING, *_REVOKING),
    "gone": _day("2027-03-25", "ended", (NEW,), NEW),
    # IANA's document is late.
    "revoked, without an end": _day("2027-01-12", "no end", _REVOKING, *_REVOKING),
    "gone, without an end": _day("2027-03-25", "no end", (NEW,), NEW),
    # The plan is given up, in part or whole.
    "put off": _day("2027-01-15", "no end", _BOTH, NEW),
    "ended, and not revoked": _day("2027-01-15", "ended", _BOTH, NEW),
    "back to KSK-2017": _day("2027-01-15", "no end", _BOTH, OLD),
    "back, and its end stands": _day("2027-01-15", "ended", _BOTH, OLD),
}


class Scene:
    """The publication and the root zone of a day, as files."""

    def __init__(self, day: Day, place: Path) -> None:
        self.day = day
        signed_at = _SIGNED_IN_DECEMBER if day.ended else _SIGNED_IN_MARCH
        entries = (
            EXPIRED,
            key_digest(OLD, "2017-02-02T00:00:00+00:00", END.isoformat() if day.ended else None),
            key_digest(NEW, "2024-07-18T00:00:00+00:00"),
        )
        place.mkdir(parents=True, exist_ok=True)
        signer = Profile(start=_CERTIFICATE[0], end=_CERTIFICATE[1])
        signing = Signing(signer=lab_signer(signer), signing_time=signed_at)
        publication = publish(signing, Document(entries=entries))
        self.source = publication.write(place / "publication")
        self.rrset = place / "root.rrset"
        self.rrset.write_text(day.apex.text(), encoding="ascii")

    def options(self, dns: str | None = None, at: datetime | None = None) -> list[str]:
        """What a command judges by."""
        return [
            *("--source", str(self.source), "--ca", str(self.source / "ca.pem")),
            *("--dns", dns or str(self.rrset), "--at", rfc3339(at or self.day.at)),
        ]


@contextlib.contextmanager
def lab_keys_are_the_roots() -> Iterator[None]:
    """OLD and NEW take the parts of KSK-2017 and KSK-2024, with their names and their plan."""
    first, old, new = root_facts.KNOWN_KEYS[:3]
    table = (first, _played(old, OLD), _played(new, NEW))
    with pytest.MonkeyPatch.context() as patch:
        for module in modules_with("KNOWN_KEYS"):
            patch.setattr(module, "KNOWN_KEYS", table)
        yield


def _played(known: root_facts.KnownKey, key: LabKey) -> root_facts.KnownKey:
    return known._replace(
        key_tag=key.tag,
        digest=key.digest.hex().upper(),
        begins=base64.b64encode(key.public_key[:48]).decode(),
    )
