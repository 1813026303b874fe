"""OpenSSL configured to be without what a verification needs: said as that, and nothing decided.

Whether a copy of OpenSSL reads the configuration, and what it then lacks, is its own affair.  So
each is asked first, in a process of its own, and the command must say what was found there.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from anchors.core import openssl
from anchors.core.checks import Check
from anchors.core.errors import NoAlgorithms
from tests.faults.process import Done, run
from tests.faults.sets import AT
from tests.lab.https import publishing, tls_in
from tests.pipeline.test_stories_signature import stranger
from tests.simulator.cms import Signing
from tests.simulator.publication import publish

PUBLICATION = Path(__file__).parents[2] / "fixtures" / "publications" / "2025-03-25"
FILES = {path.name: path.read_bytes() for path in PUBLICATION.iterdir()}
MISSING_PROVIDER = """
openssl_conf = init
[init]
providers = providers
[providers]
fips = fips
[fips]
activate = 1
"""
# No section may be called default: that is the name of what stands before all of them.
FIPS_ALONE = """
openssl_conf = init
[init]
providers = providers
alg_section = algorithms
[providers]
default = standard
[standard]
activate = 1
[algorithms]
default_properties = fips=yes
"""
CONFIGURATIONS = {
    "a provider that is not there": MISSING_PROVIDER,
    "one that is not there, and nothing else": MISSING_PROVIDER
    + "[init]\nalg_section = algorithms\n[algorithms]\ndefault_properties = fips=yes\n",
    "FIPS algorithms without their provider": FIPS_ALONE,
    "TLS as it never was": "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\n"
    "system_default = odd\n[odd]\nMinProtocol = TLSv9\nCipherString = NONE\n",
    "no section of that name": "openssl_conf = init\n[init]\nproviders = nowhere\n",
    "no configuration at all": "[[[ = = \n$$$\n",
    "one that insists on being read": "config_diagnostics = 1\n" + MISSING_PROVIDER,
}
# Asks the libraries, and not the module that is tested.
ASK = """
import hashlib, ssl
from contextlib import suppress
def lacks(use):
    try:
        use()
    except Exception:
        return True
    return False
def by_cryptography():
    from cryptography.hazmat.primitives import hashes
    hashes.Hash(hashes.SHA256()).finalize()
print(int(lacks(lambda: hashlib.sha256(b"").digest()) or lacks(by_cryptography)),
      int(lacks(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))))
"""


@functools.cache
def lacking(configuration: Path) -> tuple[bool, bool]:
    """Whether hashes are missing, and TLS."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "OPENSSL_CONF": str(configuration)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    hashes, tls = done.stdout.split()
    return hashes == "1", tls == "1"


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def configuration(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("openssl") / "openssl.cnf"
    path.write_text(CONFIGURATIONS[request.param], "ascii")
    return path


def assert_told(done: Done) -> None:
    """What is wrong, what was got, what was wanted, and what to do: once, and no traceback."""
    assert done.code == 3
    assert "Traceback" not in done.told
    assert "internal error" not in done.told
    told = done.told + done.out.decode()
    assert "OpenSSL does not provide the algorithms" in told
    assert "SHA-256 in Python:" in told or "cryptography:" in told or "TLS in Python:" in told
    assert "unset OPENSSL_CONF" in told
    assert Check.OPENSSL_ALGORITHMS.id in told


def commands(tmp_path: Path) -> dict[str, list[str | Path]]:
    source = publish().write(tmp_path / "source")
    lab: list[str | Path] = ["--source", source, "--ca", source / "ca.pem", "--dns", "none"]
    return {
        "build": ["build", "--offline", "--at", AT, "-o", tmp_path / "out"],
        "build with --ca": ["build", *lab, "--at", AT, "-o", tmp_path / "out"],
        "verify": ["verify", "--offline", "--at", AT],
        "audit": ["audit", "--offline", "--at", AT, tmp_path],
    }


def test_nothing_is_decided_without_hashes(configuration: Path, tmp_path: Path) -> None:
    env = {"OPENSSL_CONF": str(configuration)}
    without_hashes, _ = lacking(configuration)
    for name, command in commands(tmp_path).items():
        done = run(*command, cwd=tmp_path, env=env)
        if without_hashes:
            assert_told(done)
            assert done.out == b""
        elif name != "audit":
            assert done.code == 0, done
        assert (tmp_path / "out").exists() == (command[0] == "build" and not without_hashes)
        if (tmp_path / "out").exists():
            (tmp_path / "out").rename(tmp_path / name)


def test_what_a_stranger_signed_is_never_believed(configuration: Path, tmp_path: Path) -> None:
    source = publish(Signing(signer=stranger())).write(tmp_path / "source")
    inputs = ("--source", source, "--dns", "none", "--at", AT)
    env = {"OPENSSL_CONF": str(configuration)}
    done = run("build", *inputs, "-o", "out", cwd=tmp_path, env=env)
    assert done.code == (3 if lacking(configuration)[0] else 1)
    assert not (tmp_path / "out").exists()


def test_nothing_is_fetched_without_tls(configuration: Path, tmp_path: Path) -> None:
    hashes, tls = lacking(configuration)
    known = tls_in(tmp_path)
    env = {"OPENSSL_CONF": str(configuration), "REQUESTS_CA_BUNDLE": str(known.ca_file)}
    with publishing(FILES, known) as site:
        inputs = ("--source", site.base, "--dns", "none", "--at", AT, "--timeout", "8")
        done = run("build", *inputs, "-o", "out", cwd=tmp_path, env=env)
    if hashes or tls:
        assert_told(done)
        assert site.requests == []
    assert (tmp_path / "out").exists() == (done.code == 0)
    assert b"Traceback" not in done.err
    assert b"internal error" not in done.err


def test_with_vv_the_traceback_is_there_as_well(tmp_path: Path) -> None:
    path = tmp_path / "openssl.cnf"
    path.write_text(FIPS_ALONE, "ascii")
    if not lacking(path)[0]:
        pytest.skip("this OpenSSL does not heed the configuration")
    env = {"OPENSSL_CONF": str(path)}
    done = run("verify", "--offline", "--at", AT, "-vv", cwd=tmp_path, env=env)
    assert "unset OPENSSL_CONF" in done.told
    assert "Traceback" in done.told


@pytest.mark.parametrize("name", ["nonexistent", "", "folder", "unreadable", "endless"])
def test_a_configuration_that_cannot_be_read_changes_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "unreadable").write_text("[", "ascii")
    (tmp_path / "unreadable").chmod(0)
    (tmp_path / "endless").symlink_to("endless")
    env = {"OPENSSL_CONF": str(tmp_path / name) if name else ""}
    done = run("build", "--offline", "--at", AT, "-o", "out", cwd=tmp_path, env=env)
    assert done.code == 0, done
    assert (tmp_path / "out").exists()


class Broken(Exception):
    """What some library makes of it."""


@pytest.mark.parametrize(
    ("error", "blamed"),
    [
        (Broken("no such thing. Please report it."), True),
        (Broken(), True),
        (ValueError("[digital envelope routines] unsupported"), True),
        (ImportError("no cryptography here"), False),
        (MemoryError(), False),
        (OSError(24, "Too many open files"), False),
    ],
)
def test_who_is_to_blame(error: Exception, blamed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def use() -> None:
        raise error

    assert openssl.missing_algorithms() is None
    monkeypatch.setattr(openssl, "_USES", {"SHA-256 in Python": use})
    missing = openssl.missing_algorithms()
    assert (missing is not None) == blamed
    if missing is not None:
        assert isinstance(missing, NoAlgorithms)
        expected = str(error).partition(". ")[0] or "Broken"
        assert missing.got == f"SHA-256 in Python: {expected}"
