"""What named knows as statements, and of which kind: BIND 9.16 to 9.21 together.

From ``named-checkconf`` of 9.18.49 and 9.20.30, which was given each word of their parser, and
from the ARM of the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from anchors.consumers.bind.anchor_statements import BUILTIN, STATEMENTS
from anchors.consumers.bind.options import IN_OPTIONS, IN_VIEWS
from anchors.grammars.named_conf import Statement

__all__ = ["BOOLEANS", "KNOWN", "MAPS", "ONCE", "OPTIONS", "TOP", "VALUES"]

BOOLEANS: Mapping[str, bool] = MappingProxyType(
    {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
)
_TOP = (
    "acl controls dlz dnssec-policy dyndb http include key key-store logging lwres masters options "
    "parental-agents plugin primaries remote-servers server statistics-channels template tls view "
    "zone"
)
TOP = frozenset({*_TOP.split(), *STATEMENTS})
# By the block that they stand in; the empty name is outside of all, bindkeys in a bindkeys-file.
KNOWN: Mapping[str, frozenset[str]] = MappingProxyType(
    {"": TOP, "bindkeys": frozenset({*STATEMENTS, "include"} - {BUILTIN})}
)
# Newer versions may know more of these.
OPTIONS: Mapping[str, frozenset[str]] = MappingProxyType({"options": IN_OPTIONS, "view": IN_VIEWS})
# Their blocks have statements, and may include others.
MAPS = frozenset({
    *("controls", "dnssec-policy", "http", "key", "key-store", "logging", "options", "server"),
    *("statistics-channels", "template", "tls", "view", "zone"),
})  # fmt: skip
_OPTIONS = frozenset({
    *("bindkeys-file", "directory", "dnssec-validation", "managed-keys-directory", "recursion"),
    "validate-except",
})  # fmt: skip
# Named twice in a block, named does not start.
ONCE: Mapping[str, frozenset[str]] = MappingProxyType(
    {"": frozenset({"options"}), "options": _OPTIONS, "view": _OPTIONS}
)


def _is_boolean(statement: Statement) -> bool:
    return _words(statement)[1:] in [[word] for word in BOOLEANS]


def _is_validation(statement: Statement) -> bool:
    return _is_boolean(statement) or _words(statement)[1:] == ["auto"]


def _words(statement: Statement) -> list[str]:
    """Its words as keywords; those in quotation marks are none."""
    return [] if statement.block else [word.keyword for word in statement.words]


def _is_path(statement: Statement) -> bool:
    return [word.quoted for word in statement.words] == [False, True] and not statement.block


_DURATION = re.compile(r"(?:[0-9]{1,9}[wdhms])+|[0-9]{1,9}", re.ASCII | re.IGNORECASE)
_PART = re.compile(r"([0-9]+)([wdhms]?)", re.ASCII | re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _is_week(statement: Statement) -> bool:
    """Whether a duration is one week at most; those of ISO 8601 are not looked into."""
    words = [] if statement.block else [word.text for word in statement.words][1:]
    if len(words) != 1 or _DURATION.fullmatch(words[0]) is None:
        return len(words) == 1 and words[0].lower().startswith("p")
    parts = _PART.findall(words[0])
    return sum(int(n) * _SECONDS[unit.lower()] for n, unit in parts) <= _SECONDS["w"]


VALUES: Mapping[str, Callable[[Statement], bool]] = MappingProxyType(
    {
        "bindkeys-file": _is_path,
        "directory": _is_path,
        "dnssec-validation": _is_validation,
        "managed-keys-directory": _is_path,
        "nta-lifetime": _is_week,
        "nta-recheck": _is_week,
        "recursion": _is_boolean,
    }
)
