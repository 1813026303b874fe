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
    "ID_ALGORITHM_PROTECTION",
    "ID_CONTENT_TYPE",
    "ID_DATA",
    "ID_MESSAGE_DIGEST",
    "ID_SIGNING_CERTIFICATE",
    "ID_SIGNING_TIME",
    "Signing",
    "adding",
    "algorithm",
    "algorithm_protection",
    "attribute",
    "content_type",
    "digest_of",
    "instead",
    "message_digest",
    "of_type",
    "pss_algorithm",
    "sign",
    "signature_algorithm",
    "signed_attributes",
    "signer_info",
    "signing_certificate",
    "signing_time",
    "subject_key_identifier",
    "without",
]

ID_DATA = "1.2.840.113549.1.7.1"
ID_SIGNED_DATA = "1.2.840.113549.1.7.2"
ID_CONTENT_TYPE = "1.2.840.113549.1.9.3"
ID_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
ID_SIGNING_TIME = "1.2.840.113549.1.9.5"
ID_ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52"
ID_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"

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
_DEFAULT_SALT = 20  # where PSS parameters say none (RFC 4055 3.1)


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
    salt: int | None = None  # of PSS; as long as the digest unless told otherwise
    by_key: bool = False  # name the signer by key identifier, with the versions for it
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
    second: Signing | None = None  # a further SignerInfo, with its certificates and digest
    inner_type: str = ID_DATA
    outer_type: str = ID_SIGNED_DATA
    attached: bytes | None = None
    crls: bytes = b""
    version: int | None = None  # 1, or 3 with a SignerInfo by key
    info_version: int | None = None
    finish: Callable[[bytes], bytes] = _same


def sign(document: bytes, how: Signing) -> bytes:
    """A ContentInfo over the document."""
    signers = [how, how.second] if how.second else [how]
    certificates = how.certificates
    if certificates is None:
        whole = [identity.der for each in signers for identity in each.signer.path]
        certificates = tuple(dict.fromkeys(whole))
    ordered = sorted(certificates) if how.sorted_certificates else certificates
    inner = der.oid(how.inner_type)
    if how.attached is not None:
        inner += der.context(0, der.octet_string(how.attached))
    declared = how.declared_digests
    if declared is None:
        declared = tuple(dict.fromkeys(each.digest for each in signers))
    infos = how.signer_infos(signer_info(document, how))
    infos += [signer_info(document, how.second)] if how.second else []
    version = 3 if any(each.by_key for each in signers) else 1
    signed_data = der.sequence(
        der.integer(version if how.version is None else how.version),
        der.set_of(algorithm(name) for name in declared),
        der.sequence(inner),
        der.context(0, b"".join(ordered)) if ordered else b"",
        der.context(1, how.crls) if how.crls else b"",
        der.set_of(infos),
    )
    return how.finish(der.sequence(der.oid(how.outer_type), der.context(0, signed_data)))


def signer_info(document: bytes, how: Signing) -> bytes:
    """One SignerInfo."""
    message, attributes = document, b""
    if not how.no_attributes:
        content = signed_attributes(document, how)
        message, attributes = der.tlv(how.signed_tag, content), der.context(0, content)
    unsigned = b"".join(how.unsigned_attributes)
    version = 3 if how.by_key else 1
    by_name = subject_key_identifier if how.by_key else _issuer_and_serial
    return der.sequence(
        der.integer(version if how.info_version is None else how.info_version),
        how.sid or by_name(how.signer),
        algorithm(how.info_digest or how.digest),
        attributes,
        how.signature_algorithm or signature_algorithm(how),
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


def algorithm_protection(
    how: Signing, *, digest: bytes | None = None, signature: bytes | None = None, mac: bytes = b""
) -> bytes:
    """The attribute of RFC 6211, which says again how it is signed unless told otherwise."""
    stated = signature or how.signature_algorithm or signature_algorithm(how)
    value = der.sequence(
        digest or algorithm(how.info_digest or how.digest),
        der.context(1, der.content(stated)) if stated else b"",
        mac,
    )
    return attribute(ID_ALGORITHM_PROTECTION, value)


def signing_certificate(
    *certificates: bytes, hash_: str = "", issued: bytes = b"", policies: bytes = b""
) -> bytes:
    """The signingCertificateV2 attribute (RFC 5035) of certificates, by SHA-256 where none is said.

    ``issued`` is the IssuerSerial of each.
    """
    stated = algorithm(hash_) if hash_ else b""
    named = [
        der.sequence(stated, der.octet_string(digest_of(each, hash_ or "sha256")), issued)
        for each in certificates
    ]
    return attribute(ID_SIGNING_CERTIFICATE, der.sequence(der.sequence(*named), policies))


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
    salt = b"" if salt_length == _DEFAULT_SALT else der.context(2, der.integer(salt_length))
    parameters = der.sequence(der.context(0, algorithm(digest)), der.context(1, mgf), salt)
    return der.sequence(der.oid(_ID_PSS), parameters)


def subject_key_identifier(signer: Identity) -> bytes:
    """The other form of SignerIdentifier, ``[0] SubjectKeyIdentifier``."""
    identifier = x509.SubjectKeyIdentifier.from_public_key(signer.key.public_key())
    return der.tlv(0x80, identifier.digest)


def _issuer_and_serial(signer: Identity) -> bytes:
    certificate = signer.certificate
    return der.sequence(certificate.issuer.public_bytes(), der.integer(certificate.serial_number))


def signature_algorithm(how: Signing) -> bytes:
    """AlgorithmIdentifier of how it is signed."""
    if how.pss:
        return pss_algorithm(how.digest, how.pss_mask or how.digest, _salt(how))
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
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    return key.sign(message)


def _padding(how: Signing) -> padding.AsymmetricPadding:
    if not how.pss:
        return padding.PKCS1v15()
    mask = padding.MGF1(_HASHES[how.pss_mask or how.digest][1])
    return padding.PSS(mask, _salt(how))


def _salt(how: Signing) -> int:
    return _HASHES[how.digest][1].digest_size if how.salt is None else how.salt
