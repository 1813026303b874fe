"""The roll of the root from RSA to ECDSA, phase by phase: what is published, and what signs.

ICANN's plan has eight phases, AA to HH; these are the states of the root zone that they pass
through, each with the key-signing keys by a word: "old" is RSA, "new" is ECDSA P-256.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from dns.dnssectypes import Algorithm

from tests.lab.keys import LabKey, ksk, zsk
from tests.lab.zone import Apex, signed

__all__ = ["BY_WORD", "NEW", "OLD", "PHASES", "Phase"]

OLD, NEW = ksk("2024"), ksk("2027", Algorithm.ECDSAP256SHA256)
BY_WORD = {"old": OLD, "new": NEW, "revoked": OLD.revoked()}
# While both algorithms sign, the RSA key is to be this small.
_ZONE_KEYS = {
    OLD.algorithm: zsk("small", bits=1536),
    NEW.algorithm: zsk("modern", Algorithm.ECDSAP256SHA256),
}


class Phase(NamedTuple):
    """A state of the root zone.

    Attributes:
        name: what is new in it.
        published: the key-signing keys in the DNSKEY RRset; "revoked" is the old one.
        signing: those whose signatures stand there, whether their keys do or not; the zone is
            signed by zone-signing keys of the same algorithms.
    """

    name: str
    published: tuple[str, ...]
    signing: tuple[str, ...]

    @property
    def keys(self) -> list[LabKey]:
        """Every key of the DNSKEY RRset."""
        published = [BY_WORD[word] for word in self.published]
        algorithms = {key.algorithm for key in published}
        signs = {BY_WORD[word].algorithm for word in self.signing}
        return [*published, *(_ZONE_KEYS[number] for number in sorted(algorithms & signs))]

    def apex(self, at: datetime) -> Apex:
        """The DNSKEY RRset, signed for the three weeks around ``at``."""
        by = [BY_WORD[word] for word in self.signing]
        begin, end = at - timedelta(days=10), at + timedelta(days=11)
        return signed(self.keys, by, inception=begin, expiration=end)


PHASES = (
    Phase("in the document alone", ("old",), ("old",)),
    Phase("published", ("old", "new"), ("old",)),
    Phase("signatures before keys", ("old",), ("old", "new")),
    Phase("both sign", ("old", "new"), ("old", "new")),
    Phase("the old key revoked", ("revoked", "new"), ("revoked", "new")),
    Phase("the new key alone", ("new",), ("new",)),
)
