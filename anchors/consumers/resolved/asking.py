"""How a running systemd-resolved is found; it tells nobody which anchors it holds."""

from __future__ import annotations

from anchors.consumers.asker import Asker

__all__ = ["ASKER"]

# Linux cuts the name of a process after 15 bytes (proc(5)).
ASKER = Asker(processes=("systemd-resolve",))
