"""Hickory DNS."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer
from anchors.consumers.hickory.writing import FORMATS

__all__ = ["CONSUMER"]

CONSUMER = Consumer(
    name="hickory",
    title="Hickory DNS",
    formats=FORMATS,
)
