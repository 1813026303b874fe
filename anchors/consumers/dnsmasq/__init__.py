"""dnsmasq."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.dnsmasq.writing import FORMATS
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Syntax

__all__ = ["ANCHORS_ALONE", "CONFIGURATION", "CONSUMER"]

CONFIGURATION = Syntax("dnsmasq.conf", Kind.CONFIGURATION, "dnsmasq", replaced_by="dnsmasq")
# Without any other option it is a file for others to name, such as that of dnsmasq-base.
ANCHORS_ALONE = Syntax("dnsmasq.conf", Kind.ANCHORS, "dnsmasq", "dnsmasq", is_whole=True)

CONSUMER = Consumer(
    name="dnsmasq",
    title="dnsmasq",
    formats=FORMATS,
    hints=Hints(
        words=(b"trust-anchor",),
        names=("dnsmasq.conf",),
        setting_words=(b"dnssec", b"conf-file", b"conf-dir", b"conf-script", b"servers-file"),
    ),
    readers=Facet("anchors.consumers.dnsmasq.reading", "READERS"),
    loader=Facet("anchors.consumers.dnsmasq.loading", "load"),
    drivers=Facet("anchors.consumers.dnsmasq.running", "DRIVERS"),
    asker=Facet("anchors.consumers.dnsmasq.asking", "ASKER"),
    restart=("dnsmasq --test", "systemctl restart dnsmasq"),
)
