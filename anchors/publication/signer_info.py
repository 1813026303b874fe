"""One SignerInfo (RFC 5652 5.3): which certificate it names, and that its signature holds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ObjectIdentifier

from anchors.core.checks import Check
from anchors.publication.algorithms import digest_algorithm, is_known, verify
from anchors.publication.attributes import signed_attributes
from anchors.publication.bindings import CertificateHash
from anchors.publication.cms_asn1 import (
    IssuerAndSerialNumber,
    PssParameters,
    RawSignerInfo,
    SignerInfo,
    SignerInfoOutline,
)
from anchors.publication.der import parse, refuse, same_name, shown

__all__ = ["BY_KEY", "Embedded", "Made", "Outline", "SignedDocument", "open_signer_info", "outline"]

# The versions of a SignerInfo by how it names the signer, and of SignedData with such a one in it.
_BY_SERIAL, BY_KEY = 1, 3
_SET_OF_TAG = b"\x31"
_MAX_SHOWN = 32  # bytes of a key identifier
_SIGNER_INFO = "the SignerInfo"


class Made(NamedTuple):
    """Which key signed which bytes, and how: what nobody else can make another one of.

    All else may be written in other ways by anybody: who the signer is, the algorithms' names,
    unsigned attributes, and the value of an ECDSA signature.
    """

    key: bytes
    signed_bytes: bytes
    pss: bool


class SignedDocument(NamedTuple):
    """A signature that holds over its own attributes, by a key nobody has vouched for yet.

    Attributes:
        signer: the embedded certificate whose key made the signature.
        others: the other embedded certificates that can be read; never trust.
        signing_time: the signing-time attribute.
        message_digest: the message-digest attribute, raw.
        digest_algorithm: ``sha1``, ``sha256``, ``sha384`` or ``sha512``.
        made: what tells this signature from another one.
        named: the certificates that signed attributes name, the signer first; mostly none.
    """

    signer: x509.Certificate
    others: tuple[x509.Certificate, ...]
    signing_time: datetime
    message_digest: bytes
    digest_algorithm: str
    made: Made
    named: tuple[CertificateHash, ...] = ()

    def is_of(self, document: bytes) -> bool:
        """Whether the signature is of exactly these bytes (RFC 5652 5.4)."""
        return hashlib.new(self.digest_algorithm, document).digest() == self.message_digest


class Embedded(NamedTuple):
    """The embedded certificates that can be read, each once, and how many there are in all."""

    readable: tuple[x509.Certificate, ...]
    total: int


class Outline(NamedTuple):
    """What can be read of a SignerInfo whatever its algorithms are."""

    encoded: asn1.TLV
    version: int
    digest: ObjectIdentifier
    signature: ObjectIdentifier

    @property
    def can_be_judged(self) -> bool:
        """Whether both algorithms are known here, be it for good or for bad."""
        return is_known(self.digest) and is_known(self.signature)


def outline(encoded: asn1.TLV) -> Outline:
    """Read what every SignerInfo has.

    Raises:
        SignatureRefused: it is none (``cms.der``).
    """
    found = parse(encoded, SignerInfoOutline, _SIGNER_INFO)
    digest, signature = (_first(a) for a in (found.digest_algorithm, found.signature_algorithm))
    return Outline(encoded, found.version, digest, signature)


def _first(algorithm: Sequence[asn1.TLV]) -> ObjectIdentifier:
    if not algorithm:
        raise refuse(
            Check.CMS_DER,
            "an algorithm of the SignerInfo has no OID",
            got="an empty SEQUENCE",
            want="AlgorithmIdentifier in DER",
        )
    return parse(algorithm[0], ObjectIdentifier, "an algorithm of the SignerInfo")


def open_signer_info(
    encoded: asn1.TLV,
    embedded: Embedded,
    *,
    announced: Collection[str],
    used: Collection[str],
) -> SignedDocument:
    """Check that a SignerInfo's signature holds over its own signed attributes.

    Args:
        encoded: the SignerInfo.
        embedded: the certificates beside it.
        announced: the object identifiers of SignedData's digestAlgorithms.
        used: those of the digest algorithms of all its SignerInfos.

    Raises:
        SignatureRefused: with the check that failed (``cms.*``).
    """
    info = parse(encoded, SignerInfo, _SIGNER_INFO)
    _require_identifier(info)
    algorithm = digest_algorithm(info, announced, used)
    signer = _signer(info, embedded)
    attributes = signed_attributes(info, signer)
    signed_bytes = _signed_bytes(encoded)
    verify(signer, info, algorithm, signed_bytes)
    return SignedDocument(
        signer,
        tuple(certificate for certificate in embedded.readable if certificate != signer),
        attributes.signing_time,
        attributes.message_digest,
        algorithm.name,
        _made(signer, info, signed_bytes),
        attributes.certificates,
    )


def _made(signer: x509.Certificate, info: SignerInfo, signed_bytes: bytes) -> Made:
    key = signer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pss = isinstance(info.signature_algorithm.parameters, PssParameters)
    return Made(key, signed_bytes, pss)


def _require_identifier(info: SignerInfo) -> None:
    by_key = isinstance(info.sid, bytes)
    if info.version != (BY_KEY if by_key else _BY_SERIAL):
        name = "a SubjectKeyIdentifier" if by_key else "IssuerAndSerialNumber"
        raise refuse(
            Check.CMS_SIGNER_IDENTIFIER,
            "the version of the SignerInfo does not fit the way in which it names the signer",
            got=f"version {shown(info.version)} with {name}",
            want="version 1 with IssuerAndSerialNumber, or 3 with a SubjectKeyIdentifier",
        )


def _signer(info: SignerInfo, embedded: Embedded) -> x509.Certificate:
    sid = info.sid
    if isinstance(sid, bytes):
        # Two certificates of one key would leave open which of them is meant.
        signers = [c for c in embedded.readable if _key_identifier(c) == sid]
        name = f"key identifier {sid[:_MAX_SHOWN].hex()}"
    else:
        signers = [c for c in embedded.readable if _is_named(c, sid)]
        name = f"serial {shown(sid.serial)}"
    if len(signers) != 1:
        raise refuse(
            Check.CMS_SIGNER_CERTIFICATE,
            "the signature does not contain the signer's certificate exactly once",
            got=f"{len(signers)} of {embedded.total} certificates of {name}",
            want="1",
        )
    return signers[0]


def _key_identifier(certificate: x509.Certificate) -> bytes | None:
    """What the certificate says its key is called: never computed, as openssl does not either."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return found.value.digest


def _is_named(certificate: x509.Certificate, sid: IssuerAndSerialNumber) -> bool:
    same_issuer = same_name(sid.issuer, certificate.issuer)
    return same_issuer and certificate.serial_number == sid.serial


def _signed_bytes(encoded: asn1.TLV) -> bytes:
    """The DER of signedAttrs as a SET OF, which is what was signed (RFC 5652 5.4)."""
    raw = parse(encoded, RawSignerInfo, _SIGNER_INFO)
    # An OCTET STRING of the same content differs from the SET OF in its tag alone.
    octet_string = asn1.encode_der(bytes(raw.signed_attributes.data))
    return _SET_OF_TAG + octet_string[1:]
