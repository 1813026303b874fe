"""DS records in zone-file form, byte for byte as Debian's dns-root-data ships them.

No comment and no TTL: dnsmasq's init script in Debian turns either into a fatal argument.
"""

from __future__ import annotations

from anchors.crosscheck import CrossCheck
from anchors.formats.format import Form, Format
from anchors.formats.provenance import join_lines
from anchors.formats.zone import ds_lines, parse_zone

__all__ = ["FORMATS", "render"]


def render(cross_check: CrossCheck) -> bytes:
    """One ``. IN DS`` line for each anchor."""
    return join_lines(ds_lines(cross_check))


FORMATS = (
    Format(
        name="ds",
        file_name="root.ds",
        media_type="text/dns",
        consumer="zone-file readers; dnsmasq through Debian's init script",
        form=Form.DS,
        install="Copy it to /usr/share/dns/root.ds, as Debian's dns-root-data does.",
        render=render,
        parse=parse_zone,
    ),
)
