"""PowerDNS Recursor: the Lua of version 4, the YAML of version 5, the old recursor.conf."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.loading import refused
from anchors.consumers.pdns import LUA, SETTINGS, YAML
from anchors.consumers.pdns.anchor_file import ds_anchor
from anchors.consumers.pdns.documents import Settings, of_document, old_settings
from anchors.consumers.pdns.steps import (
    Add,
    AddNegative,
    Clear,
    ClearNegative,
    Include,
    ReadFile,
    Refusal,
    Step,
    Untellable,
    lua_steps,
)
from anchors.consumers.reading import Held, Hold, Note, Reading, Reference, Role, Setting
from anchors.consumers.template import is_template
from anchors.consumers.yaml_reading import is_shaped, read_document, untold
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors
from anchors.grammars.lua import parse_lua

__all__ = ["READERS", "dropped", "is_settings", "is_yaml", "read"]

_IN_YAML = re.compile(
    rb"""(?mx) ^[^\#\n]*? (?<![\w-])
    (?:(?:negative_)?trustanchors|trustanchorfile|lua_config_file) ["']? [ \t]* :"""
)
_OFF_IN_YAML = (
    re.compile(rb"(?m)^dnssec[ \t]*:"),
    re.compile(rb"validation[ \t]*:[ \t]*[\"']?(?:off|process|validate|log-fail)\b"),
)
_SECTION = re.compile(
    rb"(?m)^(?:dnssec|recursor|incoming|outgoing|logging)[ \t]*:(?:[ \t\r]*$|[ \t])"
)
_IN_LUA = (b"addTA addDS addNTA clearTA clearDS readTrustAnchorsFromFile dofile loadfile").split()
_IN_SETTINGS = re.compile(
    rb"""(?mx) ^[ \t]* (?: lua-config-file [ \t]* = [ \t]* [^ \t\r\n\#]
    | dnssec [ \t]* = [ \t]* (?:off|process|log-fail|validate)\b )"""
)
_WORDS_OF_SETTINGS = (b"lua-config-file", b"dnssec")
_NAMES = re.compile(r"recursor(?:-[^/]*)?\.(?:conf|ya?ml)")
_REPLACING_WORDS = {
    "file": "the anchors of the file replace it",
    "clear": "clearTA removes it again",
}


def is_yaml(content: bytes, path: str) -> bool:
    """Whether it is the YAML of version 5."""
    by_word = is_shaped(content, _IN_YAML) or is_shaped(content, *_OFF_IN_YAML)
    return by_word or (_is_named(path) and is_shaped(content, _SECTION))


def is_settings(content: bytes, path: str) -> bool:
    """Whether it is an old recursor.conf."""
    has_word = any(word in content for word in _WORDS_OF_SETTINGS)
    return _is_named(path) or (has_word and _IN_SETTINGS.search(content) is not None)


def read(content: bytes, path: str, _at: datetime) -> Reading | None:
    """What a configuration says by itself, files that it names not read.

    Raises:
        MalformedAnchors: it is plainly one, and cannot be read.
    """
    if is_yaml(content, path):
        return _of_yaml(content)
    if is_settings(content, path):
        return _of_settings(content, is_named=_is_named(path))
    if not any(word in content for word in _IN_LUA):
        return None
    if is_template(content):
        is_of_anchors = b"dTA(" in content or b"TrustAnchors" in content
        return Reading(LUA, notes=(Note(_TEMPLATE),)) if is_of_anchors else None
    try:
        steps = lua_steps(content)
    except MalformedAnchors:
        # The names stand in sources and pages too.
        return None
    # Debian's recursor.lua does nothing but run another.
    is_of_anchors = any(not isinstance(step, (Include, Untellable)) for step in steps)
    is_link = {call.name for call in parse_lua(content).calls} == {"dofile"}
    told = any(isinstance(s, Untellable) and s.statement.endswith(("TA", "DS")) for s in steps)
    return _of_steps(steps) if is_of_anchors or is_link or told else None


_TEMPLATE = untold("a template of a configuration")


def _of_yaml(content: bytes) -> Reading:
    if is_template(content):
        return Reading(YAML, notes=(Note(_TEMPLATE),))
    document = read_document(content)
    if isinstance(document, Finding):
        return Reading(YAML, notes=(Note(document),))
    settings = of_document(document)
    reading = _of_steps([step for _, step in settings.steps])
    references = [*reading.references, *_references(settings, "*.yml")]
    stated = (*reading.settings, *_mode(settings, "dnssec.validation"))
    return reading._replace(syntax=YAML, references=tuple(references), settings=stated)


def _is_named(path: str) -> bool:
    return _NAMES.fullmatch(posixpath.basename(path)) is not None


def _of_settings(content: bytes, *, is_named: bool) -> Reading | None:
    if is_template(content):
        return Reading(SETTINGS, notes=(Note(_TEMPLATE),))
    settings = old_settings(content)
    if settings.refusals and not is_named:
        return None
    return Reading(
        SETTINGS,
        references=tuple(_references(settings, "*.conf")),
        notes=tuple(_refusal(step) for _, step in settings.refusals[:1]),
        settings=tuple(_mode(settings, "dnssec")),
    )


def _references(settings: Settings, pattern: str) -> list[Reference]:
    references = []
    if settings.lua is not None and settings.lua.text:
        references.append(Reference(settings.lua.text, Role.INCLUDE, settings.lua.line))
    if settings.folder is not None and settings.folder.text:
        path = f"{settings.folder.text.rstrip('/')}/{pattern}"
        references.append(Reference(path, Role.INCLUDE, settings.folder.line))
    return references


def _mode(settings: Settings, name: str) -> list[Setting]:
    mode = settings.mode
    return [] if mode is None else [Setting(name, mode.text, mode.line)]


def _of_steps(steps: Sequence[Step]) -> Reading:
    held: list[Held] = []
    references: list[Reference] = []
    notes: list[Note] = []
    negative: list[Setting] = []
    for step in steps:
        if isinstance(step, Add):
            held += _held(step, notes)
        elif isinstance(step, Clear):
            held = _ignored(held, notes, "clear")
        elif isinstance(step, (ReadFile, Include)):
            role = Role.STATIC if isinstance(step, ReadFile) else Role.INCLUDE
            references.append(Reference(step.path, role, step.line))
        elif isinstance(step, AddNegative):
            negative = [Setting(step.statement, ".", step.line)]
        elif isinstance(step, ClearNegative):
            negative = []
        elif isinstance(step, Refusal):
            notes.append(_refusal(step))
        elif isinstance(step, Untellable):
            notes.append(Note(untold(step.statement), step.line))
    if any(reference.role is Role.STATIC for reference in references):
        held = _ignored(held, notes, "file")
    return Reading(LUA, tuple(held), tuple(references), tuple(notes), settings=tuple(negative))


def _refusal(step: Refusal) -> Note:
    return Note(refused(step.words, got=printable(step.got), want=step.want), step.line)


def _held(step: Add, notes: list[Note]) -> list[Held]:
    try:
        return [Held(ds_anchor(step.rdata, step.statement), Hold.STATIC, step.line)]
    except MalformedAnchors as error:
        words = f"the recursor does not start: {step.statement} with no DS"
        finding = refused(words, got=printable(str(error)), want="the rdata of a DS")
        notes.append(Note(finding, step.line))
        return []


def dropped(by: str) -> Finding:
    """That an anchor is not kept; ``by``: ``file`` or ``clear``."""
    return Finding(
        Check.AUDIT_IGNORED,
        Severity.WARNING,
        f"the recursor does not keep this anchor: {_REPLACING_WORDS[by]}",
        remedy="keep the anchors in one place",
    )


def _ignored(held: Iterable[Held], notes: list[Note], by: str) -> list[Held]:
    """The same anchors, none of them in force; ``notes`` tells of those that were."""
    held = list(held)
    notes += [Note(dropped(by), one.line) for one in held if one.hold is not Hold.IGNORED]
    return [one._replace(hold=Hold.IGNORED) for one in held]


READERS = (Reader(70, read),)
