"""Knot Resolver: the Lua of version 5, the YAML of version 6."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from anchors.auditing.place import Held, Hold, Note, Reading, Reference, Role, Setting, Syntax
from anchors.auditing.readers.lua import Call, Table, calls
from anchors.auditing.readers.text import decoded
from anchors.auditing.readers.yaml import is_shaped, read_yaml, references_to, value_at
from anchors.auditing.readers.zone import root_anchors
from anchors.checks import Check
from anchors.formats.found import MalformedAnchors
from anchors.formats.yaml import Scalar, items_at
from anchors.model import Finding, Severity

__all__ = ["looks_like", "read"]

_IN_LUA = re.compile(rb"trust_anchors\s*\.")
_IN_YAML = re.compile(
    rb"""(?mx) ^[^\#\n]*? (?<![\w-]) (?:trust-anchors(?:-files)?|script-file) ["']? [^\S\n]* :"""
)
# Without anchors it must be plain that it is Knot Resolver's.
_OFF_IN_YAML = (
    re.compile(rb"(?m)^dnssec[^\S\n]*:"),
    re.compile(rb"(?m)^(?:cache|forward|local-data|management|network|rundir|views|workers)\s*:"),
    re.compile(rb"(?:dnssec|enable)[^\S\n]*:[^\S\n]*false\b|negative-trust-anchors[^\S\n]*:"),
)
# config is the older name.
_ADD_FILE = frozenset({"trust_anchors.add_file", "trust_anchors.config"})
_REMOVE = "trust_anchors.remove"
# trust_anchors.set_..., with names below which nothing is validated.
_NEGATIVE = re.compile(r"trust_anchors\.set_in[a-z]+")
_OF_KEYS = frozenset({Role.STATIC, Role.MANAGED})
_OF_INTEREST = frozenset({"trust_anchors.add", _REMOVE, *_ADD_FILE})


def looks_like(content: bytes) -> bool:
    """Whether it is Lua that calls ``trust_anchors``, or YAML with such a key."""
    if _is_yaml(content):
        return True
    if _IN_LUA.search(content) is None:
        return False
    try:
        found = calls(decoded(content))
        return any(call.name in _OF_INTEREST or _is_negative(call) for call in found)
    except MalformedAnchors:
        return False


def read(content: bytes) -> Reading:
    """The anchors, of which several calls or list items keep the last alone, and the files.

    Raises:
        MalformedAnchors: neither Lua nor YAML, or an anchor in it cannot be read.
    """
    if _is_yaml(content):
        return read_yaml(content, Syntax.KNOT_YAML, _of_yaml)
    return _of_lua(calls(decoded(content)))


def _is_yaml(content: bytes) -> bool:
    return is_shaped(content, _IN_YAML) or is_shaped(content, *_OFF_IN_YAML)


class _Step(NamedTuple):
    """Records that replace those of the steps before; none where they are removed."""

    records: str
    line: int
    statement: str

    @property
    def is_removal(self) -> bool:
        return self.statement == _REMOVE


def _of_lua(found: Sequence[Call]) -> Reading:
    steps: list[_Step] = []
    references: list[Reference] = []
    replaced: list[Note] = []
    for call in found:
        first, second = (*call.arguments, None, None)[:2]
        if not isinstance(first, str):
            continue
        if call.name == "trust_anchors.add" or (call.name == _REMOVE and first == "."):
            records = "" if call.name == _REMOVE else first
            steps.append(_Step(records, call.line, call.name))
            if call.name == _REMOVE or _anchors(steps[-1]):
                replaced += [Note(_REPLACED, r.line) for r in references if r.role in _OF_KEYS]
                references = [r for r in references if r.role not in _OF_KEYS]
        elif call.name in _ADD_FILE:
            role = Role.STATIC if second is True else Role.MANAGED
            steps.append(_Step("", call.line, call.name))
            references.append(Reference(first, role, call.line))
        elif call.name == "dofile":
            references.append(Reference(first, Role.INCLUDE, call.line))
    held, notes = _kept(steps)
    settings = [Setting(one.statement, ".", one.line) for one in steps[-1:] if one.is_removal]
    settings += [Setting(one.name, ".", one.line) for one in found if _is_negative(one)]
    return Reading(
        Syntax.KRESD_LUA, held, tuple(references), (*notes, *replaced), settings=tuple(settings)
    )


def _is_negative(call: Call) -> bool:
    first = (*call.arguments, None)[0]
    named = _NEGATIVE.fullmatch(call.name) is not None
    return named and isinstance(first, Table) and "." in first.strings


def _of_yaml(document: object) -> Reading:
    items = items_at(document, "dnssec", "trust-anchors")
    held, notes = _kept(
        _Step(item, item.line, "trust-anchors") for item in items if isinstance(item, Scalar)
    )
    references: list[Reference] = []
    for entry in items_at(document, "dnssec", "trust-anchors-files"):
        role = Role.STATIC if value_at(entry, "read-only") is True else Role.MANAGED
        references += references_to(value_at(entry, "file"), role)
    references += references_to(value_at(document, "lua", "script-file"), Role.INCLUDE)
    return Reading(
        Syntax.KNOT_YAML, held, tuple(references), notes, settings=tuple(_switches(document))
    )


def _switches(document: object) -> Iterator[Setting]:
    """Older ones take ``dnssec: false`` as well; no line, for YAML's false has none."""
    for path in (("dnssec",), ("dnssec", "enable")):
        if value_at(document, *path) is False:
            yield Setting(".".join(path), "false", None)
    for name in items_at(document, "dnssec", "negative-trust-anchors"):
        if isinstance(name, Scalar) and name == ".":
            yield Setting("dnssec.negative-trust-anchors", ".", name.line)


def _kept(steps: Iterable[_Step]) -> tuple[tuple[Held, ...], tuple[Note, ...]]:
    """The anchors of every step, those before the last as ignored, with a note for each step."""
    groups: list[list[Held]] = []
    for step in steps:
        group = _anchors(step)
        # Anchors of other names have a set of their own; a file or a removal replaces the root's.
        if group or not step.records:
            groups.append(group)
    held = [Held(one.anchor, Hold.IGNORED, one.line) for group in groups[:-1] for one in group]
    notes = [Note(_REPLACED, group[0].line) for group in groups[:-1] if group]
    return (*held, *(groups[-1] if groups else ())), tuple(notes)


_REPLACED = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "Knot Resolver does not keep this anchor: the next trust_anchors.add, or the next item of "
    "trust-anchors, replaces it",
    got="a call or an item for each anchor",
    want="one call, or one item, with all anchors",
    remedy="put all records into one string, a line for each",
)


def _anchors(step: _Step) -> list[Held]:
    try:
        return [
            Held(anchor, Hold.STATIC, step.line + line - 1)
            for anchor, line in root_anchors(step.records, step.statement)
        ]
    except MalformedAnchors as error:
        raise MalformedAnchors(f"in {step.statement}, line {step.line}: {error}") from error
