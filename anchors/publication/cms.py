"""CMS SignedData (RFC 5652), as strictly as a detached signature of IANA needs it.

:func:`open_signature` checks everything that can be checked without trusting anybody: structure,
signed attributes, and that the signature over them is made by the key of the one embedded
certificate that the SignerInfo names.  Whose key that is, :mod:`.chain` decides.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from anchors.core.checks import Check
from anchors.core.errors import SignatureRefused
from anchors.publication.cms_asn1 import ID_DATA, ContentInfo, SignedData
from anchors.publication.der import parse, refuse, shown
from anchors.publication.signer_info import (
    BY_KEY,
    Embedded,
    Outline,
    SignedDocument,
    open_signer_info,
    outline,
)

__all__ = ["OpenSignature", "open_signature"]

_ID_SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
# CertificateChoices and RevocationInfoChoice (RFC 5652 10.2): SEQUENCE, or [0] to [3].
_CERTIFICATE_CHOICES = frozenset({b"\x30", b"\xa0", b"\xa1", b"\xa2", b"\xa3"})
# ContentInfo of indefinite length: how BER begins that was written before its end was known.
_BER_STREAM = b"\x30\x80" + asn1.encode_der(_ID_SIGNED_DATA)
# Genuine files hold two to five; path building must stay cheap.
_MAX_CERTIFICATES = 16
# One for each of two algorithms, while one of them takes the place of the other.
_MAX_SIGNERS = 2


class OpenSignature(NamedTuple):
    """What is in a signature file.

    Attributes:
        signed: the signatures that can be judged, one or two, which all hold.
        not_judged: the algorithms of one that cannot: nothing is known of it.
        revocation_lists: how many are embedded; nobody consults them.
    """

    signed: tuple[SignedDocument, ...]
    not_judged: tuple[str, ...]
    revocation_lists: int


def open_signature(signature: bytes) -> OpenSignature:
    """Take ``signature`` apart and check that it holds over its own signed attributes.

    Raises:
        SignatureRefused: with the check that failed (``cms.*``).
    """
    signed_data = _signed_data(signature)
    outlines = _outlines(signed_data)
    # Where none can be judged, judging says why.
    judged = [info for info in outlines if info.can_be_judged] or outlines
    embedded = _embedded(signed_data)
    announced = [a.oid.dotted_string for a in signed_data.digest_algorithms.as_list()]
    used = [info.digest.dotted_string for info in outlines]
    signed = tuple(
        open_signer_info(info.encoded, embedded, announced=announced, used=used) for info in judged
    )
    _require_made_apart(signed)
    _require_version(signed_data, outlines)
    return OpenSignature(
        signed,
        tuple(
            f"{info.signature.dotted_string} with {info.digest.dotted_string}"
            for info in outlines
            if info not in judged
        ),
        len(signed_data.crls or []),
    )


def _signed_data(signature: bytes) -> SignedData:
    try:
        content_info = asn1.decode_der(ContentInfo, signature)
    except (ValueError, OverflowError) as error:
        if signature.startswith(_BER_STREAM):
            raise _not_der() from error
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
    if encapsulated.content_type != ID_DATA:
        raise refuse(
            Check.CMS_SIGNED_DATA,
            "the SignedData does not have id-data as its content type",
            got=encapsulated.content_type.dotted_string,
            want=ID_DATA.dotted_string,
        )
    if encapsulated.content is not None:
        raise refuse(
            Check.CMS_DETACHED,
            "the signature contains its own content instead of being detached",
            got=f"{len(encapsulated.content)} bytes of content inside the signature",
            want="no eContent",
        )
    return signed_data


def _not_der() -> SignatureRefused:
    return SignatureRefused(
        Check.CMS_DER,
        "the signature is encoded in BER, not in DER: it may be genuine, but was not judged",
        got="an indefinite length",
        want="a detached signature (root-anchors.p7s) in DER",
        remedy="look for a newer root-anchors; or save both files of the publication in an empty "
        "directory, run 'openssl cms -cmsout -inform DER -in root-anchors.p7s -outform DER "
        "-out der.p7s && mv der.p7s root-anchors.p7s' there, and name it with --source",
    )


def _outlines(signed_data: SignedData) -> list[Outline]:
    infos = signed_data.signer_infos.as_list()
    different = {bytes(info.data) for info in infos[: _MAX_SIGNERS + 1]}
    if not 1 <= len(infos) <= _MAX_SIGNERS or len(different) < len(infos):
        raise refuse(
            Check.CMS_ONE_SIGNER,
            "the signature has neither one SignerInfo nor two different ones",
            got=f"{len(infos)} SignerInfos",
            want="1, or 2 while one algorithm replaces another",
        )
    return [outline(info) for info in infos]


def _require_made_apart(signed: Sequence[SignedDocument]) -> None:
    """One signature, written in two ways, is not two: anybody could make a second one of it."""
    made = {one.made for one in signed}
    if len(made) < len(signed):
        raise refuse(
            Check.CMS_ONE_SIGNER,
            "the two SignerInfos contain the same signature",
            got="the same signed attributes, signed by the same key with the same algorithm",
            want="two signatures that differ in attributes, key or algorithm",
        )


def _require_version(signed_data: SignedData, infos: Sequence[Outline]) -> None:
    """RFC 5652 5.1: version 3 where a SignerInfo has it, and else 1."""
    version = BY_KEY if any(info.version == BY_KEY for info in infos) else 1
    if signed_data.version != version:
        raise refuse(
            Check.CMS_SIGNED_DATA,
            "the version of SignedData does not fit its SignerInfos",
            got=f"version {shown(signed_data.version)} over {ID_DATA.dotted_string}",
            want=f"version {version}",
        )


def _embedded(signed_data: SignedData) -> Embedded:
    embedded = signed_data.certificates or []
    if len(embedded) > _MAX_CERTIFICATES:
        raise refuse(
            Check.CMS_SIGNER_CERTIFICATE,
            "the signature contains too many certificates",
            got=f"{len(embedded)} certificates",
            want=f"at most {_MAX_CERTIFICATES}",
        )
    tags = [tlv.tag_bytes for tlv in (*embedded, *(signed_data.crls or []))]
    if any(tag not in _CERTIFICATE_CHOICES for tag in tags):
        raise refuse(
            Check.CMS_DER,
            "the certificates or crls field contains something else",
            got=f"tags {', '.join(tag.hex() for tag in tags)}",
            want="SEQUENCE or one of the tagged choices",
        )
    # One that cannot be parsed counts as absent: the genuine file of 2015 has such a one.
    readable = dict.fromkeys(c for c in map(_certificate, embedded) if c is not None)
    return Embedded(tuple(readable), len(embedded))


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
