"""A named.conf with all that it includes, read in the order in which named reads it.

Tried on BIND 9.18.49 and 9.20.30.  named stops at the first fault, and so does this.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from anchors.consumers import template
from anchors.consumers.bind.built_in import Version
from anchors.consumers.bind.options import GONE, OF_18_ALONE, OF_20_ALONE
from anchors.consumers.bind.statements import KNOWN, MAPS, ONCE, OPTIONS, VALUES
from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import not_found, refused, root_alone, unread
from anchors.consumers.patterns import no_file
from anchors.consumers.reading import Note, Role
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.grammars.named_conf import NamedConf, Statement, Word, parse_named_conf

__all__ = [
    "TEMPLATE",
    "Budget",
    "Configuration",
    "Placed",
    "is_template",
]

_MAX_FILES = 1000
# For all the configurations of a root file system together: hostile ones include each other.
_MAX_IN_ALL = 5000
_MAX_DEPTH = 16
_WILDCARDS = frozenset("*?[")
_INSIDE_WORD = re.compile(r"\{\{|\{%|<%")
# From the first on options are gone; up to the others, all options are known, and none comes back.
_MEASURED = ((9, 18, 0), (9, 21, 0), (10, 0, 0))
# Between the two that were measured.
_NEW = (9, 20, 0)


class Placed(NamedTuple):
    """A statement with where it stands; ``children``: those of its block, with all includes."""

    statement: Statement
    location: Location
    children: tuple[Placed, ...] = ()

    @property
    def name(self) -> str:
        """Its keyword."""
        return self.statement.name

    @property
    def values(self) -> tuple[str, ...]:
        """Its words behind the first, as they are written."""
        return tuple(word.text for word in self.statement.words[1:])

    @property
    def line(self) -> int:
        """Where it begins, in its file."""
        return self.statement.line


class Budget:
    """How many files may still be included, by all configurations together."""

    def __init__(self) -> None:
        self._left = _MAX_IN_ALL

    def take(self) -> bool:
        """Whether one more may be read."""
        self._left -= 1
        return self._left >= 0


class Configuration:
    """What was read.

    Attributes:
        main: the file that named is started with.
        parts: every file that was read, as often as it was; the main one first.
        top: the statements outside of all blocks.
        notes: what was noticed, by file.
        directory: the working directory as far as it is told, empty where it is not.
        is_refused: named does not start with it.
        is_whole: all of it was read.
        has_doubt: whether named starts depends on its version, which is not known.
        version: of named, where it is known.
    """

    def __init__(
        self,
        main: File,
        files: Files,
        context: str = "",
        version: Version | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Read it.

        Args:
            main: the file that named is started with, with its content.
            files: the root file system.
            context: what it is read as: see :data:`~anchors.consumers.bind.statements.KNOWN`.
            version: of named, where it is known.
            budget: shared by the configurations of a root file system.
        """
        self.main = main.location
        self.parts: list[Location] = []
        self.notes: list[tuple[Location, Note]] = []
        self.directory = ""
        self.is_refused = False
        self.is_whole = True
        self.version = version
        self.has_doubt = False
        self._budget = budget or Budget()
        self._files = files
        self._seen: set[tuple[int, str]] = set()
        # Each block has a number of its own; 0 is outside of all.
        self._block, self._numbers = 0, itertools.count(1)
        found: list[Placed] = []
        # What named has read before it stops is told too.
        with suppress(_Stop):
            found.extend(self._file(main, context, ()))
        self.top = tuple(found)

    def note(self, location: Location, finding: Finding, line: int | None = None) -> None:
        """Tell something of a file."""
        self.notes.append((location, Note(finding, line)))

    def refuse(self, location: Location, line: int | None, words: str, want: str) -> None:
        """Tell why named does not start; the first reason alone, as named does."""
        if not self.is_refused:
            finding = refused(f"named does not start: {words}", got=words, want=want)
            self.note(location, finding, line)
        self.is_refused = True

    def path(self, path: str) -> str:
        """A file that is named when all is read: relative to the working directory."""
        return posixpath.join(self.directory, path)

    def has_file(self, name: str) -> bool:
        """Whether a file that is named when all is read is there; another package may bring it."""
        is_there = self.main.is_packaged or self._files.find(self.path(name), self.main) is not None
        return bool(name) and is_there

    def children(self, name: str) -> Iterator[Placed]:
        """Every statement of that name outside of all blocks."""
        return (placed for placed in self.top if placed.name == name)

    def _stop(self, location: Location, line: int | None, words: str, want: str) -> _Stop:
        self.refuse(location, line, words, want)
        return _Stop()

    def _file(self, file: File, context: str, outer: tuple[Location, ...]) -> Iterator[Placed]:
        """The statements of a file; ``outer``: those that are read up to their include of it."""
        location = file.location
        is_many = len(self.parts) >= _MAX_FILES or len(outer) > _MAX_DEPTH
        if is_many or not self._budget.take():
            self.is_whole = False
            self.note(location, _TOO_MANY)
            return
        self.parts.append(location)
        role = Role.INCLUDE if outer else Role.CONFIGURATION
        content = file.content
        if content is None:
            self.is_whole = False
            self.note(location, unread(location.path, role, file.unread))
            return
        unreadable = root_alone(file, location.path, role)
        if unreadable is not None:
            # Started as root and without -u, it reads the file.
            self.has_doubt = True
            self.note(location, unreadable)
        parsed = parse_named_conf(content)
        if is_template(content, parsed):
            self.is_whole = False
            self.note(location, TEMPLATE)
            return
        for statement in parsed.statements:
            yield from self._statement(statement, location, context, outer)
        if parsed.fault is not None:
            line, why = parsed.fault
            raise self._stop(location, line, why, "statements that end with a semicolon")

    def _statement(
        self, statement: Statement, location: Location, context: str, outer: tuple[Location, ...]
    ) -> Iterator[Placed]:
        name = statement.name
        if not name:
            words = "the name of a statement is quoted, or is none"
            raise self._stop(location, statement.line, words, "the name of a statement")
        if name == "include":
            yield from self._included(statement, location, context, outer)
            return
        if context in KNOWN and name not in KNOWN[context]:
            words = f"unknown option '{printable(name[:40])}'"
            raise self._stop(location, statement.line, words, "a statement of named.conf")
        self._require_option(statement, location, context)
        self._require_once(statement, location, context)
        self._require_value(statement, location)
        if name == "directory" and context == "options":
            self.directory = self.path(statement.words[1].text)
        children: list[Placed] = []
        stopped = None
        block = statement.block
        if block is not None and name in MAPS:
            around, self._block = self._block, next(self._numbers)
            try:
                for one in block.statements:
                    children.extend(self._statement(one, location, name, outer))
            except _Stop as stop:
                stopped = stop
            self._block = around
        yield Placed(statement, location, tuple(children))
        if stopped is not None:
            raise stopped

    def _require_option(self, statement: Statement, location: Location, context: str) -> None:
        name = statement.name
        if name in OPTIONS.get(context, {name}):
            self._require_version(statement, location, context)
            return
        is_gone = name in GONE
        words = f"{'no longer an option' if is_gone else 'unknown option'} '{printable(name[:40])}'"
        # 9.16 and older know what is gone; those after 9.20 may know what is new.
        if self.version is not None and _MEASURED[0] <= self.version < _MEASURED[1 + is_gone]:
            raise self._stop(location, statement.line, words, "an option that named knows")
        self.has_doubt = True
        self.note(location, _doubtful(words), statement.line)

    def _require_version(self, statement: Statement, location: Location, context: str) -> None:
        """An option of the one version ends the other."""
        name = statement.name
        if context not in OPTIONS or name not in OF_18_ALONE | OF_20_ALONE:
            return
        words = f"unknown option '{name}'"
        if self.version is not None and _MEASURED[0] <= self.version < _MEASURED[1]:
            if (self.version < _NEW) is (name in OF_20_ALONE):
                raise self._stop(location, statement.line, words, "an option that named knows")
            return
        self.has_doubt = True
        of = "9.18" if name in OF_20_ALONE else "9.20"
        self.note(location, _of_one_version(words, of), statement.line)

    def _require_once(self, statement: Statement, location: Location, context: str) -> None:
        name = statement.name
        if name in ONCE.get(context, ()):
            if (self._block, name) in self._seen:
                words = f"'{name}' redefined"
                raise self._stop(location, statement.line, words, f"{name} once")
            self._seen.add((self._block, name))

    def _require_value(self, statement: Statement, location: Location) -> None:
        fits = VALUES.get(statement.name)
        if fits is not None and not fits(statement):
            words = f"{statement.name} has no such value"
            raise self._stop(location, statement.line, words, "a value that named knows")

    def _included(
        self, statement: Statement, location: Location, context: str, outer: tuple[Location, ...]
    ) -> Iterator[Placed]:
        line = statement.line
        paths = statement.items[1:]
        if len(paths) != 1 or not isinstance(paths[0], Word) or not paths[0].quoted:
            raise self._stop(location, line, "include has no quoted name", 'include "FILE";')
        # From the directory of options where that stands before, else from where named is
        # started: people start it beside its configuration.
        path = self.path(paths[0].text)
        found: Sequence[File]
        if _WILDCARDS.intersection(path):
            found = self._files.matching(path, self.main)
            lost = no_file(path, found, self._files, self.main)
            if lost is not None:
                words = f"the include {printable(lost)} is no file"
                raise self._stop(location, line, words, "a pattern that matches files alone")
        else:
            one = self._files.find(path, self.main)
            found = [one] if one is not None else []
        if not found:
            self._missing(path, location, line)
        outer = (*outer, location)
        for file in found:
            if file.location in outer:
                words = f"the include {printable(path)} makes a circle"
                raise self._stop(location, line, words, "files that do not include each other")
            yield from self._file(file, context, outer)

    def _missing(self, path: str, location: Location, line: int) -> None:
        folder = _before_wildcards(path)
        is_pattern = folder != path
        is_folder = not is_pattern and self._files.folder(path, self.main) is not None
        absent = self._files.is_absent(path, self.main) and not is_pattern
        if is_pattern:
            known = self._files.folder(folder, self.main) is not None
            absent = known or self._files.is_absent(folder, self.main)
        if (absent or is_folder) and not location.inside:
            words = f"the include {printable(path)} is {'a folder' if is_folder else 'not there'}"
            raise self._stop(location, line, words, "an existing file")
        self.is_whole = False
        self.note(location, not_found(path, Role.INCLUDE, inside=location.inside), line)


def is_template(content: bytes, parsed: NamedConf) -> bool:
    """Whether a named.conf is made of it first: in comments such marks mean nothing."""
    if not template.is_template(content):
        return False
    if parsed.fault is not None:
        return True
    waiting = [*parsed.statements]
    while waiting:
        for item in waiting.pop().items:
            if not isinstance(item, Word):
                waiting += item.statements
            elif _INSIDE_WORD.search(item.text):
                return True
    return False


def _before_wildcards(path: str) -> str:
    kept = path
    while _WILDCARDS.intersection(kept):
        kept = posixpath.dirname(kept)
    return kept or "."


class _Stop(Exception):
    """named has stopped."""


TEMPLATE = Finding(
    Check.AUDIT_MALFORMED,
    Severity.WARNING,
    "it is a template, and the file that is made from it was not read",
    want="the file that is made from it",
    remedy="audit the file that is made from it",
)


def _of_one_version(words: str, version: str) -> Finding:
    return _doubtful(words)._replace(
        message=f"BIND {version} does not start with it: {words}; other versions do"
    )


def _doubtful(words: str) -> Finding:
    return Finding(
        Check.AUDIT_NOT_FOLLOWED,
        Severity.WARNING,
        f"BIND 9.18 and 9.20 do not start with it: {words}; other versions may",
        got=words,
        want="an option that named knows",
        remedy="remove it, or audit the program too",
    )


_TOO_MANY = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"more than {_MAX_FILES:,} files are included, or they are more than {_MAX_DEPTH} deep: the "
    "others were not followed",
    remedy="find out why the configuration includes so many files",
)
