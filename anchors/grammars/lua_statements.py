"""Whether a text is a Lua program at all: its statements, one after the other.

Source: Lua 5.1 Reference Manual 8, "The Complete Syntax of Lua", with the goto and the labels of
LuaJIT.  What later versions add (attributes, bits, whole division) counts as no Lua.
"""

from __future__ import annotations

from anchors.core.found import MalformedAnchors
from anchors.grammars.lua_tokens import END, KEYWORDS, NotLuaError, text_of, tokens_of

__all__ = ["NotLuaError", "require_lua"]

# Blocks, brackets and functions in each other; no configuration comes near.
_MAX_DEPTH = 40
_UNARY = frozenset({"not", "-", "#"})
_BINARY = frozenset({"+", "-", "*", "/", "^", "%", "..", "<", "<=", ">", ">=", "==", "~="})
_BINARY_WORDS = frozenset({"and", "or"})
_CONSTANTS = frozenset({"nil", "true", "false"})


def require_lua(content: bytes) -> None:
    """Look for the first statement that is none.

    Raises:
        NotLuaError: no Lua loads the text.
        MalformedAnchors: a later version may load the text, or it is nested too deep to tell.
    """
    parser = _Statements(text_of(content))
    parser.block()
    if parser.token is not END:
        raise parser.wrong()


class _Statements:
    """One pass over the tokens, with one token in view."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._depth = 0
        self.before = self.token = END
        self._step()

    def wrong(self) -> MalformedAnchors:
        """That no statement goes on with the token in view."""
        seen = self.token.text[:40] if self.token is not END else "the end of the text"
        words = f"not Lua: a statement does not go on with {seen!r}"
        is_halved = self._is_mark("/") and self.before.is_mark("/")
        if is_halved or self._is_mark("<", ">"):
            return MalformedAnchors(words)
        end = self.token.position if self.token is not END else len(self._text.rstrip())
        return NotLuaError(words, self._text.count("\n", 0, end) + 1)

    def block(self, *ends: str) -> None:
        """Statements up to one of the words that end the block."""
        self._deeper()
        while self.token is not END and not self._is_word(*ends):
            if self._is_word("return"):
                self._return()
                break
            if self._is_mark(";"):
                # Lua 5.1 has no empty statement, and LuaJIT may have some.
                raise MalformedAnchors("an empty statement, which not every Lua takes")
            self._statement()
            self._take_mark(";")
        self._depth -= 1

    def _return(self) -> None:
        self._step()
        if self.token is not END and not self._is_word("end", "else", "elseif", "until"):
            if not self._is_mark(";"):
                self._list()
            self._take_mark(";")

    def _statement(self) -> None:
        word = self.token.text if self.token.kind == "name" else ""
        if self._take_mark("::"):
            self._name()
            self._need_mark("::")
        elif word == "break":
            self._step()
        elif word == "goto":
            self._goto()
        elif word in {"do", "while", "repeat", "if", "for", "function", "local"}:
            self._step()
            getattr(self, f"_{word}")()
        else:
            self._assignment_or_call()

    def _goto(self) -> None:
        self._step()
        if self.token.kind != "name":
            # The oldest versions know no such word, so that it may be a name of anything.
            raise MalformedAnchors("Lua with goto as a name")
        self._name()

    def _do(self) -> None:
        self.block("end")
        self._need_word("end")

    def _while(self) -> None:
        self._expression()
        self._need_word("do")
        self._do()

    def _repeat(self) -> None:
        self.block("until")
        self._need_word("until")
        self._expression()

    def _if(self) -> None:
        self._expression()
        self._need_word("then")
        self.block("else", "elseif", "end")
        while self._take_word("elseif"):
            self._expression()
            self._need_word("then")
            self.block("else", "elseif", "end")
        if self._take_word("else"):
            self.block("end")
        self._need_word("end")

    def _for(self) -> None:
        self._names()
        if not self._take_mark("="):
            self._need_word("in")
        self._list()
        self._need_word("do")
        self._do()

    def _function(self) -> None:
        self._name()
        self._body()

    def _local(self) -> None:
        if self._take_word("function"):
            self._function()
            return
        self._names()
        if self._take_mark("="):
            self._list()

    def _assignment_or_call(self) -> None:
        is_call = self._suffixed()
        if self._is_mark("=", ","):
            if is_call:
                raise self.wrong()
            while self._take_mark(","):
                if self._suffixed():
                    raise self.wrong()
            self._need_mark("=")
            self._list()
        elif not is_call:
            raise self.wrong()

    def _names(self) -> None:
        self._name()
        while self._take_mark(","):
            self._name()

    def _list(self) -> None:
        self._expression()
        while self._take_mark(","):
            self._expression()

    def _expression(self) -> None:
        self._operand()
        while self._is_mark(*_BINARY) or self._is_word(*_BINARY_WORDS):
            self._step()
            self._operand()

    def _operand(self) -> None:
        while self._is_mark(*_UNARY) or self._is_word("not"):
            self._step()
        token = self.token
        if token.kind in {"number", "string"} or self._is_mark("...") or self._is_word(*_CONSTANTS):
            self._step()
        elif self._is_mark("{"):
            self._table()
        elif self._take_word("function"):
            self._body()
        else:
            self._suffixed()

    def _suffixed(self) -> bool:
        """A name or an expression in parentheses with what hangs on it; whether that is a call."""
        has_method = False
        if self._take_mark("("):
            self._deeper()
            self._expression()
            self._need_mark(")")
            self._depth -= 1
        else:
            has_method = ":" in self._name()
        is_call = False
        while self._is_mark("(", "{", "[", ".", ":") or self.token.kind == "string":
            if has_method and self._is_mark("[", ".", ":"):
                raise self.wrong()
            is_call = self._suffix()
            has_method = False
        if has_method:
            raise self.wrong()
        return is_call

    def _suffix(self) -> bool:
        if self._take_mark("["):
            self._deeper()
            self._expression()
            self._need_mark("]")
            self._depth -= 1
            return False
        if self._is_mark(".", ":"):
            is_method = self._is_mark(":")
            self._step()
            if not (":" in self._name() or is_method):
                return False
        self._arguments()
        return True

    def _arguments(self) -> None:
        if self.token.kind == "string":
            self._step()
        elif self._is_mark("{"):
            self._table()
        else:
            self._need_mark("(")
            self._deeper()
            if not self._is_mark(")"):
                self._list()
            self._need_mark(")")
            self._depth -= 1

    def _table(self) -> None:
        self._deeper()
        self._need_mark("{")
        while not self._is_mark("}"):
            if self._take_mark("["):
                self._expression()
                self._need_mark("]")
                self._need_mark("=")
            self._expression()
            # The name of a field is an expression too.
            if self._take_mark("="):
                self._expression()
            if not (self._take_mark(",") or self._take_mark(";")):
                break
        self._need_mark("}")
        self._depth -= 1

    def _body(self) -> None:
        self._need_mark("(")
        while not self._is_mark(")"):
            if not self._take_mark("..."):
                self._name()
            if not self._take_mark(","):
                break
        self._need_mark(")")
        self._do()

    def _name(self) -> str:
        name = self.token.text
        if self.token.kind != "name" or name in KEYWORDS:
            raise self.wrong()
        self._step()
        return name

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise MalformedAnchors(f"Lua with more than {_MAX_DEPTH} blocks in each other")

    def _step(self) -> None:
        self.before, self.token = self.token, next(self._tokens, END)

    def _is_mark(self, *texts: str) -> bool:
        return self.token.kind == "mark" and self.token.text in texts

    def _is_word(self, *words: str) -> bool:
        return self.token.kind == "name" and self.token.text in words

    def _take_mark(self, text: str) -> bool:
        return self._is_mark(text) and self._taken()

    def _take_word(self, word: str) -> bool:
        return self._is_word(word) and self._taken()

    def _taken(self) -> bool:
        self._step()
        return True

    def _need_mark(self, text: str) -> None:
        if not self._take_mark(text):
            raise self.wrong()

    def _need_word(self, word: str) -> None:
        if not self._take_word(word):
            raise self.wrong()
