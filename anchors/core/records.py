"""DS and DNSKEY: key tags, digests and zone-file text (RFC 4034)."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import dns.dnssec
import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.wire
import dns.zonefile
from cryptography.exceptions import UnsupportedAlgorithm
from dns.dnssecalgs import get_algorithm_cls_from_dnskey
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.dnskeybase import Flag

__all__ = [
    "ALGORITHMS",
    "DIGEST_LENGTHS",
    "DNSKEY",
    "DNSKEY_TTL",
    "DNS_ERRORS",
    "DS",
    "Flag",
    "can_be_read",
    "dnskey",
    "ds_digest",
    "ds_from_wire",
    "ds_record",
    "ds_to_wire",
    "key_tag",
    "public_key_fault",
    "root_records",
    "without_revoke",
]

# What validators must or should support (RFC 9904 and its registries) but for SHA-1, which nobody
# may sign with or make a DS with any more (RFC 9905 2 and 5).
ALGORITHMS = {
    8: "RSASHA256",
    10: "RSASHA512",
    13: "ECDSAP256SHA256",
    14: "ECDSAP384SHA384",
    15: "ED25519",
    16: "ED448",
}
# Digest types and their lengths in bytes.
DIGEST_LENGTHS = {2: 32, 4: 48}

# What dnspython raises over records and messages from outside: 2.7 lets IndexError and struct.error
# through, and cryptography tells so of what OpenSSL lacks here, such as Ed448.
DNS_ERRORS = (
    dns.exception.DNSException,
    ValueError,
    IndexError,
    struct.error,
    UnsupportedAlgorithm,
)

# The TTL of the root's DNSKEY RRset in seconds, for records that come without one.
DNSKEY_TTL = 172_800

_PROTOCOL = 3


def dnskey(flags: int, algorithm: int, public_key: bytes) -> DNSKEY:
    """A DNSKEY record from its fields (RFC 4034 2.1)."""
    return DNSKEY(dns.rdataclass.IN, dns.rdatatype.DNSKEY, flags, _PROTOCOL, algorithm, public_key)


def without_revoke(key: DNSKEY) -> DNSKEY:
    """The same key as it was before it was revoked (RFC 5011 7)."""
    # As an integer: the flag's own complement would clear the bits it has no name for.
    flags = key.flags & ~int(Flag.REVOKE)
    return DNSKEY(key.rdclass, key.rdtype, flags, key.protocol, key.algorithm, key.key)


def key_tag(key: DNSKEY) -> int:
    """The key tag (RFC 4034 appendix B)."""
    return dns.dnssec.key_id(key)


def ds_digest(key: DNSKEY, digest_type: int) -> bytes:
    """The digest of the DS that a root key has under ``digest_type`` (RFC 4034 5.1.4)."""
    # validating: 2.9's default policy would refuse to make what it lets one compare.
    ds = dns.dnssec.make_ds(dns.name.root, key, _DIGEST_NAMES[digest_type], validating=True)
    return bytes(ds.digest)


# SHA-1 to recognise what others hold; never in DIGEST_LENGTHS.
_DIGEST_NAMES = {1: "SHA1", 2: "SHA256", 4: "SHA384"}


def public_key_fault(key: DNSKEY) -> str | None:
    """Why the public key is not one of its algorithm, or ``None`` where it is."""
    try:
        get_algorithm_cls_from_dnskey(key).public_cls.from_dnskey(key)
    except DNS_ERRORS as error:
        return f"{type(error).__name__}: {error}"
    return None


def ds_record(tag: int, algorithm: int, digest_type: int, digest: bytes) -> DS:
    """A DS record from its fields (RFC 4034 5.1)."""
    return DS(dns.rdataclass.IN, dns.rdatatype.DS, tag, algorithm, digest_type, digest)


def ds_to_wire(records: Sequence[DS], ttl: int) -> bytes:
    """DS records of the root in wire form, one behind the other (RFC 1035 3.2.1)."""
    wire = io.BytesIO()
    rrset = dns.rrset.from_rdata_list(dns.name.root, ttl, records)
    rrset.to_wire(wire, want_shuffle=False)
    return wire.getvalue()


def ds_from_wire(wire: bytes) -> list[DS]:
    """The root's DS records in wire form, which are all that is there.

    Raises:
        ValueError: another record stands there, or one that cannot be read.
    """
    found = []
    parser = dns.wire.Parser(wire)
    try:
        while parser.remaining():
            name = dns.name.from_wire_parser(parser)
            rdtype, rdclass, _, size = parser.get_struct("!HHIH")
            with parser.restrict_to(size):
                record = dns.rdata.from_wire_parser(rdclass, rdtype, parser)
            if name != dns.name.root or not isinstance(record, DS):
                raise ValueError(f"no DS record of the root: {name} {rdtype}")
            found.append(record)
    except DNS_ERRORS as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    return found


def root_records(text: str) -> list[DS | DNSKEY]:
    """The root's DS and DNSKEY records in zone-file text.

    Raises:
        ValueError: not zone-file text, or a record in it is malformed.
    """
    return [
        record
        for rrset in _rrsets(text)
        if rrset.name == dns.name.root
        for record in rrset
        if isinstance(record, DS | DNSKEY)
    ]


def can_be_read(rdtype: str, rdata: Sequence[str]) -> bool:
    """Whether the words are rdata of that type, or dnspython does not know the type."""
    try:
        number = dns.rdatatype.from_text(rdtype)
    except DNS_ERRORS:
        return True
    if dns.rdata.get_rdata_class(dns.rdataclass.IN, number) is dns.rdata.GenericRdata:
        return True
    try:
        text = " ".join(rdata)
        dns.rdata.from_text(dns.rdataclass.IN, number, text, dns.name.root, relativize=False)
    except DNS_ERRORS:
        return False
    return True


def _rrsets(text: str) -> list[dns.rrset.RRset]:
    try:
        return dns.zonefile.read_rrsets(
            text, rdclass=None, default_ttl=0, origin=dns.name.root, relativize=False
        )
    except DNS_ERRORS as error:
        message = f"not zone-file text: {error}"
        raise ValueError(message) from error
