"""Prosody, which looks names up by lua-unbound where that is installed."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONF", "CONSUMER"]

CONF = Syntax("prosody.cfg.lua", Kind.CONFIGURATION, "prosody", replaced_by="ds")
CONSUMER = Consumer(
    name="prosody",
    title="Prosody",
    hints=Hints(words=(b"trustfile",), setting_words=(b"trusted",)),
    readers=Facet("anchors.consumers.prosody.loading", "READERS"),
    loader=Facet("anchors.consumers.prosody.loading", "load"),
    drivers=Facet("anchors.consumers.prosody.running", "DRIVERS"),
    replacements={Role.STATIC: "dnskey"},
    restart=("systemctl restart prosody",),
)
