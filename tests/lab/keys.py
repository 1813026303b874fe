"""Keys of the lab root: real key pairs, made once per process and named by what they are for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import dns.dnssec
import dns.name
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from dns.dnssectypes import Algorithm, DSDigest
from dns.rdtypes.ANY.DNSKEY import DNSKEY

__all__ = ["REVOKE", "SEP", "ZONE", "LabKey", "PrivateKey", "ksk", "zsk"]

ZONE = 0x0100
REVOKE = 0x0080
SEP = 0x0001
_RSA_BITS = 2048

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class LabKey:
    """A key pair with the flags it is published with."""

    private_key: PrivateKey
    algorithm: int
    flags: int

    @property
    def dnskey(self) -> DNSKEY:
        """The key as the zone publishes it."""
        return dns.dnssec.make_dnskey(self.private_key.public_key(), self.algorithm, self.flags)

    @property
    def tag(self) -> int:
        """The key tag (RFC 4034 appendix B); it changes with the flags."""
        return dns.dnssec.key_id(self.dnskey)

    @property
    def public_key(self) -> bytes:
        """The DNSKEY's public key field (RFC 4034 2.1.4)."""
        return bytes(self.dnskey.key)

    @property
    def digest(self) -> bytes:
        """The SHA-256 digest of the key's DS."""
        return bytes(dns.dnssec.make_ds(dns.name.root, self.dnskey, DSDigest.SHA256).digest)

    def revoked(self) -> LabKey:
        """The same key pair published with REVOKE (RFC 5011 2.1)."""
        return replace(self, flags=self.flags | REVOKE)


def ksk(name: str, algorithm: int = Algorithm.RSASHA256) -> LabKey:
    """The KSK of this name: the same key pair whenever it is asked for."""
    return LabKey(_private_key(f"ksk {name}", int(algorithm)), int(algorithm), ZONE | SEP)


def zsk(name: str = "zsk", algorithm: int = Algorithm.RSASHA256, bits: int = _RSA_BITS) -> LabKey:
    """The ZSK of this name: the same key pair whenever it is asked for."""
    return LabKey(_private_key(f"zsk {name}", int(algorithm), bits), int(algorithm), ZONE)


@cache
def _private_key(name: str, algorithm: int, bits: int = _RSA_BITS) -> PrivateKey:
    """A fresh key pair per name and algorithm."""
    match algorithm:
        case Algorithm.RSASHA256:
            return rsa.generate_private_key(public_exponent=65537, key_size=bits)
        case Algorithm.ECDSAP256SHA256:
            return ec.generate_private_key(ec.SECP256R1())
        case Algorithm.ED25519:
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            raise ValueError(f"no lab keys of algorithm {algorithm} ({name})")
