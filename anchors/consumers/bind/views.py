"""The views of a configuration: the anchors and the settings that each of them has.

What stands outside of the views is in each of them; a view's own setting comes before it.  Tried on
BIND 9.18.49 and 9.20.30 by ``rndc secroots``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.consumers.bind.anchor_statements import BUILTIN, STATEMENTS, Entry, Refusal, entries
from anchors.consumers.bind.configuration import Configuration, Placed
from anchors.consumers.bind.statements import BOOLEANS
from anchors.consumers.files import Location
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.grammars.named_conf import Word

__all__ = ["PlacedEntry", "View", "views_of"]

_CLASS_IN = "in"
_NAME, _CLASS = 1, 2
_MAX_VIEWS = 100


class PlacedEntry(NamedTuple):
    """An entry of a statement with anchors, and its file."""

    entry: Entry
    location: Location


class View:
    """One view, or the whole of a configuration that has none.

    Attributes:
        name: as it is written, empty where there are no views.
        entries: the anchors that it has, of all zones.
        has_statement: a statement with anchors stands in it or outside, even an empty one.
        statements: all that stands in options, outside of all blocks, and in the view.
    """

    def __init__(
        self, name: str, own: Placed | None, configuration: Configuration, outside: _Entries
    ) -> None:
        """Collect what it has; ``outside``: the anchors outside of all views."""
        self.name = name
        self._configuration = configuration
        options = [placed for one in configuration.children("options") for placed in one.children]
        inner = own.children if own is not None else ()
        self._settings = {placed.name: placed for placed in (*options, *inner)}
        self._every = (*options, *inner)
        self.statements = (*options, *configuration.top, *inner)
        inside = _Entries(inner, configuration)
        self.has_statement = inside.has_statement or outside.has_statement
        self.entries = [*outside.entries, *inside.entries]

    @property
    def root(self) -> list[PlacedEntry]:
        """The anchors of the root."""
        return [one for one in self.entries if one.entry.is_root]

    def setting(self, name: str) -> Placed | None:
        """A statement, the view's own before that of options."""
        return self._settings.get(name)

    def value(self, name: str) -> str:
        """The first word of a statement in lower case, yes or no for all that means that."""
        placed = self.setting(name)
        text = placed.values[0].lower() if placed is not None and placed.values else ""
        return {True: "yes", False: "no"}[BOOLEANS[text]] if text in BOOLEANS else text

    @property
    def recurses(self) -> bool:
        """Whether it resolves anything."""
        return self.value("recursion") != "no"

    def has_file(self, placed: Placed) -> bool:
        """Whether the file that a statement names is there."""
        name = placed.values[0] if placed.values else ""
        return self._configuration.has_file(name)

    def listed(self, name: str, *, of_root: bool = True) -> Iterator[tuple[Placed, str]]:
        """Each word of the blocks of a statement, of those for the root: disable-algorithms "."."""
        for placed in self._every:
            block = placed.statement.block
            is_meant = not of_root or placed.values[:1] == (".",)
            if placed.name == name and block is not None and is_meant:
                for one in block.statements:
                    yield from ((placed, word.text) for word in one.words)

    def excepts_root(self) -> Placed | None:
        """The validate-except that names the root."""
        placed = self.setting("validate-except")
        block = placed.statement.block if placed is not None else None
        if block is None:
            return None
        names = (word.text for one in block.statements for word in one.words)
        return placed if "." in names else None


class _Entries:
    """The anchors of some statements."""

    def __init__(self, every: Sequence[Placed], configuration: Configuration) -> None:
        statements = [placed for placed in every if placed.name in STATEMENTS]
        self.has_statement = bool(statements)
        self.entries = [
            PlacedEntry(entry, placed.location)
            for placed in statements
            for entry in _entries_of(placed, configuration)
        ]


def _entries_of(placed: Placed, configuration: Configuration) -> list[Entry]:
    try:
        if placed.name == BUILTIN:
            raise Refusal(placed.line, f"unknown option '{BUILTIN}' before BIND 9.21")
        return [*entries(placed.statement)]
    except Refusal as error:
        words = f"{placed.name}: {error.why}"
        configuration.refuse(placed.location, error.line, words, "an entry as named reads it")
        return []


def views_of(configuration: Configuration) -> list[View]:
    """The views of class IN, or the whole as one without a name."""
    views: list[View] = []
    outside = _Entries(configuration.top, configuration)
    names: set[str] = set()
    for placed in configuration.children("view"):
        words = [item for item in placed.statement.items if isinstance(item, Word)]
        if len(words) <= _NAME:
            configuration.refuse(placed.location, placed.line, "a view has no name", "a name")
            continue
        name = words[_NAME].text
        if name in names:
            configuration.refuse(placed.location, placed.line, f"view {name} is there twice", "one")
        names.add(name)
        if len(views) >= _MAX_VIEWS:
            configuration.is_whole = False
            configuration.note(placed.location, _TOO_MANY, placed.line)
            break
        if len(words) <= _CLASS or words[_CLASS].text.lower() == _CLASS_IN:
            views.append(View(name, placed, configuration, outside))
    return views or [View("", None, configuration, outside)]


_TOO_MANY = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"it has more than {_MAX_VIEWS} views: the others were not judged",
    remedy="find out why the configuration has so many",
)
