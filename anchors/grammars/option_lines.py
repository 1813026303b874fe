"""recursor.conf of PowerDNS Recursor 4: bytes -> options with their lines.

Each line is an option, ``name=value``.  A ``#`` begins a comment at the beginning of a line, and
behind a blank; a backslash at the end of a line joins the next one to it.  Tried on 4.8.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Option", "parse_options"]

# What is taken off both ends of a name and of a value.
_BLANKS = " \t\r"
_BEFORE_COMMENT = " \t\r\v\f"


class Option(NamedTuple):
    """An option: its line, which counts from 1, and its value, ``None`` without an equals sign."""

    line: int
    name: str
    value: str | None


def parse_options(content: bytes) -> list[Option]:
    """Every option, in the order of the text; text is UTF-8, with what is none escaped."""
    return [
        _option(line, text)
        for line, text in _lines(content.decode("utf-8", "surrogateescape"))
        if text
    ]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines without comments and blanks, joined where they go on, with their numbers."""
    joined: list[str] = []
    begins = 1
    for number, row in enumerate(text.split("\n"), 1):
        line = row.rstrip(_BLANKS)
        begins = begins if joined else number
        if line.endswith("\\"):
            joined.append(line[:-1])
            continue
        whole = "".join([*joined, line])
        joined = []
        yield begins, _without_comment(whole).strip(_BLANKS)
    if joined:
        yield begins, _without_comment("".join(joined)).strip(_BLANKS)


def _without_comment(line: str) -> str:
    at = line.find("#")
    while at > 0 and line[at - 1] not in _BEFORE_COMMENT:
        at = line.find("#", at + 1)
    return line if at < 0 else line[:at]


def _option(line: int, text: str) -> Option:
    name, equals, value = text.partition("=")
    return Option(line, name.strip(_BLANKS), value.strip(_BLANKS) if equals else None)
