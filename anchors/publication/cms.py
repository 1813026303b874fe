"""CMS SignedData (RFC 5652), as strictly as a detached signature of IANA needs it.

:func:`open_signature` checks everything that can be checked without trusting anybody: structure,
signed attributes, and that the signature over them is made by the key of the one embedded
certificate that the SignerInfo names.  Whose key that is, :mod:`.chain` decides.
"""

from __future__ import annotations

import hashlib
import warnings
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from anchors.core.checks import Check
from anchors.publication.algorithms import digest_algorithm, verify
from anchors.publication.attributes import signed_attributes
from anchors.publication.cms_asn1 import (
    ID_DATA,
    ContentInfo,
    IssuerAndSerialNumber,
    RawSignerInfo,
    SignedData,
    SignerInfo,
)
from anchors.publication.der import parse, refuse, shown

__all__ = ["SignedDocument", "open_signature"]

_ID_SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
# CertificateChoices and RevocationInfoChoice (RFC 5652 10.2): SEQUENCE, or [0] to [3].
_CERTIFICATE_CHOICES = frozenset({b"\x30", b"\xa0", b"\xa1", b"\xa2", b"\xa3"})
_SET_OF_TAG = b"\x31"
_SIGNER_INFO = "the SignerInfo"
# Genuine files hold two to five; path building must stay cheap.
_MAX_CERTIFICATES = 16


class SignedDocument(NamedTuple):
    """A signature that holds over its own attributes, by a key nobody has vouched for yet.

    Attributes:
        signer: the embedded certificate whose key made the signature.
        others: the other embedded certificates that can be read; never trust.
        signing_time: the signing-time attribute.
        message_digest: the message-digest attribute, raw.
        digest_algorithm: ``sha1``, ``sha256``, ``sha384`` or ``sha512``.
    """

    signer: x509.Certificate
    others: tuple[x509.Certificate, ...]
    signing_time: datetime
    message_digest: bytes
    digest_algorithm: str

    def is_of(self, document: bytes) -> bool:
        """Whether the signature is of exactly these bytes (RFC 5652 5.4)."""
        return hashlib.new(self.digest_algorithm, document).digest() == self.message_digest


def open_signature(signature: bytes) -> SignedDocument:
    """Take ``signature`` apart and check that it holds over its own signed attributes.

    Raises:
        SignatureRefused: with the check that failed (``cms.*``).
    """
    signed_data = _signed_data(signature)
    info_tlv = _only_signer_info(signed_data)
    info = parse(info_tlv, SignerInfo, _SIGNER_INFO)
    algorithm = digest_algorithm(signed_data, info)
    signer, others = _certificates(signed_data, info)
    attributes = signed_attributes(info)
    verify(signer, info, algorithm, _signed_bytes(info_tlv))
    return SignedDocument(
        signer, others, attributes.signing_time, attributes.message_digest, algorithm.name
    )


def _signed_data(signature: bytes) -> SignedData:
    try:
        content_info = asn1.decode_der(ContentInfo, signature)
    except (ValueError, OverflowError) as error:
        raise refuse(
            Check.CMS_DER,
            "the signature is not one CMS ContentInfo in DER",
            got=f"{len(signature)} bytes: {error}",
            want="a detached signature (root-anchors.p7s) with nothing after it",
        ) from error
    if content_info.content_type != _ID_SIGNED_DATA:
        raise refuse(
            Check.CMS_SIGNED_DATA,
            "the CMS content is not SignedData",
            got=content_info.content_type.dotted_string,
            want=_ID_SIGNED_DATA.dotted_string,
        )
    signed_data = parse(content_info.content, SignedData, "SignedData")
    encapsulated = signed_data.encapsulated
    # Version 1 is what id-data with a version 1 SignerInfo asks for (RFC 5652 5.1).
    content_type = encapsulated.content_type.dotted_string
    if signed_data.version != 1 or encapsulated.content_type != ID_DATA:
        raise refuse(
            Check.CMS_SIGNED_DATA,
            "this is not SignedData version 1 over id-data",
            got=f"version {shown(signed_data.version)} over {content_type}",
            want=f"version 1 over {ID_DATA.dotted_string}",
        )
    if encapsulated.content is not None:
        raise refuse(
            Check.CMS_DETACHED,
            "the signature carries its own content instead of being detached",
            got=f"{len(encapsulated.content)} bytes of content inside the signature",
            want="no eContent",
        )
    return signed_data


def _only_signer_info(signed_data: SignedData) -> asn1.TLV:
    infos = signed_data.signer_infos.as_list()
    if len(infos) != 1:
        raise refuse(
            Check.CMS_ONE_SIGNER,
            "there is not exactly one SignerInfo",
            got=f"{len(infos)} SignerInfos",
            want="1",
        )
    return infos[0]


def _certificates(
    signed_data: SignedData, info: SignerInfo
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    sid = info.sid
    if isinstance(sid, bytes) or info.version != 1:
        raise refuse(
            Check.CMS_SIGNER_IDENTIFIER,
            "the signer is not named by issuer and serial number",
            got="a SubjectKeyIdentifier"
            if isinstance(sid, bytes)
            else f"version {shown(info.version)}",
            want="IssuerAndSerialNumber in a SignerInfo of version 1",
        )
    embedded = signed_data.certificates or []
    if len(embedded) > _MAX_CERTIFICATES:
        raise refuse(
            Check.CMS_SIGNER_CERTIFICATE,
            "the signature carries more certificates than any genuine one",
            got=f"{len(embedded)} certificates",
            want=f"at most {_MAX_CERTIFICATES}",
        )
    tags = [tlv.tag_bytes for tlv in (*embedded, *(signed_data.crls or []))]
    if any(tag not in _CERTIFICATE_CHOICES for tag in tags):
        raise refuse(
            Check.CMS_DER,
            "certificates or crls hold what is not a certificate or a CRL",
            got=f"tags {', '.join(tag.hex() for tag in tags)}",
            want="SEQUENCE or one of the tagged choices",
        )
    # One that cannot be parsed counts as absent: the genuine file of 2015 has such a one.
    certificates = dict.fromkeys(c for c in map(_certificate, embedded) if c is not None)
    signers = [c for c in certificates if _is_named(c, sid)]
    if len(signers) != 1:
        raise refuse(
            Check.CMS_SIGNER_CERTIFICATE,
            "the signer's certificate is not (exactly once) in the signature",
            got=f"{len(signers)} of {len(embedded)} certificates of serial {shown(sid.serial)}",
            want="1",
        )
    return signers[0], tuple(c for c in certificates if c != signers[0])


def _certificate(tlv: asn1.TLV) -> x509.Certificate | None:
    try:
        # The library warns of serial numbers that RFC 5280 4.1.2.2 forbids, each time it sees one.
        with warnings.catch_warnings(action="ignore"):
            certificate: x509.Certificate = tlv.parse(x509.Certificate)
            # Parsed lazily: a certificate that fails later is no use either.
            _ = certificate.subject, certificate.issuer, certificate.extensions
            return certificate if certificate.serial_number > 0 else None
    except Exception:  # noqa: BLE001 - the library raises many kinds, and all mean the same here
        return None


def _is_named(certificate: x509.Certificate, sid: IssuerAndSerialNumber) -> bool:
    issuer = asn1.decode_der(asn1.TLV, certificate.issuer.public_bytes())
    return (
        certificate.serial_number == sid.serial
        and issuer.tag_bytes == sid.issuer.tag_bytes
        and issuer.data == sid.issuer.data
    )


def _signed_bytes(info_tlv: asn1.TLV) -> bytes:
    """The DER of signedAttrs as a SET OF, which is what was signed (RFC 5652 5.4)."""
    raw = parse(info_tlv, RawSignerInfo, _SIGNER_INFO)
    # An OCTET STRING of the same content differs from the SET OF in its tag alone.
    octet_string = asn1.encode_der(bytes(raw.signed_attributes.data))
    return _SET_OF_TAG + octet_string[1:]
