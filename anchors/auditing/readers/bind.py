"""BIND's named.conf, what it includes, and bind.keys (BIND 9 Administrator Reference Manual)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from anchors.auditing.place import Held, Hold, Reading, Reference, Role, Syntax
from anchors.auditing.readers.text import Lines, decoded
from anchors.auditing.readers.zone import in_range
from anchors.formats.bind import Lexeme, entry_anchors, lexemes
from anchors.formats.found import MalformedAnchors

__all__ = ["looks_like", "read"]

_OF_INTEREST = re.compile(
    rb"(?i)trust-anchors|managed-keys|trusted-keys|include|bindkeys-file|directory"
)
_ANCHORS = frozenset({"trust-anchors", "managed-keys", "trusted-keys"})
_FILES = {"include": Role.INCLUDE, "bindkeys-file": Role.SEED}
# named keeps its state in the first of these that is set.
_DIRECTORIES = ("managed-keys-directory", "directory")
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
    """One statement, or the head of its block; ``inside``: the first word of the block around."""

    words: list[Lexeme]
    inside: str | None
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
    return bool(reading.held or reading.references)


def read(content: bytes) -> Reading:
    """The anchors with how they are held, and the files that are named.

    Raises:
        MalformedAnchors: not a named.conf, or an anchor in it cannot be read.
    """
    text = decoded(content)
    line_of = Lines(text).at
    held: list[Held] = []
    references: list[Reference] = []
    directories: dict[str, Reference] = {}
    for statement in _statements(text):
        first = statement.words[0]
        line = line_of(first.position)
        if statement.inside in _ANCHORS:
            held += _anchors(statement, line)
        elif _names_a_file(statement):
            path = statement.words[1].text
            if first.text in _FILES:
                references.append(Reference(path, _FILES[first.text], line))
            elif first.text in _DIRECTORIES and statement.inside in {None, "options"}:
                directories[first.text] = Reference(path, Role.STATE_DIRECTORY, line)
    references += [directories[name] for name in _DIRECTORIES if name in directories][:1]
    return Reading(Syntax.BIND, tuple(held), tuple(references))


def _anchors(statement: _Statement, line: int) -> Iterator[Held]:
    name, *rest = (word.text for word in statement.words)
    words = [name, *(text.lower() for text in rest[:1]), *rest[1:]]
    keyword = "".join(words[1:2])
    seed = keyword.startswith("initial-") or statement.inside == "managed-keys"
    try:
        for anchor in entry_anchors(words):
            yield Held(in_range(anchor), Hold.SEED if seed else Hold.STATIC, line)
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
        for statement in _statements(text):
            found = found or statement.words[0].text in _ANCHORS
    except _OtherStatement:
        return False
    except MalformedAnchors:
        pass
    return found


def _statements(text: str) -> Iterator[_Statement]:
    """Every statement, each head of a block before what is in it.

    Raises:
        MalformedAnchors: not a named.conf.
    """
    heads: list[str] = []
    words: list[Lexeme] = []
    ended = False
    for lexeme in lexemes(text):
        mark = None if lexeme.quoted else lexeme.text.lower()
        if ended and mark != ";":
            raise MalformedAnchors("no semicolon after a block")
        if mark not in {"{", "}", ";"}:
            if not words and not heads and mark not in _STATEMENTS:
                raise _OtherStatement(f"{lexeme.text!r:.40} is no statement of a named.conf")
            # named knows its statements in any case.
            words.append(lexeme._replace(text=mark) if mark and not words else lexeme)
            continue
        if mark == "}":
            if not heads:
                raise MalformedAnchors("a brace closes nothing")
            heads.pop()
        elif words:
            inside = heads[-1] if heads else None
            yield _Statement(words, inside, is_block=mark == "{")
        if mark == "{":
            heads.append(words[0].text if words else "")
        words = []
        # Inside a block more words may follow one: inet ... allow { ...; } keys { ...; };
        ended = mark == "}" and not heads
    if heads or words or ended:
        raise MalformedAnchors("a block or a statement is not closed")
