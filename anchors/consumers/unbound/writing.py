"""Unbound: ``trust-anchor:`` lines, and files for its anchor options (unbound.conf(5))."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import header, join_lines
from anchors.consumers.zone_text import dnskey_rdata, ds_rdata
from anchors.core.emission import Emission
from anchors.core.keys import Anchor

__all__ = ["FORMATS", "render", "render_anchor_file"]


def render(emission: Emission) -> bytes:
    """A ``server:`` clause with one DS for each anchor."""
    anchors = [f'\ttrust-anchor: ". DS {ds_rdata(anchor)}"' for anchor in emission.anchors]
    return join_lines([*header(emission, "#"), "server:", *anchors])


def render_anchor_file(emission: Emission) -> bytes:
    """DNSKEYs where known: a file seeded with DS loses a key that is not in the root zone yet."""
    # A key listed with two digests is one DNSKEY.
    records = dict.fromkeys(_dnskey_or_ds(anchor) for anchor in emission.anchors)
    return join_lines([*header(emission, ";"), *records])


def _dnskey_or_ds(anchor: Anchor) -> str:
    dnskey = dnskey_rdata(anchor)
    return f". IN DNSKEY {dnskey}" if dnskey else f". IN DS {ds_rdata(anchor)}"


FORMATS = (
    Format(
        name="unbound",
        file_name="unbound-anchors.conf",
        media_type="text/plain",
        consumer="Unbound 1.13 and newer: unbound, unbound-host",
        form=Form.DS,
        install="Copy it to /etc/unbound/unbound.conf.d/, and remove auto-trust-anchor-file for\n"
        "the root. Unbound never changes these anchors: a person must, at every roll.",
        write=render,
        read=Facet("anchors.consumers.unbound.content", "content_of"),
    ),
    Format(
        name="unbound-anchor-file",
        file_name="unbound-root.key",
        media_type="text/dns",
        consumer="Unbound 1.13 and newer: trust-anchor-file, auto-trust-anchor-file",
        form=Form.EITHER,
        install="Copy it to /var/lib/unbound/root.key, owned by unbound, and name it in\n"
        'auto-trust-anchor-file: "/var/lib/unbound/root.key" so that Unbound follows later\n'
        "rolls (RFC 5011).",
        write=render_anchor_file,
        read=Facet("anchors.consumers.zonefile.content", "content_of"),
    ),
)
