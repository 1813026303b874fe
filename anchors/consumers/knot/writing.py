"""Knot Resolver: a key file, Lua for version 5, YAML for version 6.

Several ``trust_anchors.add`` calls, or list items, keep only the last: one holds all anchors.
"""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import header, join_lines
from anchors.consumers.zone_text import ds_lines, render_ds
from anchors.core.emission import Emission

__all__ = ["FORMATS", "render_lua", "render_yaml"]


def render_lua(emission: Emission) -> bytes:
    """One ``trust_anchors.add`` with all anchors."""
    anchors = ds_lines(emission)
    return join_lines([*header(emission, "--"), "trust_anchors.add([[", *anchors, "]])"])


def render_yaml(emission: Emission) -> bytes:
    """A ``dnssec`` section with one list item that holds all anchors."""
    anchors = [f"      {line}" for line in ds_lines(emission)]
    section = ["dnssec:", "  trust-anchors:", "    - |-", *anchors]
    return join_lines([*header(emission, "#"), *section])


FORMATS = (
    Format(
        name="knot-resolver",
        file_name="root.keys",
        media_type="text/dns",
        consumer="Knot Resolver 5: trust_anchors.add_file; 6: trust-anchors-files",
        form=Form.DS,
        install="Copy it to /etc/knot-resolver/root.keys and add to kresd.conf:\n"
        "trust_anchors.add_file('/etc/knot-resolver/root.keys', true)",
        write=render_ds,
        read=Facet("anchors.consumers.zonefile.content", "content_of"),
    ),
    Format(
        name="knot-resolver-lua",
        file_name="knot-resolver.lua",
        media_type="text/x-lua",
        consumer="Knot Resolver 5: kresd.conf; 6: lua script",
        form=Form.DS,
        install="Copy it to /etc/knot-resolver/ and add to kresd.conf:\n"
        "dofile('/etc/knot-resolver/knot-resolver.lua')",
        write=render_lua,
        read=Facet("anchors.consumers.knot.content", "lua_content"),
    ),
    Format(
        name="knot-resolver-yaml",
        file_name="knot-resolver.yaml",
        media_type="application/yaml",
        consumer="Knot Resolver 6: config.yaml",
        form=Form.DS,
        install="Merge its dnssec section into /etc/knot-resolver/config.yaml.",
        write=render_yaml,
        read=Facet("anchors.consumers.knot.content", "yaml_content"),
    ),
)
