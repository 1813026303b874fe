"""The policies that a CA maps to each other (RFC 5280 4.2.1.5), as far as they can do harm."""

from __future__ import annotations

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier, OtherName, SubjectAlternativeName
from cryptography.x509.oid import CertificatePoliciesOID

__all__ = ["require_mappings"]


@asn1.sequence
class _Mapping:
    issuer: ObjectIdentifier
    subject: ObjectIdentifier


@asn1.sequence
class _OtherName:
    """The value of the extension in an otherName (RFC 5280 4.2.1.6), which holds any value.

    The library reads a list only as a member, and versions before 50 write no TLV.
    """

    kind: ObjectIdentifier
    mappings: Annotated[list[_Mapping], asn1.Explicit(0)]


@asn1.sequence
class _Names:
    name: Annotated[_OtherName, asn1.Implicit(0)]


def require_mappings(value: bytes) -> None:
    """Refuse a policyMappings extension that is none, or maps anyPolicy (RFC 5280 6.1.4 (a)).

    Args:
        value: the DER of the extension's value.

    Raises:
        ValueError: it does not hold.
    """
    other = OtherName(CertificatePoliciesOID.ANY_POLICY, value)
    mappings = asn1.decode_der(_Names, SubjectAlternativeName([other]).public_bytes()).name.mappings
    named = {policy for mapping in mappings for policy in (mapping.issuer, mapping.subject)}
    if not named:
        message = "a CA on the path has an empty policyMappings extension"
        raise ValueError(message)
    if CertificatePoliciesOID.ANY_POLICY in named:
        message = "a CA on the path maps anyPolicy"
        raise ValueError(message)
