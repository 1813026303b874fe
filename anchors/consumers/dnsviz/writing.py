"""DNSViz: ``-t`` takes a zone file of DNSKEY records; DS records are ignored there."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.zone_text import render_dnskey

__all__ = ["FORMATS"]

FORMATS = (
    Format(
        name="dnsviz",
        file_name="dnsviz-root.key",
        media_type="text/dns",
        consumer="DNSViz 0.9 and newer: grok, print, graph",
        form=Form.DNSKEY,
        install="Name it with -t: dnsviz print -t FILE < PROBE",
        write=render_dnskey,
        read=Facet("anchors.consumers.zonefile.content", "content_of"),
    ),
)
