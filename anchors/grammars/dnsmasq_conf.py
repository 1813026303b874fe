"""dnsmasq's configuration (dnsmasq(8)): bytes -> options with their lines.

Each line is an option, as ``NAME`` or ``NAME=VALUE``, without the two dashes of the command line.
Blanks are those of C's isspace; double quotation marks take a value together; a number sign that
stands behind a blank, or first, begins a comment (tried on dnsmasq 2.90 and 2.93).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Option", "options"]

_ENCODING = "latin-1"
_BLANKS = " \t\v\f\r"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*", re.ASCII)
_ESCAPES = {"t": "\t", "n": "\n", "e": "\x1b", "b": "\b", "r": "\r", "\\": "\\", '"': '"'}
# It stands in no line; a comma within quotation marks parts no value.
_QUOTED_COMMA = "\0"
# dnsmasq reads a line into a buffer of this size, and takes the rest for another line.
_MAX_LINE = 1024


class Option(NamedTuple):
    """A line that is not empty.

    Attributes:
        line: counted from 1.
        name: of the option; of text that is no option, its first characters.
        value: without quotation marks and outer blanks, ``None`` where there is no equals sign.
        fields: the value, where commas outside of quotation marks part it.
        fault: why dnsmasq refuses the line, whatever its options are called; empty: it does not.
    """

    line: int
    name: str
    value: str | None = None
    fault: str = ""
    fields: tuple[str, ...] = ()


def options(content: bytes) -> Iterator[Option]:
    """The options, in their order."""
    for number, row in enumerate(content.decode(_ENCODING).split("\n"), 1):
        # To dnsmasq a line ends at a NUL.
        text = row.partition("\0")[0]
        if len(text) >= _MAX_LINE:
            yield Option(number, text[:40], fault="the line is too long")
            continue
        option = _option(number, text)
        if option is not None:
            yield option


def _option(line: int, text: str) -> Option | None:
    plain = _without_quotes(text)
    if plain is None:
        return Option(line, text[:40], fault='a closing quotation mark (") is missing')
    plain = plain.strip(" ")
    if not plain:
        return None
    name, equals, value = plain.partition("=")
    name = name.rstrip(" ")
    if _NAME.fullmatch(name) is None:
        return Option(line, plain[:40], fault="no option begins like this")
    if not equals:
        return Option(line, name)
    value = value.lstrip(" =")
    fields = tuple(field.replace(_QUOTED_COMMA, ",") for field in value.split(","))
    return Option(line, name, ",".join(fields), fields=fields)


def _without_quotes(text: str) -> str | None:
    """The line with plain blanks, without comment and quotation marks; ``None``: one is open."""
    parts: list[str] = []
    is_behind_blank, quoted = True, False
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if quoted:
            if character == "\\" and text[position : position + 1] in _ESCAPES:
                character = _ESCAPES[text[position]]
                position += 1
            elif character == '"':
                quoted = False
                continue
            parts.append(_QUOTED_COMMA if character == "," else character)
        elif character == '"':
            quoted, is_behind_blank = True, False
        elif character in _BLANKS:
            parts.append(" ")
            is_behind_blank = True
        elif character == "#" and is_behind_blank:
            break
        else:
            parts.append(character)
            is_behind_blank = False
    return None if quoted else "".join(parts)
