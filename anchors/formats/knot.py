"""Knot Resolver: a key file, Lua for version 5, YAML for version 6.

Several ``trust_anchors.add`` calls, or list items, keep only the last: one holds all anchors.
"""

from __future__ import annotations

import re

from anchors.crosscheck import CrossCheck
from anchors.formats.format import Form, Format
from anchors.formats.found import FoundAnchor, FoundAnchors, MalformedAnchors
from anchors.formats.provenance import header, join_lines
from anchors.formats.yaml import load_yaml, strings_at
from anchors.formats.zone import ds_lines, found_in_zone_text, parse_zone, render_ds

__all__ = ["FORMATS", "parse_lua", "parse_yaml", "render_lua", "render_yaml"]

_MAX_ANCHORS = 1000
# A string, not a compiled pattern: most runs only write.
_ADD = r"(?m)^[^\S\n]*trust_anchors\.add\(\s*(?P<quote>\[\[|'|\")"


def render_lua(cross_check: CrossCheck) -> bytes:
    """One ``trust_anchors.add`` with all anchors."""
    anchors = ds_lines(cross_check)
    return join_lines([*header(cross_check, "--"), "trust_anchors.add([[", *anchors, "]])"])


def render_yaml(cross_check: CrossCheck) -> bytes:
    """A ``dnssec`` section with one list item that holds all anchors."""
    anchors = [f"      {line}" for line in ds_lines(cross_check)]
    section = ["dnssec:", "  trust-anchors:", "    - |-", *anchors]
    return join_lines([*header(cross_check, "#"), *section])


def parse_lua(data: bytes) -> FoundAnchors:
    """Read the anchors of every ``trust_anchors.add`` call.

    Raises:
        MalformedAnchors: a call holds no record.
    """
    text = data.decode(errors="replace")
    anchors: list[FoundAnchor] = []
    for match in re.finditer(_ADD, text):
        # Found by hand: a pattern would go back and back over one that does not end.
        quote = "]]" if match["quote"] == "[[" else match["quote"]
        end = text.find(quote, match.end())
        if end < 0:
            message = "a string in trust_anchors.add does not end"
            raise MalformedAnchors(message)
        anchors += found_in_zone_text(text[match.end() : end], "trust_anchors.add")
        if len(anchors) > _MAX_ANCHORS:
            message = f"more than {_MAX_ANCHORS} anchors"
            raise MalformedAnchors(message)
    return FoundAnchors(tuple(anchors))


def parse_yaml(data: bytes) -> FoundAnchors:
    """Read the items of ``dnssec: trust-anchors``.

    Raises:
        MalformedAnchors: not YAML, or an item holds no record.
    """
    items = strings_at(load_yaml(data), "dnssec", "trust-anchors")
    return FoundAnchors(
        tuple(found for item in items for found in found_in_zone_text(item, "trust-anchors"))
    )


FORMATS = (
    Format(
        name="knot-resolver",
        file_name="root.keys",
        media_type="text/dns",
        consumer="Knot Resolver 5: trust_anchors.add_file; 6: trust-anchors-files",
        form=Form.DS,
        install="Copy it to /etc/knot-resolver/root.keys and add to kresd.conf:\n"
        "trust_anchors.add_file('/etc/knot-resolver/root.keys', true)",
        render=render_ds,
        parse=parse_zone,
    ),
    Format(
        name="knot-resolver-lua",
        file_name="knot-resolver.lua",
        media_type="text/x-lua",
        consumer="Knot Resolver 5: kresd.conf; 6: lua script",
        form=Form.DS,
        install="Copy it to /etc/knot-resolver/ and add to kresd.conf:\n"
        "dofile('/etc/knot-resolver/knot-resolver.lua')",
        render=render_lua,
        parse=parse_lua,
    ),
    Format(
        name="knot-resolver-yaml",
        file_name="knot-resolver.yaml",
        media_type="application/yaml",
        consumer="Knot Resolver 6: config.yaml",
        form=Form.DS,
        install="Merge its dnssec section into /etc/knot-resolver/config.yaml.",
        render=render_yaml,
        parse=parse_yaml,
    ),
)
