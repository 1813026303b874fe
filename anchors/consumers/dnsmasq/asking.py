"""How a running dnsmasq is found; it tells nobody which anchors it holds."""

from __future__ import annotations

from anchors.consumers.asker import Asker

__all__ = ["ASKER"]

ASKER = Asker(processes=("dnsmasq",), options=("-C", "--conf-file"))
