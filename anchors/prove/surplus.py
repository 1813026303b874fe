"""Whether a file holds more than its anchors, which could undo them: it cannot be judged then.

A parser of ours reads anchors and passes over the rest; the consumer does not.  What is left over
is found by holding the file, without its comments, against what the renderer writes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from anchors import records
from anchors.formats import Format
from anchors.formats.bind import tokens
from anchors.formats.found import MalformedAnchors
from anchors.formats.yaml import load_yaml
from anchors.formats.zone import parse_zone

__all__ = ["surplus"]

_SHOWN = 60
_LUA = "text/x-lua"
# A block comment of Lua, or a remark that looks like one.
_BLOCK = "--["


def surplus(row: Format, content: bytes, rendered: bytes) -> str | None:
    """What the file has besides the anchors, in words, or ``None`` where that is nothing.

    Args:
        row: the file's format.
        content: the file.
        rendered: what the renderer writes of the verified keys.
    """
    if content == rendered:
        return None
    if row.parse == parse_zone:
        return _other_records(content)
    if row.media_type == _LUA:
        return _other_program(_text(content), _text(rendered))
    extra = _parts(row, content) - _parts(row, rendered)
    first = next(iter(extra), None)
    return None if first is None else _besides(first)


def _other_records(content: bytes) -> str | None:
    others = records.other_records(_text(content))
    return f"{others[0]!r:.{_SHOWN}} stands there besides the root's anchors" if others else None


def _other_program(content: str, rendered: str) -> str | None:
    """A Lua file is a program: its lines are the same in the same order, or it is another one."""
    if _BLOCK in content:
        return f"{_BLOCK!r}, which may hide lines as a comment, stands there"
    held, wanted = (_lines(text, "--", r"[\r\n]") for text in (content, rendered))
    if held == wanted:
        return None
    extra = next(iter(Counter(held) - Counter(wanted)), None)
    if extra is not None:
        return _besides(extra)
    return "its lines are others, or in another order, than those of root-anchors"


def _parts(row: Format, content: bytes) -> Counter[str]:
    if row.media_type in _STRUCTURED:
        return Counter([_STRUCTURED[row.media_type](content)])
    if row.name.startswith("bind-"):
        return Counter("".join(token.split()) for token in tokens(_text(content)))
    return Counter(_lines(_text(content), "#", r"\n"))


def _lines(text: str, comment: str, ends: str) -> list[str]:
    """The lines without comments and blanks; ``ends``: what the consumer ends a line at."""
    # No comment's mark stands in an anchor.
    lines = (line.partition(comment)[0] for line in re.split(ends, text))
    return [" ".join(line.split()) for line in lines if line.strip()]


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


def _besides(part: str) -> str:
    return f"{part!r:.{_SHOWN}} stands there besides the anchors"


def _yaml(content: bytes) -> str:
    try:
        return json.dumps(load_yaml(content), sort_keys=True, default=str)
    except MalformedAnchors as error:
        return str(error)


_STRUCTURED: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "application/yaml": _yaml,
        "application/json": _text,
        "application/xml": _text,
    }
)
