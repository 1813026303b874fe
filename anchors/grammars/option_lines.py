"""Configurations of one option on a line, ``name=value``: bytes -> options with their lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Dialect", "Option", "parse_options"]


class Dialect(NamedTuple):
    """How one program reads such lines.

    Attributes:
        name: whose dialect it is, and in which versions it was tried.
        blanks: what is taken off both ends of a name and of a value.
        comment_after: a ``#`` begins a comment at the beginning of a line, and behind one of these.
        continues: a backslash at the end of a line joins the next one to it.
    """

    name: str
    blanks: str = " \t\r"
    comment_after: str = " \t\r\v\f"
    continues: bool = False


class Option(NamedTuple):
    """An option: its line, which counts from 1, and its value, ``None`` without an equals sign."""

    line: int
    name: str
    value: str | None


def parse_options(content: bytes, dialect: Dialect) -> list[Option]:
    """Every option, in the order of the text; text is UTF-8, with what is none escaped."""
    return [
        _option(line, text, dialect)
        for line, text in _lines(content.decode("utf-8", "surrogateescape"), dialect)
        if text
    ]


def _lines(text: str, dialect: Dialect) -> Iterator[tuple[int, str]]:
    """The lines without comments and blanks, joined where they go on, with their numbers."""
    joined: list[str] = []
    begins = 1
    for number, row in enumerate(text.split("\n"), 1):
        line = row.rstrip(dialect.blanks)
        begins = begins if joined else number
        if dialect.continues and line.endswith("\\"):
            joined.append(line[:-1])
            continue
        whole = "".join([*joined, line])
        joined = []
        yield begins, _without_comment(whole, dialect).strip(dialect.blanks)
    if joined:
        yield begins, _without_comment("".join(joined), dialect).strip(dialect.blanks)


def _without_comment(line: str, dialect: Dialect) -> str:
    at = line.find("#")
    while at > 0 and line[at - 1] not in dialect.comment_after:
        at = line.find("#", at + 1)
    return line if at < 0 else line[:at]


def _option(line: int, text: str, dialect: Dialect) -> Option:
    name, equals, value = text.partition("=")
    return Option(line, name.strip(dialect.blanks), value.strip(dialect.blanks) if equals else None)
