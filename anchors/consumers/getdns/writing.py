"""getdns and stubby: a zone file of anchors (``dnssec_trust_anchors`` in stubby.yml)."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.zone_text import render_ds

__all__ = ["FORMATS"]

FORMATS = (
    Format(
        name="getdns",
        file_name="getdns-root.key",
        media_type="text/dns",
        consumer="getdns 1.6 and newer: getdns_query, stubby",
        form=Form.DS,
        install="Copy it to /etc/stubby/ and add to stubby.yml:\n"
        'dnssec_trust_anchors: "/etc/stubby/getdns-root.key"\n'
        "dnssec: GETDNS_EXTENSION_TRUE",
        write=render_ds,
        read=Facet("anchors.consumers.zonefile.content", "content_of"),
    ),
)
