"""The calls in a configuration that is a Lua program (Lua 5.1 Reference Manual 2.1).

Nothing is run.  Calls are told in their order, with the arguments that are written out; whatever
else is done with a name of interest is told as well, for nobody can say what comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from anchors.core.found import MalformedAnchors
from anchors.grammars.lua_tokens import END, KEYWORDS, Token, text_of, tokens_of
from anchors.grammars.text import Lines

__all__ = [
    "Call",
    "Mention",
    "Number",
    "Program",
    "Table",
    "Untold",
    "Value",
    "parse_lua",
]

# What is inside of these may run never, or more than once.
_CONDITIONAL = frozenset({"function", "if", "for", "while", "repeat"})
_CLOSING = {"(": ")", "{": "}", "[": "]"}
_GLOBALS = "_G."
# Two names meet where a statement ends; three in a row are prose.
_NAMES_IN_A_ROW = 2
_MAX_NAME = 200
# LuaJIT's own limit (LJ_MAX_XLEVEL).
_MAX_DEPTH = 200


class Table(NamedTuple):
    """A table.

    Attributes:
        strings: those that are written out in it.
        is_list: it has nothing else.
        keys: the names of its fields.
        is_told: it has nothing but strings and fields with a name.
    """

    strings: tuple[str, ...] = ()
    is_list: bool = True
    keys: tuple[str, ...] = ()
    is_told: bool = True


class Number(NamedTuple):
    """A number, as it is written."""

    text: str


class Untold(NamedTuple):
    """A value that only a run of the program could tell."""


Value = str | bool | None | Number | Table | Untold


_UNTOLD = Untold()
_CONSTANTS: Mapping[str, Value] = MappingProxyType({"true": True, "false": False, "nil": None})


class Call(NamedTuple):
    """A call.

    Attributes:
        name: its dotted name.
        arguments: as they are written, ``None`` for ``nil``; text is UTF-8, with what is none as
            ``surrogateescape`` has it.
        line: of its name, counted from 1.
        text_line: where the text of its first argument begins.
        is_conditional: inside a function, a branch or a loop, or behind a ``return``.
    """

    name: str
    arguments: tuple[Value, ...]
    line: int
    text_line: int
    is_conditional: bool = False

    @property
    def is_told(self) -> bool:
        """Whether every argument is written out, and the call is made once."""
        return not self.is_conditional and not any(isinstance(a, Untold) for a in self.arguments)


class Mention(NamedTuple):
    """A name of interest that is not simply called: assigned to, passed on, indexed.

    Attributes:
        name: its dotted name.
        line: counted from 1.
        is_assigned: it is assigned to.
        table: the table that is assigned to it, ``None`` for anything else.
    """

    name: str
    line: int
    is_assigned: bool = False
    table: Table | None = None


class Program(NamedTuple):
    """A program.

    Attributes:
        steps: what is called and mentioned, in the order of the text.
        named: every name that stands elsewhere than before the arguments of a call, so that the
            program itself may say what it is.
        indexed: what stands before a full stop or a colon, where that is done in any case, with
            the line where it is done first.
        strings: every string that is written out.
    """

    steps: tuple[Call | Mention, ...]
    named: frozenset[str] = frozenset()
    indexed: Mapping[str, int] = MappingProxyType({})
    strings: frozenset[str] = frozenset()

    def strange(self, known: Collection[str]) -> Iterator[tuple[str, int]]:
        """What is indexed and neither known nor said to be anything in the program, with lines."""
        for name, line in self.indexed.items():
            if name not in known and name not in self.named:
                yield name, line

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls alone."""
        return tuple(step for step in self.steps if isinstance(step, Call))


class _Frame:
    """What stands within brackets, up to where the text has been read."""

    def __init__(self, closing: str, step: int | None, conditional: int) -> None:
        self.closing = closing
        self.step = step
        self.conditional = conditional
        self.items: list[Value] = []
        self.keys: list[str] = []
        self.first: int | None = None
        # The tokens of the item that is being read: the only one, or how many.
        self.single: Value = _UNTOLD
        self.tokens = 0

    def add(self, value: Value, position: int) -> None:
        if self.first is None:
            self.first = position
        self.single = value
        self.tokens += 1

    def end_item(self) -> None:
        if self.tokens:
            self.items.append(self.single if self.tokens == 1 else _UNTOLD)
        self.tokens = 0


def parse_lua(content: bytes, interest: Collection[str] = ()) -> Program:
    """The calls, and the mentions of the names in ``interest``, in the order of the text.

    A name of interest is a global: ``trust_anchors`` stands for ``trust_anchors.add`` as well.

    Raises:
        MalformedAnchors: not a Lua program, or one of too many words.
    """
    return _Parser(text_of(content), interest).program()


class _Parser:
    """One pass over the tokens."""

    def __init__(self, text: str, interest: Collection[str]) -> None:
        self.line_of = Lines(text).at
        self.tokens = tokens_of(text)
        self.behind = next(self.tokens, END)
        self.interest = frozenset(interest)
        self.steps: list[Call | Mention] = []
        self.named: set[str] = set()
        self.indexed: dict[str, int] = {}
        self.strings: set[str] = set()
        self.frames = [_Frame("", None, 0)]
        self.blocks: list[str] = []
        self.conditional = 0
        self.names = 0
        self.may_have_ended = False
        # The call whose arguments begin with the next token, or what a table is assigned to there.
        self.called: int | None = None

    def program(self) -> Program:
        before, token = END, self._next()
        while token is not END:
            if token.kind != "mark":
                self.called = None
            if token.kind == "name" and token.text not in KEYWORDS:
                self._name(before, token)
            elif token.kind == "name":
                self._keyword(token)
            elif token.kind == "mark":
                self._mark(token)
            else:
                if token.kind == "string":
                    self.strings.add(token.text[:_MAX_NAME])
                self.frames[-1].add(_literal(token), token.position)
            before, token = token, self._next()
        if len(self.frames) > 1 or self.blocks:
            raise MalformedAnchors("not Lua: something is not closed")
        return Program(
            tuple(self.steps), frozenset(self.named), self.indexed, frozenset(self.strings)
        )

    def _next(self) -> Token:
        token, self.behind = self.behind, next(self.tokens, END)
        return token

    def _name(self, before: Token, token: Token) -> None:
        self._refuse_prose(before)
        self.frames[-1].add(_UNTOLD, token.position)
        if before.is_mark(".", ":") or before == ("name", "function", before.position):
            self.named.add(token.text[:_MAX_NAME])
            return
        name = re.sub(r"[ \t\v\f\n]+", "", token.text[:_MAX_NAME]).removeprefix(_GLOBALS)
        line = self.line_of(token.position)
        head, *rest = re.split("[.:]", name, maxsplit=1)
        if (rest or self.behind.is_mark("[", ".", ":")) and not self.is_conditional:
            self.indexed.setdefault(head, line)
        if self.behind.kind == "string":
            text_line = self.line_of(self.behind.position)
            arguments = (_literal(self.behind),)
            self.steps.append(Call(name, arguments, line, text_line, self.is_conditional))
        elif self.behind.is_mark("(", "{") and not self._is_ambiguous(token):
            self.steps.append(Call(name, (), line, line, self.is_conditional))
            self.called = len(self.steps) - 1
        else:
            self.named.add(name)
            if self._is_key():
                self.frames[-1].keys.append(name)
            elif head in self.interest:
                is_assigned = self.behind.is_mark("=")
                self.steps.append(Mention(name, line, is_assigned))
                self.called = len(self.steps) - 1 if is_assigned else None

    def _is_ambiguous(self, token: Token) -> bool:
        """A line break before the parenthesis: older LuaJIT refuses it (kresd 5.6, pdns 4.8)."""
        return self.behind.text == "(" and self.line_of(token.position) < self.line_of(
            self.behind.position
        )

    @property
    def is_conditional(self) -> bool:
        """Whether what stands here may run never, or more than once."""
        return self.conditional > 0 or self.may_have_ended

    def _return(self) -> None:
        """What stands behind a return never runs; one in a branch ends the rest perhaps."""
        if not any(block == "function" for block in self.blocks):
            self.may_have_ended = True

    def _refuse_prose(self, before: Token) -> None:
        is_name = before.kind == "name" and before.text not in KEYWORDS
        self.names = self.names + 1 if is_name else 1
        if self.names > _NAMES_IN_A_ROW:
            raise MalformedAnchors(f"not Lua: {before.text!r:.40} after other names")

    def _is_key(self) -> bool:
        """``{ name = value }`` names a field of a table."""
        frame = self.frames[-1]
        in_table = frame.closing == "}" and frame.conditional == self.conditional
        return in_table and self.behind.is_mark("=")

    def _mark(self, token: Token) -> None:
        frame = self.frames[-1]
        if token.text in _CLOSING:
            self._index(token)
            self._open(token)
        elif token.text in {")", "}", "]"}:
            self._close(token)
        elif token.text in {",", ";"} and frame.closing:
            frame.end_item()
        else:
            frame.add(_UNTOLD, token.position)

    def _open(self, token: Token) -> None:
        self.frames.append(_Frame(_CLOSING[token.text], self.called, self.conditional))
        self.called = None
        if len(self.frames) > _MAX_DEPTH:
            raise MalformedAnchors(f"not Lua: more than {_MAX_DEPTH} brackets in each other")

    def _index(self, token: Token) -> None:
        """``_G['trust_anchors']`` is a name of interest too."""
        if token.text == "[" and self.behind.kind == "string" and self.behind.text in self.interest:
            self.steps.append(Mention(self.behind.text, self.line_of(token.position)))

    def _close(self, token: Token) -> None:
        frame = self.frames.pop()
        if frame.closing != token.text or frame.conditional != self.conditional:
            raise MalformedAnchors(f"not Lua: {token.text} that closes nothing")
        frame.end_item()
        value: Value = _UNTOLD
        if token.text == "}":
            value = _table(frame)
        if frame.step is not None:
            self._complete(frame, frame.step, value)
            value = _UNTOLD
        self.frames[-1].add(value, token.position)

    def _complete(self, frame: _Frame, step: int, table: Value) -> None:
        call = self.steps[step]
        if isinstance(call, Mention):
            if isinstance(table, Table) and not self.is_conditional:
                self.steps[step] = call._replace(table=table)
        else:
            arguments = tuple(frame.items) if frame.closing == ")" else (table,)
            text_line = call.line if frame.first is None else self.line_of(frame.first)
            self.steps[step] = call._replace(arguments=arguments, text_line=text_line)

    def _keyword(self, token: Token) -> None:
        word = token.text
        if word in _CONSTANTS:
            self.frames[-1].add(_CONSTANTS[word], token.position)
            return
        if word == "return":
            self._return()
        if word in {"end", "until"}:
            if not self.blocks:
                raise MalformedAnchors(f"not Lua: {word} that ends nothing")
            self.conditional -= self.blocks.pop() != "do"
        elif word == "do" and self.blocks and self.blocks[-1] in {"for", "while"}:
            # Their end is this one's.
            self.blocks[-1] += " do"
        elif word in _CONDITIONAL or word == "do":
            self.blocks.append(word)
            self.conditional += word != "do"
            if len(self.blocks) > _MAX_DEPTH:
                raise MalformedAnchors(f"not Lua: more than {_MAX_DEPTH} blocks in each other")
        self.frames[-1].add(_UNTOLD, token.position)


def _table(frame: _Frame) -> Table:
    strings = tuple(item for item in frame.items if isinstance(item, str))
    is_told = len(strings) + len(frame.keys) == len(frame.items)
    return Table(strings, len(strings) == len(frame.items), tuple(frame.keys), is_told)


def _literal(token: Token) -> Value:
    if token.kind == "number":
        return Number(token.text)
    return token.text.encode("latin-1").decode("utf-8", "surrogateescape")
