"""GnuTLS's libdane, which compares certificates with TLSA records: danetool, wget2."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONSUMER", "LIBRARY"]

LIBRARY = Syntax("libgnutls-dane", Kind.CONFIGURATION, "gnutls", is_program=True)
CONSUMER = Consumer(
    name="gnutls",
    title="GnuTLS libdane",
    hints=Hints(names=("libgnutls-dane.so*",)),
    readers=Facet("anchors.consumers.gnutls.loading", "READERS"),
    loader=Facet("anchors.consumers.gnutls.loading", "load"),
    replacements={Role.STATIC: "dnskey"},
)
