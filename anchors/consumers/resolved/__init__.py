"""systemd-resolved."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Syntax
from anchors.consumers.resolved.writing import FORMATS

__all__ = ["CONSUMER", "NEGATIVE", "POSITIVE", "SETTINGS"]

POSITIVE = Syntax(
    "systemd-resolved .positive",
    Kind.ANCHORS,
    "resolved",
    replaced_by="systemd-resolved",
    is_whole=True,
)
NEGATIVE = Syntax("systemd-resolved .negative", Kind.CONFIGURATION, "resolved")
SETTINGS = Syntax("resolved.conf", Kind.CONFIGURATION, "resolved")

CONSUMER = Consumer(
    name="resolved",
    title="systemd-resolved",
    formats=FORMATS,
    hints=Hints(
        names=("*.positive", "*.negative"),
        setting_words=(b"DNSSEC",),
    ),
    readers=Facet("anchors.consumers.resolved.reading", "READERS"),
    loader=Facet("anchors.consumers.resolved.loading", "load"),
    drivers=Facet("anchors.consumers.resolved.running", "DRIVERS"),
    asker=Facet("anchors.consumers.resolved.asking", "ASKER"),
    restart=("systemctl restart systemd-resolved",),
)
