"""Forms of configurations by their names, and a tree that is drawn from one by chance."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.differential.resolvers.states import state_text
from tests.differential.resolvers.texts import grown, zone_text
from tests.resolvers.keys import filled
from tests.resolvers.rules import is_between
from tests.resolvers.tree import Tree

__all__ = ["Shape", "shapes_of"]

_TABLE = Path(__file__).with_name("shapes.toml")
_TEXT = re.compile(r"@(text|made):([a-z0-9]+)@")
# The innermost first: what stands in a chance may have others in it.
_CHANCE = re.compile("⟦([^⟦⟧]*)⟧")
_ONE = re.compile(r"%([a-z]+)%")
_MADE: Mapping[str, Callable[[str, Random], str]] = {
    "state": state_text,
    "zone": lambda _program, random: zone_text(random),
    "list": lambda program, _random: grown("server:" if program == "unbound" else "no-resolv"),
}


@dataclass(frozen=True)
class Shape:
    """A form that a program's files come in.

    Attributes:
        name: the form in words.
        program: whose files they are.
        entry: the files, links, folders, owners and modes, with what is left to chance.
    """

    name: str
    program: str
    entry: Mapping[str, Any]

    def drawn(self, random: Random) -> Tree:
        """One of its trees."""
        ones = {name: random.choice(of) for name, of in self.entry.get("one-of", {}).items()}

        def text(written: str) -> str:
            return self._drawn(written, ones, random)

        def table(name: str) -> dict[str, str]:
            entry = self.entry.get(name, {})
            return {text(path): text(what) for path, what in entry.items()}

        files = {path: what.removeprefix("\n").encode() for path, what in table("files").items()}
        modes = self.entry.get("modes", {})
        return Tree(
            files=files,
            links=table("links"),
            folders=tuple(map(text, self.entry.get("folders", ()))),
            owners=table("owners"),
            modes={text(path): random.choice(of) for path, of in modes.items()},
        )

    def _drawn(self, written: str, ones: Mapping[str, str], random: Random) -> str:
        """A text with all in it that was left to chance; no more is made than is taken."""

        def taken(match: re.Match[str]) -> str:
            kind, name = match.groups()
            return _MADE[name](self.program, random) if kind == "made" else _texts()[name]

        before = ""
        while written != before:
            before = written
            written = _ONE.sub(lambda match: ones[match[1]], written)
            written = _CHANCE.sub(lambda match: random.choice(match[1].split("|")), written)
            if not _CHANCE.search(written):
                written = _TEXT.sub(taken, written)
        return filled(written)


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))


def _texts() -> Mapping[str, str]:
    return _table()["texts"]  # type: ignore[no-any-return]


@cache
def shapes_of(program: str, version: str) -> tuple[Shape, ...]:
    """The forms that a version of a program reads."""
    return tuple(
        Shape(entry["name"], program, entry)
        for entry in _table().get(program, [])
        if is_between(version, entry.get("since", "0"), entry.get("before", "9999"))
    )
