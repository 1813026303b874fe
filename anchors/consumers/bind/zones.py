"""The zones of a named.conf: without a type, and what that needs, named does not start.

Tried on BIND 9.18.49 and 9.20.30.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from anchors.consumers.bind.configuration import Configuration, Placed
from anchors.core.escape import printable

__all__ = ["require_zones"]

_PRIMARIES = ("primaries", "masters")
# By their types, what zones need, one of each; a zone file need not be there.
_NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "delegation-only": (),
        "forward": (),
        "hint": ("file",),
        "master": ("file", "database", "dlz"),
        "mirror": _PRIMARIES,
        "primary": ("file", "database", "dlz"),
        "redirect": (),
        "secondary": _PRIMARIES,
        "slave": _PRIMARIES,
        "static-stub": ("server-addresses", "server-names"),
        "stub": _PRIMARIES,
    }
)
# Another zone of the name may stand beside one of these.
_BY_ITSELF = frozenset({"hint", "redirect"})
# With these the type stands elsewhere.
_ELSEWHERE = frozenset({"in-view", "template"})
_NAME = re.compile(r"\.|(?:[^.]{1,63}\.)*[^.]{1,63}\.?")
_ROOT = "."


def require_zones(conf: Configuration) -> None:
    """Refuse zones that named refuses, where all of the configuration was read."""
    if not conf.is_whole:
        return
    for block in (conf.top, *(view.children for view in conf.children("view"))):
        seen: set[tuple[str, str]] = set()
        for zone in block:
            if zone.name == "zone":
                # A view may be of another class.
                words, want = _class_fault(zone) if block is conf.top else ("", "")
                words, want = (words, want) if words else _fault(zone, seen)
                if words:
                    conf.refuse(zone.location, zone.line, words, want)


def _class_fault(zone: Placed) -> tuple[str, str]:
    written = [word.keyword for word in zone.statement.words[2:]]
    return ("", "") if written in ([], ["in"]) else ("a zone of another class", "IN, or no class")


def _fault(zone: Placed, seen: set[tuple[str, str]]) -> tuple[str, str]:
    """Why named refuses a zone, and what it wants; both are empty where it takes the zone.

    ``seen`` has the zones of the view so far, each with its type if that stands by itself.
    """
    words = zone.statement.words[1:]
    if not words or not _NAME.fullmatch(words[0].text) or zone.statement.block is None:
        return "a zone without a name or a block", 'zone "NAME" { … };'
    of = f"zone {printable(words[0].text[:60])}"
    options = {one.name: one for one in zone.children}
    if _ELSEWHERE & options.keys():
        return "", ""
    types = [one.statement.words[1:] for one in zone.children if one.name == "type"]
    kinds = [words[0].keyword for words in types if len(words) == 1]
    if len(types) != 1 or not kinds or kinds[0] not in _NEEDED:
        return f"{of} has no type", "type and one of the types, once"
    name, kind = words[0].text.lower().rstrip("."), kinds[0]
    key = (name, kind if kind in _BY_ITSELF else "")
    if key in seen:
        return f"{of} stands there twice", "each zone once"
    seen.add(key)
    return _lack(of, name or _ROOT, kind, options)


def _lack(of: str, name: str, kind: str, options: Mapping[str, Placed]) -> tuple[str, str]:
    needed = _NEEDED[kind]
    file = options.get("file")
    if file is not None and [word.quoted for word in file.statement.words[1:]] != [True]:
        return f"the file of {of} is not in quotation marks", 'file "FILE";'
    if kind == "redirect" and name != _ROOT:
        return f"{of} is of type redirect, and is not the root", "that type for the root alone"
    if needed == _PRIMARIES and _is_empty([options.get(one) for one in _PRIMARIES]):
        # A mirror of the root knows some by itself.
        return ("", "") if (kind, name) == ("mirror", _ROOT) else (f"{of} has no primaries", "some")
    if needed and not {*needed} & options.keys():
        return f"{of} has no {needed[0]}", needed[0]
    if "forward" in options and "forwarders" not in options:
        return f"there is no forwarders statement beside forward in {of}", "forwarders"
    return "", ""


def _is_empty(lists: Sequence[Placed | None]) -> bool:
    blocks = [one.statement.block for one in lists if one is not None]
    return not any(block is not None and block.statements for block in blocks)
