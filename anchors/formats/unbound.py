"""Unbound: ``trust-anchor:`` lines, and files for its anchor options (unbound.conf(5))."""

from __future__ import annotations

import re

from anchors.crosscheck import CrossCheck
from anchors.formats.format import Form, Format
from anchors.formats.found import FoundAnchor, FoundAnchors
from anchors.formats.provenance import header, join_lines
from anchors.formats.zone import dnskey_rdata, ds_rdata, found_in_zone_text, parse_zone
from anchors.model import Anchor

__all__ = ["FORMATS", "parse", "render", "render_anchor_file"]

# A string, not a compiled pattern: most runs only write.
_LINE = r"""(?xm)
    ^[ \t]*trust-anchor:[ \t]*(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)')"""


def render(cross_check: CrossCheck) -> bytes:
    """A ``server:`` clause with one DS for each anchor."""
    anchors = [
        f'\ttrust-anchor: ". DS {ds_rdata(anchor)}"' for anchor in cross_check.anchors.anchors
    ]
    return join_lines([*header(cross_check, "#"), "server:", *anchors])


def render_anchor_file(cross_check: CrossCheck) -> bytes:
    """DNSKEYs where known: a file seeded with DS loses a key that is not in the root zone yet."""
    # A key listed with two digests is one DNSKEY.
    records = dict.fromkeys(_dnskey_or_ds(anchor) for anchor in cross_check.anchors.anchors)
    return join_lines([*header(cross_check, ";"), *records])


def _dnskey_or_ds(anchor: Anchor) -> str:
    dnskey = dnskey_rdata(anchor)
    return f". IN DNSKEY {dnskey}" if dnskey else f". IN DS {ds_rdata(anchor)}"


def parse(data: bytes) -> FoundAnchors:
    """Read the root's anchors from the ``trust-anchor:`` lines of an unbound.conf.

    Raises:
        MalformedAnchors: such a line holds no record.
    """
    anchors: list[FoundAnchor] = []
    for match in re.finditer(_LINE, data.decode(errors="replace")):
        text = match["double"] if match["double"] is not None else match["single"]
        anchors += found_in_zone_text(text, "trust-anchor")
    return FoundAnchors(tuple(anchors))


FORMATS = (
    Format(
        name="unbound",
        file_name="unbound-anchors.conf",
        media_type="text/plain",
        consumer="Unbound 1.13 and newer: unbound, unbound-host",
        form=Form.DS,
        install="Copy it to /etc/unbound/unbound.conf.d/, and remove auto-trust-anchor-file for\n"
        "the root. Unbound never changes these anchors: a person must, at every roll.",
        render=render,
        parse=parse,
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
        render=render_anchor_file,
        parse=parse_zone,
    ),
)
