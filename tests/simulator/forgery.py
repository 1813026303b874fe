"""Certificates that no library would write: taken apart, changed, signed again by a real key."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.simulator import der
from tests.simulator.authority import Identity

__all__ = [
    "Certifying",
    "certify_again",
    "cube_root_signature",
    "fields",
    "pem",
    "replacing",
    "sha2_rsa",
]

_HASHES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "md5": ("1.2.840.113549.1.1.4", hashes.MD5()),  # noqa: S303 - to be refused
    "sha1": ("1.2.840.113549.1.1.5", hashes.SHA1()),  # noqa: S303 - to be refused
    "sha256": ("1.2.840.113549.1.1.11", hashes.SHA256()),
    "sha512": ("1.2.840.113549.1.1.13", hashes.SHA512()),
}
# DigestInfo of SHA-256 without the digest (RFC 8017 9.2, note 1).
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

Fields = list[bytes]


def _same_fields(fields_: Fields) -> Fields:
    return fields_


def _same(value: bytes) -> bytes:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Certifying:
    """How to certify again; a story replaces one of these."""

    change: Callable[[Fields], Fields] = _same_fields  # the fields of TBSCertificate
    hash: str = "sha256"
    inner: bytes | None = None  # TBSCertificate.signature instead
    outer: bytes | None = None  # Certificate.signatureAlgorithm instead
    value: Callable[[bytes], bytes] = _same  # the signature value


def certify_again(certified: Identity, how: Certifying) -> bytes:
    """The certificate in DER, changed, with a right signature of its issuer."""
    key = (certified.issuer or certified).key
    assert isinstance(key, rsa.RSAPrivateKey)
    oid, hash_ = _HASHES[how.hash]
    algorithm = der.sequence(der.oid(oid), der.null())
    parts = fields(certified.der)
    parts[2] = how.inner or algorithm
    to_be_signed = der.sequence(*how.change(parts))
    value = how.value(key.sign(to_be_signed, padding.PKCS1v15(), hash_))
    return der.sequence(to_be_signed, how.outer or algorithm, der.tlv(0x03, b"\0" + value))


def fields(certificate: bytes) -> Fields:
    """The elements of TBSCertificate: version, serial number, signature, issuer, validity ..."""
    return der.elements(der.content(der.elements(der.content(certificate))[0]))


def replacing(number: int, element: bytes) -> Callable[[Fields], Fields]:
    """Replace one element of TBSCertificate."""
    return lambda parts: [*parts[:number], element, *parts[number + 1 :]]


def sha2_rsa(bits: int, *, null: bool = True) -> bytes:
    """AlgorithmIdentifier of RSA with SHA-2, without its NULL where told so."""
    return der.sequence(der.oid(_HASHES[f"sha{bits}"][0]), der.null() if null else b"")


def pem(certificate: bytes) -> bytes:
    """The certificate as a file of roots has it."""
    encoded = base64.encodebytes(certificate)
    return b"-----BEGIN CERTIFICATE-----\n" + encoded + b"-----END CERTIFICATE-----\n"


def cube_root_signature(message: bytes, key: rsa.RSAPublicKey) -> bytes:
    """Bleichenbacher's forgery of 2006: PKCS #1 v1.5 with garbage behind the digest.

    With exponent 3 no private key is needed: the cube root of the block, rounded up, is a
    signature to whoever does not look at what follows the digest.
    """
    size = key.key_size // 8
    block = b"\0\1\xff\xff\xff\xff\xff\xff\xff\xff\0" + _SHA256_INFO + sha256(message).digest()
    least = int.from_bytes(block.ljust(size, b"\0"))
    root = _cube_root(least)
    cubed = (root**3).to_bytes(size)
    assert cubed.startswith(block)
    return root.to_bytes(size)


def _cube_root(number: int) -> int:
    """The smallest integer whose cube is not below the number."""
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < number else (low, middle)
    return low
