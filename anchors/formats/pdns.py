"""PowerDNS Recursor: Lua for version 4, YAML for version 5."""

from __future__ import annotations

import re

from anchors.crosscheck import CrossCheck
from anchors.formats.format import Form, Format
from anchors.formats.found import FoundAnchor, FoundAnchors
from anchors.formats.provenance import header, join_lines
from anchors.formats.yaml import items_at, load_yaml, strings_at
from anchors.formats.zone import ds_rdata, found_in_zone_text

__all__ = ["FORMATS", "parse_lua", "parse_yaml", "render_lua", "render_yaml"]

# A string, not a compiled pattern: most runs only write.
_ADD = r"""(?xm)
    ^[^\S\n]*addTA\(\s*(?P<q>["'])\.(?P=q)\s*,\s*(?P<p>["'])(?P<ds>[^"'\n]*)(?P=p)\s*\)"""


def render_lua(cross_check: CrossCheck) -> bytes:
    """``addTA`` for each anchor, after the built-in ones are gone."""
    anchors = [f'addTA(".", "{ds_rdata(anchor)}")' for anchor in cross_check.anchors.anchors]
    return join_lines([*header(cross_check, "--"), 'clearTA(".")', *anchors])


def render_yaml(cross_check: CrossCheck) -> bytes:
    """A ``dnssec`` section; a root entry in it replaces the built-in anchors."""
    anchors = [f"        - '{ds_rdata(anchor)}'" for anchor in cross_check.anchors.anchors]
    section = ["dnssec:", "  trustanchors:", "    - name: .", "      dsrecords:", *anchors]
    return join_lines([*header(cross_check, "#"), *section])


def parse_lua(data: bytes) -> FoundAnchors:
    """Read the root's ``addTA`` calls.

    Raises:
        MalformedAnchors: a call holds no DS.
    """
    anchors: list[FoundAnchor] = []
    for match in re.finditer(_ADD, data.decode(errors="replace")):
        anchors += found_in_zone_text(f". IN DS {match['ds']}", "addTA")
    return FoundAnchors(tuple(anchors))


def parse_yaml(data: bytes) -> FoundAnchors:
    """Read the root's entries of ``dnssec: trustanchors``.

    Raises:
        MalformedAnchors: not YAML, or an entry holds no DS.
    """
    anchors: list[FoundAnchor] = []
    for entry in items_at(load_yaml(data), "dnssec", "trustanchors"):
        if isinstance(entry, dict) and entry.get("name") == ".":
            for ds in strings_at(entry, "dsrecords"):
                anchors += found_in_zone_text(f". IN DS {ds}", "trustanchors")
    return FoundAnchors(tuple(anchors))


FORMATS = (
    Format(
        name="pdns-recursor-lua",
        file_name="pdns-recursor.lua",
        media_type="text/x-lua",
        consumer="PowerDNS Recursor 4: lua-config-file",
        form=Form.DS,
        install="Copy it to /etc/powerdns/ and name it in recursor.conf:\n"
        "lua-config-file=/etc/powerdns/pdns-recursor.lua\n"
        "dnssec=validate",
        render=render_lua,
        parse=parse_lua,
    ),
    Format(
        name="pdns-recursor-yaml",
        file_name="pdns-recursor.yml",
        media_type="application/yaml",
        consumer="PowerDNS Recursor 5.1 and newer: recursor.conf, recursor.d",
        form=Form.DS,
        install="Copy it to /etc/powerdns/recursor.d/, or merge its dnssec section into\n"
        "recursor.conf; validation: validate there turns validation on for everybody.\n"
        "An emptied file silently leaves the built-in anchors.",
        render=render_yaml,
        parse=parse_yaml,
    ),
)
