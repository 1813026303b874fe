"""The keys and the root of this lab: elliptic, so that an answer fits into one UDP packet."""

from __future__ import annotations

from dns.dnssectypes import Algorithm

from tests.lab import zone
from tests.lab.keys import ksk, zsk
from tests.live.lab_root import key_digest

__all__ = ["APEX", "DOCUMENT", "KSK", "OTHER", "SPARE", "STRANGER", "TWO_DAYS_OLD"]

ECDSA = Algorithm.ECDSAP256SHA256
KSK, SPARE, STRANGER = (ksk(f"networks {name}", ECDSA) for name in ("old", "new", "stranger"))
DOCUMENT = (key_digest(KSK), key_digest(SPARE))
APEX = zone.signed([KSK, SPARE, zsk("zsk", ECDSA)], by=[KSK])
# Validly signed as well, but not the same: what a server that lags behind has.
TWO_DAYS_OLD = zone.signed([KSK, zsk("last", ECDSA)], by=[KSK])
# Signed by somebody else.
OTHER = zone.signed([STRANGER, zsk("zsk", ECDSA)], by=[STRANGER])
