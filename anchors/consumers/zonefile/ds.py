"""DS records in zone-file form, byte for byte as Debian's dns-root-data ships them.

No comment and no TTL: dnsmasq's init script in Debian turns either into a fatal argument.
"""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import join_lines
from anchors.consumers.zone_text import ds_lines
from anchors.core.emission import Emission

__all__ = ["FORMATS", "render"]


def render(emission: Emission) -> bytes:
    """One ``. IN DS`` line for each anchor."""
    return join_lines(ds_lines(emission))


FORMATS = (
    Format(
        name="ds",
        file_name="root.ds",
        media_type="text/dns",
        consumer="zone-file readers; dnsmasq through Debian's init script",
        form=Form.DS,
        install="Copy it to /usr/share/dns/root.ds, as Debian's dns-root-data does.",
        write=render,
        read=Facet("anchors.consumers.zonefile.content", "content_of"),
    ),
)
