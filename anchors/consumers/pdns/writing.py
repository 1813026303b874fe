"""PowerDNS Recursor: Lua for version 4, YAML for version 5."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.consumers.header import header, join_lines
from anchors.consumers.zone_text import ds_rdata
from anchors.core.emission import Emission

__all__ = ["FORMATS", "render_lua", "render_yaml"]


def render_lua(emission: Emission) -> bytes:
    """``addTA`` for each anchor, after the built-in ones are gone."""
    anchors = [f'addTA(".", "{ds_rdata(anchor)}")' for anchor in emission.anchors]
    return join_lines([*header(emission, "--"), 'clearTA(".")', *anchors])


def render_yaml(emission: Emission) -> bytes:
    """A ``dnssec`` section; a root entry in it replaces the built-in anchors."""
    anchors = [f"        - '{ds_rdata(anchor)}'" for anchor in emission.anchors]
    section = ["dnssec:", "  trustanchors:", "    - name: .", "      dsrecords:", *anchors]
    return join_lines([*header(emission, "#"), *section])


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
        write=render_lua,
        read=Facet("anchors.consumers.pdns.content", "lua_content"),
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
        write=render_yaml,
        read=Facet("anchors.consumers.pdns.content", "yaml_content"),
    ),
)
