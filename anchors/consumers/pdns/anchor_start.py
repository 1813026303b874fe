"""What a recursor has for anchors as it starts: its own, those that are added, and those of a file.

Tried on 4.8.8 and 5.4.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import Used, not_found, root_alone, unread
from anchors.consumers.pdns.anchor_file import Part, RefusedError, parts_of
from anchors.consumers.pdns.findings import NO_OWNER
from anchors.consumers.pdns.reading import dropped
from anchors.consumers.pdns.steps import ReadFile
from anchors.consumers.reading import Held, Hold, Note, Place, Role
from anchors.consumers.start import Start
from anchors.consumers.yaml_reading import untold
from anchors.core.escape import printable

__all__ = ["AnchorStart"]


class AnchorStart(Start):
    """One start of the program, and the anchors that it has so far.

    Attributes:
        built_in: the keys of the program are among them.
        file: what is read last, whatever stands behind it: version 5 puts it off, and version 4
            reads it again after a day.
        behind: what a configuration of version 4 adds behind a file.
        cleared: where the anchors were last taken away.
    """

    def __init__(self, place: Place, files: Files) -> None:
        super().__init__(place, files)
        self.built_in = True
        self.file: tuple[Location, ReadFile] | None = None
        self.behind: list[tuple[Location, Held]] = []
        self.cleared: tuple[Location, int] = (place.location, 1)

    def need_earlier(self) -> None:
        """A file that the next one replaces is read all the same."""
        file = self._named_file()
        if file is not None:
            self._parts_of(file)

    def read_file(self) -> None:
        """The last file that is named replaces all anchors, the built-in ones as well."""
        if self.file is None:
            return
        location, step = self.file
        self.drop("file", location, step.line)
        file = self._named_file()
        if file is not None:
            self._use(file)
            self._doubt_behind()

    def _named_file(self) -> File | None:
        """The file of anchors that was named last; ``None`` where it cannot be read."""
        if self.file is None:
            return None
        location, step = self.file
        path = posixpath.join("/", step.path)
        file = self.files.find(path, location)
        if file is None and step.path.startswith("/") and self.files.is_absent(path, location):
            words = f"the recursor does not start: {printable(step.path)} does not exist"
            self.refuse(location, step.line, words, "no such file", "the file")
        if file is None:
            finding = not_found(step.path, Role.STATIC, inside=location.inside)
            self.unknown(location, step.line, finding)
        return file if file is not None and self._need_readable(file, location, step) else None

    def _need_readable(self, file: File, location: Location, step: ReadFile) -> bool:
        """Whether its content is known; the recursor ends where it may not read it."""
        path = f"/{file.location.path}"
        finding = root_alone(file, path, Role.STATIC)
        if file.content is None:
            finding = unread(path, Role.STATIC, file.unread)
        if finding is not None:
            self.unknown(location, step.line, finding)
        return file.content is not None

    def _parts_of(self, file: File) -> Sequence[Part]:
        try:
            parts = parts_of(file, self.files)
        except RefusedError as error:
            self.used.setdefault(error.file.location, Used(error.file.location, Role.STATIC))
            words = "the recursor does not start with this file of anchors"
            want = "records that it can read"
            self.refuse(error.file.location, error.line, words, printable(str(error)), want)
        for part in parts:
            if part.file is not file and self.file is not None:
                self._need_readable(part.file, *self.file)
        return parts

    def _use(self, file: File) -> None:
        for part in self._parts_of(file):
            where = part.file.location
            here = self.used.get(where, Used(where, Role.STATIC))
            self.used[where] = here._replace(held=(*here.held, *part.held))
            for line in part.dropped[:1]:
                self.note(where, line, NO_OWNER)
            for name, line in part.missing:
                finding = not_found(name, Role.INCLUDE, inside=where.inside)
                self.unknown(where, line, finding)

    def _doubt_behind(self) -> None:
        """Version 4 has what is added behind the file, until it reads the file again."""
        live = {one.anchor for used in self.used.values() for one in used.held if one.effective}
        for location, held in self.behind:
            if held.anchor._replace(statement=None) not in live:
                words = "an anchor behind a file of anchors, which is read again after a day"
                self.unknown(location, held.line, untold(words))
                break

    def drop(self, by: str, cleared: Location, line: int) -> None:
        """No anchor so far is in force; ``by``: ``file`` or ``clear``."""
        self.cleared = cleared, line
        self.built_in = False
        for location, used in self.used.items():
            live = [one for one in used.held if one.effective]
            notes = tuple(Note(dropped(by), one.line) for one in live)
            held = tuple(one._replace(hold=Hold.IGNORED) for one in used.held)
            self.used[location] = used._replace(held=held, notes=(*used.notes, *notes))
