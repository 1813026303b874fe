"""stubby.yml."""

from __future__ import annotations

import pytest

from anchors.auditing.place import Reading, Role, Syntax
from anchors.auditing.readers import stubby
from anchors.formats.found import MalformedAnchors
from tests.unit.auditing.samples import files

CONFIG = """resolution_type: GETDNS_RESOLUTION_STUB
dnssec: GETDNS_EXTENSION_TRUE
edns_client_subnet_private : 1
upstream_recursive_servers:
  - address_data: 145.100.185.15
    tls_auth_name: "dnsovertls.example"
"""


def test_files_that_are_named() -> None:
    text = (
        f'{CONFIG}dnssec_trust_anchors: "/etc/unbound/root.key"\nappdata_dir: /var/cache/stubby\n'
    )
    assert stubby.looks_like(text.encode())
    reading = stubby.read(text.encode())
    assert reading.syntax is Syntax.STUBBY
    assert files(reading) == [
        ("/etc/unbound/root.key", Role.STATIC, 7),
        ("/var/cache/stubby", Role.STATE_DIRECTORY, 8),
    ]


def test_records_in_it_are_not_followed() -> None:
    assert stubby.read(b"dnssec_trust_anchors:\n  - name: .\n") == Reading(Syntax.STUBBY)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        (f"{CONFIG}# dnssec_trust_anchors: F\n", False),
        (f"{CONFIG}dnssec_trust_anchors:\n", False),
        (f"{CONFIG}appdata_dir: D\n", True),
        ("appdata_dir: D\n", False),
        ("dnssec_trust_anchors: F\n", True),
        ("See below.\ndnssec_trust_anchors: F\n", False),
        ("", False),
    ],
)
def test_what_is_ours(text: str, ours: bool) -> None:
    assert stubby.looks_like(text.encode()) is ours


def test_what_cannot_be_read() -> None:
    with pytest.raises(MalformedAnchors):
        stubby.read(b"dnssec_trust_anchors: 'F\n")
