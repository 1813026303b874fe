"""named.conf, what it includes, and bind.keys: what one file says by itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.bind import CONF, STATIC_CONF
from anchors.consumers.bind.anchor_statements import STATEMENTS, Entry, Refusal, entries
from anchors.consumers.bind.configuration import TEMPLATE, is_template
from anchors.consumers.bind.held import held_of
from anchors.consumers.bind.state import read as read_state
from anchors.consumers.bind.statements import BOOLEANS, TOP
from anchors.consumers.consumer import Reader
from anchors.consumers.reading import Held, Hold, Note, Reading, Reference, Role, Setting
from anchors.core.found import MalformedAnchors
from anchors.grammars.named_conf import Block, NamedConf, Statement, Word, parse_named_conf

__all__ = ["READERS", "is_meant_as_conf", "is_part", "read"]

_OF_INTEREST = (
    b"trust-anchors managed-keys trusted-keys include bindkeys-file directory dnssec-validation "
    b"dnssec-enable validate-except disable-algorithms disable-ds-digests"
).split()
_FILES = {"include": Role.INCLUDE, "bindkeys-file": Role.SEED}
# named keeps its state in the first of these that is set.
_DIRECTORIES = ("managed-keys-directory", "directory")
_SWITCHES = frozenset({"dnssec-enable", "dnssec-validation", "recursion"})
_FOR_ROOT = frozenset({"disable-algorithms", "disable-ds-digests"})
# What is included inside a block has any statements; these no other program has.
_OPTIONS = re.compile(
    rb"""(?mix) ^[ \t]*
    (?: dnssec-validation [ \t]+ (?:yes|no|auto) [ \t]* ;
      | (?:bindkeys-file|managed-keys-directory) [ \t]+ " )"""
)
# Files that their names and one statement give away, even where the rest cannot be read.
_NAMES = re.compile(r"named.*\.conf.*|bind\.keys.*|root\.key|.*\.named\.conf.*", re.IGNORECASE)
# Most texts are none by so many of their first bytes.
_HEAD = 2048
_MAIN_NAMES = frozenset({"named.conf", "bind.keys"})
_ANCHOR_STATEMENT = re.compile(
    rb"(?mi)^[ \t]*(?:(?:builtin-)?trust-anchors|managed-keys|trusted-keys)[ \t{]"
)


def read(content: bytes, path: str, at: datetime) -> Reading | None:
    """The anchors with how they are held, the files that are named, and what switches validation.

    Raises:
        MalformedAnchors: it is a named.conf, and named does not start with it.
    """
    del at
    name = posixpath.basename(path)
    if _is_source(name) or not (_is_of_interest(content) or name in _MAIN_NAMES):
        return None
    if not _NAMES.fullmatch(name) and _begins_as_another(content):
        return None
    parsed = parse_named_conf(content)
    if is_template(content, parsed) and (
        is_meant_as_conf(content, name, parsed) or _is_one(parsed)
    ):
        return Reading(CONF, tuple(_readable(parsed)), notes=(Note(TEMPLATE),))
    if parsed.fault is not None:
        if is_meant_as_conf(content, name, parsed):
            raise MalformedAnchors(f"line {parsed.fault.line}: {parsed.fault.why}")
        return None
    if not is_part(content, parsed) and not _is_one(parsed):
        if name in _MAIN_NAMES and _is_of_interest(content):
            raise MalformedAnchors("a statement in it is none of a named.conf")
        return None
    reading = _reading(parsed)
    says = reading.held or reading.references or reading.settings or reading.notes
    return reading if says or name in _MAIN_NAMES else None


def _is_of_interest(content: bytes) -> bool:
    folded = content.lower()
    return any(word in folded for word in _OF_INTEREST)


def _begins_as_another(content: bytes) -> bool:
    """Whether a statement among the first is none that stands in a file of named's."""
    first = parse_named_conf(content[:_HEAD]).statements
    # Of the last word it is not known where it ends.
    is_of_named = all(one.name in TOP for one in first if one != first[-1] or len(one.items) > 1)
    return not is_of_named and _OPTIONS.search(content) is None


def _is_source(name: str) -> bool:
    """Whether it is a C source by its name: BIND's build makes bind.keys.h of bind.keys."""
    return name.endswith((".h", ".c"))


def is_part(content: bytes, parsed: NamedConf) -> bool:
    """Whether it can only be included inside of options or a view."""
    if _OPTIONS.search(content) is None:
        return False
    outside = {statement.name for statement in parsed.statements}
    return parsed.fault is None and bool(outside) and not outside & TOP - {"include"}


def is_meant_as_conf(content: bytes, name: str, parsed: NamedConf) -> bool:
    """Whether a file that cannot be read is a named.conf by its name, or as far as it goes."""
    if _is_source(name):
        return False
    if name in _MAIN_NAMES or (_NAMES.fullmatch(name) and _ANCHOR_STATEMENT.search(content)):
        return True
    names = {statement.name for statement in parsed.statements}
    return bool(names & STATEMENTS) and names <= TOP


def _is_one(parsed: NamedConf) -> bool:
    return all(statement.name in TOP for statement in parsed.statements)


def _readable(parsed: NamedConf) -> Iterator[Held]:
    """What can be read of a template's anchors."""
    for statement, _, view in _walk(parsed.statements):
        if statement.name in STATEMENTS:
            try:
                yield from held_of(_of_root(statement), view)[0]
            except Refusal:
                continue


def _of_root(statement: Statement) -> list[Entry]:
    return [entry for entry in entries(statement) if entry.is_root]


def _reading(parsed: NamedConf) -> Reading:
    held: list[Held] = []
    notes: list[Note] = []
    settings: list[Setting] = []
    named: list[tuple[Statement, str, str]] = []
    for statement, inside, view in _walk(parsed.statements):
        if statement.name in STATEMENTS and inside in {"", "view"}:
            try:
                own, told = held_of(_of_root(statement), view)
            except Refusal as error:
                raise MalformedAnchors(str(error)) from error
            held += own
            notes += told
        settings += _settings(statement, inside, view)
        if _path_of(statement) is not None:
            named.append((statement, inside, view))
    static = bool(held) and {one.hold for one in held} == {Hold.STATIC}
    syntax = STATIC_CONF if static else CONF
    references = (*_files(named), *_state_directory(named))
    return Reading(syntax, tuple(held), references, tuple(notes), settings=tuple(settings))


def _walk(
    statements: Sequence[Statement], inside: str = "", view: str = ""
) -> Iterator[tuple[Statement, str, str]]:
    """Every statement with the name of the block around it, and its view."""
    for statement in statements:
        yield statement, inside, view
        words = statement.words
        below = words[1].text if statement.name == "view" and len(words) > 1 else view
        if statement.name not in STATEMENTS:
            for item in statement.items:
                if isinstance(item, Block):
                    yield from _walk(item.statements, statement.name, below)


def _path_of(statement: Statement) -> str | None:
    """The quoted name that is all that a statement has."""
    items = statement.items[1:]
    is_path = len(items) == 1 and isinstance(items[0], Word) and items[0].quoted
    return items[0].text if is_path and isinstance(items[0], Word) else None


def _files(named: Sequence[tuple[Statement, str, str]]) -> Iterator[Reference]:
    """What is included or named; named changes to its directory as soon as it has read of it."""
    places = (_path_of(one) for one, inside, _ in named if _is_directory(one, inside))
    working = next(places, None) or ""
    changed = False
    for one, inside, view in named:
        changed = changed or _is_directory(one, inside)
        role = _FILES.get(one.name)
        if role is not None:
            below = working if changed or role is Role.SEED else ""
            path = posixpath.join(below, _path_of(one) or "")
            yield Reference(path, role, one.line, view=view)


def _is_directory(statement: Statement, inside: str) -> bool:
    return statement.name == "directory" and inside in {"", "options"}


def _state_directory(named: Sequence[tuple[Statement, str, str]]) -> list[Reference]:
    found = {
        one.name: Reference(_path_of(one) or "", Role.STATE_DIRECTORY, one.line)
        for one, inside, _ in named
        if one.name in _DIRECTORIES and inside in {"", "options"}
    }
    return [found[name] for name in _DIRECTORIES if name in found][:1]


def _settings(statement: Statement, inside: str, view: str) -> Iterator[Setting]:
    name, line = statement.name, statement.line
    words = [word.text for word in statement.words[1:]]
    if name == "view" and words and statement.block is not None:
        yield Setting(name, words[0], line, words[0])
    elif inside == "validate-except" and statement.words and statement.words[0].text == ".":
        yield Setting(inside, ".", line, view)
    elif name in _FOR_ROOT and words == ["."]:
        yield Setting(name, ".", line, view)
    elif name in _SWITCHES and len(words) == 1 and inside in {"", "options", "view"}:
        value = words[0].lower()
        value = {True: "yes", False: "no"}[BOOLEANS[value]] if value in BOOLEANS else value
        yield Setting(name, value, line, view)


READERS = (Reader(10, read_state), Reader(20, read))
