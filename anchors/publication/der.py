"""Taking the DER of a signature apart, strictly, and refusing it plainly."""

from __future__ import annotations

from typing import TypeVar

from cryptography import x509
from cryptography.hazmat import asn1

from anchors.core.checks import Check
from anchors.core.errors import SignatureRefused

__all__ = ["parse", "refuse", "same_name", "shown"]

_T = TypeVar("_T")
_MAX_SHOWN_BITS = 160
_REFETCH = "fetch document and signature again, both from the same server"


def refuse(check: Check, message: str, *, got: object, want: str) -> SignatureRefused:
    """The error to raise where ``check`` does not hold."""
    return SignatureRefused(check, message, got=str(got), want=want, remedy=_REFETCH)


def shown(number: int) -> str:
    """A number from outside, which may be too long to be written down."""
    bits = number.bit_length()
    return str(number) if bits <= _MAX_SHOWN_BITS else f"of {bits} bits"


def parse(tlv: asn1.TLV, cls: type[_T], what: str) -> _T:
    """Parse ``tlv``, which an error calls ``what``.

    Raises:
        SignatureRefused: it is not a ``cls`` in DER (``cms.der``).
    """
    try:
        parsed: _T = tlv.parse(cls)
    except (ValueError, OverflowError) as error:
        raise refuse(
            Check.CMS_DER, f"{what} is not strict DER", got=error, want="RFC 5652 in DER"
        ) from error
    return parsed


def same_name(encoded: asn1.TLV, name: x509.Name) -> bool:
    """Whether ``encoded`` is ``name``, byte for byte."""
    other = asn1.decode_der(asn1.TLV, name.public_bytes())
    return encoded.tag_bytes == other.tag_bytes and encoded.data == other.data
