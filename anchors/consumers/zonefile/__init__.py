"""Zone-file text, which many programs read: ``root.ds`` and ``root.key``."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Syntax
from anchors.consumers.zonefile import dnskey, ds

__all__ = ["CONSUMER", "ZONE"]

ZONE = Syntax("zone file", Kind.ANCHORS, replaced_by="ds", is_whole=True)

CONSUMER = Consumer(
    name="zonefile",
    title="zone-file text",
    formats=(*ds.FORMATS, *dnskey.FORMATS),
    hints=Hints(
        words=(b" ds ", b" dnskey ", b" type43 ", b" type48 "),
        names=(
            *("root.key", "root.keys", "root.ds", "root.anchor", "root.anchors"),
            *("bind.keys", "iana-root.txt", "trusted-key.key", "trustanchors.dns"),
        ),
    ),
    readers=Facet("anchors.consumers.zonefile.reading", "READERS"),
)
