"""BIND's named.conf, what it includes, and bind.keys (BIND 9 Administrator Reference Manual)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.auditing.place import Held, Hold, Reading, Reference, Role, Setting, Syntax
from anchors.auditing.readers.text import Lines, decoded
from anchors.auditing.readers.zone import in_range
from anchors.formats.bind import Lexeme, entry_anchors, lexemes
from anchors.formats.found import MalformedAnchors

__all__ = ["looks_like", "read"]

_OF_INTEREST = re.compile(
    rb"(?i)trust-anchors|managed-keys|trusted-keys|include|bindkeys-file|directory"
    rb"|dnssec-validation|dnssec-enable|validate-except"
)
_ANCHORS = frozenset({"trust-anchors", "managed-keys", "trusted-keys"})
_FILES = {"include": Role.INCLUDE, "bindkeys-file": Role.SEED}
# named keeps its state in the first of these that is set.
_DIRECTORIES = ("managed-keys-directory", "directory")
_SWITCHES = frozenset({"dnssec-enable", "dnssec-validation", "recursion"})
_EXCEPT = "validate-except"
_YES_OR_NO = {"true": "yes", "1": "yes", "false": "no", "0": "no"}
# What is included inside a block has any statements; these no other program has.
_OPTIONS = re.compile(
    rb"""(?mix) ^[^\S\n]*
    (?: dnssec-validation \s+ (?:yes|no|auto) \s* ;
      | (?:bindkeys-file|managed-keys-directory) \s+ " )"""
)
_OTHER_STATEMENTS = (
    "acl controls dlz dnssec-policy dnssec-validation dyndb http key key-store logging lwres "
    "masters options parental-agents plugin primaries remote-servers server statistics-channels "
    "template tls view zone"
)
# Nothing else begins a statement of a named.conf: a file with other statements is another's.
_STATEMENTS = frozenset(
    {
        *_ANCHORS,
        *_FILES,
        *_DIRECTORIES,
        *_OTHER_STATEMENTS.split(),
    }
)


class _Statement(NamedTuple):
    """One statement, or the head of its block.

    ``inside``: the first word of the block around it; ``view``: the view that is in, or empty.
    """

    words: list[Lexeme]
    inside: str | None
    view: str
    is_block: bool


def looks_like(content: bytes) -> bool:
    """Whether it is made of a named.conf's statements, and one has to do with anchors."""
    if _OF_INTEREST.search(content) is None:
        return False
    try:
        reading = read(content)
    except _OtherStatement:
        return False
    except MalformedAnchors:
        # It was a named.conf as far as it could be read.
        return _begins_as_one(decoded(content))
    return bool(reading.held or reading.references or reading.settings)


def read(content: bytes) -> Reading:
    """The anchors with how they are held, the files that are named, and what switches validation.

    Raises:
        MalformedAnchors: not a named.conf, or an anchor in it cannot be read.
    """
    text = decoded(content)
    line_of = Lines(text).at
    is_part = _OPTIONS.search(content) is not None
    statements = [
        (statement, line_of(statement.words[0].position))
        for statement in _statements(text, is_part=is_part)
    ]
    held = [h for one, line in statements if one.inside in _ANCHORS for h in _anchors(one, line)]
    settings = [setting for one, line in statements for setting in _settings(one, line)]
    references = (*_files(statements), *_state_directory(statements))
    return Reading(Syntax.BIND, tuple(held), references, settings=tuple(settings))


def _files(statements: Sequence[tuple[_Statement, int]]) -> Iterator[Reference]:
    """What is included or named; named changes to its directory as soon as it has read of it."""
    named = [(one, line, one.words[0].text) for one, line in statements if _names_a_file(one)]
    working = [one.words[1].text for one, _, first in named if first == "directory"][:1]
    changed = False
    for one, line, first in named:
        changed = changed or first == "directory"
        if first in _FILES:
            role = _FILES[first]
            below = working if changed or role is Role.SEED else []
            path = posixpath.join(*below, one.words[1].text)
            yield Reference(path, role, line, view=one.view)


def _state_directory(statements: Sequence[tuple[_Statement, int]]) -> list[Reference]:
    found = {
        one.words[0].text: Reference(one.words[1].text, Role.STATE_DIRECTORY, line)
        for one, line in statements
        if _names_a_file(one) and one.inside in {None, "options"}
    }
    return [found[name] for name in _DIRECTORIES if name in found][:1]


def _settings(statement: _Statement, line: int) -> Iterator[Setting]:
    first, *rest = (word.text for word in statement.words)
    if statement.is_block:
        if first == "view" and rest:
            yield Setting(first, rest[0], line, rest[0])
    elif statement.inside == _EXCEPT and first == ".":
        yield Setting(_EXCEPT, first, line, statement.view)
    elif first in _SWITCHES and len(rest) == 1 and statement.inside in {None, "options", "view"}:
        value = rest[0].lower()
        yield Setting(first, _YES_OR_NO.get(value, value), line, statement.view)


def _anchors(statement: _Statement, line: int) -> Iterator[Held]:
    name, *rest = (word.text for word in statement.words)
    words = [name, *(text.lower() for text in rest[:1]), *rest[1:]]
    keyword = "".join(words[1:2])
    seed = keyword.startswith("initial-") or statement.inside == "managed-keys"
    try:
        for anchor in entry_anchors(words):
            hold = Hold.SEED if seed else Hold.STATIC
            yield Held(in_range(anchor), hold, line, view=statement.view)
    except MalformedAnchors as error:
        raise MalformedAnchors(f"line {line}: {error}") from error


def _names_a_file(statement: _Statement) -> bool:
    return [word.quoted for word in statement.words] == [False, True] and not statement.is_block


class _OtherStatement(MalformedAnchors):
    """A statement that no named.conf has."""


def _begins_as_one(text: str) -> bool:
    """Whether statements of a named.conf come before the fault, and one would hold anchors."""
    found = False
    try:
        for statement in _statements(text, is_part=False):
            found = found or statement.words[0].text in _ANCHORS
    except _OtherStatement:
        return False
    except MalformedAnchors:
        pass
    return found


def _statements(text: str, *, is_part: bool) -> Iterator[_Statement]:
    """Every statement, each head of a block before what is in it.

    ``is_part``: it may be included inside a block, and begin with any statement.

    Raises:
        MalformedAnchors: not a named.conf.
    """
    heads: list[list[Lexeme]] = []
    words: list[Lexeme] = []
    ended = False
    for lexeme in lexemes(text):
        mark = None if lexeme.quoted else lexeme.text.lower()
        if ended and mark != ";":
            raise MalformedAnchors("no semicolon after a block")
        if mark not in {"{", "}", ";"}:
            if not (words or heads or is_part or mark in _STATEMENTS):
                raise _OtherStatement(f"{lexeme.text!r:.40} is no statement of a named.conf")
            # named knows its statements in any case.
            words.append(lexeme._replace(text=mark) if mark and not words else lexeme)
            continue
        if mark == "}":
            if not heads:
                raise MalformedAnchors("a brace closes nothing")
            heads.pop()
        elif words:
            inside = (heads[-1][0].text if heads[-1] else "") if heads else None
            yield _Statement(words, inside, _view_of(heads), is_block=mark == "{")
        if mark == "{":
            heads.append(words)
        words = []
        # Inside a block more words may follow one: inet ... allow { ...; } keys { ...; };
        ended = mark == "}" and not heads
    if heads or words or ended:
        raise MalformedAnchors("a block or a statement is not closed")


def _view_of(heads: Sequence[Sequence[Lexeme]]) -> str:
    outermost = [word.text for word in heads[0]] if heads else []
    return outermost[1] if outermost[:1] == ["view"] and outermost[1:] else ""
