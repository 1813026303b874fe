"""Programs that take files of anchors by one setting: what is known of each, and what it does.

Most of them hand the files to libunbound, so that they differ in where the setting stands and in
what becomes of a file that cannot be used.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.consumers.consumer import Loader
from anchors.consumers.files import File, Files
from anchors.consumers.libunbound import AnchorFile, read_static
from anchors.consumers.loading import (
    Loaded,
    Used,
    from_entries,
    not_found,
    refused,
    root_alone,
    unread,
)
from anchors.consumers.reading import CONTENT, Note, Place, Reading, Reference, Role
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = ["Program", "Then", "loader_of"]

_WANT = "records of the root's keys, as in a zone file that it reads"


class Then(enum.StrEnum):
    """What a program does with a file of anchors that it cannot use."""

    FAILS = "every look-up fails"
    THROWS = (
        "it throws an error at its start, and a program that ignores the error accepts every answer"
    )
    INSECURE = "it silently accepts every answer"


class Program(NamedTuple):
    """What is known of one program.

    Attributes:
        consumer: its consumer, by name.
        title: what people call it.
        read: the file as the program reads it.
        unusable: what it does where the file is not there, or is of another form.
        empty: what it does without an anchor of the root.
        first: of the files that are named, it takes the first that is there.
        again: words of an included file that may set the same again, for none is followed.
        doubt: why nobody can tell whether it is right, if so: it could not be tried.
    """

    consumer: str
    title: str
    read: Callable[[bytes], AnchorFile] = read_static
    unusable: Then = Then.FAILS
    empty: Then = Then.INSECURE
    first: bool = False
    again: tuple[bytes, ...] = ()
    doubt: str = ""


def loader_of(program: Program) -> Loader:
    """The loader of a program: one start for each configuration that names anchors."""

    def load(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
        del at  # no state is read
        return from_entries(found, program.consumer, lambda place: _loaded(program, place, files))

    return load


def _loaded(program: Program, place: Place, files: Files) -> Loaded:
    # Only what was read is a configuration.
    reading = place.reading or Reading(CONTENT)
    return _Start(program, place, files, reading).loaded()


class _Start:
    """One start of a program with one configuration."""

    def __init__(self, program: Program, place: Place, files: Files, reading: Reading) -> None:
        self._program, self._place, self._files = program, place, files
        self._reading = reading
        self._starts: bool | None = True
        self._notes: list[Note] = [*reading.notes]
        severities = {note.finding.severity for note in self._notes}
        if severities:
            self._starts = False if Severity.FAILURE in severities else None

    def loaded(self) -> Loaded:
        """What the program does."""
        location = self._place.location
        named = [one for one in self._reading.references if one.role is Role.STATIC]
        used = [one for reference in self._taken(named) for one in self._anchors(reference)]
        for reference in self._reading.references:
            if reference.role is Role.INCLUDE and self._may_set_again(reference):
                self._doubt(_included(reference.path), reference.line)
        held = (*self._reading.held, *(held for one in used for held in one.held))
        has_anchor = any(one.effective for one in held)
        if not has_anchor and self._starts:
            self._cannot(self._program.empty, "it has no anchor of the root", "no anchor", None)
        role = Role.PROGRAM if self._reading.syntax.is_program else Role.CONFIGURATION
        if self._program.doubt:
            self._doubt(_doubtful(self._program), None)
        own = Used(location, role, self._reading.held, tuple(self._notes))
        validates = has_anchor if self._starts else None
        return Loaded(
            self._program.consumer,
            location,
            (own, *used),
            starts=self._starts,
            validates=validates,
        )

    def _taken(self, named: Sequence[Reference]) -> Sequence[Reference]:
        """The files that the program takes, of those that are named."""
        if not self._program.first:
            return named
        for one in named:
            if self._find(one) is not None:
                return [one]
            if not self._is_absent(one):
                finding = not_found(one.path, Role.STATIC, inside=self._place.location.inside)
                self._doubt(finding, one.line)
        return []

    def _is_absent(self, reference: Reference) -> bool:
        """Whether a file is not there, for sure; a relative name is one of another directory."""
        is_sure = reference.path.startswith("/") and not self._place.location.inside
        return is_sure and self._files.is_absent(reference.path, self._place.location)

    def _may_set_again(self, include: Reference) -> bool:
        files = self._files.matching(include.path, self._place.location)
        if not files:
            # A pattern may find nothing.
            return "*" not in include.path and "?" not in include.path
        contents = [one.content for one in files if one.location != self._place.location]
        return any(
            one is None or any(word in one for word in self._program.again) for one in contents
        )

    def _find(self, reference: Reference) -> File | None:
        return self._files.find(reference.path, self._place.location)

    def _anchors(self, reference: Reference) -> Iterator[Used]:
        path, line, inside = reference.path, reference.line, self._place.location.inside
        file = self._find(reference)
        if self._is_absent(reference):
            self._cannot(self._program.unusable, "its anchor file does not exist", path, line)
            return
        if file is None or not path.startswith("/"):
            self._doubt(not_found(path, Role.STATIC, inside=inside), line)
            return
        if file.content is None:
            self._doubt(unread(path, Role.STATIC, file.unread), line)
            return
        alone = root_alone(file, path, Role.STATIC)
        if alone is not None:
            self._doubt(alone, line)
        read = self._program.read(file.content)
        if read.refusal is not None:
            got = f"{path}, line {read.refusal.line}: {read.refusal.why}"
            self._cannot(self._program.unusable, "it cannot read its anchors", got, line)
        elif read.doubt is not None:
            why = f"line {read.doubt.line}: {read.doubt.why}"
            self._doubt(unread(path, Role.STATIC, why), line)
        yield Used(file.location, Role.STATIC, read.held)

    def _cannot(self, then: Then, why: str, got: str, line: int | None) -> None:
        """Tell of a file that cannot be used."""
        words = f"{self._program.title}: {why}, so {then.value}"
        if then is not Then.INSECURE:
            self._starts = False
            finding = refused(words, got=printable(got), want=_WANT)
        else:
            finding = Finding(
                Check.AUDIT_VALIDATION,
                Severity.WARNING,
                words,
                got=printable(got),
                want=_WANT,
                remedy="create the anchor file",
            )
        self._notes.append(Note(finding, line))

    def _doubt(self, finding: Finding, line: int | None) -> None:
        if self._starts:
            self._starts = None
        self._notes.append(Note(finding, line))


def _included(path: str) -> Finding:
    return Finding(
        Check.AUDIT_NOT_FOLLOWED,
        Severity.WARNING,
        "its included files may name other anchors, and were not read",
        got=printable(path),
        remedy="name the anchor file in one place only",
    )


def _doubtful(program: Program) -> Finding:
    return Finding(
        Check.AUDIT_NOT_FOLLOWED,
        Severity.WARNING,
        f"{program.title}: {program.doubt}",
        remedy="test the program with a signed name",
    )
