"""Hickory DNS: a file of DNSKEY records; DS records are an error there."""

from __future__ import annotations

from anchors.crosscheck import CrossCheck
from anchors.formats.format import Form, Format
from anchors.formats.provenance import join_lines
from anchors.formats.zone import dnskey_lines, parse_zone

__all__ = ["FORMATS", "render"]


def render(cross_check: CrossCheck) -> bytes:
    """DNSKEY records without comments, which nobody could try."""
    return join_lines(dnskey_lines(cross_check))


FORMATS = (
    Format(
        name="hickory",
        file_name="hickory-root.key",
        media_type="text/dns",
        consumer="Hickory DNS 0.24 and newer, built with DNSSEC",
        form=Form.DNSKEY,
        install="Name it in the configuration of a store that validates:\n"
        'trust_anchor = "/etc/hickory/hickory-root.key"',
        render=render,
        parse=parse_zone,
        unproven="the parser of trust anchor files in Hickory's source; Debian builds Hickory "
        "without DNSSEC",
    ),
)
