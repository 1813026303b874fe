"""What a configuration makes the recursor do with trust anchors, in order.

Tried on 4.8.8 and 5.4: Lua on both, YAML on 5.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from anchors.consumers.pdns.known_names import KNOWN
from anchors.grammars.lua import Call, Mention, Program, Table, Value, parse_lua

__all__ = [
    "Add",
    "AddNegative",
    "Clear",
    "ClearNegative",
    "Include",
    "OldName",
    "ReadFile",
    "Refusal",
    "Step",
    "Untellable",
    "is_root",
    "lua_steps",
]

# How many arguments each takes; the others are optional.
_ARGUMENTS = {
    "addTA": (2, 2),
    "addDS": (2, 2),
    "clearTA": (0, 1),
    "clearDS": (0, 1),
    "addNTA": (1, 2),
    "clearNTA": (0, 1),
    "readTrustAnchorsFromFile": (1, 2),
    "dofile": (1, 1),
}
_INTEREST = frozenset({*_ARGUMENTS, "loadfile"})
_LOWER = frozenset(name.lower() for name in _INTEREST)
_ENDING = frozenset({"error", "os.exit"})
# Names of before 4.2; 4.8 takes them, and 5.4 does not start with them.
_OLD_NAMES = frozenset({"addDS", "clearDS"})


class Add(NamedTuple):
    """One anchor of the root, as the rdata of a DS."""

    line: int
    rdata: str
    statement: str


class Clear(NamedTuple):
    """The anchors of the root go, the built-in ones with them."""

    line: int
    statement: str


class AddNegative(NamedTuple):
    """Nothing is validated below the root; ``instead``: what should stand there."""

    line: int
    statement: str
    instead: str = "no negative trust anchor of the root"


class ClearNegative(NamedTuple):
    """A negative trust anchor of the root goes."""

    line: int


class ReadFile(NamedTuple):
    """A file of anchors, which replaces all others."""

    line: int
    path: str


class Include(NamedTuple):
    """Another Lua file that runs here."""

    line: int
    path: str


class OldName(NamedTuple):
    """A name that version 5 does not know."""

    line: int
    name: str


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


Step = (
    Add | AddNegative | Clear | ClearNegative | Include | OldName | ReadFile | Refusal | Untellable
)


_OF_FILES: Mapping[str, type[ReadFile | Include]] = MappingProxyType(
    {"readTrustAnchorsFromFile": ReadFile, "dofile": Include}
)


def is_root(name: object) -> bool:
    """Whether a name is the root's: an empty one is."""
    return isinstance(name, str) and name in {".", ""}


def lua_steps(content: bytes) -> list[Step]:
    """The steps of a Lua configuration.

    Raises:
        MalformedAnchors: not Lua.
    """
    steps: list[Step] = []
    program = parse_lua(content, _INTEREST)
    for one in program.steps:
        if isinstance(one, Mention):
            steps.append(Untellable(one.line, one.name))
        elif one.name in _INTEREST:
            steps += _called(one)
        elif one.name.lower() in _LOWER or _may_end(one, program):
            steps.append(Untellable(one.line, one.name))
    # Who indexes what is nothing ends the program.
    return [*steps, *(Untellable(line, name) for name, line in program.strange(KNOWN))]


def _may_end(call: Call, program: Program) -> bool:
    """Whether the program ends here: on purpose, or for a name that nobody knows."""
    head = re.split(r"[.:]", call.name)[0]
    is_known = head in KNOWN or head in program.named
    return (call.name in _ENDING or not is_known) and not call.is_conditional


def _called(call: Call) -> Iterator[Step]:
    if not call.is_told or call.name == "loadfile":
        yield Untellable(call.line, call.name)
        return
    if call.name in _OLD_NAMES:
        yield OldName(call.line, call.name)
    least, most = _ARGUMENTS[call.name]
    if not least <= len(call.arguments) <= most or any(map(_is_table, call.arguments)):
        words = f"the recursor does not start: {call.name} takes strings, and no table"
        got = f"{len(call.arguments)} arguments" if not least <= len(call.arguments) <= most else ""
        want = f"{most} strings" if least == most else f"{least} to {most} strings"
        yield Refusal(call.line, words, got or "a table", want)
        return
    yield from _done(call.name, call.line, *(*call.arguments, None, None)[:2])


def _is_table(value: Value) -> bool:
    return isinstance(value, Table)


def _done(name: str, line: int, first: Value, second: Value) -> Iterator[Step]:
    if name.startswith("clear"):
        if first is None or is_root(first):
            yield ClearNegative(line) if name == "clearNTA" else Clear(line, name)
    elif not isinstance(first, str):
        yield Untellable(line, name)
    elif name in _OF_FILES:
        yield _OF_FILES[name](line, first)
    elif ".." in first:
        yield Refusal(line, f"the recursor does not start: {name} with no name", first[:80], ".")
    elif is_root(first) and name == "addNTA":
        yield AddNegative(line, name)
    elif is_root(first):
        yield Add(line, second, name) if isinstance(second, str) else Untellable(line, name)
