"""DNSSEC root trust anchors that people can rely on."""

from __future__ import annotations

__version__ = "0.1.0"
