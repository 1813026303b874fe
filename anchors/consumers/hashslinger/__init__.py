"""hash-slinger: tlsa and openpgpkey, which look up TLSA and OPENPGPKEY records."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Role, Syntax

__all__ = ["CONSUMER", "SCRIPT"]

SCRIPT = Syntax("hash-slinger", Kind.CONFIGURATION, "hashslinger", is_program=True)
CONSUMER = Consumer(
    name="hashslinger",
    title="hash-slinger",
    hints=Hints(words=(b"cauldron = (",)),
    readers=Facet("anchors.consumers.hashslinger.loading", "READERS"),
    loader=Facet("anchors.consumers.hashslinger.loading", "load"),
    replacements={Role.STATIC: "dnskey"},
)
