"""Signed attributes that bind a signature to its algorithms (RFC 6211) and its certificate (5035).

Neither must be there.  Where one is, it says what the signer meant, and all else must agree.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes

from anchors.core.checks import Check
from anchors.publication.algorithms import sha2
from anchors.publication.cms_asn1 import (
    AlgorithmProtection,
    DigestAlgorithm,
    EssCertificateId,
    IssuerSerial,
    PssParameters,
    SignatureAlgorithm,
    SignerInfo,
    SigningCertificate,
)
from anchors.publication.der import parse, refuse, same_name

__all__ = ["CertificateHash", "named_certificates", "require_algorithms"]


class CertificateHash(NamedTuple):
    """A certificate as an attribute names it."""

    algorithm: hashes.HashAlgorithm
    value: bytes

    def is_of(self, certificate: x509.Certificate) -> bool:
        """Whether this is the hash of ``certificate``."""
        return certificate.fingerprint(self.algorithm) == self.value


def require_algorithms(value: asn1.TLV, info: SignerInfo) -> None:
    """Hold a CMSAlgorithmProtection ``value`` against the algorithms of ``info`` (RFC 6211 2).

    Raises:
        SignatureRefused: it names others (``cms.algorithm-protection``), or is not DER.
    """
    meant = parse(value, AlgorithmProtection, "the CMSAlgorithmProtection attribute")
    digest, signature = meant.digest_algorithm, meant.signature_algorithm
    same_digest = _meaning(digest) == _meaning(info.digest_algorithm)
    same_signature = signature is not None and (
        _meaning(signature) == _meaning(info.signature_algorithm)
    )
    if not (same_digest and same_signature):
        raise refuse(
            Check.CMS_ALGORITHM_PROTECTION,
            "the signed attributes and the SignerInfo name different algorithms",
            got=f"{digest.oid.dotted_string} and "
            f"{signature.oid.dotted_string if signature else 'no signature algorithm'}",
            want=f"{info.digest_algorithm.oid.dotted_string} and "
            f"{info.signature_algorithm.oid.dotted_string}, with the same parameters",
        )


def _meaning(algorithm: DigestAlgorithm | SignatureAlgorithm) -> tuple[str, bytes]:
    """An algorithm as it is compared: NULL parameters and absent ones mean the same."""
    parameters = algorithm.parameters
    pss = asn1.encode_der(parameters) if isinstance(parameters, PssParameters) else b""
    return algorithm.oid.dotted_string, pss


def named_certificates(value: asn1.TLV, signer: x509.Certificate) -> tuple[CertificateHash, ...]:
    """The certificates that a signingCertificateV2 ``value`` names: ``signer`` and more (RFC 5035).

    Raises:
        SignatureRefused: the first is not ``signer`` (``cms.signing-certificate``), or not DER.
    """
    named = parse(value, SigningCertificate, "the signingCertificateV2 attribute").certificates
    found = tuple(_hash(certificate) for certificate in named)
    if not found or not found[0].is_of(signer) or not _is_issued(named[0].issuer_serial, signer):
        raise refuse(
            Check.CMS_SIGNING_CERTIFICATE,
            "the signed attributes and the SignerInfo name different certificates",
            got=f"{found[0].algorithm.name} {found[0].value.hex()}" if found else "none",
            want=f"{found[0].algorithm.name if found else 'a hash'} of the signer's certificate, "
            "with its issuer and serial number where they are given",
        )
    return found


def _hash(named: EssCertificateId) -> CertificateHash:
    if named.hash_algorithm is None:
        return CertificateHash(hashes.SHA256(), named.certificate_hash)
    algorithm = sha2(named.hash_algorithm.oid)
    if algorithm is None:
        raise refuse(
            Check.CMS_SIGNING_CERTIFICATE,
            "the signed attributes name a certificate by a hash that is not SHA-2",
            got=named.hash_algorithm.oid.dotted_string,
            want="SHA-256, SHA-384 or SHA-512",
        )
    return CertificateHash(algorithm, named.certificate_hash)


def _is_issued(issued: IssuerSerial | None, signer: x509.Certificate) -> bool:
    if issued is None:
        return True
    same = [same_name(name, signer.issuer) for name in issued.issuer] == [True]
    return same and issued.serial == signer.serial_number
