"""What named knows as statements, and of which kind: BIND 9.16 to 9.21 together.

From ``named-checkconf`` of 9.18.49 and 9.20.30, which was given each word of their parser, and
from the ARM of the others.
"""

from __future__ import annotations

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


VALUES: Mapping[str, Callable[[Statement], bool]] = MappingProxyType(
    {
        "bindkeys-file": _is_path,
        "directory": _is_path,
        "dnssec-validation": _is_validation,
        "managed-keys-directory": _is_path,
        "recursion": _is_boolean,
    }
)
