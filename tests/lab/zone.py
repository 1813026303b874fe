"""The apex of a root zone: its DNSKEY RRset with the RRSIGs, recorded or signed here at will."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.rrset
import dns.zonefile
from dns.rdtypes.ANY.RRSIG import RRSIG

from tests.lab.keys import LabKey

__all__ = ["AT", "EXPIRATION", "INCEPTION", "RECORDED", "Apex", "recorded", "signed"]

AT = "2026-10-04T12:00:00Z"
INCEPTION = datetime(2026, 10, 1, tzinfo=UTC)
EXPIRATION = datetime(2026, 10, 22, tzinfo=UTC)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rrsets"
RECORDED = FIXTURES / "2026-10-01_signer20326_20326+38696.rrset"

TTL = 172800
# named sends RRSIGs only from a zone whose apex has an NSEC with any RRSIG; nsd does not care.
ZONE_HEAD = f"""\
$ORIGIN .
$TTL {TTL}
.\tIN\tSOA\tns.lab. hostmaster.lab. 2026100400 1800 900 604800 86400
.\tIN\tNS\tns.lab.
.\tIN\tNSEC\tlab. NS SOA RRSIG NSEC DNSKEY
.\tIN\tRRSIG\tNSEC 8 0 {TTL} 20261022000000 20261001000000 1 . AAAA
ns.lab.\tIN\tA\t127.0.0.1
"""


@dataclass(frozen=True)
class Apex:
    """A DNSKEY RRset and the RRSIGs that cover it (none where it is unsigned)."""

    dnskeys: dns.rrset.RRset
    rrsigs: tuple[RRSIG, ...] = ()

    @property
    def rrsig_rrset(self) -> dns.rrset.RRset | None:
        """The RRSIGs as one RRset, or ``None`` where there are none."""
        if not self.rrsigs:
            return None
        return dns.rrset.from_rdata_list(dns.name.root, self.dnskeys.ttl, self.rrsigs)

    @property
    def rrsets(self) -> list[dns.rrset.RRset]:
        """Everything there is, as an answer section or a file holds it."""
        rrsigs = self.rrsig_rrset
        return [self.dnskeys] if rrsigs is None else [self.dnskeys, rrsigs]

    def text(self) -> str:
        """Zone-file text of the DNSKEYs and RRSIGs alone, as ``--dns FILE`` takes it."""
        return "".join(f"{rrset.to_text()}\n" for rrset in self.rrsets)

    def zone_text(self) -> str:
        """A whole root zone that a name server loads."""
        return ZONE_HEAD + self.text()

    def stripped(self) -> Apex:
        """The same DNSKEYs without any RRSIG."""
        return replace(self, rrsigs=())

    def and_signed_by(
        self,
        *signers: LabKey,
        inception: datetime = INCEPTION,
        expiration: datetime = EXPIRATION,
    ) -> Apex:
        """The same DNSKEYs with further RRSIGs, so that each may have its own times."""
        made = (_sign(self.dnskeys, signer, inception, expiration) for signer in signers)
        return replace(self, rrsigs=(*self.rrsigs, *made))

    def forged(self) -> Apex:
        """The same RRSIGs with one bit of each signature flipped."""
        return replace(self, rrsigs=tuple(_flipped(rrsig) for rrsig in self.rrsigs))


def signed(
    keys: Iterable[LabKey],
    by: Iterable[LabKey] = (),
    *,
    inception: datetime = INCEPTION,
    expiration: datetime = EXPIRATION,
) -> Apex:
    """An apex that publishes ``keys`` and is signed ``by`` any of them, all, or strangers."""
    dnskeys = dns.rrset.from_rdata_list(dns.name.root, TTL, [key.dnskey for key in keys])
    return Apex(dnskeys).and_signed_by(*by, inception=inception, expiration=expiration)


def recorded(path: Path = RECORDED) -> Apex:
    """What a root server really answered, from ``fixtures/rrsets``."""
    rrsets = dns.zonefile.read_rrsets(
        path.read_text(encoding="ascii"), rdclass=None, origin=dns.name.root, relativize=False
    )
    by_type = {rrset.rdtype: rrset for rrset in rrsets}
    rrsigs = by_type[dns.rdatatype.RRSIG]
    return Apex(
        by_type[dns.rdatatype.DNSKEY],
        tuple(rrsig for rrsig in rrsigs if isinstance(rrsig, RRSIG)),
    )


def _sign(
    dnskeys: dns.rrset.RRset, signer: LabKey, inception: datetime, expiration: datetime
) -> RRSIG:
    return dns.dnssec.sign(
        dnskeys,
        signer.private_key,
        dns.name.root,
        signer.dnskey,
        inception=inception,
        expiration=expiration,
    )


def _flipped(rrsig: RRSIG) -> RRSIG:
    signature = bytearray(rrsig.signature)
    signature[len(signature) // 2] ^= 1
    flipped = rrsig.replace(signature=bytes(signature))
    assert isinstance(flipped, RRSIG)
    return flipped
