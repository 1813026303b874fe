"""DNSKEY records in zone-file form, byte for byte as Debian's dns-root-data ships them."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import join_lines
from anchors.consumers.zone_text import dnskey_rdata
from anchors.core.emission import Emission
from anchors.core.keys import Anchor, KeyState

__all__ = ["FORMATS", "render"]


def render(emission: Emission) -> bytes:
    """One ``. IN DNSKEY`` line for each anchor whose public key is published, once a key."""
    lines: dict[str, str] = {}
    for anchor in emission.anchors:
        rdata = dnskey_rdata(anchor)
        if rdata is not None:
            lines.setdefault(rdata, f". IN DNSKEY {rdata} ; {_comment(anchor)}")
    return join_lines(lines.values())


def _comment(anchor: Anchor) -> str:
    comment = f"keytag {anchor.key.key_tag}"
    if anchor.state is KeyState.FUTURE:
        comment += f", not valid before {anchor.key.window.valid_from:%Y-%m-%d}"
    return comment


FORMATS = (
    Format(
        name="dnskey",
        file_name="root.key",
        media_type="text/dns",
        consumer="Unbound, Knot Resolver 5 and 6, PowerDNS Recursor 4.8 and 5, ldns, getdns",
        form=Form.DNSKEY,
        install="Copy it to /usr/share/dns/root.key, as Debian's dns-root-data does.",
        write=render,
        read=Facet("anchors.consumers.zonefile.content", "content_of"),
    ),
)
