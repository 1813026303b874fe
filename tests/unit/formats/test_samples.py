"""Files as the consumers accepted them, with the two real keys in each one's syntax."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anchors import records
from anchors.formats import bind, dnsmasq, pdns, unbound, xml
from anchors.formats.found import FoundAnchor, FoundAnchors, FoundDnskey
from anchors.formats.zone import parse_zone

SAMPLES = Path(__file__).parents[3] / "fixtures/samples"
DIGESTS = {
    20326: "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    38696: "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
}
PARSERS: dict[str, Callable[[bytes], FoundAnchors]] = {
    "bind-initial-ds.conf": bind.parse,
    "bind-initial-key.conf": bind.parse,
    "bind-managed-keys.conf": bind.parse,
    "bind-static-ds.conf": bind.parse,
    "bind-static-key.conf": bind.parse,
    "bind-trusted-keys.conf": bind.parse,
    "dnsmasq.conf": dnsmasq.parse,
    "pdns.lua": pdns.parse_lua,
    "pdns.yml": pdns.parse_yaml,
    "resolved-key.positive": parse_zone,
    "resolved.positive": parse_zone,
    "root-anchors.xml": xml.parse,
    "root.autotrust": parse_zone,
    "root.ds": parse_zone,
    "root.key": parse_zone,
    "unbound-ta-key.conf": unbound.parse,
    "unbound-ta.conf": unbound.parse,
}


def digest_of(anchor: FoundAnchor) -> tuple[int, str]:
    """Tag and SHA-256 digest, computed where the key itself is given."""
    if not isinstance(anchor, FoundDnskey):
        return anchor.key_tag, anchor.digest.hex().upper()
    key = records.dnskey(anchor.flags, anchor.algorithm, anchor.public_key)
    return records.key_tag(key), records.ds_digest(key, 2).hex().upper()


@pytest.mark.parametrize(("name", "parse"), PARSERS.items(), ids=PARSERS)
def test_both_keys_are_found(name: str, parse: Callable[[bytes], FoundAnchors]) -> None:
    found = parse((SAMPLES / name).read_bytes())
    assert [digest_of(anchor) for anchor in found.anchors] == [*DIGESTS.items()]


def test_every_sample_is_read() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == {*PARSERS}
