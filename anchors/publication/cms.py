"""CMS SignedData (RFC 5652), as strictly as a detached signature of IANA needs it.

:func:`open_signature` checks everything that can be checked without trusting anybody: structure,
signed attributes, and that the signature over them is made by the key of the one embedded
certificate that the SignerInfo names.  Whose key that is, :mod:`.chain` decides.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ObjectIdentifier

from anchors.checks import Check
from anchors.errors import SignatureRefused
from anchors.publication.structures import (
    ContentInfo,
    IssuerAndSerialNumber,
    PssParameters,
    RawSignerInfo,
    SignatureAlgorithm,
    SignedData,
    SignerInfo,
)

__all__ = ["SignedDocument", "open_signature"]

_T = TypeVar("_T")
_Attributes: TypeAlias = list[tuple[ObjectIdentifier, list[asn1.TLV]]]

_ID_DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
_ID_SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
_CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
_SIGNING_TIME = ObjectIdentifier("1.2.840.113549.1.9.5")
_COUNTERSIGNATURE = ObjectIdentifier("1.2.840.113549.1.9.6")
# These are counted by checks of their own.
_OWN_CHECK = frozenset({_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME})
_FIRST_GENERALIZED_YEAR = 2050
_MGF1 = ObjectIdentifier("1.2.840.113549.1.1.8")
_RSA_PSS = ObjectIdentifier("1.2.840.113549.1.1.10")

_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = MappingProxyType(
    {
        "1.3.14.3.2.26": hashes.SHA1(),  # noqa: S303 - named so that it can be refused by name
        "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
        "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
        "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
    }
)
# rsaEncryption leaves the hash to digestAlgorithm; the others name it again.
_RSA_PKCS1V15: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "1.2.840.113549.1.1.1": None,
        "1.2.840.113549.1.1.5": "sha1",
        "1.2.840.113549.1.1.11": "sha256",
        "1.2.840.113549.1.1.12": "sha384",
        "1.2.840.113549.1.1.13": "sha512",
    }
)
_ECDSA: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1.2.840.10045.4.3.2": "sha256",
        "1.2.840.10045.4.3.3": "sha384",
        "1.2.840.10045.4.3.4": "sha512",
    }
)
# CertificateChoices and RevocationInfoChoice (RFC 5652 10.2): SEQUENCE, or [0] to [3].
_CERTIFICATE_CHOICES = frozenset({b"\x30", b"\xa0", b"\xa1", b"\xa2", b"\xa3"})
_MAX_SHOWN_BITS = 160
_UTC_TIME_TAG = b"\x17"
_SET_OF_TAG = b"\x31"
# Genuine files hold two to five; path building must stay cheap.
_MAX_CERTIFICATES = 16

_REFETCH = "fetch document and signature again, both from the same place"


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


def _refuse(check: Check, message: str, *, got: object, want: str) -> SignatureRefused:
    return SignatureRefused(check, message, got=str(got), want=want, remedy=_REFETCH)


def open_signature(signature: bytes) -> SignedDocument:
    """Take ``signature`` apart and check that it holds over its own signed attributes.

    Raises:
        SignatureRefused: with the check that failed (``cms.*``).
    """
    signed_data = _signed_data(signature)
    info_tlv = _only_signer_info(signed_data)
    info = _parse(info_tlv, SignerInfo, "the SignerInfo")
    digest_algorithm = _digest_algorithm(signed_data, info)
    signer, others = _certificates(signed_data, info)
    attributes = _signed_attributes(info)
    _require_none_unsigned(info)
    _require_content_type(attributes)
    message_digest = _message_digest(attributes)
    signing_time = _signing_time(attributes)
    signed_bytes = _signed_bytes(info_tlv)
    _verify(signer, info, digest_algorithm, signed_bytes)
    return SignedDocument(signer, others, signing_time, message_digest, digest_algorithm.name)


def _shown(number: int) -> str:
    """A number from outside, which may be too long to be written down."""
    bits = number.bit_length()
    return str(number) if bits <= _MAX_SHOWN_BITS else f"of {bits} bits"


def _parse(tlv: asn1.TLV, cls: type[_T], what: str) -> _T:
    try:
        parsed: _T = tlv.parse(cls)
    except (ValueError, OverflowError) as error:
        raise _refuse(
            Check.CMS_DER, f"{what} is not strict DER", got=error, want="RFC 5652 in DER"
        ) from error
    return parsed


def _signed_data(signature: bytes) -> SignedData:
    try:
        content_info = asn1.decode_der(ContentInfo, signature)
    except (ValueError, OverflowError) as error:
        raise _refuse(
            Check.CMS_DER,
            "the signature is not one CMS ContentInfo in DER",
            got=f"{len(signature)} bytes: {error}",
            want="a detached signature (root-anchors.p7s) with nothing after it",
        ) from error
    if content_info.content_type != _ID_SIGNED_DATA:
        raise _refuse(
            Check.CMS_SIGNED_DATA,
            "the CMS content is not SignedData",
            got=content_info.content_type.dotted_string,
            want=_ID_SIGNED_DATA.dotted_string,
        )
    signed_data = _parse(content_info.content, SignedData, "SignedData")
    encapsulated = signed_data.encapsulated
    # Version 1 is what id-data with a version 1 SignerInfo asks for (RFC 5652 5.1).
    content_type = encapsulated.content_type.dotted_string
    if signed_data.version != 1 or encapsulated.content_type != _ID_DATA:
        raise _refuse(
            Check.CMS_SIGNED_DATA,
            "this is not SignedData version 1 over id-data",
            got=f"version {_shown(signed_data.version)} over {content_type}",
            want=f"version 1 over {_ID_DATA.dotted_string}",
        )
    if encapsulated.content is not None:
        raise _refuse(
            Check.CMS_DETACHED,
            "the signature carries its own content instead of being detached",
            got=f"{len(encapsulated.content)} bytes of content inside the signature",
            want="no eContent",
        )
    return signed_data


def _only_signer_info(signed_data: SignedData) -> asn1.TLV:
    infos = signed_data.signer_infos.as_list()
    if len(infos) != 1:
        raise _refuse(
            Check.CMS_ONE_SIGNER,
            "there is not exactly one SignerInfo",
            got=f"{len(infos)} SignerInfos",
            want="1",
        )
    return infos[0]


def _digest_algorithm(signed_data: SignedData, info: SignerInfo) -> hashes.HashAlgorithm:
    oid = info.digest_algorithm.oid.dotted_string
    named = [algorithm.oid.dotted_string for algorithm in signed_data.digest_algorithms.as_list()]
    if oid not in _HASHES or named != [oid]:
        raise _refuse(
            Check.CMS_DIGEST_ALGORITHM,
            "the digest algorithm is not SHA-2, or not the same everywhere",
            got=f"{oid} in the SignerInfo, {', '.join(named) or 'none'} in digestAlgorithms",
            want="one of SHA-256, SHA-384, SHA-512 in both",
        )
    return _HASHES[oid]


def _certificates(
    signed_data: SignedData, info: SignerInfo
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    sid = info.sid
    if isinstance(sid, bytes) or info.version != 1:
        raise _refuse(
            Check.CMS_SIGNER_IDENTIFIER,
            "the signer is not named by issuer and serial number",
            got="a SubjectKeyIdentifier"
            if isinstance(sid, bytes)
            else f"version {_shown(info.version)}",
            want="IssuerAndSerialNumber in a SignerInfo of version 1",
        )
    embedded = signed_data.certificates or []
    if len(embedded) > _MAX_CERTIFICATES:
        raise _refuse(
            Check.CMS_SIGNER_CERTIFICATE,
            "the signature carries more certificates than any genuine one",
            got=f"{len(embedded)} certificates",
            want=f"at most {_MAX_CERTIFICATES}",
        )
    tags = [tlv.tag_bytes for tlv in (*embedded, *(signed_data.crls or []))]
    if any(tag not in _CERTIFICATE_CHOICES for tag in tags):
        raise _refuse(
            Check.CMS_DER,
            "certificates or crls hold what is not a certificate or a CRL",
            got=f"tags {', '.join(tag.hex() for tag in tags)}",
            want="SEQUENCE or one of the tagged choices",
        )
    # One that cannot be parsed counts as absent: the genuine file of 2015 has such a one.
    certificates = dict.fromkeys(c for c in map(_certificate, embedded) if c is not None)
    signers = [c for c in certificates if _is_named(c, sid)]
    if len(signers) != 1:
        raise _refuse(
            Check.CMS_SIGNER_CERTIFICATE,
            "the signer's certificate is not (exactly once) in the signature",
            got=f"{len(signers)} of {len(embedded)} certificates of serial {_shown(sid.serial)}",
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


def _signed_attributes(info: SignerInfo) -> _Attributes:
    if info.signed_attributes is None:
        raise _refuse(
            Check.CMS_SIGNED_ATTRIBUTES,
            "there are no signed attributes",
            got="none",
            want="content-type, message-digest and signing-time",
        )
    attributes = [(a.oid, a.values.as_list()) for a in info.signed_attributes.as_list()]
    oids = [oid for oid, _ in attributes if oid not in _OWN_CHECK]
    empty = [oid for oid, values in attributes if not values and oid not in _OWN_CHECK]
    if len(set(oids)) < len(oids) or empty or _COUNTERSIGNATURE in oids:
        raise _refuse(
            Check.CMS_SIGNED_ATTRIBUTES,
            "the signed attributes hold one twice, one without a value, or a countersignature",
            got=", ".join(oid.dotted_string for oid in oids),
            want="each at most once, with a value",
        )
    return attributes


def _require_none_unsigned(info: SignerInfo) -> None:
    """RFC 5652 11.1 to 11.3: three attributes must not be unsigned, beside signed ones or not."""
    unsigned = info.unsigned_attributes.as_list() if info.unsigned_attributes else []
    found = [a.oid.dotted_string for a in unsigned if a.oid in _OWN_CHECK]
    if found:
        raise _refuse(
            Check.CMS_SIGNED_ATTRIBUTES,
            "an attribute that must be signed is among the unsigned ones",
            got=", ".join(found),
            want="content-type, message-digest and signing-time among the signed ones alone",
        )


def _only_value(
    attributes: _Attributes, oid: ObjectIdentifier, check: Check, name: str
) -> asn1.TLV:
    values = [values for found, values in attributes if found == oid]
    if len(values) != 1 or len(values[0]) != 1:
        raise _refuse(
            check,
            f"the signed attributes do not hold exactly one {name} with one value",
            got=f"{sum(map(len, values))} values in {len(values)} attributes",
            want="1 value in 1 attribute",
        )
    return values[0][0]


def _require_content_type(attributes: _Attributes) -> None:
    value = _only_value(attributes, _CONTENT_TYPE, Check.CMS_CONTENT_TYPE, "content-type")
    content_type = _parse(value, ObjectIdentifier, "the content-type attribute")
    if content_type != _ID_DATA:
        raise _refuse(
            Check.CMS_CONTENT_TYPE,
            "the content-type attribute is not id-data",
            got=content_type.dotted_string,
            want=_ID_DATA.dotted_string,
        )


def _message_digest(attributes: _Attributes) -> bytes:
    value = _only_value(attributes, _MESSAGE_DIGEST, Check.CMS_MESSAGE_DIGEST, "message-digest")
    return _parse(value, bytes, "the message-digest attribute")


def _signing_time(attributes: _Attributes) -> datetime:
    value = _only_value(attributes, _SIGNING_TIME, Check.CMS_SIGNING_TIME, "signing-time")
    if value.tag_bytes == _UTC_TIME_TAG:
        return _parse(value, asn1.UTCTime, "the signing-time attribute").as_datetime()
    time = _parse(value, asn1.GeneralizedTime, "the signing-time attribute").as_datetime()
    if time.year < _FIRST_GENERALIZED_YEAR or time.microsecond:
        raise _refuse(
            Check.CMS_SIGNING_TIME,
            "the signing-time attribute has the wrong form",
            got=f"GeneralizedTime {time.isoformat()}",
            want="UTCTime through 2049, GeneralizedTime without fractions from 2050",
        )
    return time


def _signed_bytes(info_tlv: asn1.TLV) -> bytes:
    """The DER of signedAttrs as a SET OF, which is what was signed (RFC 5652 5.4)."""
    raw = _parse(info_tlv, RawSignerInfo, "the SignerInfo")
    # An OCTET STRING of the same content differs from the SET OF in its tag alone.
    octet_string = asn1.encode_der(bytes(raw.signed_attributes.data))
    return _SET_OF_TAG + octet_string[1:]


def _verify(
    signer: x509.Certificate,
    info: SignerInfo,
    digest_algorithm: hashes.HashAlgorithm,
    signed_bytes: bytes,
) -> None:
    verify = _verifier(signer, info.signature_algorithm, digest_algorithm)
    try:
        verify(info.signature, signed_bytes)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise _refuse(
            Check.CMS_SIGNATURE,
            "the signature over the signed attributes does not hold",
            got=str(error) or "an invalid signature",
            want="a signature by the embedded certificate's key",
        ) from error


def _verifier(
    signer: x509.Certificate,
    algorithm: SignatureAlgorithm,
    digest_algorithm: hashes.HashAlgorithm,
) -> Callable[[bytes, bytes], None]:
    try:
        key = signer.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad_algorithm(algorithm, f"a public key that cannot be read ({error})") from error
    oid = algorithm.oid.dotted_string
    parameters = algorithm.parameters
    if isinstance(key, rsa.RSAPublicKey) and not isinstance(parameters, PssParameters):
        if _RSA_PKCS1V15.get(oid, "unknown") in {None, digest_algorithm.name}:
            return lambda s, data: key.verify(s, data, padding.PKCS1v15(), digest_algorithm)
    elif isinstance(key, rsa.RSAPublicKey) and isinstance(parameters, PssParameters):
        pss = _pss(algorithm, parameters, digest_algorithm)
        return lambda s, data: key.verify(s, data, pss, digest_algorithm)
    elif (
        isinstance(key, ec.EllipticCurvePublicKey)
        and _ECDSA.get(oid) == digest_algorithm.name
        and parameters is None
    ):
        return lambda s, data: key.verify(s, data, ec.ECDSA(digest_algorithm))
    raise _bad_algorithm(algorithm, f"{type(key).__name__} with {digest_algorithm.name}")


def _pss(
    algorithm: SignatureAlgorithm,
    parameters: PssParameters,
    digest_algorithm: hashes.HashAlgorithm,
) -> padding.PSS:
    """RSASSA-PSS with the one hash everywhere (RFC 4056 3)."""
    named = (parameters.hash, parameters.mask_gen and parameters.mask_gen.parameters)
    same = all(
        n is not None and _HASHES.get(n.oid.dotted_string) is digest_algorithm for n in named
    )
    mgf1 = parameters.mask_gen is not None and parameters.mask_gen.oid == _MGF1
    salt_length = parameters.salt_length
    if algorithm.oid != _RSA_PSS or not (same and mgf1) or parameters.trailer_field != 1:
        raise _bad_algorithm(algorithm, "RSASSA-PSS with other hashes, mask or trailer")
    if salt_length != digest_algorithm.digest_size:
        raise _bad_algorithm(algorithm, f"RSASSA-PSS with a salt of {_shown(salt_length)} bytes")
    return padding.PSS(padding.MGF1(digest_algorithm), salt_length)


def _bad_algorithm(algorithm: SignatureAlgorithm, got: str) -> SignatureRefused:
    return _refuse(
        Check.CMS_SIGNATURE_ALGORITHM,
        "the signature algorithm is not one we accept, or not the digest algorithm's",
        got=f"{algorithm.oid.dotted_string}: {got}",
        want="RSA (PKCS #1 v1.5 or PSS) or ECDSA with the digest algorithm's hash",
    )
