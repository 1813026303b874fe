"""The simulator is right where it means to be: openssl agrees with its good output."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from tests import simulator
from tests.simulator.authority import INTERMEDIATE, Profile, certify, lab_root, lab_signer
from tests.simulator.cms import Signing
from tests.simulator.document import CURRENT, EXPIRED, Document
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.simulator.publication import LabPublication, publish
from tests.simulator.times import AT

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing")


def openssl_verifies(publication: LabPublication, directory: Path) -> bool:
    publication.write(directory)
    command = (
        "openssl cms -verify -binary -inform DER -in root-anchors.p7s -content root-anchors.xml"
        f" -CAfile ca.pem -purpose smimesign -attime {int(AT.timestamp())} -out verified"
    )
    done = subprocess.run(command.split(), cwd=directory, capture_output=True, check=False)
    return done.returncode == 0


@needs_openssl
@pytest.mark.parametrize(
    "signing",
    [
        pytest.param(Signing, id="the way IANA signs"),
        pytest.param(lambda: Signing(digest="sha512"), id="SHA-512"),
        pytest.param(lambda: Signing(pss=True), id="RSA-PSS"),
        pytest.param(lambda: Signing(no_attributes=True), id="without signed attributes"),
        pytest.param(lambda: Signing(digest="sha1"), id="SHA-1"),
    ],
)
def test_openssl_verifies_the_good_signature(
    signing: Callable[[], Signing], tmp_path: Path
) -> None:
    assert openssl_verifies(publish(signing()), tmp_path)


@needs_openssl
@pytest.mark.parametrize("key", ["p-256", "p-384", "rsa-2048"])
def test_openssl_verifies_every_kind_of_signer(key: str, tmp_path: Path) -> None:
    signer = lab_signer(Profile(key=key), certify(INTERMEDIATE, lab_root()))
    assert openssl_verifies(publish(Signing(signer=signer)), tmp_path)


@needs_openssl
def test_openssl_refuses_another_document(tmp_path: Path) -> None:
    good = publish()
    assert not openssl_verifies(LabPublication(good.document + b"\n", good.signature), tmp_path)


def test_the_keys_are_those_of_the_root() -> None:
    assert (KSK_2017.tag, KSK_2024.tag) == (20326, 38696)
    assert KSK_2017.digest().startswith("E06D44B8")
    assert KSK_2024.digest().startswith("683D2D0A")


def test_the_default_document_is_the_real_one(real_document: bytes) -> None:
    assert Document().encode() == real_document
    assert [item.key_tag for item in (EXPIRED, *CURRENT)] == ["19036", "20326", "38696"]


def test_the_embedded_certificates_are_the_path(tmp_path: Path) -> None:
    signer = lab_signer()
    publish().write(tmp_path)
    pinned = x509.load_pem_x509_certificates((tmp_path / "ca.pem").read_bytes())
    assert pinned == [lab_root().certificate]
    assert [member.certificate for member in signer.path] == [*pinned, signer.certificate]


def test_the_simulator_knows_nothing_of_the_product() -> None:
    package = Path(str(simulator.__file__)).parent
    imported: set[str] = set()
    for module in package.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module)
            elif isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
    assert "tests.simulator.ksk" in imported
    assert not {name for name in imported if name.split(".")[0] == "anchors"}
