"""DNSKEY records in zone-file form, byte for byte as Debian's dns-root-data ships them."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import join_lines, not_before
from anchors.consumers.zone_text import dnskey_rdata
from anchors.core.emission import Emission

__all__ = ["FORMATS", "render"]


def render(emission: Emission) -> bytes:
    """One ``. IN DNSKEY`` line for each anchor whose public key is published, once a key."""
    lines: dict[str, str] = {}
    for anchor in emission.anchors:
        rdata = dnskey_rdata(anchor)
        if rdata is not None:
            comment = f"keytag {anchor.key.key_tag}{not_before(anchor)}"
            lines.setdefault(rdata, f". IN DNSKEY {rdata} ; {comment}")
    return join_lines(lines.values())


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
