"""Programs whose file of anchors has a path that is compiled in, in a file system of their own."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from anchors.consumers.libunbound import read_static
from anchors.proving import lab as proving
from anchors.proving.lab import Lab
from tests.consumers.own_system import NOTHING
from tests.docs.programs import need

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC).replace(microsecond=0)
Said = Mapping[str, tuple[int, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate, a root with a TLSA record for it, and files of anchors."""
    place = tmp_path_factory.mktemp("system")
    certificate = made()
    (place / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    record = f"_443._tcp.www.e2e. IN TLSA 3 0 1 {digest}\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proving, "_ZONE", proving._ZONE + record)
        lab = Lab(NOW)
        signer, other = lab.keys[:2]
        (place / "zone").write_text(lab.zone(signer), encoding="ascii")
    files = place / "anchors"
    files.mkdir()
    for name, content in {
        "ds": lab.anchor_file("ds", [signer]),
        "dnskey": lab.anchor_file("dnskey", [signer]),
        "other": lab.anchor_file("ds", [other]),
        "empty": b"",
        "comment": b"; nothing\n",
        "foreign": b"trust-anchors { };\n",
        "mark": b"\xef\xbb\xbf" + lab.anchor_file("ds", [signer]),
    }.items():
        (files / name).write_bytes(content)
    return place


def made() -> x509.Certificate:
    """A certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "www.e2e")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


def run(folder: Path, command: Sequence[str], package: str) -> Said:
    """What the command says with each file, and without any."""
    need(command[0], package)
    need("nsd", "nsd")
    for program in ("unshare", "ip", "mount"):
        if shutil.which(program) is None:
            pytest.skip(f"not installed: {program}")
    inside = ("unshare", "--map-root-user", "--net", "--mount")
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        pytest.skip("unshare makes no system of our own here")
    module = ("-m", "tests.consumers.own_system", str(folder))
    done = subprocess.run(
        [*inside, sys.executable, *module, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: Said = json.loads(done.stdout)
    return said


CODES = {
    "ds": 0,
    "dnskey": 0,
    "other": 1,
    "empty": 1,
    "comment": 1,
    "foreign": 1,
    "mark": 1,
    NOTHING: 1,
}


def test_danetool(folder: Path) -> None:
    options = ("--load-certificate", str(folder / "certificate.pem"))
    check = ("--check", "www.e2e", "--port", "443", "--proto", "tcp")
    said = run(folder, ["danetool", "--local-dns", *check, *options], "gnutls-bin")
    assert {name: code for name, (code, _) in said.items()} == CODES
    assert "Certificate matches" in said["ds"][1]
    assert "The DNSSEC signature is invalid" in said["other"][1]
    for name in ("empty", "comment", "mark"):
        assert "No DNSSEC signature was found" in said[name][1]
    for name in ("foreign", NOTHING):
        assert "There was an error while resolving" in said[name][1]


def test_hash_slinger(folder: Path) -> None:
    said = run(folder, ["tlsa", "--verify", "--only-rr", "www.e2e"], "hash-slinger")
    assert {name: code for name, (code, _) in said.items()} == CODES


def test_the_model_reads_the_files_so(folder: Path) -> None:
    """Without an anchor of the root, or with a file that is refused, both fail."""
    for file in (folder / "anchors").iterdir():
        read = read_static(file.read_bytes())
        is_used = read.refusal is None and any(one.effective for one in read.held)
        assert is_used == (file.name in {"ds", "dnskey", "other"})
