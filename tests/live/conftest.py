"""What the tests of the live path share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import nameserver, zone
from tests.lab.https import Site, Tls, publishing, tls_in
from tests.lab.ipv6 import has_ipv6
from tests.lab.nameserver import Endpoint

PUBLICATION = Path(__file__).parents[2] / "fixtures" / "publications" / "2025-03-25"


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return tls_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def publication() -> dict[str, bytes]:
    """IANA's own publication, signed 2025-03-25."""
    names = ("root-anchors.xml", "root-anchors.p7s")
    return {name: (PUBLICATION / name).read_bytes() for name in names}


@pytest.fixture(scope="session")
def site(tls: Tls, publication: dict[str, bytes]) -> Iterator[Site]:
    """IANA's publication over HTTPS."""
    with publishing(publication, tls) as running:
        yield running


@pytest.fixture(scope="session")
def root_server() -> Iterator[Endpoint]:
    """A real name server with the real root DNSKEY RRset of 2026-10-01."""
    with nameserver.serve(zone.recorded()) as endpoint:
        yield endpoint


@pytest.fixture
def ipv6() -> None:
    """Skip on a machine without an IPv6 loopback address."""
    if not has_ipv6():
        pytest.skip("this machine has no IPv6 loopback address")
