"""PowerDNS Recursor: the Lua of version 4, the YAML of version 5, the old recursor.conf."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from anchors.auditing.place import Held, Hold, Note, Reading, Reference, Role, Setting, Syntax
from anchors.auditing.readers.lua import Call, Table, calls
from anchors.auditing.readers.text import Lines, decoded
from anchors.auditing.readers.yaml import is_shaped, read_yaml, references_to, value_at
from anchors.auditing.readers.zone import found_anchor
from anchors.checks import Check
from anchors.formats.found import MalformedAnchors
from anchors.formats.yaml import Scalar, items_at
from anchors.model import Finding, Severity

__all__ = ["looks_like", "read"]

_IN_YAML = re.compile(
    rb"""(?mx) ^[^\#\n]*? (?<![\w-])
    (?:(?:negative_)?trustanchors|trustanchorfile|lua_config_file) ["']? [^\S\n]* :"""
)
_OFF_IN_YAML = (
    re.compile(rb"(?m)^dnssec[^\S\n]*:"),
    re.compile(rb"validation[^\S\n]*:[^\S\n]*[\"']?(?:off|process-no-validate)\b"),
)
_IN_LUA = re.compile(rb"addTA|addDS|addNTA|readTrustAnchorsFromFile|dofile")
_IN_SETTINGS = re.compile(
    rb"""(?mx) ^[^\S\n]* (?: lua-config-file [^\S\n]* = [^\S\n]* [^\s\#]
    | dnssec [^\S\n]* = [^\S\n]* (?:off|process-no-validate)\b )"""
)
_SETTING = re.compile(r"([a-z0-9-]+)\s*\+?=\s*(.*)")
_COMMENT = re.compile(r"(?:^|\s)#")
# addDS is the older name.
_ADD = frozenset({"addTA", "addDS"})
_READ = "readTrustAnchorsFromFile"
_REPLACING_WORDS = {
    _READ: "the anchors of the file replace it",
    "clearTA": "clearTA removes it again",
}


def looks_like(content: bytes) -> bool:
    """Whether it is a configuration of the recursor that has to do with anchors."""
    if _is_yaml(content):
        return True
    try:
        if _IN_SETTINGS.search(content) is not None:
            return bool([*_set(decoded(content))])
        if _IN_LUA.search(content) is None:
            return False
        names = {call.name for call in calls(decoded(content))}
    except MalformedAnchors:
        return False
    # Debian's recursor.lua does nothing but run another.
    return bool(names & {*_ADD, _READ, "addNTA"}) or names == {"dofile"}


def read(content: bytes) -> Reading:
    """The anchors that are there when all of it was done, the others as ignored; and the files.

    Raises:
        MalformedAnchors: no such configuration, or an anchor in it cannot be read.
    """
    if _is_yaml(content):
        return read_yaml(content, Syntax.PDNS_YAML, _of_yaml)
    text = decoded(content)
    if _IN_SETTINGS.search(content) is not None:
        return _of_settings([*_set(text)])
    return _of_lua(calls(text))


def _is_yaml(content: bytes) -> bool:
    return is_shaped(content, _IN_YAML) or is_shaped(content, *_OFF_IN_YAML)


def _of_lua(found: Sequence[Call]) -> Reading:
    held: list[Held] = []
    references: list[Reference] = []
    notes: list[Note] = []
    for call in found:
        first, second = (*call.arguments, None, None)[:2]
        if call.name in _OF_STRINGS and any(isinstance(a, Table) for a in call.arguments):
            notes.append(Note(_NO_STRING, call.line))
        elif call.name in _ADD and first == "." and isinstance(second, str):
            held.append(_anchor(second, call.name, call.line))
        elif call.name == "clearTA" and (not call.arguments or first == "."):
            held = _ignored(held, notes, call.name)
        elif call.name in {_READ, "dofile"} and isinstance(first, str):
            role = Role.STATIC if call.name == _READ else Role.INCLUDE
            references.append(Reference(first, role, call.line))
    if any(reference.role is Role.STATIC for reference in references):
        held = _ignored(held, notes, _READ)
    return Reading(
        Syntax.PDNS_LUA,
        tuple(held),
        tuple(references),
        tuple(notes),
        settings=tuple(_negative(found)),
    )


def _negative(found: Sequence[Call]) -> list[Setting]:
    """Where the root is made a negative anchor, and stays one."""
    settings: list[Setting] = []
    for call in found:
        if call.name == "addNTA" and call.arguments[:1] == (".",):
            settings = [Setting(call.name, ".", call.line)]
        elif call.name == "clearNTA" and call.arguments[:1] in {(), (".",)}:
            settings = []
    return settings


_OF_STRINGS = frozenset({"addTA", "clearTA"})
_NO_STRING = Finding(
    Check.AUDIT_REFUSED,
    Severity.FAILURE,
    "the recursor does not start: addTA and clearTA take strings, and no table",
    got="a table",
    want="a call for each anchor, with a string",
    remedy="change it before the next restart",
)


def _of_yaml(document: object) -> Reading:
    held: list[Held] = []
    notes: list[Note] = []
    for entry in items_at(document, "dnssec", "trustanchors"):
        if value_at(entry, "name") == ".":
            held += [
                _anchor(ds, "trustanchors", ds.line)
                for ds in items_at(entry, "dsrecords")
                if isinstance(ds, Scalar)
            ]
    references = references_to(value_at(document, "dnssec", "trustanchorfile"), Role.STATIC)
    if references:
        held = _ignored(held, notes, _READ)
    recursor = value_at(document, "recursor")
    references += references_to(value_at(recursor, "lua_config_file"), Role.INCLUDE)
    references += references_to(value_at(recursor, "include_dir"), Role.INCLUDE, below="*.yml")
    return Reading(
        Syntax.PDNS_YAML,
        tuple(held),
        tuple(references),
        tuple(notes),
        settings=tuple(_switches(document)),
    )


def _switches(document: object) -> Iterator[Setting]:
    for entry in items_at(document, "dnssec", "negative_trustanchors"):
        name = value_at(entry, "name")
        if isinstance(name, Scalar) and name == ".":
            yield Setting("dnssec.negative_trustanchors", ".", name.line)
    mode = value_at(document, "dnssec", "validation")
    if isinstance(mode, Scalar):
        yield Setting("dnssec.validation", mode, mode.line)
    elif mode is False:
        # YAML 1.1's off.
        yield Setting("dnssec.validation", "off", None)


def _anchor(rdata: str, statement: str, line: int) -> Held:
    try:
        return Held(found_anchor("DS", rdata.split(), statement), Hold.STATIC, line)
    except MalformedAnchors as error:
        raise MalformedAnchors(f"line {line}: {error}") from error


def _ignored(held: Sequence[Held], notes: list[Note], by: str) -> list[Held]:
    """The same anchors, none of them in force; ``notes`` tells of those that were."""
    finding = Finding(
        Check.AUDIT_IGNORED,
        Severity.WARNING,
        f"the recursor does not keep this anchor: {_REPLACING_WORDS[by]}",
        remedy="keep the anchors in one place",
    )
    notes += [Note(finding, one.line) for one in held if one.hold is not Hold.IGNORED]
    return [Held(one.anchor, Hold.IGNORED, one.line) for one in held]


def _of_settings(rows: Sequence[Setting]) -> Reading:
    """What a recursor.conf of version 4 names: the Lua configuration and its own fragments."""
    references = []
    for name, value, line, _ in rows:
        if value and name == "lua-config-file":
            references.append(Reference(value, Role.INCLUDE, line))
        elif value and name == "include-dir":
            references.append(Reference(f"{value.rstrip('/')}/*.conf", Role.INCLUDE, line))
    settings = tuple(row for row in rows if row.name == "dnssec")
    return Reading(Syntax.PDNS_LUA, references=tuple(references), settings=settings)


def _set(text: str) -> Iterator[Setting]:
    """Every setting of a recursor.conf of version 4.

    Raises:
        MalformedAnchors: a line is no setting.
    """
    line_of = Lines(text).at
    for row in re.finditer(r"[^\n]+", text):
        setting = _COMMENT.split(row[0], maxsplit=1)[0].strip()
        if not setting:
            continue
        match = _SETTING.fullmatch(setting)
        if match is None:
            raise MalformedAnchors(f"{setting!r:.40} is no setting")
        yield Setting(match[1], match[2], line_of(row.start()))
