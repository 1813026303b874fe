"""What the tests of the lab share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.https import Tls, tls_in
from tests.lab.ipv6 import has_ipv6


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return tls_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusting(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``requests`` trusts the lab's CA and goes through no proxy."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls.ca_file))
    monkeypatch.setenv("NO_PROXY", "*")
    return tls.ca_file


@pytest.fixture
def ipv6() -> None:
    """Skip on a machine without an IPv6 loopback address."""
    if not has_ipv6():
        pytest.skip("this machine has no IPv6 loopback address")
