"""dnsmasq's ``trust-anchor`` option (dnsmasq(8))."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import header, join_lines
from anchors.consumers.zone_text import ds_rdata
from anchors.core.emission import Emission

__all__ = ["FORMATS", "render"]


def render(emission: Emission) -> bytes:
    """One ``trust-anchor`` line for each anchor."""
    anchors = [
        f"trust-anchor=.,{ds_rdata(anchor).replace(' ', ',')}" for anchor in emission.anchors
    ]
    return join_lines([*header(emission, "#"), *anchors])


FORMATS = (
    Format(
        name="dnsmasq",
        file_name="trust-anchors.conf",
        media_type="text/plain",
        consumer="dnsmasq 2.90 and newer",
        form=Form.DS,
        install="Copy it to /usr/share/dnsmasq-base/trust-anchors.conf (OpenWrt:\n"
        "/usr/share/dnsmasq/trust-anchors.conf) and add to dnsmasq.conf:\n"
        "conf-file=/usr/share/dnsmasq-base/trust-anchors.conf\n"
        "dnssec",
        write=render,
        read=Facet("anchors.consumers.dnsmasq.content", "content_of"),
    ),
)
