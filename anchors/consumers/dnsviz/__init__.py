"""DNSViz."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer
from anchors.consumers.dnsviz.writing import FORMATS
from anchors.consumers.facet import Facet

__all__ = ["CONSUMER"]

CONSUMER = Consumer(
    name="dnsviz",
    title="DNSViz",
    formats=FORMATS,
    drivers=Facet("anchors.consumers.dnsviz.running", "DRIVERS"),
)
