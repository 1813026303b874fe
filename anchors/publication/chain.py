"""Whose key it is: a path from the signer to a pinned root at a given time (RFC 5280 6.1).

The signer's own certificate is held to explicit values first, so that a refusal names the check
that failed and not only "no path".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from anchors.core.checks import Check
from anchors.core.errors import SignatureRefused
from anchors.core.policy import VerificationPolicy
from anchors.publication.policies import require_mappings
from anchors.publication.root_cas import PinnedRoots

__all__ = ["find_path", "mail_addresses", "require_signer_values"]

_SMTP_UTF8_MAILBOX = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

_NOT_IANAS = (
    "do not use this publication: it is not signed the way IANA signs; fetch it again from IANA"
)


def _refuse(
    check: Check, message: str, *, got: str, want: str, remedy: str = _NOT_IANAS
) -> SignatureRefused:
    return SignatureRefused(check, message, got=got, want=want, remedy=remedy)


def require_signer_values(signer: x509.Certificate, policy: VerificationPolicy) -> None:
    """Hold the signer's certificate to what a signer's certificate must say.

    Raises:
        SignatureRefused: with the check that failed (``signer.*``).
    """
    _require_no_ca(signer)
    _require_key_usage(signer)
    _require_email_protection(signer)
    _require_key_strength(signer, policy)
    _require_identity(signer, policy)
    _require_validity(signer, policy)


def _extension(
    certificate: x509.Certificate, kind: type[_Extension]
) -> x509.Extension[_Extension] | None:
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None


def _require_no_ca(signer: x509.Certificate) -> None:
    constraints = _extension(signer, x509.BasicConstraints)
    if constraints is not None and constraints.value.ca:
        raise _refuse(
            Check.SIGNER_BASIC_CONSTRAINTS,
            "the signer's certificate is a CA certificate",
            got="CA:TRUE",
            want="CA:FALSE",
        )


def _require_key_usage(signer: x509.Certificate) -> None:
    usage = _extension(signer, x509.KeyUsage)
    if usage is None or not usage.critical or not usage.value.digital_signature:
        got = "no key usage"
        if usage is not None:
            signs = "with" if usage.value.digital_signature else "without"
            got = f"{'critical' if usage.critical else 'not critical'}, {signs} digitalSignature"
        raise _refuse(
            Check.SIGNER_KEY_USAGE,
            "the signer's certificate may not be used for signatures",
            got=got,
            want="a critical key usage that includes digitalSignature",
        )


def _require_email_protection(signer: x509.Certificate) -> None:
    usage = _extension(signer, x509.ExtendedKeyUsage)
    purposes = list(usage.value) if usage is not None else []
    if ExtendedKeyUsageOID.EMAIL_PROTECTION not in purposes:
        raise _refuse(
            Check.SIGNER_EXTENDED_KEY_USAGE,
            "the signer's certificate may not be used for mail signatures",
            got=", ".join(purpose.dotted_string for purpose in purposes) or "none",
            want="emailProtection (1.3.6.1.5.5.7.3.4)",
        )


def _require_key_strength(signer: x509.Certificate, policy: VerificationPolicy) -> None:
    key = signer.public_key()
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if encoded not in signer.tbs_certificate_bytes:
        # The library reads RSA keys for PSS alone and spelt-out curves too, and does not say so.
        got = f"{type(key).__name__} with restrictions or a curve of its own"
    elif isinstance(key, rsa.RSAPublicKey):
        if key.key_size >= policy.min_rsa_bits:
            return
        got = f"RSA with {key.key_size} bits"
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if isinstance(key.curve, _CURVES):
            return
        got = f"ECDSA on {key.curve.name}"
    elif isinstance(key, ed25519.Ed25519PublicKey):
        return
    else:
        got = type(key).__name__
    raise _refuse(
        Check.SIGNER_KEY_STRENGTH,
        "the signer's key is too weak or of another kind",
        got=got,
        want=f"RSA of at least {policy.min_rsa_bits} bits, ECDSA on P-256, P-384 or P-521, "
        "or Ed25519",
    )


def mail_addresses(certificate: x509.Certificate) -> tuple[list[str], list[str]]:
    """The addresses in the subject's emailAddress, and those in the subjectAltName."""
    subject = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    in_subject = [str(attribute.value) for attribute in subject]
    names = _extension(certificate, x509.SubjectAlternativeName)
    if names is None:
        return in_subject, []
    in_alternative = list(names.value.get_values_for_type(x509.RFC822Name))
    others = names.value.get_values_for_type(x509.OtherName)
    mailboxes = [other for other in others if other.type_id == _SMTP_UTF8_MAILBOX]
    return in_subject, in_alternative + [f"SmtpUTF8Mailbox {m.value.hex()}" for m in mailboxes]


def _require_identity(signer: x509.Certificate, policy: VerificationPolicy) -> None:
    in_subject, in_alternative = mail_addresses(signer)
    addresses = in_subject + in_alternative
    if not addresses or not all(_same_mailbox(address, policy.signer) for address in addresses):
        raise _refuse(
            Check.SIGNER_IDENTITY,
            "the publication was signed by somebody else",
            got=", ".join(addresses) or "no mail address",
            want=policy.signer,
        )


def _same_mailbox(address: str, wanted: str) -> bool:
    """RFC 5321 2.4: the case of the host part says nothing, and that of the mailbox may."""
    mailbox, at, host = address.rpartition("@")
    wanted_mailbox, _, wanted_host = wanted.rpartition("@")
    # Outside ASCII, other letters have the same lower case.
    same_host = (host + wanted_host).isascii() and host.lower() == wanted_host.lower()
    return address == wanted or (bool(at) and mailbox == wanted_mailbox and same_host)


def _require_validity(signer: x509.Certificate, policy: VerificationPolicy) -> None:
    begin, end = signer.not_valid_before_utc, signer.not_valid_after_utc
    if policy.at > end:
        raise _refuse(
            Check.SIGNER_VALIDITY,
            f"the signer's certificate ended on {end:%Y-%m-%d}",
            got=f"judged at {policy.at:%Y-%m-%dT%H:%M:%SZ}",
            want=f"a time up to {end:%Y-%m-%dT%H:%M:%SZ}",
            remedy="use IANA's current publication (--source live); to judge this one at its own "
            f"time, give --at a time before {end:%Y-%m-%d}",
        )
    if policy.at < begin:
        raise _refuse(
            Check.SIGNER_VALIDITY,
            f"the signer's certificate is not valid before {begin:%Y-%m-%d}",
            got=f"judged at {policy.at:%Y-%m-%dT%H:%M:%SZ}",
            want=f"a time from {begin:%Y-%m-%dT%H:%M:%SZ} on",
            remedy="set this machine's clock, or correct --at",
        )


def find_path(
    signer: x509.Certificate,
    others: Sequence[x509.Certificate],
    roots: PinnedRoots,
    policy: VerificationPolicy,
) -> list[x509.Certificate]:
    """A path from the signer to a pinned root, the signer first and the root last.

    ``others`` may serve as intermediates and are never trust.

    Raises:
        SignatureRefused: ``signer.path`` or ``signer.name-constraints``.
    """
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(list(roots.certificates)))
        .time(policy.at)
        .max_chain_depth(policy.max_intermediates)
        .extension_policies(ca_policy=_ca_policy(), ee_policy=_signer_policy())
        .build_client_verifier()
    )
    try:
        path = verifier.verify(signer, list(others)).chain
    except (verification.VerificationError, ValueError) as error:
        raise _refuse(
            Check.SIGNER_PATH,
            "no certificate path leads from the signer to a pinned root",
            got=f"issuer {signer.issuer.rfc4514_string()}: {error}",
            want=" or ".join(root.subject.rfc4514_string() for root in roots.certificates),
            remedy=f"{_NOT_IANAS}; 'root-anchors pinned' lists the roots and their ends",
        ) from error
    path = _without_circles(path)
    for depth, certificate in enumerate(path):
        _require_permitted(certificate, path[depth + 1 :])
    return path


def _without_circles(path: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """RFC 5280 6.1: no certificate is on a path twice, and the library may go in a circle."""
    straight: list[x509.Certificate] = []
    for certificate in path:
        if certificate in straight:
            del straight[straight.index(certificate) :]
        straight.append(certificate)
    return straight


class _PolicyMappings(x509.ExtensionType):
    """The library has no class for it, and takes its name alone."""

    oid = ExtensionOID.POLICY_MAPPINGS


def _ca_policy() -> verification.ExtensionPolicy:
    # The default refuses a CA restricted to emailProtection, which is just what we want of one.
    policy = verification.ExtensionPolicy.webpki_defaults_ca().may_be_present(
        x509.ExtendedKeyUsage, verification.Criticality.AGNOSTIC, _require_mail_ca
    )
    # RFC 5280 6.1.5: no policy is asked for here, so none makes a path invalid, unless
    # policyConstraints wants one; that is refused, as nothing here works out which ones are valid.
    policy = policy.require_not_present(x509.PolicyConstraints)
    for harmless in (x509.CertificatePolicies, x509.InhibitAnyPolicy):
        policy = policy.may_be_present(harmless, verification.Criticality.AGNOSTIC, None)
    return policy.may_be_present(
        _PolicyMappings, verification.Criticality.AGNOSTIC, _require_mapped
    )


def _require_mapped(
    _policy: verification.Policy, _ca: x509.Certificate, mappings: x509.ExtensionType | None
) -> None:
    if mappings is not None:
        require_mappings(mappings.public_bytes())


def _require_mail_ca(
    _policy: verification.Policy, _ca: x509.Certificate, usage: x509.ExtendedKeyUsage | None
) -> None:
    if usage is not None and ExtendedKeyUsageOID.EMAIL_PROTECTION not in usage:
        message = "a CA on the path may not issue mail certificates"
        raise ValueError(message)


def _signer_policy() -> verification.ExtensionPolicy:
    """Only which extensions may be critical; the values are checked by require_signer_values."""
    policy = verification.ExtensionPolicy.permit_all()
    # What is critical must be processed, and RFC 5280 4.2 has these never critical.
    for never in (
        x509.SubjectKeyIdentifier,
        x509.AuthorityKeyIdentifier,
        x509.AuthorityInformationAccess,
    ):
        policy = policy.may_be_present(never, verification.Criticality.NON_CRITICAL, None)
    for either in (
        x509.BasicConstraints,
        x509.KeyUsage,
        x509.ExtendedKeyUsage,
        x509.SubjectAlternativeName,
        x509.CertificatePolicies,
        x509.CRLDistributionPoints,
    ):
        policy = policy.may_be_present(either, verification.Criticality.AGNOSTIC, None)
    return policy


def _require_permitted(
    certificate: x509.Certificate, authorities: Sequence[x509.Certificate]
) -> None:
    """RFC 5280 4.2.1.10: the subject's emailAddress obeys rfc822Name constraints as well."""
    in_subject, in_alternative = mail_addresses(certificate)
    for authority in authorities:
        constraints = _extension(authority, x509.NameConstraints)
        if constraints is None:
            continue
        _require_applicable(constraints.value, authority)
        permitted = list(_mail_constraints(constraints.value.permitted_subtrees))
        excluded = list(_mail_constraints(constraints.value.excluded_subtrees))
        for address in in_subject + in_alternative:
            inside = not permitted or any(_matches(c, address) for c in permitted)
            if not inside or any(_matches(c, address) for c in excluded):
                raise _refuse(
                    Check.SIGNER_NAME_CONSTRAINTS,
                    "a CA on the path may not certify this address",
                    got=f"{address} under {authority.subject.rfc4514_string()}",
                    want=f"permitted {permitted or 'any'}, excluded {excluded or 'none'}",
                )


def _require_applicable(constraints: x509.NameConstraints, authority: x509.Certificate) -> None:
    """RFC 5280 4.2.1.10: a constraint that may apply and is not evaluated here is a refusal."""
    names = [*(constraints.permitted_subtrees or ()), *(constraints.excluded_subtrees or ())]
    on_subjects = any(isinstance(name, x509.DirectoryName) for name in names)
    # The library drops minimum and maximum: without them the extension is another.
    limited = constraints.public_bytes() not in authority.tbs_certificate_bytes
    if on_subjects or limited:
        raise _refuse(
            Check.SIGNER_NAME_CONSTRAINTS,
            "a CA on the path has name constraints that cannot be evaluated",
            got=f"{'directoryName' if on_subjects else 'minimum or maximum'} "
            f"under {authority.subject.rfc4514_string()}",
            want="constraints on mail addresses, host names and networks only",
        )


def _mail_constraints(subtrees: Sequence[x509.GeneralName] | None) -> Iterator[str]:
    return (name.value for name in subtrees or () if isinstance(name, x509.RFC822Name))


def _matches(constraint: str, address: str) -> bool:
    """Whether ``address`` lies in an rfc822Name ``constraint``: mailbox, host, or .domain."""
    local, _, host = address.rpartition("@")
    if "@" in constraint:
        wanted_local, _, wanted_host = constraint.rpartition("@")
        # "@host" is no mailbox; wherever it is understood it means every one of the host.
        return wanted_local in {"", local} and host.lower() == wanted_host.lower()
    if constraint.startswith("."):
        return host.lower().endswith(constraint.lower())
    return host.lower() == constraint.lower()
