"""getdns and Stubby."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.getdns.writing import FORMATS
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONFIGURATION", "CONSUMER"]

CONFIGURATION = Syntax("stubby.yml", Kind.CONFIGURATION, "getdns", replaced_by="getdns")

CONSUMER = Consumer(
    name="getdns",
    title="Stubby",
    formats=FORMATS,
    hints=Hints(
        words=(b"dnssec_trust_anchors", b"dnssec_return_status"),
        names=("stubby.yml",),
        setting_words=(b"appdata_dir",),
    ),
    readers=Facet("anchors.consumers.getdns.reading", "READERS"),
    loader=Facet("anchors.consumers.getdns.loading", "load"),
    drivers=Facet("anchors.consumers.getdns.running", "DRIVERS"),
    asker=Facet("anchors.consumers.getdns.asking", "ASKER"),
    replacements={
        Role.STATIC: "getdns",
    },
    restart=("systemctl restart stubby",),
)
