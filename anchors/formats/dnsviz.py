"""DNSViz: ``-t`` takes a zone file of DNSKEY records; DS records are ignored there."""

from __future__ import annotations

from anchors.formats.format import Form, Format
from anchors.formats.zone import parse_zone, render_dnskey

__all__ = ["FORMATS"]

FORMATS = (
    Format(
        name="dnsviz",
        file_name="dnsviz-root.key",
        media_type="text/dns",
        consumer="DNSViz 0.9 and newer: grok, print, graph",
        form=Form.DNSKEY,
        install="Name it with -t: dnsviz print -t FILE < PROBE",
        render=render_dnskey,
        parse=parse_zone,
    ),
)
