"""systemd-resolved's positive trust anchors (dnssec-trust-anchors.d(5)).

DS only: with a DNSKEY anchor for the root, resolved lists it and then fails every look-up.
"""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.zone_text import render_ds

__all__ = ["FORMATS"]

FORMATS = (
    Format(
        name="systemd-resolved",
        file_name="root.positive",
        media_type="text/plain",
        consumer="systemd-resolved 252 and newer",
        form=Form.DS,
        install="Copy it to /etc/dnssec-trust-anchors.d/root.positive and restart\n"
        "systemd-resolved. It replaces the built-in anchors of the root; an emptied file\n"
        "silently brings them back.",
        write=render_ds,
        read=Facet("anchors.consumers.resolved.content", "content_of"),
    ),
)
