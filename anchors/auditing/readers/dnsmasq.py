"""dnsmasq's configuration (dnsmasq(8))."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from anchors.auditing.place import Held, Hold, Reading, Reference, Role, Setting, Syntax
from anchors.auditing.readers.text import decoded
from anchors.auditing.readers.zone import found_anchor
from anchors.formats.found import MalformedAnchors

__all__ = ["looks_like", "read"]

_OF_INTEREST = re.compile(rb"trust-anchor|conf-file|conf-dir|dnssec")
_ANCHOR, _SWITCH = "trust-anchor", "dnssec"
_OWN = frozenset({_ANCHOR, _SWITCH, "conf-file", "conf-dir"})
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
    return any(o.value or o.key == _SWITCH for o in options if o.key in _OWN)


def read(content: bytes) -> Reading:
    """The ``trust-anchor`` options, the files that are included, and whether it is to validate.

    Raises:
        MalformedAnchors: a line is no option, or an anchor of the root cannot be read.
    """
    held: list[Held] = []
    references: list[Reference] = []
    settings: list[Setting] = []
    for key, value, line in _options(decoded(content)):
        if key == _ANCHOR:
            held += _anchors(value, line)
        elif value and key == "conf-file":
            references.append(Reference(value, Role.INCLUDE, line))
        elif value and key == "conf-dir":
            references += _below(value, line)
        else:
            # Any other option shows that it is more than a file of anchors.
            settings.append(Setting(key, value, line))
    kept = sorted(settings, key=lambda setting: setting.name != _SWITCH)[:1]
    return Reading(Syntax.DNSMASQ, tuple(held), tuple(references), settings=tuple(kept))


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
    name, *fields = (_unquoted(field.strip()) for field in value.split(","))
    if fields and fields[0] in _CLASSES and fields.pop(0) != "IN":
        return
    # Without a name it is the root's too.
    if name == "." or (fields and not name):
        try:
            # dnsmasq takes blanks and colons between the digits.
            rdata = " ".join(fields).replace(":", "").split()
            yield Held(found_anchor("DS", rdata, "trust-anchor"), Hold.STATIC, line)
        except MalformedAnchors as error:
            raise MalformedAnchors(f"line {line}: {error}") from error


def _unquoted(field: str) -> str:
    is_quoted = len(field) > 1 and field[0] == field[-1] == '"'
    return field[1:-1] if is_quoted else field


def _below(value: str, line: int) -> list[Reference]:
    """``DIRECTORY,*SUFFIX,...``; suffixes without an asterisk, and backups, are left out."""
    directory, *suffixes = (part.strip() for part in value.split(","))
    wanted = [suffix for suffix in suffixes if suffix.startswith("*") and suffix != "*"]
    unwanted = (_BACKUP, *(suffix for suffix in suffixes if suffix and suffix[0] != "*"))
    return [
        Reference(f"{directory.rstrip('/')}/{suffix}", Role.INCLUDE, line, unwanted)
        for suffix in wanted or ["*"]
    ]
