"""systemd-resolved's negative trust anchors (dnssec-trust-anchors.d(5))."""

from __future__ import annotations

import re

from anchors.auditing.place import Reading, Setting, Syntax
from anchors.auditing.readers.text import Lines, decoded

__all__ = ["read"]

_ROOT = re.compile(r"(?m)^[^\S\n]*\.[^\S\n]*\r?$")


def read(content: bytes) -> Reading:
    """Where the root stands in it; the name of the file must say what it is."""
    text = decoded(content)
    match = _ROOT.search(text)
    line = Lines(text).at(match.start()) if match else None
    settings = (Setting("negative trust anchor", ".", line),) if match else ()
    return Reading(Syntax.RESOLVED_NEGATIVE, settings=settings)
