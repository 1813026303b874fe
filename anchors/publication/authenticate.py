"""The publication's signature, held against the pinned roots: the product is Authenticated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from cryptography import x509

from anchors.core.checks import Check
from anchors.core.errors import OutOfStep, SignatureRefused
from anchors.core.findings import Finding, Severity
from anchors.core.policy import VerificationPolicy
from anchors.core.times import time_left
from anchors.publication.chain import find_path, mail_addresses, require_signer_values
from anchors.publication.cms import OpenSignature, open_signature
from anchors.publication.der import refuse
from anchors.publication.root_cas import PinnedRoots, fingerprint
from anchors.publication.signer_info import SignedDocument
from anchors.publication.source import Publication

__all__ = ["Authenticated", "Root", "Signer", "authenticate", "authenticate_as_of_signing"]


class Signer(NamedTuple):
    """The signer's certificate; ``sha256`` in lower-case hex."""

    subject: str
    email: str
    serial: int
    not_before: datetime
    not_after: datetime
    sha256: str


class Root(NamedTuple):
    """The pinned root that ends the path."""

    subject: str
    sha256: str
    not_after: datetime
    built_in: bool


class Authenticated(NamedTuple):
    """A document whose signature holds.  Only :func:`authenticate` makes one.

    Attributes:
        document: the exact bytes that were signed.
        signature: the detached signature.
        origin: where both came from, for people.
        signer: the signer's certificate.
        chain: SHA-256 of each certificate of the path, the signer first.
        root: the pinned root.
        signing_time: when it was signed, for the last time where there are two signatures.
        checked_at: the time of judgement.
        findings: what a person may want to know about the signature.
    """

    document: bytes
    signature: bytes
    origin: str
    signer: Signer
    chain: tuple[str, ...]
    root: Root
    signing_time: datetime
    checked_at: datetime
    findings: tuple[Finding, ...]

    @property
    def document_sha256(self) -> str:
        """SHA-256 of the document in lower-case hex."""
        return sha256(self.document).hexdigest()

    @property
    def signature_sha256(self) -> str:
        """SHA-256 of the signature in lower-case hex."""
        return sha256(self.signature).hexdigest()


def authenticate(
    publication: Publication, roots: PinnedRoots, policy: VerificationPolicy
) -> Authenticated:
    """Verify the detached signature of ``publication`` (RFC 5652, RFC 8933).

    Where there are two signatures, both must hold, but for one whose algorithm is not known here.

    Raises:
        OutOfStep: the signature is genuine in every way, but of another document.
        SignatureRefused: anything else that does not hold.
    """
    return _authenticate(publication, open_signature(publication.signature), roots, policy)


def authenticate_as_of_signing(
    publication: Publication, roots: PinnedRoots, policy: VerificationPolicy
) -> Authenticated:
    """Verify as of the signing time: what a publication was worth when it was made.

    Raises:
        SignatureRefused: as :func:`authenticate`.
    """
    opened = open_signature(publication.signature)
    at = max(signed.signing_time for signed in opened.signed)
    return _authenticate(publication, opened, roots, replace(policy, at=at))


def _authenticate(
    publication: Publication,
    opened: OpenSignature,
    roots: PinnedRoots,
    policy: VerificationPolicy,
) -> Authenticated:
    judged = [(signed, *_judge(signed, roots, policy)) for signed in opened.signed]
    # Last, so that a genuine signature of another document can be told from a forgery.
    for signed in opened.signed:
        _require_document(signed, publication.document)
    # The one that ends first: from that day on both are worth nothing.
    signed, path, _ = min(judged, key=lambda one: one[0].signer.not_valid_after_utc)
    findings = [finding for _, _, found in judged for finding in found]
    return Authenticated(
        document=publication.document,
        signature=publication.signature,
        origin=publication.origin,
        signer=_signer(signed.signer),
        chain=tuple(fingerprint(certificate) for certificate in path),
        root=_root(path[-1], built_in=roots.built_in),
        # Not the shown signer's: both must not look older than one of them, should the other be
        # taken away once.
        signing_time=max(one.signing_time for one in opened.signed),
        checked_at=policy.at,
        findings=(*findings, *_further(opened), *_ends_soon(signed.signer, policy)),
    )


def _judge(
    signed: SignedDocument, roots: PinnedRoots, policy: VerificationPolicy
) -> tuple[list[x509.Certificate], list[Finding]]:
    """The path from a signer to a pinned root, and what a person may want to know."""
    findings = _judge_digest_algorithm(signed, policy)
    require_signer_values(signed.signer, policy)
    path = find_path(signed.signer, signed.others, roots, policy)
    _require_named(path, signed)
    _require_signing_time(signed, policy)
    return path, findings


def _require_document(signed: SignedDocument, document: bytes) -> None:
    if signed.is_of(document):
        return
    raise OutOfStep(
        Check.CMS_MESSAGE_DIGEST,
        f"the signature is genuine (signed {signed.signing_time:%Y-%m-%d}), but belongs to "
        "another document",
        got=f"a document with SHA-256 {sha256(document).hexdigest()}",
        want=f"{signed.digest_algorithm} {signed.message_digest.hex()}",
        remedy="the document was altered, or the two files are from different days: fetch both "
        "again",
    )


def _require_named(path: Sequence[x509.Certificate], signed: SignedDocument) -> None:
    """RFC 5035 3: where a signature names more than its signer, no other CA certifies it."""
    if len(signed.named) <= 1:
        return
    for authority in path[1:-1]:
        if not any(named.is_of(authority) for named in signed.named):
            raise refuse(
                Check.CMS_SIGNING_CERTIFICATE,
                "a CA on the path is not among the certificates that the signed attributes name",
                got=authority.subject.rfc4514_string(),
                want=f"one of {len(signed.named)} certificates",
            )


def _further(opened: OpenSignature) -> Iterator[Finding]:
    """What else is in the signature, and what it counted for."""
    if len(opened.signed) > 1:
        yield Finding(
            Check.CMS_ONE_SIGNER,
            Severity.NOTICE,
            f"the publication has {len(opened.signed)} signatures, and each of them is valid",
        )
    if opened.not_judged:
        yield Finding(
            Check.CMS_ONE_SIGNER,
            Severity.WARNING,
            "one of the two signatures uses an algorithm that this release does not know; it was "
            "not judged",
            got=", ".join(opened.not_judged),
            want="an algorithm that 'root-anchors explain verification' lists",
            remedy="look for a newer root-anchors; the other signature is valid and sufficient",
        )
    if opened.revocation_lists:
        yield Finding(
            Check.CMS_REVOCATION_LISTS,
            Severity.NOTICE,
            f"{opened.revocation_lists} revocation lists in the signature were not consulted",
        )


def _judge_digest_algorithm(signed: SignedDocument, policy: VerificationPolicy) -> list[Finding]:
    if signed.digest_algorithm != "sha1":
        return []
    if policy.sha1_before is None or policy.at >= policy.sha1_before:
        raise SignatureRefused(
            Check.CMS_DIGEST_ALGORITHM,
            "the signature uses SHA-1, which is no longer secure",
            got="sha1",
            want="sha256, sha384 or sha512",
            remedy="use IANA's current publication; only 'verify' accepts SHA-1, as historical "
            "evidence, with --at before 2024-11-05",
        )
    return [
        Finding(
            Check.CMS_SHA1_HISTORY,
            Severity.WARNING,
            "the signature uses SHA-1: it is historical evidence only, and nothing is built from "
            "it",
            got="sha1",
            want="sha256, sha384 or sha512",
            remedy="use IANA's current publication for any other purpose",
        )
    ]


def _require_signing_time(signed: SignedDocument, policy: VerificationPolicy) -> None:
    begin, end = signed.signer.not_valid_before_utc, signed.signer.not_valid_after_utc
    inside = begin <= signed.signing_time <= end
    if not inside or signed.signing_time - policy.at > policy.clock_skew:
        raise SignatureRefused(
            Check.SIGNER_SIGNING_TIME,
            "the signing time is outside the signer's validity or in the future",
            got=f"{signed.signing_time:%Y-%m-%dT%H:%M:%SZ}",
            want=f"{begin:%Y-%m-%dT%H:%M:%SZ} to {min(end, policy.at):%Y-%m-%dT%H:%M:%SZ}",
            remedy="set this machine's clock or correct --at; if both are right, do not use this "
            "publication",
        )


def _ends_soon(signer: x509.Certificate, policy: VerificationPolicy) -> list[Finding]:
    end = signer.not_valid_after_utc
    if end - policy.at > policy.ends_soon:
        return []
    return [
        Finding(
            Check.SIGNER_ENDS_SOON,
            Severity.WARNING,
            f"the signer's certificate ends on {end:%Y-%m-%d}",
            got=time_left(policy.at, end),
            want=f"more than {policy.ends_soon.days} days left",
            remedy="look for a newer publication at IANA before that day; 'root-anchors verify "
            "-v' lists the accepted signatures",
        )
    ]


def _signer(certificate: x509.Certificate) -> Signer:
    in_subject, in_alternative = mail_addresses(certificate)
    return Signer(
        subject=certificate.subject.rfc4514_string(
            {x509.oid.NameOID.EMAIL_ADDRESS: "emailAddress"}
        ),
        email=(in_subject + in_alternative)[0],
        serial=certificate.serial_number,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sha256=fingerprint(certificate),
    )


def _root(certificate: x509.Certificate, *, built_in: bool) -> Root:
    return Root(
        subject=certificate.subject.rfc4514_string(),
        sha256=fingerprint(certificate),
        not_after=certificate.not_valid_after_utc,
        built_in=built_in,
    )
