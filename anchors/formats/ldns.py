"""ldns: drill and ldns-verify-zone take a zone file of anchors with ``-k``.

drill refuses one whose last line has no newline.
"""

from __future__ import annotations

from anchors.formats.format import Form, Format
from anchors.formats.zone import parse_zone, render_ds

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
        render=render_ds,
        parse=parse_zone,
    ),
)
