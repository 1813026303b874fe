"""dnsmasq's ``trust-anchor`` option (dnsmasq(8))."""

from __future__ import annotations

import re

from anchors.crosscheck import CrossCheck
from anchors.formats.format import Form, Format
from anchors.formats.found import FoundAnchor, FoundAnchors
from anchors.formats.provenance import header, join_lines
from anchors.formats.zone import ds_rdata, found_in_zone_text

__all__ = ["FORMATS", "parse", "render"]

# The class may stand before the numbers; blanks inside the digest are allowed.
# A string, not a compiled pattern: most runs only write.
_LINE = r"""(?xm)
    ^[ \t]*(?:--)?trust-anchor[ \t]*=[ \t]*\.[ \t]*,[ \t]*(?:IN[ \t]*,)?(?P<ds>[^#\n]+)"""


def render(cross_check: CrossCheck) -> bytes:
    """One ``trust-anchor`` line for each anchor."""
    anchors = [
        f"trust-anchor=.,{ds_rdata(anchor).replace(' ', ',')}"
        for anchor in cross_check.anchors.anchors
    ]
    return join_lines([*header(cross_check, "#"), *anchors])


def parse(data: bytes) -> FoundAnchors:
    """Read the root's ``trust-anchor`` lines.

    Raises:
        MalformedAnchors: a line holds no DS.
    """
    anchors: list[FoundAnchor] = []
    for match in re.finditer(_LINE, data.decode(errors="replace")):
        ds = match["ds"].replace(",", " ")
        anchors += found_in_zone_text(f". IN DS {ds}", "trust-anchor")
    return FoundAnchors(tuple(anchors))


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
        render=render,
        parse=parse,
    ),
)
