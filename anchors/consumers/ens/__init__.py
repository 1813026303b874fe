"""The DNSSEC oracle of ENS, a contract that proves DNS records."""

from __future__ import annotations

from anchors.consumers.consumer import Consumer
from anchors.consumers.ens.writing import FORMATS

__all__ = ["CONSUMER"]

CONSUMER = Consumer(name="ens", title="ENS DNSSEC oracle", formats=FORMATS)
