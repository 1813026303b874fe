"""The ASN.1 of CMS (RFC 5652), declared as far as a detached signature needs it.

Its annotations are not postponed: the library would compile each of them again.
"""

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

__all__ = [
    "ID_DATA",
    "AlgorithmProtection",
    "Attribute",
    "ContentInfo",
    "DigestAlgorithm",
    "EncapsulatedContentInfo",
    "EssCertificateId",
    "IssuerAndSerialNumber",
    "IssuerSerial",
    "MaskGenAlgorithm",
    "PssParameters",
    "RawSignerInfo",
    "SignatureAlgorithm",
    "SignedData",
    "SignerInfo",
    "SignerInfoOutline",
    "SigningCertificate",
]

ID_DATA = ObjectIdentifier("1.2.840.113549.1.7.1")


@asn1.sequence
class DigestAlgorithm:
    """DigestAlgorithmIdentifier (10.1.1): parameters are NULL or absent."""

    oid: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class MaskGenAlgorithm:
    """MaskGenAlgorithm of RSASSA-PSS-params (RFC 4055 3.1)."""

    oid: ObjectIdentifier
    parameters: DigestAlgorithm


@asn1.sequence
class PssParameters:
    """RSASSA-PSS-params (RFC 4055 3.1)."""

    hash: Annotated[DigestAlgorithm | None, asn1.Explicit(0)]
    mask_gen: Annotated[MaskGenAlgorithm | None, asn1.Explicit(1)]
    salt_length: Annotated[int, asn1.Explicit(2), asn1.Default(20)]
    trailer_field: Annotated[int, asn1.Explicit(3), asn1.Default(1)]


@asn1.sequence
class SignatureAlgorithm:
    """SignatureAlgorithmIdentifier (10.1.2)."""

    oid: ObjectIdentifier
    parameters: asn1.Null | PssParameters | None


@asn1.sequence
class IssuerAndSerialNumber:
    """IssuerAndSerialNumber (10.2.4)."""

    issuer: asn1.TLV
    serial: int


@asn1.sequence
class Attribute:
    """Attribute (5.3)."""

    oid: ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class AlgorithmProtection:
    """CMSAlgorithmProtection of a signature (RFC 6211 2): without ``macAlgorithm``."""

    digest_algorithm: DigestAlgorithm
    signature_algorithm: Annotated[SignatureAlgorithm | None, asn1.Implicit(1)]


@asn1.sequence
class IssuerSerial:
    """IssuerSerial (RFC 5035 5): the issuer's GeneralNames, each a directoryName."""

    issuer: list[Annotated[asn1.TLV, asn1.Explicit(4)]]
    serial: int


@asn1.sequence
class EssCertificateId:
    """ESSCertIDv2 (RFC 5035 4); without a hash algorithm it is SHA-256."""

    hash_algorithm: DigestAlgorithm | None
    certificate_hash: bytes
    issuer_serial: IssuerSerial | None


@asn1.sequence
class SigningCertificate:
    """SigningCertificateV2 (RFC 5035 3)."""

    certificates: list[EssCertificateId]
    policies: list[asn1.TLV] | None


@asn1.sequence
class SignerInfo:
    """SignerInfo (5.3)."""

    version: int
    sid: IssuerAndSerialNumber | Annotated[bytes, asn1.Implicit(0)]
    digest_algorithm: DigestAlgorithm
    signed_attributes: Annotated[asn1.SetOf[Attribute] | None, asn1.Implicit(0)]
    signature_algorithm: SignatureAlgorithm
    signature: bytes
    unsigned_attributes: Annotated[asn1.SetOf[Attribute] | None, asn1.Implicit(1)]


@asn1.sequence
class RawSignerInfo:
    """A SignerInfo with signed attributes, to get at their exact bytes."""

    version: asn1.TLV
    sid: asn1.TLV
    digest_algorithm: asn1.TLV
    signed_attributes: asn1.TLV
    signature_algorithm: asn1.TLV
    signature: asn1.TLV
    unsigned_attributes: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]


@asn1.sequence
class SignerInfoOutline:
    """A SignerInfo of any algorithms, each a list that begins with its object identifier."""

    version: int
    sid: asn1.TLV
    digest_algorithm: list[asn1.TLV]
    signed_attributes: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    signature_algorithm: list[asn1.TLV]
    signature: bytes
    unsigned_attributes: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]


@asn1.sequence
class EncapsulatedContentInfo:
    """EncapsulatedContentInfo (5.2)."""

    content_type: ObjectIdentifier
    content: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    """SignedData (5.1)."""

    version: int
    digest_algorithms: asn1.SetOf[DigestAlgorithm]
    encapsulated: EncapsulatedContentInfo
    # A list, not a SET OF: genuine files before 2021 do not sort it.
    certificates: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    crls: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]
    signer_infos: asn1.SetOf[asn1.TLV]


@asn1.sequence
class ContentInfo:
    """ContentInfo (3)."""

    content_type: ObjectIdentifier
    content: Annotated[asn1.TLV, asn1.Explicit(0)]
