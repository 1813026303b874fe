"""Net::DNS::Resolver::Unbound, libunbound for programs in Perl."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONSUMER", "PROGRAM"]

PROGRAM = Syntax("Net::DNS::Resolver::Unbound", Kind.CONFIGURATION, "netdns")
CONSUMER = Consumer(
    name="netdns",
    title="Net::DNS::Resolver::Unbound",
    hints=Hints(words=(b"net::dns::resolver::unbound",)),
    readers=Facet("anchors.consumers.netdns.loading", "READERS"),
    loader=Facet("anchors.consumers.netdns.loading", "load"),
    drivers=Facet("anchors.consumers.netdns.running", "DRIVERS"),
    replacements={Role.STATIC: "dnskey"},
)
