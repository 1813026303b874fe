"""The root of the lab, on every real name server that is installed."""

from __future__ import annotations

import contextlib
import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

# Loaded before anything is timed.
import anchors.pipeline
import anchors.rootzone.query  # noqa: F401
from tests.lab import zone
from tests.lab.https import Tls, tls_in
from tests.lab.nameserver import Endpoint, installed, require, serve
from tests.live.lab_root import published
from tests.networks.lab import APEX, DOCUMENT

PUBLICATION = Path(__file__).parents[2] / "fixtures" / "publications" / "2025-03-25"


@pytest.fixture(scope="session")
def servers() -> Iterator[list[Endpoint]]:
    """The lab's root, small enough for UDP, on nsd and named."""
    require()
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(serve(APEX, name)) for name in installed()]


@pytest.fixture(scope="session")
def root_servers() -> Iterator[list[Endpoint]]:
    """The real root's DNSKEY RRset of 2026-10-01, too large for UDP, on nsd and named."""
    require()
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(serve(zone.recorded(), name)) for name in installed()]


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication of the lab's keys."""
    return published(tmp_path_factory.mktemp("lab"), *DOCUMENT)


@pytest.fixture(scope="session")
def iana() -> Path:
    """IANA's own publication."""
    return PUBLICATION


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate that nobody knows."""
    return tls_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(certified: Tls) -> Iterator[Tls]:
    """The server's side of TLS; dnspython leaves the client's to the garbage collector."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "unclosed", ResourceWarning)
        yield certified
        gc.collect()
