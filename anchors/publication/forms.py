"""How IANA's next signature may be made: said beforehand, so that nobody is surprised by it.

IANA's today: one RSA signature (PKCS #1 v1.5) with SHA-256, by a signer that the pinned root
certified and that is named by issuer and serial number.  docs/verification.md has the reasons.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ACCEPTED_FORMS", "REFUSED_FORMS"]

ACCEPTED_FORMS: Final = (
    "a signer named by key identifier",
    "RSA-PSS",
    "ECDSA",
    "Ed25519",
    "SHA-384 and SHA-512",
    "two signatures",
    "CMSAlgorithmProtection",
    "signingCertificateV2",
    "revocation lists",
    "four CAs",
    "cross-signed roots",
    "critical policies of CAs",
    "@IANA.ORG",
)
REFUSED_FORMS: Final = (
    "BER",
    "content inside",
    "constraints on directory names",
    "policyConstraints",
    "keys for RSA-PSS alone",
    "CAs with Ed25519",
)
