"""PowerDNS Recursor."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.pdns.writing import FORMATS
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONSUMER", "LUA", "SETTINGS", "YAML"]

LUA = Syntax("PowerDNS Recursor Lua", Kind.CONFIGURATION, "pdns", replaced_by="pdns-recursor-lua")
# The old recursor.conf holds no anchors, and names a Lua file that does.
SETTINGS = LUA._replace(id="recursor.conf")
YAML = LUA._replace(id="PowerDNS Recursor YAML", replaced_by="pdns-recursor-yaml")

CONSUMER = Consumer(
    name="pdns",
    title="PowerDNS Recursor",
    formats=FORMATS,
    hints=Hints(
        words=(
            *(b"addta", b"addds", b"addnta", b"clearta", b"cleards"),
            *(b"readtrustanchorsfromfile", b"trustanchor"),
        ),
        names=("recursor.conf", "recursor.yml", "recursor-*.conf", "recursor-*.yml"),
        setting_words=(
            b"lua-config",
            b"lua_config",
            b"dofile",
            b"dnssec",
            b"include",
            b"validation",
        ),
    ),
    readers=Facet("anchors.consumers.pdns.reading", "READERS"),
    loader=Facet("anchors.consumers.pdns.loading", "load"),
    drivers=Facet("anchors.consumers.pdns.running", "DRIVERS"),
    asker=Facet("anchors.consumers.pdns.asking", "ASKER"),
    replacements={
        Role.STATIC: "ds",
    },
    restart=("systemctl restart pdns-recursor",),
)
