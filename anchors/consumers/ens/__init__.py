"""The DNSSEC oracle of ENS, a contract that proves DNS records."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.ens.writing import FORMATS
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Syntax

__all__ = ["ARGUMENT", "CONSUMER"]

ARGUMENT = Syntax("argument of ENS's oracle", Kind.ANCHORS, replaced_by="ens-oracle", is_whole=True)
CONSUMER = Consumer(
    name="ens",
    title="ENS DNSSEC oracle",
    formats=FORMATS,
    # The first record: of the root, of type DS and class IN.
    hints=Hints(words=(b"0x00002b0001",)),
    readers=Facet("anchors.consumers.ens.reading", "READERS"),
)
