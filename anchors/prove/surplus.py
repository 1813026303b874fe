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
# Lines are compared without these and what follows them; none stands in an anchor.
_COMMENTS = MappingProxyType({"unbound": "#", "dnsmasq": "#", "knot": "--", "pdns": "--"})


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
    extra = _parts(row, content) - _parts(row, rendered)
    first = next(iter(extra), None)
    return None if first is None else f"{first!r:.{_SHOWN}} stands there besides the anchors"


def _other_records(content: bytes) -> str | None:
    others = records.other_records(content.decode(errors="replace"))
    return f"{others[0]!r:.{_SHOWN}} stands there besides the root's anchors" if others else None


def _parts(row: Format, content: bytes) -> Counter[str]:
    family = row.name.partition("-")[0]
    if row.media_type in _STRUCTURED:
        return Counter([_STRUCTURED[row.media_type](content)])
    text = content.decode(errors="replace")
    if family == "bind":
        return Counter("".join(token.split()) for token in tokens(text))
    comment = re.escape(_COMMENTS.get(family, "#"))
    lines = (re.sub(rf"{comment}.*", "", line) for line in text.splitlines())
    return Counter(" ".join(line.split()) for line in lines if line.strip())


def _yaml(content: bytes) -> str:
    try:
        return json.dumps(load_yaml(content), sort_keys=True, default=str)
    except MalformedAnchors as error:
        return str(error)


_STRUCTURED: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "application/yaml": _yaml,
        "application/json": lambda content: content.decode(errors="replace"),
        "application/xml": lambda content: content.decode(errors="replace"),
    }
)
