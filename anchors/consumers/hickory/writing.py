"""Hickory DNS: a file of DNSKEY records; DS records are an error there."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import join_lines
from anchors.consumers.zone_text import dnskey_lines
from anchors.core.emission import Emission

__all__ = ["FORMATS", "render"]


def render(emission: Emission) -> bytes:
    """DNSKEY records without comments, which nobody could try."""
    return join_lines(dnskey_lines(emission))


FORMATS = (
    Format(
        name="hickory",
        file_name="hickory-root.key",
        media_type="text/dns",
        consumer="Hickory DNS 0.24 and newer, built with DNSSEC",
        form=Form.DNSKEY,
        install="Name it in the configuration of a store that validates:\n"
        'trust_anchor = "/etc/hickory/hickory-root.key"',
        write=render,
        read=Facet("anchors.consumers.zonefile.content", "content_of"),
        unproven="the parser of trust anchor files in Hickory's source; Debian builds Hickory "
        "without DNSSEC",
    ),
)
