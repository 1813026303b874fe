"""What a source that we wrote holds; any other line in it than those that we write is refused."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from anchors.consumers.anchor_records import in_range
from anchors.consumers.source.writing import LANGUAGES, Language
from anchors.core.found import FoundAnchor, FoundAnchors, FoundDs, MalformedAnchors

__all__ = [
    "read",
    "read_c",
    "read_dnsprovejs",
    "read_go",
    "read_java",
    "read_javascript",
    "read_python",
    "read_rust",
]

_NUMBER, _DIGEST = "([0-9]{1,5})", "((?:[0-9A-F]{2})+)"


def read(data: bytes, language: Language) -> FoundAnchors:
    """The anchors between the lines that the language needs.

    Raises:
        MalformedAnchors: a line is another than ``build`` writes.
    """
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise MalformedAnchors(str(error)) from error
    if lines.pop():
        raise MalformedAnchors("the last line does not end")
    at = _past(lines, 0, language.first)
    while at < len(lines) and lines[at].startswith(language.comment):
        at += 1
    begin = _past(lines, at, language.before)
    after = language.after.splitlines()
    end = len(lines) - len(after)
    if end < begin or lines[end:] != after:
        raise MalformedAnchors(f"it does not end with {after[0]!r}")
    row = re.compile(_pattern(language.row))
    return FoundAnchors(
        tuple(_anchor(row, lines[number], number + 1) for number in range(begin, end))
    )


def _past(lines: Sequence[str], at: int, text: str) -> int:
    wanted = text.splitlines()
    for number, line in enumerate(wanted, at):
        if number >= len(lines) or lines[number] != line:
            raise MalformedAnchors(f"line {number + 1} is not {line!r}")
    return at + len(wanted)


def _pattern(row: str) -> str:
    """The row itself, with patterns in its four places."""
    places = ("\0", "\1", "\2", "\3")
    pattern = re.escape(row.format(*places))
    for place, text in zip(places, (_NUMBER, _NUMBER, _NUMBER, _DIGEST), strict=True):
        pattern = pattern.replace(re.escape(place), text)
    return pattern


def _anchor(row: re.Pattern[str], line: str, number: int) -> FoundAnchor:
    found = row.fullmatch(line)
    if found is None:
        raise MalformedAnchors(f"line {number} is no anchor: {line!r:.60}")
    tag, algorithm, digest_type = (int(found[group]) for group in (1, 2, 3))
    return in_range(FoundDs(tag, algorithm, digest_type, bytes.fromhex(found[4])))


read_c = functools.partial(read, language=LANGUAGES["c"])
read_go = functools.partial(read, language=LANGUAGES["go"])
read_rust = functools.partial(read, language=LANGUAGES["rust"])
read_java = functools.partial(read, language=LANGUAGES["java"])
read_python = functools.partial(read, language=LANGUAGES["python"])
read_javascript = functools.partial(read, language=LANGUAGES["javascript"])
read_dnsprovejs = functools.partial(read, language=LANGUAGES["dnsprovejs"])
