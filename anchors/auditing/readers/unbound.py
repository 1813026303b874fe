"""Unbound's configuration and its fragments (unbound.conf(5))."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.auditing.place import Held, Hold, Reading, Reference, Role, Setting, Syntax
from anchors.auditing.readers.text import decoded
from anchors.auditing.readers.zone import root_anchors
from anchors.formats.found import MalformedAnchors

__all__ = ["looks_like", "read"]

_OF_INTEREST = re.compile(
    rb"(?:trust-anchor|trusted-keys-file|include|module-config|val-permissive-mode)[a-z-]*:"
)
_LEXEME = r"""(?x)
      (?P<newline>\n)
    | (?P<skip>[^\S\n]+ | \#[^\n]*)
    | (?P<key>[A-Za-z][A-Za-z0-9_-]*:)(?=[\s"'\#]|\Z)
    | (?P<value>"[^"\n]*" | '[^'\n]*' | [^\s"']+)
    | (?P<stray>.)"""
_ANCHOR, _DIRECTORY, _CHROOT = "trust-anchor:", "directory:", "chroot:"
_PLACES = frozenset({_DIRECTORY, _CHROOT})
_FILES = {
    "include:": Role.INCLUDE,
    "include-toplevel:": Role.INCLUDE,
    "trust-anchor-file:": Role.STATIC,
    "auto-trust-anchor-file:": Role.MANAGED,
    "trusted-keys-file:": Role.TRUSTED_KEYS,
}
_SWITCHES = frozenset({"module-config:", "val-permissive-mode:"})
# domain-..., for a name below which nothing is validated.
_NEGATIVE = re.compile("domain-in[a-z]+:")
_OWN = frozenset({_ANCHOR, *_FILES, *_SWITCHES}) - {"include:"}
# NSD includes files in the same words; it has none of these.
_NO_OTHERS = "forward-zone: stub-zone: auth-zone: view: rpz: module-config: root-hints: prefetch:"
_RESOLVES = frozenset(_NO_OTHERS.split())


class _Statement(NamedTuple):
    key: str
    value: str | None
    line: int


def looks_like(content: bytes) -> bool:
    """Whether every line has an option, and one has to do with anchors or includes others."""
    if _OF_INTEREST.search(content) is None:
        return False
    try:
        keys = {statement.key for statement in _statements(decoded(content))}
    except MalformedAnchors:
        return False
    return bool(keys & _OWN or ("include:" in keys and keys & _RESOLVES))


def read(content: bytes) -> Reading:
    """The ``trust-anchor:`` options, the files that are named, and what switches validation.

    Raises:
        MalformedAnchors: a line has no option, or an anchor cannot be read.
    """
    statements = [*_statements(decoded(content))]
    held = [held for one in statements for held in _anchors(one)]
    settings = [setting for one in statements for setting in _settings(one)]
    return Reading(
        Syntax.UNBOUND, tuple(held), tuple(_references(statements)), settings=tuple(settings)
    )


def _references(statements: Sequence[_Statement]) -> Iterator[Reference]:
    """The files: an include is below the directory that was named before it, another in any."""
    roots = {one.key: one.value for one in statements if one.key in _PLACES and one.value}
    directory = ""
    for key, value, line in statements:
        if key == _DIRECTORY and value:
            directory = value
        if key not in _FILES or not value:
            continue
        role = _FILES[key]
        if role is Role.INCLUDE:
            yield Reference(posixpath.join(directory, value), role, line)
        else:
            path = posixpath.join(roots.get(_DIRECTORY) or "", value)
            yield Reference(_in_chroot(path, roots.get(_CHROOT) or ""), role, line)


def _in_chroot(path: str, chroot: str) -> str:
    """Where a path lies that is opened after the change of root; what is outside is inside."""
    below = chroot.rstrip("/") + "/"
    is_below = path.startswith(below) or not path.startswith("/")
    return path if is_below else below + path.lstrip("/")


def _settings(statement: _Statement) -> Iterator[Setting]:
    key, value, line = statement
    if key in _SWITCHES or (_NEGATIVE.fullmatch(key) and value == "."):
        yield Setting(key.removesuffix(":"), value or "", line)


def _anchors(statement: _Statement) -> Iterator[Held]:
    key, value, line = statement
    if key != _ANCHOR or not value:
        return
    try:
        for anchor, _ in root_anchors(value, "trust-anchor"):
            yield Held(anchor, Hold.STATIC, line)
    except MalformedAnchors as error:
        raise MalformedAnchors(f"in line {line}: {error}") from error


def _statements(text: str) -> Iterator[_Statement]:
    """The options with the first value of each.

    Raises:
        MalformedAnchors: a line begins with no option, or a quotation mark is left over.
    """
    line = 1
    key: str | None = None
    for match in re.finditer(_LEXEME, text):
        kind = match.lastgroup
        if kind == "newline":
            if key:
                yield _Statement(key, None, line)
            key = None
            line += 1
        elif kind == "key":
            if key:
                yield _Statement(key, None, line)
            key = match[0]
        elif kind == "value" and key is not None:
            if key:
                yield _Statement(key, _unquoted(match[0]), line)
            # Not None: the line has an option, and may have more values.
            key = ""
        elif kind in {"value", "stray"}:
            raise MalformedAnchors(f"line {line}: {match[0]!r:.40} is no option")
    if key:
        yield _Statement(key, None, line)


def _unquoted(value: str) -> str:
    return value[1:-1] if value[0] in {'"', "'"} else value
