"""A Signed Key Response in the form that IANA publishes, of lab keys or of recorded RRsets."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dns.dnssec
from dns.dnssectypes import Algorithm
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG

from tests.lab import zone
from tests.lab.keys import LabKey

__all__ = ["BEGIN", "SLOT", "VALIDITY", "LabBundle", "bundle", "bundle_of", "encode", "quarter"]

BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
SLOT = timedelta(days=10)
VALIDITY = timedelta(days=21)

_TTL = 172800
_POLICY = """\
<PublishSafety>{safety}</PublishSafety>
<RetireSafety>P28D</RetireSafety>
<MaxSignatureValidity>P21D</MaxSignatureValidity>
<MinSignatureValidity>P21D</MinSignatureValidity>
<MaxValidityOverlap>P16D</MaxValidityOverlap>
<MinValidityOverlap>P9D</MinValidityOverlap>
<SignatureAlgorithm algorithm="8">
<RSA size="2048" exponent="65537"/>
</SignatureAlgorithm>
{ecdsa}"""
# While the root rolls to it, a response has two algorithms.
_ECDSA = """<SignatureAlgorithm algorithm="13">
<ECDSA size="256"/>
</SignatureAlgorithm>
"""


@dataclass(frozen=True)
class LabBundle:
    """One ResponseBundle: an RRset with its RRSIGs, and the time it is meant for."""

    id: str
    inception: datetime
    expiration: datetime
    apex: zone.Apex

    def encode(self) -> str:
        """The element."""
        keys = "".join(_key(key) for key in self.apex.dnskeys if isinstance(key, DNSKEY))
        signatures = "".join(map(_signature, self.apex.rrsigs))
        return (
            f'<ResponseBundle id="{self.id}">\n'
            f"<Inception>{_time(self.inception)}</Inception>\n"
            f"<Expiration>{_time(self.expiration)}</Expiration>\n"
            f"{keys}{signatures}</ResponseBundle>\n"
        )


def bundle(
    keys: Iterable[LabKey],
    by: Iterable[LabKey],
    inception: datetime = BEGIN,
    validity: timedelta = VALIDITY,
) -> LabBundle:
    """A bundle of these keys, signed by those for all of its time."""
    expiration = inception + validity
    apex = zone.signed(keys, by, inception=inception, expiration=expiration)
    return LabBundle(f"bundle-{inception:%Y-%m-%d}", inception, expiration, apex)


def bundle_of(apex: zone.Apex) -> LabBundle:
    """The bundle that a recorded RRset must have been."""
    (inception,) = {rrsig.inception for rrsig in apex.rrsigs}
    (expiration,) = {rrsig.expiration for rrsig in apex.rrsigs}
    begin, end = (datetime.fromtimestamp(time, UTC) for time in (inception, expiration))
    return LabBundle(f"recorded-{begin:%Y-%m-%d}", begin, end, apex)


def quarter(
    plan: Sequence[tuple[Sequence[LabKey], Sequence[LabKey]]], begin: datetime = BEGIN
) -> list[LabBundle]:
    """A bundle for each slot of ten days; the plan tells the keys of each, and who signs them."""
    return [bundle(keys, by, begin + number * SLOT) for number, (keys, by) in enumerate(plan)]


def encode(bundles: Iterable[LabBundle], *, domain: str = ".", serial: str = "0") -> bytes:
    """The whole document."""
    bundles = [*bundles]
    signed = {int(rrsig.algorithm) for one in bundles for rrsig in one.apex.rrsigs}
    ecdsa = _ECDSA if Algorithm.ECDSAP256SHA256 in signed else ""
    ksk, zsk = (_POLICY.format(safety=safety, ecdsa=ecdsa) for safety in ("PT0S", "P10D"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<KSR id="4fe9bb10-6f6b-4503-8575-7824e2d66925" domain="{domain}" serial="{serial}">\n'
        "<Response>\n<ResponsePolicy>\n"
        f"<KSK>\n{ksk}</KSK>\n<ZSK>\n{zsk}</ZSK>\n"
        "</ResponsePolicy>\n"
        f"{''.join(one.encode() for one in bundles)}"
        "</Response>\n</KSR>\n"
    ).encode()


def _time(time: datetime) -> str:
    return time.isoformat()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _key(key: DNSKEY) -> str:
    tag = dns.dnssec.key_id(key)
    return (
        f'<Key keyIdentifier="K{tag}" keyTag="{tag}">\n'
        f"<TTL>{_TTL}</TTL>\n"
        f"<Flags>{int(key.flags)}</Flags>\n"
        f"<Protocol>{key.protocol}</Protocol>\n"
        f"<Algorithm>{int(key.algorithm)}</Algorithm>\n"
        f"<PublicKey>{_base64(key.key)}</PublicKey>\n"
        "</Key>\n"
    )


def _signature(rrsig: RRSIG) -> str:
    end, begin = (datetime.fromtimestamp(t, UTC) for t in (rrsig.expiration, rrsig.inception))
    return (
        f'<Signature keyIdentifier="K{rrsig.key_tag}">\n'
        f"<TTL>{_TTL}</TTL>\n"
        "<TypeCovered>DNSKEY</TypeCovered>\n"
        f"<Algorithm>{int(rrsig.algorithm)}</Algorithm>\n"
        f"<Labels>{rrsig.labels}</Labels>\n"
        f"<OriginalTTL>{rrsig.original_ttl}</OriginalTTL>\n"
        f"<SignatureExpiration>{_time(end)}</SignatureExpiration>\n"
        f"<SignatureInception>{_time(begin)}</SignatureInception>\n"
        f"<KeyTag>{rrsig.key_tag}</KeyTag>\n"
        f"<SignersName>{rrsig.signer.to_text()}</SignersName>\n"
        f"<SignatureData>{_base64(rrsig.signature)}</SignatureData>\n"
        "</Signature>\n"
    )
