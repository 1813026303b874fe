"""NSD, which serves the lab's root zone; it validates nothing."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer
from anchors.consumers.facet import Facet

__all__ = ["CONSUMER"]

CONSUMER = Consumer(
    name="nsd", title="NSD", authority=Facet("anchors.consumers.nsd.authority", "AUTHORITY")
)
