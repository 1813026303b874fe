"""opendkim.conf (opendkim.conf(5)): bytes -> parameters with their lines.

A line is a name and a value with blanks between; from a # on it is a comment, wherever that
stands.  Names may be written in any case.  Tried on OpenDKIM 2.11.0.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Parameter", "parse_opendkim_conf"]

_WORDS = re.compile(r"[^ \t\r\n]+")


class Parameter(NamedTuple):
    """A line: its name in lower case, and its value, empty where there is none."""

    line: int
    name: str
    value: str


def parse_opendkim_conf(content: bytes) -> list[Parameter]:
    """Every line that is more than a comment; what is no UTF-8 is kept (``surrogateescape``)."""
    parameters: list[Parameter] = []
    for number, line in enumerate(content.decode("utf-8", "surrogateescape").split("\n"), 1):
        words = _WORDS.findall(line.partition("#")[0])
        if words:
            parameters.append(Parameter(number, words[0].lower(), " ".join(words[1:])))
    return parameters
