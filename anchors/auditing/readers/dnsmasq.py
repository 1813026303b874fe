"""dnsmasq's configuration (dnsmasq(8))."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from anchors.auditing.place import Held, Hold, Reading, Reference, Role, Syntax
from anchors.auditing.readers.text import decoded
from anchors.auditing.readers.zone import found_anchor
from anchors.formats.found import MalformedAnchors

__all__ = ["looks_like", "read"]

_OF_INTEREST = re.compile(rb"trust-anchor|conf-file|conf-dir")
_OPTION = re.compile(r"(?:--)?([a-z0-9][a-z0-9-]*)(?:\s*=\s*(\S.*)?)?")
_COMMENT = re.compile(r"(?:^|\s)#")
_CLASSES = frozenset({"IN", "CH", "HS"})
# dnsmasq reads none of an editor's.
_BACKUP = "~"


class _Option(NamedTuple):
    key: str
    value: str
    line: int


def looks_like(content: bytes) -> bool:
    """Whether every line is an option, and one has to do with anchors or includes others."""
    if _OF_INTEREST.search(content) is None:
        return False
    try:
        options = [*_options(decoded(content))]
    except MalformedAnchors:
        return False
    return any(o.value for o in options if o.key in {"trust-anchor", "conf-file", "conf-dir"})


def read(content: bytes) -> Reading:
    """The ``trust-anchor`` options, and the files that are included.

    Raises:
        MalformedAnchors: a line is no option, or an anchor of the root cannot be read.
    """
    held: list[Held] = []
    references: list[Reference] = []
    for key, value, line in _options(decoded(content)):
        if key == "trust-anchor":
            held += _anchors(value, line)
        elif value and key == "conf-file":
            references.append(Reference(value, Role.INCLUDE, line))
        elif value and key == "conf-dir":
            references += _below(value, line)
    return Reading(Syntax.DNSMASQ, tuple(held), tuple(references))


def _options(text: str) -> Iterator[_Option]:
    """The options.

    Raises:
        MalformedAnchors: a line is none.
    """
    for line, row in enumerate(text.split("\n"), 1):
        option = _COMMENT.split(row, maxsplit=1)[0].strip()
        if option:
            match = _OPTION.fullmatch(option)
            if match is None:
                raise MalformedAnchors(f"line {line}: {option!r:.40} is no option")
            yield _Option(match[1], match[2] or "", line)


def _anchors(value: str, line: int) -> Iterator[Held]:
    name, *fields = (field.strip() for field in value.split(","))
    if fields and fields[0] in _CLASSES:
        name = name if fields.pop(0) == "IN" else ""
    if name == ".":
        try:
            rdata = " ".join(fields).split()
            yield Held(found_anchor("DS", rdata, "trust-anchor"), Hold.STATIC, line)
        except MalformedAnchors as error:
            raise MalformedAnchors(f"line {line}: {error}") from error


def _below(value: str, line: int) -> list[Reference]:
    """``DIRECTORY,*SUFFIX,...``; suffixes without an asterisk, and backups, are left out."""
    directory, *suffixes = (part.strip() for part in value.split(","))
    wanted = [suffix for suffix in suffixes if suffix.startswith("*") and suffix != "*"]
    unwanted = (_BACKUP, *(suffix for suffix in suffixes if suffix and suffix[0] != "*"))
    return [
        Reference(f"{directory.rstrip('/')}/{suffix}", Role.INCLUDE, line, unwanted)
        for suffix in wanted or ["*"]
    ]
