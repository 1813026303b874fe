"""ldns: drill and ldns-verify-zone take a zone file of anchors with ``-k``.

drill refuses one whose last line has no newline.
"""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.zone_text import render_ds

__all__ = ["FORMATS"]

FORMATS = (
    Format(
        name="ldns",
        file_name="ldns-root.key",
        media_type="text/dns",
        consumer="ldns 1.8 and newer: drill -S, ldns-verify-zone",
        form=Form.DS,
        install="Name it with -k: drill -S -k FILE www.example.org, or\n"
        "ldns-verify-zone -k FILE ZONEFILE.",
        write=render_ds,
        read=Facet("anchors.consumers.zonefile.content", "content_of"),
    ),
)
