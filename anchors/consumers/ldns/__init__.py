"""ldns: drill and ldns-verify-zone."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer
from anchors.consumers.facet import Facet
from anchors.consumers.ldns.writing import FORMATS

__all__ = ["CONSUMER"]

CONSUMER = Consumer(
    name="ldns",
    title="ldns",
    formats=FORMATS,
    drivers=Facet("anchors.consumers.ldns.running", "DRIVERS"),
)
