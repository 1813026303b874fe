"""What ``openssl cms -sign`` makes with the flags that IANA may use one day, held to our word."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from anchors.core.checks import Check
from anchors.core.errors import SignatureRefused
from anchors.core.policy import VerificationPolicy
from anchors.publication.authenticate import Authenticated, authenticate_as_of_signing
from anchors.publication.root_cas import fingerprint, roots_from_file
from anchors.publication.source import Publication
from tests.differential.verdicts import PATIENCE, openssl
from tests.simulator import der
from tests.simulator.authority import INTERMEDIATE, ROOT, Identity, Profile, certify
from tests.simulator.cms import Signing, sign
from tests.simulator.times import AT

DOCUMENT = b"<TrustAnchor/>\n"
# Openssl signs by the clock, whatever it says: these have no end.
END = datetime.max.replace(microsecond=0, tzinfo=UTC)
ROOT_CA = replace(ROOT, end=END)
MAIL_CA = replace(INTERMEDIATE, end=END)


def signer(key: str, serial: int = 18) -> Identity:
    profile = Profile(key=key, serial=serial, common_name=f"Signer with {key}", end=END)
    return certify(profile, certify(MAIL_CA, certify(ROOT_CA)))


PSS = ("-keyopt", "rsa_padding_mode:pss")
BY_ONE: dict[str, tuple[str, tuple[str, ...]]] = {
    "as it is": ("rsa-2048", ()),
    "by key identifier": ("rsa-2048", ("-keyid",)),
    "PSS": ("rsa-2048", PSS),
    "PSS with the digest's length": ("rsa-2048", (*PSS, "-keyopt", "rsa_pss_saltlen:-1")),
    "PSS with the longest salt": ("rsa-4096", (*PSS, "-keyopt", "rsa_pss_saltlen:-3")),
    "PSS with the default salt": ("rsa-2048", (*PSS, "-keyopt", "rsa_pss_saltlen:20")),
    "PSS with SHA-512": ("rsa-2048", (*PSS, "-md", "sha512")),
    "PSS with SHA-384 by key identifier": ("rsa-2048", (*PSS, "-md", "sha384", "-keyid")),
    "SHA-384": ("rsa-2048", ("-md", "sha384")),
    "SHA-512": ("rsa-2048", ("-md", "sha512")),
    "ECDSA": ("p-256", ()),
    "ECDSA on P-384 with SHA-384": ("p-384", ("-md", "sha384")),
    "ECDSA with SHA-512 by key identifier": ("p-256", ("-md", "sha512", "-keyid")),
    "CAdES": ("rsa-2048", ("-cades",)),
    "CAdES with SHA-512": ("p-384", ("-cades", "-md", "sha512")),
    "all at once": ("rsa-4096", (*PSS, "-cades", "-md", "sha512", "-keyid", "-nosmimecap")),
}


def put(identity: Identity, name: str, folder: Path) -> list[str]:
    """The options for a signer, whose certificate and key are written."""
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.pem").write_bytes(identity.pem)
    (folder / f"{name}.key").write_bytes(key)
    return ["-signer", f"{name}.pem", "-inkey", f"{name}.key"]


def run(arguments: list[str], folder: Path) -> None:
    done = subprocess.run(
        [openssl(), *arguments],
        cwd=folder,
        env={"OPENSSL_CONF": os.devnull},
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr.decode()


def made(options: list[str], folder: Path) -> bytes:
    (folder / "root-anchors.xml").write_bytes(DOCUMENT)
    (folder / "cas.pem").write_bytes(certify(MAIL_CA, certify(ROOT_CA)).pem)
    form = ["-binary", "-outform", "DER", "-in", "root-anchors.xml", "-out", "root-anchors.p7s"]
    run(["cms", "-sign", *form, "-certfile", "cas.pem", *options], folder)
    return (folder / "root-anchors.p7s").read_bytes()


def judged(signature: bytes, folder: Path) -> Authenticated:
    roots = folder / "ca.pem"
    roots.write_bytes(certify(ROOT_CA).pem)
    publication = Publication(DOCUMENT, signature, "openssl")
    return authenticate_as_of_signing(
        publication, roots_from_file(roots), VerificationPolicy(at=AT)
    )


@pytest.mark.parametrize("name", BY_ONE)
def test_one_signer(name: str, tmp_path: Path) -> None:
    key, options = BY_ONE[name]
    identity = signer(key)
    authentic = judged(made([*put(identity, "signer", tmp_path), *options], tmp_path), tmp_path)
    assert authentic.signer.sha256 == fingerprint(identity.certificate)
    assert authentic.findings == ()


def test_two_signers(tmp_path: Path) -> None:
    old, new = (
        put(signer(key, serial), key, tmp_path) for key, serial in (("rsa-2048", 18), ("p-256", 20))
    )
    authentic = judged(made([*old, *new, "-md", "sha256"], tmp_path), tmp_path)
    assert [finding.check for finding in authentic.findings] == [Check.CMS_ONE_SIGNER]


def test_a_stream_is_perhaps_genuine(tmp_path: Path) -> None:
    signature = made([*put(signer("rsa-2048"), "signer", tmp_path), "-stream"], tmp_path)
    with pytest.raises(SignatureRefused, match="BER, not in DER: it may be genuine") as refusal:
        judged(signature, tmp_path)
    assert refusal.value.check is Check.CMS_DER


@pytest.mark.parametrize("by_key", [False, True])
def test_what_is_to_be_done_with_a_stream_works_as_it_is_printed(
    by_key: bool, tmp_path: Path
) -> None:
    how = Signing(signer=signer("rsa-2048"), by_key=by_key)
    streamed = sign(DOCUMENT, replace(how, finish=der.streamed))
    with pytest.raises(SignatureRefused) as refusal:
        judged(streamed, tmp_path)
    (command,) = re.findall(r"'(openssl [^']+)'", refusal.value.remedy)
    (tmp_path / "root-anchors.p7s").write_bytes(streamed)
    openssl()
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, timeout=PATIENCE)
    in_der = (tmp_path / "root-anchors.p7s").read_bytes()
    assert in_der == sign(DOCUMENT, how)
    assert judged(in_der, tmp_path).signer.serial == 18
