"""What Prosody does with ``unbound = { trustfile = ..., trusted = ... }``, which lua-unbound reads.

Tried on lua-unbound 1.0.0 and 1.1.0, which hand both settings to libunbound.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.consumers.consumer import Reader
from anchors.consumers.libunbound import read_static
from anchors.consumers.loading import refused
from anchors.consumers.one_setting import Program, loader_of
from anchors.consumers.prosody import CONF, CONSUMER
from anchors.consumers.reading import Held, Note, Reading, Reference, Role
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors
from anchors.grammars.lua_tokens import END, Token, text_of, tokens_of
from anchors.grammars.text import Lines

__all__ = ["READERS", "load"]

_TABLE, _FILE, _RECORD, _OPTIONS = "unbound", "trustfile", "trusted", "options"
# What begins the settings of one host, which lua-unbound does not see.
_OF_HOSTS = frozenset({"VirtualHost", "Component", "Host"})
_BLOCKS = frozenset({"if", "for", "while", "repeat", "function"})
_OPEN, _CLOSE = ("{", "(", "["), ("}", ")", "]")
_WANT = "one DS or DNSKEY record, or trustfile with a file of more"
_NOT_TOLD = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "the value of this setting is known only when Prosody runs",
    want='unbound = { trustfile = "FILE" }, once, before the first host',
    remedy="write the file name literally",
)
_LIBUNBOUND = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "Prosody passes these options to libunbound, and some of them switch validation off",
    got="options = { ... }",
    remedy="test Prosody with a name whose signature is wrong",
)
_LIST = refused(
    "Prosody: lua-unbound cannot use a list of anchors, so every look-up fails",
    got="trusted = { ... }",
    want=_WANT,
)


class _Setting(NamedTuple):
    """A setting of the table, or why nobody can tell it."""

    name: str
    value: str | Finding
    line: int


def _read(content: bytes, path: str, _at: datetime) -> Reading | None:
    """The settings of the one table, where it has one of interest."""
    # The words stand in configurations of Unbound, too.
    if ".lua" not in posixpath.basename(path).lower():
        return None
    if b"unbound" not in content or not (b"trustfile" in content or b"trusted" in content):
        return None
    try:
        settings = [*_settings(content)]
    except MalformedAnchors:
        return None
    if all(name == _OPTIONS for name, _, _ in settings):
        return None
    references: list[Reference] = []
    held: list[Held] = []
    notes: list[Note] = []
    for name, value, line in settings:
        if isinstance(value, Finding):
            notes.append(Note(value, line))
        elif name == _RECORD:
            own, refusal = _record(value, line)
            held += own
            notes += refusal
        elif value:
            # An empty name is none.
            references.append(Reference(value, Role.STATIC, line))
    references += _includes(text_of(content))
    return Reading(CONF, tuple(held), tuple(references), tuple(notes))


def _record(text: str, line: int) -> tuple[Sequence[Held], Sequence[Note]]:
    """The anchor that ``trusted`` has: libunbound takes one record, and no second line."""
    read = read_static(text.encode("utf-8", "surrogateescape"))
    if read.refusal is None and "\n" not in text:
        return [held._replace(line=line) for held in read.held], ()
    words = "Prosody: libunbound cannot read this anchor, so every look-up fails"
    return (), (Note(refused(words, got=printable(text[:200]), want=_WANT), line),)


def _settings(content: bytes) -> Iterator[_Setting]:
    """The settings of interest of the table, which stands before those of the hosts."""
    text = text_of(content)
    tokens = [*tokens_of(text), END, END, END]
    line_of = Lines(text).at
    depth, is_certain = 0, True
    for at, token in enumerate(tokens):
        depth += token.is_mark(*_OPEN) - token.is_mark(*_CLOSE)
        if token.kind != "name" or depth > 0:
            continue
        if token.text in _OF_HOSTS:
            return
        is_certain = is_certain and token.text not in _BLOCKS
        if token.text.split(".")[0] != _TABLE:
            continue
        begin = [one.text for one in tokens[at + 1 : at + 3]]
        if token.text == _TABLE and begin == ["=", "{"] and is_certain:
            for name, value, position in _of_table(tokens, at + 3):
                yield _Setting(name, value, line_of(position))
            # A second table would count in its place.
            is_certain = False
        else:
            yield _Setting(_FILE, _NOT_TOLD, line_of(token.position))


def _includes(text: str) -> Iterator[Reference]:
    """The files that are included, wherever: in each, settings are those of all hosts again."""
    tokens, line_of = [*tokens_of(text), END, END], Lines(text).at
    for at, token in enumerate(tokens):
        if token.kind == "name" and token.text in {"Include", "include"}:
            behind = tokens[at + 1 : at + 3]
            path = next((one.text for one in behind if one.kind == "string"), "*")
            yield Reference(path, Role.INCLUDE, line_of(token.position))


def _of_table(tokens: Sequence[Token], begin: int) -> Iterator[tuple[str, str | Finding, int]]:
    depth = 1
    for at, token in enumerate(tokens[begin:-3], begin):
        if depth == 1 and token.is_mark("[") and tokens[at - 1].is_mark(*"{,;"):
            # A name that an expression tells.
            yield _FILE, _NOT_TOLD, token.position
        depth += token.is_mark(*_OPEN) - token.is_mark(*_CLOSE)
        if depth == 0:
            return
        if depth > 1 or token.kind != "name" or token.text not in {_FILE, _RECORD, _OPTIONS}:
            continue
        equals, value, behind = tokens[at + 1 : at + 4]
        if token.text == _OPTIONS:
            yield token.text, _LIBUNBOUND, token.position
            continue
        if equals.is_mark("=") and value.kind == "string" and behind.is_mark(*",;}"):
            yield token.text, value.text, token.position
        elif token.text == _RECORD and value.is_mark("{"):
            yield token.text, _LIST, token.position
        else:
            yield token.text, _NOT_TOLD, token.position


READERS: tuple[Reader, ...] = (Reader(45, _read),)
load = loader_of(Program(CONSUMER.name, CONSUMER.title, again=(b"unbound", b"nclude")))
