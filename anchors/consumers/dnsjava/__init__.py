"""dnsjava, a resolver that validates inside programs in Java."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONSUMER", "PROPERTY"]

PROPERTY = Syntax("dnsjava.dnssec.trust_anchor_file", Kind.CONFIGURATION, "dnsjava")
CONSUMER = Consumer(
    name="dnsjava",
    title="dnsjava",
    hints=Hints(words=(b"dnsjava.dnssec.trust_anchor_file",)),
    readers=Facet("anchors.consumers.dnsjava.loading", "READERS"),
    loader=Facet("anchors.consumers.dnsjava.loading", "load"),
    replacements={Role.STATIC: "ds"},
)
