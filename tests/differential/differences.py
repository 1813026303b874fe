"""Where the two verdicts may differ, and why: the list that docs/verification.md prints."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from cryptography import x509

from anchors.core.checks import Check
from tests.differential.tree import grow
from tests.differential.verdicts import SECOND, Case, Verdicts
from tests.simulator import der
from tests.simulator.forgery import fields

__all__ = ["OPENSSL_ACCEPTS", "OPENSSL_REFUSES", "Accepted", "Refused"]


_CERTIFICATES, _REVOCATION_LISTS = 0xA0, 0xA1  # their tags in SignedData (RFC 5652 5.1)


_NOT_KNOWN = ("2.16.840.1.101.3.4.3.18", "2.16.840.1.101.3.4.2.8")  # ML-DSA-65, SHA3-256


class Accepted(NamedTuple):
    """What openssl accepts and a check of ours refuses; the publication of ``story`` shows it."""

    what: str
    check: Check
    clause: str
    story: str


class Refused(NamedTuple):
    """What openssl refuses and we accept.

    Attributes:
        what: as the document says it.
        words: what openssl says, as a regular expression.
        clause: what shows that it need not be refused.
        story: a publication that shows it.
        cause: whether this, and nothing else, is why: either what is there to be seen in the
            publication, or a repaired publication that openssl must accept.
        mended: whether newer versions of openssl accept it.
    """

    what: str
    words: str
    clause: str
    story: str
    cause: Callable[[Case, Verdicts], Case | bool]
    mended: bool = False

    def says(self, verdicts: Verdicts) -> bool:
        """Whether openssl refused with these words."""
        return re.search(self.words, verdicts.words) is not None


OPENSSL_ACCEPTS = (
    Accepted(
        "a pinned certificate that is not marked as a CA's, or whose name is not in DER order",
        Check.CHOICE_CA,
        "RFC 5280 4.2.1.9",
        "a pinned root of version 1",
    ),
    Accepted("bytes after the signature", Check.CMS_DER, "RFC 5652 3", "a trailing zero"),
    Accepted(
        "BER: lengths that are indefinite or longer than needed",
        Check.CMS_DER,
        "X.690 10.1",
        "a SignerInfo of indefinite length",
    ),
    Accepted(
        "signed attributes, or another SET OF, out of order",
        Check.CMS_DER,
        "RFC 5652 5.4, X.690 11.6",
        "unsorted signed attributes",
    ),
    Accepted(
        "a default value that is encoded",
        Check.CMS_DER,
        "X.690 11.5",
        "PSS with the default trailer spelt out",
    ),
    Accepted(
        "parameters other than NULL for a digest or RSA",
        Check.CMS_DER,
        "RFC 5754 2, RFC 3370 3.2",
        "digest parameters that are not NULL",
    ),
    Accepted(
        "a signing time that is not in UTC",
        Check.CMS_DER,
        "RFC 5652 11.3",
        "a signing-time that is text",
    ),
    Accepted(
        "any version of SignedData, and any content type",
        Check.CMS_SIGNED_DATA,
        "RFC 5652 5.1",
        "a timestamp token",
    ),
    Accepted(
        "content inside the signature, which openssl ignores",
        Check.CMS_DETACHED,
        "RFC 5652 5.2",
        "attached content",
    ),
    Accepted(
        "more than two signers, or the same signer twice",
        Check.CMS_ONE_SIGNER,
        "docs/verification.md",
        "the same signer twice",
    ),
    Accepted(
        "any version of SignerInfo, with either way to name the signer",
        Check.CMS_SIGNER_IDENTIFIER,
        "RFC 5652 5.3",
        "a signer named by key identifier",
    ),
    Accepted(
        "more than 16 certificates",
        Check.CMS_SIGNER_CERTIFICATE,
        "docs/verification.md",
        "a heap of certificates",
    ),
    Accepted(
        "an issuer's name in the SignerInfo that equals the certificate's only after normalisation",
        Check.CMS_SIGNER_CERTIFICATE,
        "RFC 5280 7.1",
        "the issuer's name in another case",
    ),
    Accepted(
        "a key identifier that two certificates have",
        Check.CMS_SIGNER_CERTIFICATE,
        "RFC 5652 5.3",
        "a key identifier that two certificates have",
    ),
    Accepted(
        "a signer's certificate that is not version 3, has a serial number that is not "
        "positive, or is not in DER",
        Check.CMS_SIGNER_CERTIFICATE,
        "RFC 5280 4.1",
        "serial number 0",
    ),
    Accepted(
        "SHA-1, MD5, SHA-224, and digest algorithms that are listed but not used",
        Check.CMS_DIGEST_ALGORITHM,
        "RFC 8933 3",
        "MD5",
    ),
    Accepted(
        "no signed attributes",
        Check.CMS_SIGNED_ATTRIBUTES,
        "RFC 5652 5.3",
        "the attributes of another signature as the document",
    ),
    Accepted(
        "another signed attribute that occurs twice or has no value",
        Check.CMS_SIGNED_ATTRIBUTES,
        "RFC 5652 5.3",
        "a further attribute twice",
    ),
    Accepted(
        "a content-type attribute of another type",
        Check.CMS_CONTENT_TYPE,
        "RFC 5652 11.1",
        "wrong content-type",
    ),
    Accepted(
        "no signing time, or one in the wrong form",
        Check.CMS_SIGNING_TIME,
        "RFC 5652 11.3",
        "no signing-time",
    ),
    Accepted(
        "algorithms in the signed attributes that differ from the SignerInfo's",
        Check.CMS_ALGORITHM_PROTECTION,
        "RFC 6211 2",
        "an attribute that says another digest",
    ),
    Accepted(
        "certificates in the signed attributes that are not the used ones",
        Check.CMS_SIGNING_CERTIFICATE,
        "RFC 5035 3",
        "the certificate of somebody else",
    ),
    Accepted(
        "a signature algorithm whose hash differs from the digest algorithm",
        Check.CMS_SIGNATURE_ALGORITHM,
        "RFC 5652 10.1.2, RFC 5754 3",
        "a signature algorithm with another hash",
    ),
    Accepted(
        "RSASSA-PSS with another hash for the mask, or any salt length",
        Check.CMS_SIGNATURE_ALGORITHM,
        "RFC 4056 3",
        "PSS with a salt of one byte",
    ),
    Accepted(
        "a public key followed by further bytes",
        Check.CMS_SIGNATURE_ALGORITHM,
        "RFC 3279 2.3.1",
        "a public key with something behind it",
    ),
    Accepted(
        "a CA as signer",
        Check.SIGNER_BASIC_CONSTRAINTS,
        "RFC 5280 4.2.1.9",
        "a CA as signer",
    ),
    Accepted(
        "a signer whose key usage is missing, not critical, or only nonRepudiation",
        Check.SIGNER_KEY_USAGE,
        "RFC 5280 4.2.1.3",
        "no key usage",
    ),
    Accepted(
        "a signer without extended key usage",
        Check.SIGNER_EXTENDED_KEY_USAGE,
        "RFC 5280 4.2.1.12",
        "no extended key usage",
    ),
    Accepted(
        "RSA below 2048 bits and other curves",
        Check.SIGNER_KEY_STRENGTH,
        "NIST SP 800-131A",
        "RSA of 1024 bits",
    ),
    Accepted(
        "an RSA key that is restricted to RSASSA-PSS",
        Check.SIGNER_KEY_STRENGTH,
        "RFC 4055 1.2",
        "PSS by a key that is for PSS alone",
    ),
    Accepted(
        "any mailbox",
        Check.SIGNER_IDENTITY,
        "RFC 8550 3",
        "another mailbox under the same CA",
    ),
    Accepted(
        "a signing time outside the signer's validity or in the future",
        Check.SIGNER_SIGNING_TIME,
        "RFC 5652 11.3",
        "signed before the signer began",
    ),
    Accepted(
        "directory names that a name constraint permits",
        Check.SIGNER_NAME_CONSTRAINTS,
        "RFC 5280 4.2.1.10",
        "a CA that may certify the signer's name, and does not say critical",
    ),
    Accepted(
        "any mail address in a self-issued CA certificate",
        Check.SIGNER_NAME_CONSTRAINTS,
        "RFC 5280 6.1.3",
        "a new key of the root obeys the root's constraints too",
    ),
    Accepted(
        "certificates signed with SHA-1 or MD5, and CAs with RSA below 2048 bits or other curves",
        Check.SIGNER_PATH,
        "NIST SP 800-131A",
        "a signer certified with SHA-1",
    ),
    Accepted(
        "CAs with DSA, or Ed25519",
        Check.SIGNER_PATH,
        "FIPS 186-5; docs/verification.md",
        "a CA with DSA",
    ),
    Accepted(
        "an issuer's name on the path that equals the CA's only after normalisation",
        Check.SIGNER_PATH,
        "RFC 5280 7.1",
        "the root's name in another case",
    ),
    Accepted(
        "URIs that a name constraint permits",
        Check.SIGNER_PATH,
        "RFC 5280 4.2.1.10",
        "a CA that may certify the signer's web address",
    ),
    Accepted(
        "more than four CAs between signer and root; openssl does not count self-issued CAs",
        Check.SIGNER_PATH,
        "docs/verification.md",
        "more intermediates than anybody needs",
    ),
    Accepted(
        "a CA without key usage, or whose basicConstraints are not critical",
        Check.SIGNER_PATH,
        "RFC 5280 4.2.1.3, 4.2.1.9",
        "an intermediate without key usage",
    ),
    Accepted(
        "a CA that requires a policy or maps anyPolicy; openssl processes no policies here",
        Check.SIGNER_PATH,
        "RFC 5280 6.1.4, 6.1.5",
        "critical policy constraints of an intermediate",
    ),
    Accepted(
        "certificates that break the profile in version, serial number, dates or names",
        Check.SIGNER_PATH,
        "RFC 5280 4.1",
        "a validity as GeneralizedTime before 2050",
    ),
)


def _spare_parts_gone(case: Case, verdicts: Verdicts) -> Case:
    """The publication without certificates off the path, and without revocation lists."""
    return _keeping(case, lambda encoded: sha256(encoded).hexdigest() in verdicts.path)


def _self_signed_gone(case: Case, _verdicts: Verdicts) -> Case:
    """The publication without certificates of their own issuing."""
    return _keeping(case, lambda encoded: fields(encoded)[3] != fields(encoded)[5])


def _keeping(case: Case, wanted: Callable[[bytes], bool]) -> Case:
    tree = grow(case.signature)
    signed_data = tree.children[1].children[0]
    for part in list(signed_data.children):
        if part.tag == _CERTIFICATES:
            part.children = [each for each in part.children if wanted(each.encode())]
        elif part.tag == _REVOCATION_LISTS:
            signed_data.children.remove(part)
    return case._replace(signature=tree.encode())


def _unknown_gone(case: Case, _verdicts: Verdicts) -> Case:
    """The publication without a second SignerInfo of algorithms that nobody knows."""
    tree = grow(case.signature)
    _, digests, *_, infos = tree.children[1].children[0].children
    for part in (digests, infos):
        part.children = [
            each
            for each in part.children
            if not any(der.oid(oid) in each.encode() for oid in _NOT_KNOWN)
        ]
    return case._replace(signature=tree.encode())


def _a_second_earlier(case: Case, _verdicts: Verdicts) -> Case:
    return case._replace(at=case.at - SECOND)


def _mentions(oid: str) -> Callable[[Case, Verdicts], bool]:
    return lambda case, _verdicts: der.oid(oid) in case.signature


def _key_identifiers_differ(case: Case, verdicts: Verdicts) -> bool:
    """Whether a certificate of the path names another key of its issuer than the issuer does."""
    path = _path(case, verdicts)
    return any(
        _extension(child, x509.AuthorityKeyIdentifier) and _named_key(child) != _own_key(parent)
        for child, parent in pairwise(path)
    )


def _path(case: Case, verdicts: Verdicts) -> list[x509.Certificate]:
    parts = grow(case.signature).children[1].children[0].children
    embedded = [
        node.encode() for part in parts if part.tag == _CERTIFICATES for node in part.children
    ]
    found = {sha256(certificate).hexdigest(): certificate for certificate in embedded}
    path = [x509.load_der_x509_certificate(found[name]) for name in verdicts.path[:-1]]
    roots = x509.load_pem_x509_certificates(case.roots)
    return path + [root for root in roots if root.subject == path[-1].issuer]


def _extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> object:
    found = [e.value for e in certificate.extensions if isinstance(e.value, kind)]
    return found[0] if found else None


def _named_key(certificate: x509.Certificate) -> object:
    named = _extension(certificate, x509.AuthorityKeyIdentifier)
    assert isinstance(named, x509.AuthorityKeyIdentifier)
    return named.key_identifier


def _own_key(certificate: x509.Certificate) -> object:
    own = _extension(certificate, x509.SubjectKeyIdentifier)
    return own.digest if isinstance(own, x509.SubjectKeyIdentifier) else None


OPENSSL_REFUSES = (
    Refused(
        "an unneeded certificate or revocation list that openssl cannot read",
        "nested asn1 error",
        "RFC 5652 5.1: a signature may contain more certificates than needed, and the "
        "signature does not cover them",
        "an embedded certificate that cannot be parsed",
        _spare_parts_gone,
    ),
    Refused(
        "a valid path, if openssl has tried another path first",
        "self-signed certificate in certificate chain",
        "RFC 5280 6.1: one valid path is enough; openssl does not try a second one",
        "a cross-certificate beside the root's own",
        _self_signed_gone,
    ),
    Refused(
        "the last second of a certificate's life",
        "certificate has expired",
        "RFC 5280 4.1.2.5: the validity includes notAfter",
        "an intermediate in its last second",
        _a_second_earlier,
    ),
    Refused(
        "an authority key identifier that is not the issuer's",
        "unable to get local issuer certificate",
        "RFC 5280 4.2.1.1, 6.1: the identifier helps to find a path, but path validation does "
        "not use it",
        "a key identifier that is somebody else's",
        _key_identifiers_differ,
    ),
    Refused(
        "a Netscape certificate type for another purpose",
        "unsuitable certificate purpose",
        "RFC 5280 4.2: an unknown extension that is not critical is ignored",
        "an extension of Netscape's",
        _mentions("2.16.840.1.113730.1.1"),
    ),
    Refused(
        "a proxyCertInfo extension that is not critical",
        "proxy certificates not allowed",
        "RFC 3820 3.8: in a proxy certificate the extension is critical; RFC 5280 4.2 as above",
        "proxy information that is not critical",
        _mentions("1.3.6.1.5.5.7.1.14"),
    ),
    Refused(
        "an unsigned signingCertificateV2 attribute",
        "attribute error",
        "RFC 5652 5.3: unsigned attributes have no effect; RFC 5035 wants it signed, for mail",
        "an unsigned attribute that mail programs sign",
        _mentions("1.2.840.113549.1.9.16.2.47"),
    ),
    Refused(
        "a second signature with an algorithm that openssl does not know",
        "verification failure|unknown|unsupported|no matching digest",
        "docs/verification.md: the other signature is valid, and a warning reports the second one",
        "one that cannot be judged",
        _unknown_gone,
    ),
    Refused(
        "Ed25519, which openssl 3.0 does not verify",
        "invalid digest|unsupported",
        "RFC 8419",
        "Ed25519",
        _mentions("1.3.101.112"),
        mended=True,
    ),
)
