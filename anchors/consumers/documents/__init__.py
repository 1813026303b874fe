"""Documents with the root's keys: IANA's root-anchors.xml, and our own anchors.json."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer, Hints
from anchors.consumers.documents import json, xml
from anchors.consumers.facet import Facet
from anchors.consumers.reading import Kind, Syntax

__all__ = ["CONSUMER", "JSON", "XML"]

XML = Syntax(
    "IANA's root-anchors.xml",
    Kind.ANCHORS,
    replaced_by="xml",
    is_whole=True,
    has_dates=True,
)
JSON = Syntax("anchors.json", Kind.ANCHORS, replaced_by="json", is_whole=True, has_dates=True)

CONSUMER = Consumer(
    name="documents",
    title="programs that read documents",
    formats=(*xml.FORMATS, *json.FORMATS),
    hints=Hints(words=(b"keydigest", b"root-anchors/anchors/")),
    readers=Facet("anchors.consumers.documents.reading", "READERS"),
)
