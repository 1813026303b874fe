"""systemd-resolved's own configuration (resolved.conf(5)): it only switches validation."""

from __future__ import annotations

import re

from anchors.auditing.place import Reading, Setting, Syntax
from anchors.auditing.readers.text import Lines, decoded

__all__ = ["looks_like", "read"]

_SECTION = re.compile(rb"(?m)^\[Resolve\][^\S\n]*\r?$")
_SETTING = re.compile(r"(?m)^[^\S\n]*DNSSEC[^\S\n]*=[^\S\n]*([A-Za-z0-9-]+)")


def looks_like(content: bytes) -> bool:
    """Whether it is one, and says whether to validate."""
    return _SECTION.search(content) is not None and bool(read(content).settings)


def read(content: bytes) -> Reading:
    """What it says of validation last."""
    text = decoded(content)
    line_of = Lines(text).at
    found = [
        Setting("DNSSEC", match[1].lower(), line_of(match.start()))
        for match in _SETTING.finditer(text)
    ]
    return Reading(Syntax.RESOLVED_CONF, settings=tuple(found[-1:]))
