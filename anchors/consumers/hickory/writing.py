"""Hickory DNS: a file of DNSKEY records; DS records are an error there."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import join_lines
from anchors.consumers.zone_text import dnskey_lines
from anchors.core.emission import Emission

__all__ = ["FORMATS", "render"]


def render(emission: Emission) -> bytes:
    """DNSKEY records, which are all that it reads."""
    return join_lines(dnskey_lines(emission))


FORMATS = (
    Format(
        name="hickory",
        file_name="hickory-root.key",
        media_type="text/dns",
        consumer="Hickory DNS 0.25 and newer, built with DNSSEC",
        form=Form.DNSKEY,
        install="Name it in [zones.stores.options] of a store that forwards:\n"
        'trust_anchor = "/etc/hickory/hickory-root.key"\n'
        "or in [zones.stores.dnssec_policy.ValidateWithStaticKey] of a recursor, as path.\n"
        "A program gives it to with_trust_anchor(): the library ignores it in ResolverOpts.",
        write=render,
        read=Facet("anchors.consumers.zonefile.content", "content_of"),
        unproven="Hickory's source; the library, 0.26.3, took the file in a small program, and "
        "Debian builds the server without DNSSEC",
    ),
)
