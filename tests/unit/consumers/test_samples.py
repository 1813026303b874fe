"""Files as the consumers accepted them, with the two real keys in each one's syntax."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anchors.consumers.bind import content as bind
from anchors.consumers.dnsmasq import content as dnsmasq
from anchors.consumers.documents import xml
from anchors.consumers.pdns import content as pdns
from anchors.consumers.resolved import content as resolved
from anchors.consumers.unbound import content as unbound
from anchors.consumers.zonefile import content as zone
from anchors.core import records
from anchors.core.found import FoundAnchor, FoundAnchors, FoundDnskey

SAMPLES = Path(__file__).parents[3] / "fixtures/samples"
DIGESTS = {
    20326: "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    38696: "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
}
PARSERS: dict[str, Callable[[bytes], FoundAnchors]] = {
    "bind-initial-ds.conf": bind.content_of,
    "bind-initial-key.conf": bind.content_of,
    "bind-managed-keys.conf": bind.content_of,
    "bind-static-ds.conf": bind.content_of,
    "bind-static-key.conf": bind.content_of,
    "bind-trusted-keys.conf": bind.content_of,
    "dnsmasq.conf": dnsmasq.content_of,
    "pdns.lua": pdns.lua_content,
    "pdns.yml": pdns.yaml_content,
    "resolved-key.positive": resolved.content_of,
    "resolved.positive": resolved.content_of,
    "root-anchors.xml": xml.parse,
    "root.autotrust": zone.content_of,
    "root.ds": zone.content_of,
    "root.key": zone.content_of,
    "unbound-ta-key.conf": unbound.content_of,
    "unbound-ta.conf": unbound.content_of,
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
