"""What a configuration makes Knot Resolver do with trust anchors, in order: from Lua or from YAML.

Version 6 makes Lua of its YAML (knot_resolver/datamodel/templates/dnssec.lua.j2), so the steps are
the same.  Tried on kresd 5.6.0 and 6.5, and on ``kresctl convert`` of 6.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.consumers.knot.deciding import OF_INTEREST, untellable, untellable_settings
from anchors.consumers.knot.known_keys import KEYS, strange_keys
from anchors.consumers.knot.known_names import KNOWN, MODULES
from anchors.consumers.yaml_reading import line_of, value_at
from anchors.grammars.lua import Call, Mention, Program, Table, Value, parse_lua
from anchors.grammars.yaml import Scalar

__all__ = [
    "Add",
    "AddFile",
    "Include",
    "Refusal",
    "Remove",
    "SetInsecure",
    "Step",
    "Stub",
    "Unload",
    "Untellable",
    "lua_steps",
    "yaml_steps",
]

_MODULE = "trust_anchors"
_MODULES = "modules"
_INTEREST = frozenset({_MODULE, "dofile", "loadfile"})
_UPDATES = "ta_update"
# What may go: kresd 5.6.0 and 6.5 resolve and validate without them.
_UNLOADED = frozenset({
    *(_UPDATES, "ta_sentinel", "ta_signal_query", "detect_time_skew", "detect_time_jump"),
    *("priming", "policy", "edns_keepalive", "refuse_nord"),
})  # fmt: skip
_DNSSEC_KEYS = frozenset(
    {
        *("enable", "log-bogus", "sentinel", "signal-query"),
        *("trust-anchors", "trust-anchors-files", "negative-trust-anchors"),
    }
)
_FILE_KEYS = frozenset({"file", "read-only"})
_FUNCTIONS = frozenset({"add", "add_file", "remove", "set_insecure"})
_LISTS = ("trust-anchors", "trust-anchors-files", "negative-trust-anchors")
# The rest of the configuration may never run.
_ENDING = frozenset({"error", "panic", "os.exit", "quit"})
_SETTABLE = frozenset({f"{_MODULE}.bootstrap_url", f"{_MODULE}.bootstrap_ca"})
_REMOVED = {
    f"{_MODULE}.config": f"{_MODULE}.add_file",
    f"{_MODULE}.file": f"{_MODULE}.add_file",
    f"{_MODULE}.negative": f"{_MODULE}.set_insecure",
    f"{_MODULE}.keyfile_default": f"{_MODULE}.add_file",
}


class Add(NamedTuple):
    """Anchors in the configuration itself; they replace those of other calls."""

    line: int
    records: str
    statement: str


class AddFile(NamedTuple):
    """A key file, which replaces all anchors before it; ``managed``: kept by RFC 5011."""

    line: int
    path: str
    managed: bool


class Remove(NamedTuple):
    """The anchors of a zone go; ``statement``: what says so, in full."""

    line: int
    zone: str
    statement: str


class SetInsecure(NamedTuple):
    """The list of negative trust anchors, which replaces the one before."""

    line: int
    zones: tuple[str, ...]
    statement: str


class Include(NamedTuple):
    """Another Lua file that runs here; ``is_script_file``: named by YAML."""

    line: int
    path: str
    is_script_file: bool = False


class Stub(NamedTuple):
    """Every answer of another server is passed on as it is."""

    line: int


class Unload(NamedTuple):
    """The module that follows RFC 5011 goes."""

    line: int


class Refusal(NamedTuple):
    """The program does not start."""

    line: int
    words: str
    got: str
    want: str


class Untellable(NamedTuple):
    """Only a run of the program could tell what this does."""

    line: int
    statement: str


Step = Add | AddFile | Include | SetInsecure | Refusal | Remove | Stub | Unload | Untellable


def lua_steps(content: bytes, lines_before: int = 0) -> list[Step]:
    """The steps of a Lua configuration; its first line is number ``lines_before`` and one.

    Raises:
        MalformedAnchors: not Lua.
    """
    steps: list[Step] = []
    before = ""
    program = parse_lua(content, _INTEREST | OF_INTEREST | {_MODULES})
    for one in program.steps:
        # The one stands inside the other's parentheses.
        if before == "policy.all" and one.name == "policy.STUB" and isinstance(one, Call):
            line = one.line + lines_before
            steps.append(Untellable(line, one.name) if one.is_conditional else Stub(line))
        before = one.name
        if isinstance(one, Mention) and _head(one.name) in OF_INTEREST:
            continue
        moved = one._replace(line=one.line + lines_before)
        if isinstance(moved, Call):
            moved = moved._replace(text_line=moved.text_line + lines_before)
            if _is_unknown(moved, program):
                steps.append(Untellable(moved.line, moved.name))
            steps += _called(moved)
        else:
            steps += _mentioned(moved)
    # Who indexes what is nothing ends the program.
    for name, line in _doubts(program):
        steps.append(Untellable(line + lines_before, name))
    return steps


def _doubts(program: Program) -> Iterator[tuple[str, int]]:
    yield from program.strange(KNOWN | _loaded(program))
    yield from _listens_twice(program)
    yield from untellable(program)


def _loaded(program: Program) -> frozenset[str]:
    """The modules that may be loaded, each of which is a global then: ``'hints > iterate'``."""
    loads = "modules" in program.named or any(c.name.startswith("modules") for c in program.calls)
    return frozenset(map(_first_word, program.strings)) if loads else frozenset()


def _first_word(text: str) -> str:
    return re.split(r"\W", text, maxsplit=1)[0]


def _listens_twice(program: Program) -> Iterator[tuple[str, int]]:
    """No address can be listened on twice."""
    met: list[Sequence[Value]] = []
    for call in program.calls:
        if call.name == "net.listen" and call.is_told:
            if call.arguments in met:
                yield call.name, call.line
            met.append(call.arguments)


def _is_unknown(call: Call, program: Program) -> bool:
    """Whether it is called by a name that neither kresd nor the program itself has."""
    name = call.name
    is_known = "." in name or ":" in name or name in KNOWN or name in program.named
    return not is_known and not call.is_conditional and name.lower() not in _INTEREST


def _mentioned(mention: Mention) -> Iterator[Step]:
    if mention.is_assigned and mention.name in _REMOVED:
        yield _removed(mention.name, mention.line)
    elif mention.name == _MODULES and mention.table is not None:
        # Who loads one that is not installed does not start.
        words = {_first_word(text) for text in (*mention.table.strings, *mention.table.keys)}
        if not (mention.table.is_told and words <= MODULES):
            yield Untellable(mention.line, mention.name)
    elif not (mention.is_assigned and mention.name in _SETTABLE):
        yield Untellable(mention.line, mention.name)


def _removed(name: str, line: int) -> Refusal:
    words = f"Knot Resolver does not start: {name} was removed in version 5"
    return Refusal(line, words, name, _REMOVED[name])


def _called(call: Call) -> Iterator[Step]:
    first, second = (*call.arguments, None, None)[:2]
    if call.name in _ENDING and not call.is_conditional:
        yield Untellable(call.line, call.name)
    if call.name == "modules.unload" and first == _UPDATES:
        yield Unload(call.line) if call.is_told else Untellable(call.line, call.name)
    if call.name == "modules.unload" and first not in _UNLOADED:
        # Without the validator or the iterator every look-up fails; one that is none ends kresd.
        yield Untellable(call.line, call.name)
    word = _first_word(first) if isinstance(first, str) else ""
    if call.name == "modules.load" and word not in MODULES:
        yield Untellable(call.line, call.name)
    if _head(call.name).lower() not in _INTEREST or call.name == f"{_MODULE}.summary":
        return
    if not call.is_told or call.name == "loadfile":
        yield Untellable(call.line, call.name)
    elif call.name in _REMOVED:
        yield _removed(call.name, call.line)
    elif call.name == "dofile" and isinstance(first, str):
        yield Include(call.line, first)
    else:
        yield _of_module(call, first, second)


def _head(name: str) -> str:
    return name.replace(":", ".").partition(".")[0]


def _of_module(call: Call, first: Value, second: Value) -> Step:
    module, _, name = call.name.partition(".")
    if module != _MODULE or name not in _FUNCTIONS:
        return Untellable(call.line, call.name)
    if name == "remove":
        # It does nothing for what is no name.
        zone = first if isinstance(first, str) else ""
        return Remove(call.line, zone, f"{call.name}('{zone}')")
    if name == "set_insecure" and isinstance(first, Table):
        insecure = SetInsecure(call.line, first.strings, call.name)
        return insecure if first.is_list else Untellable(call.line, call.name)
    if name == "set_insecure" or not isinstance(first, str):
        words = f"Knot Resolver does not start: {call.name} takes another argument"
        return Refusal(call.line, words, "no string, or no list of strings", "see its manual")
    if name == "add":
        return Add(call.text_line, first, call.name)
    return AddFile(call.line, first, managed=second in {None, False})


def yaml_steps(document: object) -> list[Step]:
    """The steps of a YAML configuration of version 6."""
    if not isinstance(document, dict):
        return [Untellable(1, "no mapping of settings")]
    if not KEYS.issuperset(document):
        name, line = next(strange_keys(document))
        # 6.5 does not start with it; another version may know it.
        return [Untellable(line, name)]
    # What stands below dnssec and lua is known better.
    rest = {key: value for key, value in document.items() if key not in {"dnssec", "lua"}}
    strange = [Untellable(line, name) for name, line in strange_keys(rest)]
    strange += [Untellable(line, name) for name, line in untellable_settings(document)]
    steps = [] if value_at(document, "lua", "script-only") is True else [*_dnssec(document)]
    return [*strange, *steps, *_lua(document)]


def _lua(document: object) -> Iterator[Step]:
    name, script = (value_at(document, "lua", key) for key in ("script-file", "script"))
    if isinstance(name, Scalar) and isinstance(script, Scalar):
        words = "Knot Resolver does not start: lua.script and lua.script-file are both there"
        yield Refusal(name.line, words, "both", "one of them")
    if isinstance(name, Scalar):
        yield Include(name.line, str(name), is_script_file=True)
    if isinstance(script, Scalar):
        yield from lua_steps(script.encode("utf-8"), script.line - 1)


def _dnssec(document: object) -> Iterator[Step]:
    section = value_at(document, "dnssec")
    line = line_of(document, "dnssec") or 1
    if isinstance(section, bool):
        # 6.0 took it, 6.5 does not.
        yield Untellable(line, "dnssec")
        if section is False:
            yield Remove(line, ".", "dnssec: false")
        return
    if not isinstance(section, dict):
        if isinstance(document, dict) and "dnssec" in document:
            yield _misshapen(line, "dnssec")
        return
    yield from (_misshapen(line_of(section, k) or line, k) for k in _LISTS if section.get(k) == [])
    yield from (_misshapen(line_of(section, k) or line, k) for k in {*section} - _DNSSEC_KEYS)
    enable = section.get("enable", True)
    if enable is False:
        yield Remove(line_of(section, "enable") or line, ".", "enable: false")
        return
    if enable is not True:
        yield _misshapen(line_of(section, "enable") or line, "enable")
    yield from _anchors(section, line)
    zones = section.get("negative-trust-anchors")
    if zones is not None:
        at = line_of(section, "negative-trust-anchors") or line
        names = tuple(str(zone) for zone in zones) if isinstance(zones, list) else ()
        yield SetInsecure(at, names, "negative-trust-anchors")
    yield from _files(section, line)


def _misshapen(line: int, key: object) -> Refusal:
    words = f"Knot Resolver does not start: {key!s:.40} is not of the form that it takes"
    return Refusal(line, words, f"{key!s:.40}", "see its manual")


def _anchors(section: dict[object, object], line: int) -> Iterator[Step]:
    for item in _list(section.get("trust-anchors")):
        if isinstance(item, Scalar):
            yield Add(item.line, str(item), "trust-anchors")
        else:
            yield _misshapen(line_of(section, "trust-anchors") or line, "trust-anchors")


def _files(section: dict[object, object], line: int) -> Iterator[Step]:
    for entry in _list(section.get("trust-anchors-files")):
        at = line_of(section, "trust-anchors-files") or line
        path = value_at(entry, "file")
        read_only = entry.get("read-only", False) if isinstance(entry, dict) else None
        known = isinstance(entry, dict) and not {*entry} - _FILE_KEYS
        if not known or not isinstance(path, Scalar) or not isinstance(read_only, bool):
            yield _misshapen(at, "trust-anchors-files")
        else:
            yield AddFile(path.line, str(path), managed=not read_only)


def _list(value: object) -> Sequence[object]:
    """The items; something that is no list stands for a misshapen item."""
    if value is None:
        return ()
    return value if isinstance(value, list) else (None,)
