"""Compose a detached CMS signature as IANA does (RFC 5652), with every joint open to a story."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tests.simulator import der
from tests.simulator.authority import Identity, lab_signer
from tests.simulator.times import SIGNED

__all__ = [
    "ID_CONTENT_TYPE",
    "ID_DATA",
    "ID_MESSAGE_DIGEST",
    "ID_SIGNING_TIME",
    "Signing",
    "adding",
    "algorithm",
    "attribute",
    "content_type",
    "digest_of",
    "instead",
    "message_digest",
    "of_type",
    "pss_algorithm",
    "sign",
    "signed_attributes",
    "signing_time",
    "subject_key_identifier",
    "without",
]

ID_DATA = "1.2.840.113549.1.7.1"
ID_SIGNED_DATA = "1.2.840.113549.1.7.2"
ID_CONTENT_TYPE = "1.2.840.113549.1.9.3"
ID_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
ID_SIGNING_TIME = "1.2.840.113549.1.9.5"

_HASHES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "md5": ("1.2.840.113549.2.5", hashes.MD5()),  # noqa: S303 - to be refused
    "sha1": ("1.3.14.3.2.26", hashes.SHA1()),  # noqa: S303 - to be refused
    "sha224": ("2.16.840.1.101.3.4.2.4", hashes.SHA224()),
    "sha256": ("2.16.840.1.101.3.4.2.1", hashes.SHA256()),
    "sha384": ("2.16.840.1.101.3.4.2.2", hashes.SHA384()),
    "sha512": ("2.16.840.1.101.3.4.2.3", hashes.SHA512()),
}
_SIGNATURES = {
    "rsa": "1.2.840.113549.1.1.1",
    "md5-rsa": "1.2.840.113549.1.1.4",
    "sha1-rsa": "1.2.840.113549.1.1.5",
    "sha256-rsa": "1.2.840.113549.1.1.11",
    "sha512-rsa": "1.2.840.113549.1.1.13",
    "ecdsa-sha1": "1.2.840.10045.4.1",
    "ecdsa-sha256": "1.2.840.10045.4.3.2",
    "ecdsa-sha384": "1.2.840.10045.4.3.3",
    "ecdsa-sha512": "1.2.840.10045.4.3.4",
    "ed25519": "1.3.101.112",
}
_ID_PSS = "1.2.840.113549.1.1.10"
_ID_MGF1 = "1.2.840.113549.1.1.8"


def _same(value: bytes) -> bytes:
    return value


def _same_list(values: list[bytes]) -> list[bytes]:
    return values


def _only_one(info: bytes) -> list[bytes]:
    return [info]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How to sign; a story replaces one of these."""

    signer: Identity = field(default_factory=lab_signer)
    signing_time: datetime = SIGNED
    digest: str = "sha256"  # of the message and inside the signature
    declared_digests: tuple[str, ...] | None = None  # SignedData.digestAlgorithms
    info_digest: str | None = None  # SignerInfo.digestAlgorithm
    pss: bool = False  # pad with PSS instead of PKCS #1 v1.5
    pss_mask: str | None = None  # hash of MGF1
    signature_algorithm: bytes | None = None  # the AlgorithmIdentifier to state instead
    certificates: tuple[bytes, ...] | None = None  # instead of the whole path
    sorted_certificates: bool = True
    sid: bytes | None = None  # instead of issuer and serial
    attributes: Callable[[list[bytes]], list[bytes]] = _same_list
    sorted_attributes: bool = True
    signed_tag: int = 0x31  # what is signed is a SET OF, not the [0] of the message
    no_attributes: bool = False  # sign the document itself
    unsigned_attributes: tuple[bytes, ...] = ()
    signature: Callable[[bytes], bytes] = _same
    signer_infos: Callable[[bytes], list[bytes]] = _only_one
    inner_type: str = ID_DATA
    outer_type: str = ID_SIGNED_DATA
    attached: bytes | None = None
    crls: bytes = b""
    version: int = 1
    info_version: int = 1
    finish: Callable[[bytes], bytes] = _same


def sign(document: bytes, how: Signing) -> bytes:
    """A ContentInfo over the document."""
    certificates = how.certificates
    if certificates is None:
        certificates = tuple(identity.der for identity in how.signer.path)
    ordered = sorted(certificates) if how.sorted_certificates else certificates
    inner = der.oid(how.inner_type)
    if how.attached is not None:
        inner += der.context(0, der.octet_string(how.attached))
    declared = (how.digest,) if how.declared_digests is None else how.declared_digests
    signed_data = der.sequence(
        der.integer(how.version),
        der.set_of(algorithm(name) for name in declared),
        der.sequence(inner),
        der.context(0, b"".join(ordered)) if ordered else b"",
        der.context(1, how.crls) if how.crls else b"",
        der.set_of(how.signer_infos(signer_info(document, how))),
    )
    return how.finish(der.sequence(der.oid(how.outer_type), der.context(0, signed_data)))


def signer_info(document: bytes, how: Signing) -> bytes:
    """One SignerInfo."""
    message, attributes = document, b""
    if not how.no_attributes:
        content = signed_attributes(document, how)
        message, attributes = der.tlv(how.signed_tag, content), der.context(0, content)
    unsigned = b"".join(how.unsigned_attributes)
    return der.sequence(
        der.integer(how.info_version),
        how.sid or _issuer_and_serial(how.signer),
        algorithm(how.info_digest or how.digest),
        attributes,
        how.signature_algorithm or _default_signature_algorithm(how),
        der.octet_string(how.signature(_signature_value(message, how))),
        der.context(1, unsigned) if unsigned else b"",
    )


def signed_attributes(document: bytes, how: Signing) -> bytes:
    """The attributes, side by side without the tag around them."""
    attributes = how.attributes(
        [
            content_type(),
            signing_time(der.utc_time(how.signing_time)),
            message_digest(digest_of(document, how.digest)),
        ]
    )
    return b"".join(sorted(attributes) if how.sorted_attributes else attributes)


def attribute(oid: str, *values: bytes) -> bytes:
    """Attribute ::= SEQUENCE { type, SET OF value }."""
    return der.sequence(der.oid(oid), der.set_of(values))


def content_type(oid: str = ID_DATA) -> bytes:
    """The content-type attribute (RFC 5652 11.1)."""
    return attribute(ID_CONTENT_TYPE, der.oid(oid))


def message_digest(*digests: bytes) -> bytes:
    """The message-digest attribute (RFC 5652 11.2); more than one value is against the rules."""
    return attribute(ID_MESSAGE_DIGEST, *(der.octet_string(digest) for digest in digests))


def signing_time(*times: bytes) -> bytes:
    """The signing-time attribute (RFC 5652 11.3) of encoded times."""
    return attribute(ID_SIGNING_TIME, *times)


def of_type(oid: str, attributes: Iterable[bytes]) -> bytes:
    """The attribute of this type."""
    return next(item for item in attributes if der.oid(oid) in item[:15])


def without(oid: str, attributes: Iterable[bytes]) -> list[bytes]:
    """The attributes of all other types."""
    return [item for item in attributes if der.oid(oid) not in item[:15]]


def adding(*attributes: bytes) -> Callable[[list[bytes]], list[bytes]]:
    """Add signed attributes."""
    return lambda given: [*given, *attributes]


def instead(oid: str, *attributes: bytes) -> Callable[[list[bytes]], list[bytes]]:
    """Replace a signed attribute."""
    return lambda given: [*without(oid, given), *attributes]


def digest_of(document: bytes, name: str) -> bytes:
    """The digest by its short name."""
    return hashlib.new(name, document).digest()


def algorithm(name: str) -> bytes:
    """AlgorithmIdentifier of a digest or signature algorithm, RSA and digests with NULL."""
    if name in _HASHES:
        return der.sequence(der.oid(_HASHES[name][0]), der.null())
    return der.sequence(der.oid(_SIGNATURES[name]), der.null() if "rsa" in name else b"")


def pss_algorithm(digest: str, mask: str, salt_length: int) -> bytes:
    """AlgorithmIdentifier of RSASSA-PSS (RFC 4056)."""
    mgf = der.sequence(der.oid(_ID_MGF1), algorithm(mask))
    salt = der.context(2, der.integer(salt_length))
    parameters = der.sequence(der.context(0, algorithm(digest)), der.context(1, mgf), salt)
    return der.sequence(der.oid(_ID_PSS), parameters)


def subject_key_identifier(signer: Identity) -> bytes:
    """The other form of SignerIdentifier, ``[0] SubjectKeyIdentifier``."""
    identifier = x509.SubjectKeyIdentifier.from_public_key(signer.key.public_key())
    return der.tlv(0x80, identifier.digest)


def _issuer_and_serial(signer: Identity) -> bytes:
    certificate = signer.certificate
    return der.sequence(certificate.issuer.public_bytes(), der.integer(certificate.serial_number))


def _default_signature_algorithm(how: Signing) -> bytes:
    if how.pss:
        size = _HASHES[how.digest][1].digest_size
        return pss_algorithm(how.digest, how.pss_mask or how.digest, size)
    if isinstance(how.signer.key, ec.EllipticCurvePrivateKey):
        return algorithm(f"ecdsa-{how.digest}")
    if isinstance(how.signer.key, ed25519.Ed25519PrivateKey):
        return algorithm("ed25519")
    return algorithm("rsa")


def _signature_value(message: bytes, how: Signing) -> bytes:
    key, hash_ = how.signer.key, _HASHES[how.digest][1]
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, _padding(how), hash_)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(hash_))
    return key.sign(message)


def _padding(how: Signing) -> padding.AsymmetricPadding:
    if not how.pss:
        return padding.PKCS1v15()
    mask = padding.MGF1(_HASHES[how.pss_mask or how.digest][1])
    return padding.PSS(mask, _HASHES[how.digest][1].digest_size)
