"""Hickory DNS."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.hickory.writing import FORMATS
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONF", "CONSUMER"]

CONF = Syntax("Hickory TOML", Kind.CONFIGURATION, "hickory", replaced_by="hickory")
CONSUMER = Consumer(
    name="hickory",
    title="Hickory DNS",
    formats=FORMATS,
    hints=Hints(words=(b"trust_anchor", b"validatewithstatickey")),
    readers=Facet("anchors.consumers.hickory.loading", "READERS"),
    loader=Facet("anchors.consumers.hickory.loading", "load"),
    replacements={Role.STATIC: "hickory"},
    restart=("systemctl restart hickory-dns",),
)
