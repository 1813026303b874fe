"""The roots that are trusted: ICANN's two CAs, pinned here, or the user's own."""

from __future__ import annotations

import contextlib
import functools
import re
import warnings
from codecs import BOM_UTF8
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.files import read_regular
from anchors.core.findings import Finding, Severity
from anchors.core.root_facts import ROOT_CAS

__all__ = ["PinnedRoots", "built_in_roots", "fingerprint", "roots_from_file"]

_MAX_CA_FILE = 1 << 20
# At the start of a line, as openssl has it: what is commented out or quoted is trusted by nobody.
_PEM_BLOCK = re.compile(rb"(?m)(?=^-----BEGIN )")
_PEM_END = b"-----END "
_PEM_CERTIFICATE = re.compile(rb"-----BEGIN (X509 )?CERTIFICATE-----")


class PinnedRoots(NamedTuple):
    """Root certificates that end a path.

    Attributes:
        certificates: the roots.
        built_in: whether they are those of the package.
        findings: what a person may want to know of the file they are from.
    """

    certificates: tuple[x509.Certificate, ...]
    built_in: bool
    findings: tuple[Finding, ...] = ()


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the certificate's DER, in lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


@functools.cache
def built_in_roots() -> PinnedRoots:
    """ICANN's roots from the package, each held against its pinned fingerprint.

    Raises:
        UsageError: the installed package is damaged.
    """
    pem = resources.files("anchors.publication").joinpath("data/icann-root-cas.pem").read_bytes()
    certificates = tuple(x509.load_pem_x509_certificates(pem))
    got = [fingerprint(certificate) for certificate in certificates]
    wanted = [ca.sha256 for ca in ROOT_CAS]
    if got != wanted:
        raise UsageError(
            Check.SIGNER_PATH,
            "the built-in root certificates do not have the pinned fingerprints: this "
            "installation is damaged",
            got=", ".join(got),
            want=", ".join(wanted),
            remedy="reinstall root-anchors",
        )
    return PinnedRoots(certificates, built_in=True)


def roots_from_file(path: Path) -> PinnedRoots:
    """The roots of a PEM file that replace the built-in ones (``--ca``).

    A certificate that cannot be read is left out with a notice, as long as one is left.

    Raises:
        UsageError: the file cannot be read or holds no certificate.
    """
    try:
        certificates, unreadable = _read(read_regular(path, _MAX_CA_FILE))
    except (OSError, ValueError) as error:
        raise UsageError(
            Check.CHOICE_CA,
            "the file given with --ca cannot be used",
            got=f"{path}: {error}",
            want="one or more PEM certificates",
            remedy="name a PEM file, or leave --ca out to use the built-in ICANN roots",
        ) from error
    for certificate in certificates:
        _require_authority(certificate, path)
    return PinnedRoots(certificates, built_in=False, findings=_left_out(path, unreadable))


def _left_out(path: Path, unreadable: Sequence[str]) -> tuple[Finding, ...]:
    if not unreadable:
        return ()
    return (
        Finding(
            Check.CHOICE_CA,
            Severity.NOTICE,
            f"{len(unreadable)} unreadable certificates of {path} were left out",
            got=unreadable[0],
            want="certificates in PEM",
        ),
    )


def _read(pem: bytes) -> tuple[tuple[x509.Certificate, ...], list[str]]:
    """The certificates of a file, and why some of them cannot be read."""
    certificates: list[x509.Certificate] = []
    unreadable = []
    # Each block by itself: one that cannot be read takes no other with it.
    for block in _PEM_BLOCK.split(pem.removeprefix(BOM_UTF8)):
        if _PEM_CERTIFICATE.match(block):
            try:
                certificates += _certificates(block)
            except ValueError as error:
                unreadable.append(str(error))
    if not certificates:
        raise ValueError(unreadable[0] if unreadable else "no certificate in PEM")
    return tuple(certificates), unreadable


def _certificates(block: bytes) -> list[x509.Certificate]:
    # The library takes a block from anywhere in a line, so that it must not see what follows.
    inside, end, after = block.partition(_PEM_END)
    block = inside + end + after.partition(b"\n")[0]
    try:
        # The library warns of serial numbers that RFC 5280 4.1.2.2 forbids; a root may have one.
        with warnings.catch_warnings(action="ignore"):
            certificates = x509.load_pem_x509_certificates(block)
        for certificate in certificates:
            # Parsed lazily: what cannot be read would fail later, where nobody expects it.
            _ = certificate.subject, certificate.issuer, certificate.extensions
    except Exception as error:
        # The library raises many kinds, not all of them a ValueError.
        raise ValueError(str(error)) from error
    return certificates


def _require_authority(certificate: x509.Certificate, path: Path) -> None:
    """A certificate that is no CA's would vouch for itself alone: a path of one."""
    with contextlib.suppress(x509.ExtensionNotFound):
        if certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return
    raise UsageError(
        Check.CHOICE_CA,
        "a certificate given with --ca is not a CA certificate",
        got=f"{path}: {certificate.subject.rfc4514_string()}",
        want="CA:TRUE in its basic constraints",
        remedy="give the root CA of the signer, not the signer's own certificate",
    )
