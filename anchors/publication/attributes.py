"""The signed attributes of a SignerInfo (RFC 5652 5.3 and 11)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, TypeAlias

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from anchors.core.checks import Check
from anchors.publication.bindings import CertificateHash, named_certificates, require_algorithms
from anchors.publication.cms_asn1 import ID_DATA, SignerInfo
from anchors.publication.der import parse, refuse

__all__ = ["SignedAttributes", "signed_attributes"]

_Attributes: TypeAlias = list[tuple[ObjectIdentifier, list[asn1.TLV]]]

_CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
_SIGNING_TIME = ObjectIdentifier("1.2.840.113549.1.9.5")
_COUNTERSIGNATURE = ObjectIdentifier("1.2.840.113549.1.9.6")
_ALGORITHM_PROTECTION = ObjectIdentifier("1.2.840.113549.1.9.52")
_SIGNING_CERTIFICATE = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
# These must be there, and are counted by checks of their own.
_OWN_CHECK = frozenset({_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME})
_FIRST_GENERALIZED_YEAR = 2050
_UTC_TIME_TAG = b"\x17"


class SignedAttributes(NamedTuple):
    """What the signed attributes say, once all that RFC 5652 asks of them holds."""

    message_digest: bytes
    signing_time: datetime
    certificates: tuple[CertificateHash, ...]


def signed_attributes(info: SignerInfo, signer: x509.Certificate) -> SignedAttributes:
    """Read the signed attributes of ``info``, which may bind its algorithms and its ``signer``.

    Raises:
        SignatureRefused: one is missing, not alone, or not what it must be (``cms.*``).
    """
    attributes = _known_attributes(info)
    _require_none_unsigned(info)
    _require_content_type(attributes)
    _require_algorithms(attributes, info)
    return SignedAttributes(
        _message_digest(attributes),
        _signing_time(attributes),
        _certificates(attributes, signer),
    )


def _known_attributes(info: SignerInfo) -> _Attributes:
    if info.signed_attributes is None:
        raise refuse(
            Check.CMS_SIGNED_ATTRIBUTES,
            "the signature has no signed attributes",
            got="none",
            want="content-type, message-digest and signing-time",
        )
    attributes = [(a.oid, a.values.as_list()) for a in info.signed_attributes.as_list()]
    oids = [oid for oid, _ in attributes if oid not in _OWN_CHECK]
    empty = [oid for oid, values in attributes if not values and oid not in _OWN_CHECK]
    if len(set(oids)) < len(oids) or empty or _COUNTERSIGNATURE in oids:
        raise refuse(
            Check.CMS_SIGNED_ATTRIBUTES,
            "a signed attribute is repeated or has no value, or one is a countersignature",
            got=", ".join(oid.dotted_string for oid in oids),
            want="each attribute at most once and with a value",
        )
    return attributes


def _require_none_unsigned(info: SignerInfo) -> None:
    """RFC 5652 11.1 to 11.3: three attributes must not be unsigned, beside signed ones or not."""
    unsigned = info.unsigned_attributes.as_list() if info.unsigned_attributes else []
    found = [a.oid.dotted_string for a in unsigned if a.oid in _OWN_CHECK]
    if found:
        raise refuse(
            Check.CMS_SIGNED_ATTRIBUTES,
            "an attribute that must be signed is among the unsigned attributes",
            got=", ".join(found),
            want="content-type, message-digest and signing-time among the signed attributes only",
        )


def _only_value(
    attributes: _Attributes, oid: ObjectIdentifier, check: Check, name: str
) -> asn1.TLV:
    values = [values for found, values in attributes if found == oid]
    if len(values) != 1 or len(values[0]) != 1:
        raise refuse(
            check,
            f"the signed attributes do not contain exactly one {name} with one value",
            got=f"{sum(map(len, values))} values in {len(values)} attributes",
            want="1 value in 1 attribute",
        )
    return values[0][0]


def _require_content_type(attributes: _Attributes) -> None:
    value = _only_value(attributes, _CONTENT_TYPE, Check.CMS_CONTENT_TYPE, "content-type")
    content_type = parse(value, ObjectIdentifier, "the content-type attribute")
    if content_type != ID_DATA:
        raise refuse(
            Check.CMS_CONTENT_TYPE,
            "the content-type attribute is not id-data",
            got=content_type.dotted_string,
            want=ID_DATA.dotted_string,
        )


def _require_algorithms(attributes: _Attributes, info: SignerInfo) -> None:
    check, name = Check.CMS_ALGORITHM_PROTECTION, "CMSAlgorithmProtection"
    if any(oid == _ALGORITHM_PROTECTION for oid, _ in attributes):
        require_algorithms(_only_value(attributes, _ALGORITHM_PROTECTION, check, name), info)


def _certificates(attributes: _Attributes, signer: x509.Certificate) -> tuple[CertificateHash, ...]:
    check, name = Check.CMS_SIGNING_CERTIFICATE, "signingCertificateV2"
    if all(oid != _SIGNING_CERTIFICATE for oid, _ in attributes):
        return ()
    return named_certificates(_only_value(attributes, _SIGNING_CERTIFICATE, check, name), signer)


def _message_digest(attributes: _Attributes) -> bytes:
    value = _only_value(attributes, _MESSAGE_DIGEST, Check.CMS_MESSAGE_DIGEST, "message-digest")
    return parse(value, bytes, "the message-digest attribute")


def _signing_time(attributes: _Attributes) -> datetime:
    value = _only_value(attributes, _SIGNING_TIME, Check.CMS_SIGNING_TIME, "signing-time")
    if value.tag_bytes == _UTC_TIME_TAG:
        return parse(value, asn1.UTCTime, "the signing-time attribute").as_datetime()
    time = parse(value, asn1.GeneralizedTime, "the signing-time attribute").as_datetime()
    if time.year < _FIRST_GENERALIZED_YEAR or time.microsecond:
        raise refuse(
            Check.CMS_SIGNING_TIME,
            "the signing-time attribute has the wrong form",
            got=f"GeneralizedTime {time.isoformat()}",
            want="UTCTime through 2049, GeneralizedTime without fractions from 2050",
        )
    return time
