"""Knot Resolver's configuration: the Lua of version 5, the YAML of version 6."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Sequence
from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.knot import LUA, YAML, state
from anchors.consumers.knot.keyset import read_keyset
from anchors.consumers.knot.steps import (
    Add,
    AddFile,
    Include,
    Refusal,
    Remove,
    SetInsecure,
    Step,
    Untellable,
    lua_steps,
    yaml_steps,
)
from anchors.consumers.loading import refused
from anchors.consumers.reading import Held, Hold, Note, Reading, Reference, Role, Setting, Syntax
from anchors.consumers.template import is_template
from anchors.consumers.yaml_reading import is_shaped, read_document, untold
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors

__all__ = ["READERS", "REPLACED", "is_named", "is_program_part", "read", "steps_of"]

_IN_LUA = re.compile(rb"trust_anchors[ \t\r\n]*[.\[]|modules\.unload[^\n]*ta_update")
_WORDS_OF_LUA = (b"trust_anchors", b"ta_update")
_IN_YAML = re.compile(
    rb"""(?mx) ^[^\#\n]*? (?<![\w-])
    (?:trust-anchors(?:-files)?|negative-trust-anchors|script-file) ["']? [ \t]* :"""
)
# Without anchors it must be plain that it is Knot Resolver's.
_OFF_IN_YAML = (
    re.compile(rb"(?m)^dnssec[ \t]*:"),
    re.compile(
        rb"(?m)^(?:cache|forward|local-data|management|network|rundir|views|workers)[ \t]*:"
    ),
    re.compile(rb"(?:dnssec|enable)[ \t]*:[ \t]*false\b|negative-trust-anchors[ \t]*:"),
)
_LUA_NAME, _YAML_NAME = "kresd*.conf", "*knot-resolver/config.yaml"
# The program's own Lua, which calls the same functions.
_OWN = re.compile(r"(?:.*/)?(?:knot-resolver|kresd?)/(?:[a-z0-9_-]+|kres_modules/.*)\.lua")

REPLACED = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "Knot Resolver does not keep this anchor: the next trust_anchors.add, or the next item of "
    "trust-anchors, replaces it",
    got="a call or an item for each anchor",
    want="one call, or one item, with all anchors",
    remedy="put all records into one string, a line for each",
)


def is_program_part(path: str) -> bool:
    """Whether a file is a part of the program, and no configuration."""
    return _OWN.fullmatch(path) is not None and "etc/" not in path


def is_named(path: str) -> bool:
    """Whether a file has the name of version 5's configuration."""
    return fnmatch.fnmatchcase(posixpath.basename(path), _LUA_NAME)


def read(content: bytes, path: str, _at: datetime) -> Reading | None:
    """What a configuration says by itself, files that it names not read.

    Raises:
        MalformedAnchors: no YAML.
    """
    syntax = None if is_program_part(path) else _syntax(content, path)
    if syntax is None:
        return None
    if is_template(content):
        return Reading(syntax, notes=(Note(untold("a template of a configuration")),))
    is_plain = syntax == YAML or is_named(path)
    try:
        steps = steps_of(content, syntax)
    except MalformedAnchors as error:
        if syntax == YAML:
            raise
        # Words of anchors in text that is no Lua are a source or a page.
        return Reading(LUA, notes=(Note(untold(str(error))),)) if is_plain else None
    if isinstance(steps, Finding):
        return Reading(syntax, notes=(Note(steps),))
    return _reading(syntax, steps) if is_plain or _is_of_anchors(steps) else None


def _is_of_anchors(steps: Sequence[Step]) -> bool:
    kinds = (Add, AddFile, SetInsecure, Refusal, Remove, Untellable)
    return any(isinstance(step, kinds) for step in steps)


def _syntax(content: bytes, path: str) -> Syntax | None:
    if is_shaped(content, _IN_YAML) or is_shaped(content, *_OFF_IN_YAML):
        return YAML
    if fnmatch.fnmatchcase(path, _YAML_NAME):
        return YAML
    has_word = any(word in content for word in _WORDS_OF_LUA)
    is_lua = is_named(path) or (has_word and _IN_LUA.search(content))
    return LUA if is_lua else None


def steps_of(content: bytes, syntax: Syntax) -> list[Step] | Finding:
    """The steps; or why YAML cannot be read here.

    Raises:
        MalformedAnchors: neither Lua nor YAML.
    """
    if syntax.id == LUA.id:
        return lua_steps(content)
    document = read_document(content)
    return document if isinstance(document, Finding) else yaml_steps(document)


def _reading(syntax: Syntax, steps: Sequence[Step]) -> Reading:
    held: list[Held] = []
    references: list[Reference] = []
    notes: list[Note] = []
    settings: list[Setting] = []
    for step in steps:
        if isinstance(step, Add):
            added = _added(step, notes)
            if added:
                held = [*_replaced(held, notes), *added]
        elif isinstance(step, AddFile):
            held = _replaced(held, notes)
            role = Role.MANAGED if step.managed else Role.STATIC
            references.append(Reference(step.path, role, step.line))
        elif isinstance(step, Include):
            references.append(Reference(step.path, Role.INCLUDE, step.line))
        elif isinstance(step, Remove) and step.zone == ".":
            held = _replaced(held, notes)
            settings.append(Setting(step.statement, ".", step.line))
        elif isinstance(step, SetInsecure) and "." in step.zones:
            settings.append(Setting(step.statement, ".", step.line))
        elif isinstance(step, Refusal):
            notes.append(Note(refused(step.words, got=step.got, want=step.want), step.line))
        elif isinstance(step, Untellable):
            notes.append(Note(untold(step.statement), step.line))
    return Reading(syntax, tuple(held), tuple(references), tuple(notes), settings=tuple(settings))


def _added(step: Add, notes: list[Note]) -> list[Held]:
    keyset = read_keyset(step.records.encode("utf-8", "surrogateescape"))
    if keyset.refusal:
        words = (
            f"Knot Resolver does not start: {step.statement} with a text of which {keyset.refusal}"
        )
        finding = refused(words, got=step.records[:80], want="a record of the root on each line")
        notes.append(Note(finding, step.line + keyset.line - 1))
    if not keyset.is_of_root:
        return []
    held = (key.held(Hold.STATIC) for key in keyset.keys)
    return [one._replace(line=step.line + (one.line or 1) - 1) for one in held]


def _replaced(held: Sequence[Held], notes: list[Note]) -> list[Held]:
    """The same anchors, none of them in force; a note tells of those that were."""
    live = [one for one in held if one.hold is not Hold.IGNORED]
    notes += [Note(REPLACED, one.line) for one in live[:1]]
    return [one._replace(hold=Hold.IGNORED, state=None) for one in held]


READERS = (Reader(20, state.read), Reader(60, read))
