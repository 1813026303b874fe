"""A certification authority for tests: it certifies whatever a story needs, good or bad."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.simulator.times import CA_END, CA_START, SIGNER_END, SIGNER_START

__all__ = [
    "INTERMEDIATE",
    "ROOT",
    "Identity",
    "PrivateKey",
    "Profile",
    "certify",
    "lab_root",
    "lab_signer",
]

PrivateKey: TypeAlias = (
    rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | dsa.DSAPrivateKey
)

_CURVES: dict[str, ec.EllipticCurve] = {
    "p-224": ec.SECP224R1(),
    "p-256": ec.SECP256R1(),
    "p-384": ec.SECP384R1(),
    "p-521": ec.SECP521R1(),
    "secp256k1": ec.SECP256K1(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything a certificate says; the defaults are those of IANA's signer."""

    common_name: str = "DNSSEC Trust Anchor Verification"
    emails: tuple[str, ...] = ("dnssec@iana.org",)  # emailAddress attributes of the subject
    alt_emails: tuple[str, ...] = ()  # rfc822Name in the subjectAltName
    key: str = "rsa-2048"  # or rsa-2048-e3, a curve, ed25519, dsa, fixed-0 to fixed-5
    key_owner: str = ""  # another owner has another key under the same name
    serial: int = 18
    start: datetime = SIGNER_START
    end: datetime = SIGNER_END
    ca: bool | None = False  # None: no basicConstraints at all
    path_length: int | None = None
    key_usage: frozenset[str] | None = frozenset({"digital_signature", "key_encipherment"})
    key_usage_critical: bool = True
    purposes: tuple[x509.ObjectIdentifier, ...] = (ExtendedKeyUsageOID.EMAIL_PROTECTION,)
    permitted_mail: tuple[str, ...] = ()
    excluded_mail: tuple[str, ...] = ()
    unknown_critical: bool = False
    more: tuple[tuple[x509.ExtensionType, bool], ...] = ()  # with criticality; in place of its kind


ROOT = Profile(
    common_name="Lab Root CA",
    emails=(),
    serial=1,
    start=CA_START,
    end=CA_END,
    ca=True,
    key_usage=frozenset({"key_cert_sign", "crl_sign"}),
    purposes=(),
)
INTERMEDIATE = replace(ROOT, common_name="Lab Email CA", serial=7)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key, and whoever issued it."""

    certificate: x509.Certificate
    key: PrivateKey
    issuer: Identity | None

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def path(self) -> tuple[Identity, ...]:
        """From the root down to this one."""
        return (*(self.issuer.path if self.issuer else ()), self)


@cache
def certify(profile: Profile, issuer: Identity | None = None) -> Identity:
    """A certificate as the profile says, signed by the issuer or by itself."""
    key = _private_key(profile.key, profile.key_owner or profile.common_name)
    subject = _name(profile)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(profile.serial)
        .not_valid_before(profile.start)
        .not_valid_after(profile.end)
    )
    instead = {extension.oid for extension, _ in profile.more}
    usual = [(e, c) for e, c in _extensions(profile, key, issuer) if e.oid not in instead]
    for extension, critical in (*usual, *profile.more):
        builder = builder.add_extension(extension, critical)
    signing_key = issuer.key if issuer else key
    algorithm = None if isinstance(signing_key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Identity(builder.sign(signing_key, algorithm), key, issuer)


def lab_root() -> Identity:
    """The pinned root of the lab."""
    return certify(ROOT)


def lab_signer(profile: Profile | None = None, issuer: Identity | None = None) -> Identity:
    """A signer that the root (or another) certifies; as IANA's unless told otherwise."""
    return certify(profile or Profile(), issuer or lab_root())


@cache
def _private_key(kind: str, owner: str) -> PrivateKey:
    """Made once per process and owner: RSA takes its time."""
    del owner  # only tells cached keys apart
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "dsa":
        return dsa.generate_private_key(2048)
    if kind in _CURVES:
        return ec.generate_private_key(_CURVES[kind])
    if kind.startswith("fixed-"):
        return _fixed_key(int(kind.removeprefix("fixed-")))
    exponent = 3 if kind.endswith("-e3") else 65537
    return rsa.generate_private_key(exponent, int(kind.split("-")[1]))


def _fixed_key(number: int) -> PrivateKey:
    """One of six RSA keys that are the same in every run."""
    line = Path(__file__).with_name("fixed-keys.txt").read_text("ascii").splitlines()[number]
    key = serialization.load_der_private_key(base64.b64decode(line), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _name(profile: Profile) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lab"),
        x509.NameAttribute(NameOID.COMMON_NAME, profile.common_name),
    ]
    attributes += [x509.NameAttribute(NameOID.EMAIL_ADDRESS, mail) for mail in profile.emails]
    return x509.Name(attributes)


def _extensions(
    profile: Profile, key: PrivateKey, issuer: Identity | None
) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = [
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    ]
    if issuer:
        public_key = issuer.key.public_key()
        found.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(public_key), False))
    if profile.ca is not None:
        found.append((x509.BasicConstraints(profile.ca, profile.path_length), True))
    if profile.key_usage is not None:
        found.append((_key_usage(profile.key_usage), profile.key_usage_critical))
    if profile.purposes:
        found.append((x509.ExtendedKeyUsage(profile.purposes), False))
    if profile.alt_emails:
        names = [x509.RFC822Name(mail) for mail in profile.alt_emails]
        found.append((x509.SubjectAlternativeName(names), False))
    if profile.permitted_mail or profile.excluded_mail:
        found.append((_name_constraints(profile), True))
    if profile.unknown_critical:
        unknown = x509.ObjectIdentifier("1.3.6.1.4.1.55555.1")
        found.append((x509.UnrecognizedExtension(unknown, b"\x05\x00"), True))
    return found


def _key_usage(bits: frozenset[str]) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature="digital_signature" in bits,
        content_commitment="content_commitment" in bits,
        key_encipherment="key_encipherment" in bits,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign="key_cert_sign" in bits,
        crl_sign="crl_sign" in bits,
        encipher_only=False,
        decipher_only=False,
    )


def _name_constraints(profile: Profile) -> x509.NameConstraints:
    permitted = [x509.RFC822Name(mail) for mail in profile.permitted_mail] or None
    excluded = [x509.RFC822Name(mail) for mail in profile.excluded_mail] or None
    return x509.NameConstraints(permitted, excluded)
