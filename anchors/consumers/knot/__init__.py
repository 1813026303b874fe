"""Knot Resolver."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.knot.writing import FORMATS
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONSUMER", "LUA", "STATE", "YAML"]

LUA = Syntax(
    "kresd.conf",
    Kind.CONFIGURATION,
    "knot",
    replaced_by="knot-resolver-lua",
    could_follow=True,
)
YAML = LUA._replace(id="Knot Resolver YAML", replaced_by="knot-resolver-yaml")
STATE = Syntax(
    "Knot Resolver state",
    Kind.STATE,
    "knot",
    replaced_by="knot-resolver",
    is_whole=True,
    afterwards="stop Knot Resolver, and put new/root.keys in place of the state",
)

CONSUMER = Consumer(
    name="knot",
    title="Knot Resolver",
    formats=FORMATS,
    hints=Hints(
        # The reader of a state wants a record and a state behind it.
        words=(b"trust_anchors", b"trust-anchors", b"keytag:", b" dnskey ", b" ds "),
        names=("kresd.conf", "kresd*.conf", "config.yaml"),
        setting_words=(b"dnssec", b"dofile", b"script-file"),
    ),
    readers=Facet("anchors.consumers.knot.reading", "READERS"),
    loader=Facet("anchors.consumers.knot.loading", "load"),
    drivers=Facet("anchors.consumers.knot.running", "DRIVERS"),
    asker=Facet("anchors.consumers.knot.asking", "ASKER"),
    replacements={
        Role.STATIC: "knot-resolver",
        Role.MANAGED: "knot-resolver",
    },
    restart=("systemctl restart knot-resolver",),
)
