"""Programs that have the anchors compiled in: constants in the source code of six languages."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer
from anchors.consumers.source.writing import FORMATS

__all__ = ["CONSUMER"]

CONSUMER = Consumer(
    name="source",
    title="programs with the anchors compiled in",
    formats=FORMATS,
)
