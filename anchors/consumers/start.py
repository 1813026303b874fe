"""One start of a program that goes through its configuration step by step."""

from __future__ import annotations

from typing import NoReturn, Protocol

from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import (
    Used,
    not_found,
    refused,
    root_alone,
    root_alone_starts,
    unread,
)
from anchors.consumers.reading import Note, Place, Role
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.grammars.lua_statements import NotLuaError, require_lua

__all__ = ["EndsError", "Start"]

_MAX_FILES, _MAX_DEPTH = 1000, 16
_TOO_MANY = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    "too many files include each other: the files that this one names were not all read",
    remedy="audit a smaller directory",
)


class EndsError(Exception):
    """The program ends."""


class _Naming(Protocol):
    """A step that names a file."""

    @property
    def line(self) -> int: ...

    @property
    def path(self) -> str: ...


class Start:
    """One start of a program, and what it has loaded so far.

    Attributes:
        place: its configuration.
        files: the root file system.
        used: what it has loaded so far.
        is_told: nothing was met of which only a run of the program could tell what it does.
    """

    def __init__(self, place: Place, files: Files) -> None:
        self.place, self.files = place, files
        location = place.location
        self.used = {location: Used(location, Role.CONFIGURATION)}
        self.is_told = True
        self._read = 0
        unreadable = root_alone_starts(place, files)
        if unreadable is not None:
            self.unknown(location, None, unreadable)

    def content(self) -> bytes | None:
        """The configuration; where nobody has kept it, that is told."""
        location, content = self.place.location, self.place.content
        if content is None:
            file = self.files.find(f"/{location.path}", location)
            content = file.content if file is not None else None
        if content is None:
            self.unknown(location, None, unread(location.path, Role.CONFIGURATION, "not kept"))
        return content

    def included(
        self, location: Location, step: _Naming, path: str, depth: int, *, absent: str, want: str
    ) -> File | None:
        """The file that a step includes; ``None`` where it cannot be followed, which is told.

        Args:
            location: the file that the step stands in.
            step: the step.
            path: the path, as the program makes it of the one that is named.
            depth: how many files include each other so far.
            absent: what the program says where there is no such file.
            want: what should be there then.

        Raises:
            EndsError: there is no such file.
        """
        file = self.files.find(path, location)
        self._read += 1
        if self._read > _MAX_FILES or depth >= _MAX_DEPTH:
            self.unknown(location, step.line, _TOO_MANY)
        elif file is not None and file.content is not None:
            self.used.setdefault(file.location, Used(file.location, Role.INCLUDE))
            unreadable = root_alone(file, step.path, Role.INCLUDE)
            if unreadable is not None:
                self.unknown(location, step.line, unreadable)
            return file
        elif file is not None:
            self.unknown(location, step.line, unread(step.path, Role.INCLUDE, file.unread))
        elif step.path.startswith("/") and self.files.is_absent(path, location):
            self.refuse(location, step.line, absent, "no such file", want)
        else:
            finding = not_found(step.path, Role.INCLUDE, inside=location.inside)
            self.unknown(location, step.line, finding)
        return None

    def need_lua(self, location: Location, content: bytes, program: str) -> None:
        """Nothing of a text that is no Lua runs.

        Raises:
            EndsError: no Lua loads the text.
            MalformedAnchors: another version of Lua may load it.
        """
        try:
            require_lua(content)
        except NotLuaError as error:
            words = f"{program} does not start: the text is no Lua"
            self.refuse(location, error.line, words, printable(str(error)), "Lua")

    def note(self, location: Location, line: int | None, finding: Finding) -> None:
        """Tell something of a file that is used."""
        used = self.used[location]
        self.used[location] = used._replace(notes=(*used.notes, Note(finding, line)))

    def unknown(self, location: Location, line: int | None, finding: Finding) -> None:
        """Tell what nobody can know without a run of the program."""
        self.is_told = False
        self.note(location, line, finding)

    def refuse(self, location: Location, line: int, words: str, got: str, want: str) -> NoReturn:
        """Tell why the program ends.

        Raises:
            EndsError: always.
        """
        self.note(location, line, refused(words, got=got, want=want))
        raise EndsError
