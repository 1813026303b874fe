"""stubby.yml."""

from __future__ import annotations

import pytest

from anchors.consumers.getdns import CONFIGURATION
from anchors.consumers.getdns.reading import READERS
from anchors.consumers.reading import Reading, Role
from anchors.core.found import MalformedAnchors
from tests.unit.consumers.samples import files
from tests.unit.consumers.trees import AT

CONFIG = """resolution_type: GETDNS_RESOLUTION_STUB
dnssec: GETDNS_EXTENSION_TRUE
edns_client_subnet_private : 1
upstream_recursive_servers:
  - address_data: 145.100.185.15
    tls_auth_name: "dnsovertls.example"
"""


def read(text: str, path: str = "etc/stubby/stubby.yml") -> Reading | None:
    (reader,) = READERS
    return reader.read(text.encode(), path, AT)


def test_files_that_are_named() -> None:
    text = (
        f'{CONFIG}dnssec_trust_anchors: "/etc/unbound/root.key"\nappdata_dir: /var/cache/stubby\n'
    )
    reading = read(text)
    assert reading is not None
    assert reading.syntax is CONFIGURATION
    assert files(reading) == [
        ("/etc/unbound/root.key", Role.STATIC, 7),
        ("/var/cache/stubby", Role.STATE_DIRECTORY, 8),
    ]


def test_records_in_it_are_not_followed() -> None:
    reading = read(f"{CONFIG}dnssec_trust_anchors:\n  - name: .\n")
    assert reading is not None
    assert reading.references == ()


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        (f"{CONFIG}# dnssec_trust_anchors: F\n", True),
        (f"{CONFIG}dnssec_trust_anchors:\n", True),
        (f"{CONFIG}appdata_dir: D\n", True),
        ("appdata_dir: D\n", False),
        ("dnssec_trust_anchors: F\n", True),
        ("See below.\ndnssec_trust_anchors: F\n", False),
        ("", False),
    ],
)
def test_what_is_ours(text: str, ours: bool) -> None:
    assert (read(text, "etc/stubby/own.yml") is not None) is ours


@pytest.mark.parametrize("before", ["", "See below.\n", "]\n", "\tx: 1\n"])
def test_what_cannot_be_read(before: str) -> None:
    with pytest.raises(MalformedAnchors):
        read(f"{before}dnssec_trust_anchors: 'F\n")
