"""What the recursor does, started with a configuration: version 4 with Lua, version 5 with YAML.

Tried on 4.8.8 and 5.4, the YAML on 5.4.
"""

from __future__ import annotations

import codecs
import posixpath
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import (
    Loaded,
    Used,
    from_entries,
    not_found,
    refused,
    root_alone,
    switched_off,
    unread,
)
from anchors.consumers.pdns import CONSUMER, LUA, YAML
from anchors.consumers.pdns.anchor_file import ds_anchor
from anchors.consumers.pdns.anchor_start import AnchorStart
from anchors.consumers.pdns.built_in import BUILT_IN, program
from anchors.consumers.pdns.documents import MODES, Settings, Value, of_document, old_settings
from anchors.consumers.pdns.findings import FOR_SOME
from anchors.consumers.pdns.steps import (
    Add,
    AddNegative,
    Clear,
    ClearNegative,
    Include,
    OldName,
    ReadFile,
    Refusal,
    Step,
    lua_steps,
)
from anchors.consumers.reading import Held, Hold, Place, Role
from anchors.consumers.start import EndsError
from anchors.consumers.template import is_template
from anchors.consumers.yaml_reading import read_document, untold
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors
from anchors.grammars.lua_statements import require_lua

__all__ = ["load"]

_NAME = CONSUMER.name
_MAX_FILES = 1000
_SHARED = "share/pdns-recursor/"
_OFF = frozenset({"off", "process-no-validate"})
# The first is what counts where nothing is set.
_ON_REQUEST = frozenset({"process", "log-fail"})


def load(found: Sequence[Place], files: Files, _at: datetime) -> Iterator[Loaded]:
    """Every recursor of one root file system."""
    for loaded in from_entries(found, _NAME, lambda place: _Start(place, found, files).loaded()):
        # What the package brings for others to include is started by nobody.
        if loaded.configuration is None or _SHARED not in loaded.configuration.path:
            yield loaded


class _Start(AnchorStart):
    """One start of the program, and what it has loaded so far."""

    def __init__(self, place: Place, found: Sequence[Place], files: Files) -> None:
        super().__init__(place, files)
        self.found = found
        self.negative: tuple[Location, AddNegative] | None = None
        self.mode: tuple[Location, Value] | None = None
        self.is_sure_to_start = True
        self._is_yaml = place.reading is not None and place.reading.syntax.id == YAML.id

    def loaded(self) -> Loaded:
        """All steps to the end, or to where the program refuses one."""
        location = self.place.location
        starts: bool | None = True
        try:
            self._configuration()
            self.read_file()
        except EndsError:
            starts = False
        except MalformedAnchors as error:
            self.unknown(location, None, untold(str(error)))
        if starts and not (self.is_told and self.is_sure_to_start):
            starts = None
        validates = self._validates() if starts is not False else None
        built_in = None
        if self.built_in and starts is not False and validates is not False:
            own = program(self.found, location)
            built_in = BUILT_IN if own is None else None
            if own is not None:
                self.used[own.location] = own
        used = tuple(self.used.values())
        return Loaded(_NAME, location, used, starts, validates, follows=False, built_in=built_in)

    def _configuration(self) -> None:
        location, syntax = self.place.location, LUA
        if self.place.reading is not None:
            syntax = self.place.reading.syntax
        content = self.content()
        if content is None:
            return
        if is_template(content):
            self.unknown(location, None, untold("a template of a configuration"))
        elif syntax.id == LUA.id:
            require_lua(content)
            self._run(location, lua_steps(content))
        elif syntax.id == YAML.id:
            self._yaml(content)
        else:
            self._old_settings(content)

    # The two kinds of settings.

    def _old_settings(self, content: bytes) -> None:
        """Version 4; 5.4 does not start with it unless its command line says so."""
        locations = [self.place.location]
        whole = old_settings(content)
        for file in self._parts(whole.folder, ".conf"):
            whole = whole.then(old_settings(file.content or b"", len(locations)))
            locations.append(file.location)
        self._settings(whole, locations)
        if whole.lua is not None and whole.lua.text:
            self._include(locations[whole.lua.file], Include(whole.lua.line, whole.lua.text), 0)
        for number, step in whole.steps:
            self._run(locations[number], [step])

    def _yaml(self, content: bytes) -> None:
        locations = [self.place.location]
        whole = self._document(content, 0, locations[0])
        for file in self._parts(whole.folder, ".yml"):
            locations.append(file.location)
            part = self._document(file.content or b"", len(locations) - 1, file.location)
            whole = whole.then(part)
        self._settings(whole, locations)
        if whole.lua is not None and whole.lua.text:
            self._lua_beside_yaml(whole, locations)
            self._include(locations[whole.lua.file], Include(whole.lua.line, whole.lua.text), 0)
        for number, step in whole.steps:
            self._run(locations[number], [step])

    def _lua_beside_yaml(self, whole: Settings, locations: Sequence[Location]) -> None:
        if whole.steps and whole.lua is not None:
            words = "the recursor does not start: lua_config_file beside trust anchors in YAML"
            location = locations[whole.lua.file]
            self.refuse(location, whole.lua.line, words, "both", "one of them")

    def _document(self, content: bytes, number: int, location: Location) -> Settings:
        if content.startswith(codecs.BOM_UTF8):
            # 5.4.9 takes the mark for a document of its own before some shapes of YAML.
            self.unknown(location, 1, untold("a byte order mark before YAML"))
        try:
            document = read_document(content)
        except MalformedAnchors as error:
            self.unknown(location, None, untold(str(error)))
            return Settings()
        if isinstance(document, Finding):
            self.unknown(location, None, document)
            return Settings()
        if document is not None and not isinstance(document, dict):
            words = "the recursor does not start: a file of its configuration is no mapping of YAML"
            self.used.setdefault(location, Used(location, Role.INCLUDE))
            self.refuse(location, 1, words, "another syntax", "sections with their settings")
        return of_document(document, number)

    def _parts(self, folder: Value | None, ending: str) -> Iterator[File]:
        """The files of the include directory, by name; a name that begins with a dot is none."""
        location = self.place.location
        if folder is None or not folder.text:
            return
        path = posixpath.join("/", folder.text)
        if self.files.folder(path, location) is None:
            self._no_folder(folder, path)
        for name in self.files.listed(path, location)[:_MAX_FILES]:
            self._need_file(folder, posixpath.join(path, name), ending)
        for file in self.files.below(path, location)[:_MAX_FILES]:
            name = posixpath.basename(file.location.path)
            if not name.endswith(ending) or name.startswith("."):
                continue
            self.used.setdefault(file.location, Used(file.location, Role.INCLUDE))
            if file.content is None:
                self.unknown(location, folder.line, unread(name, Role.INCLUDE, file.unread))
            elif is_template(file.content):
                self.unknown(file.location, None, untold("a template of a configuration"))
            else:
                unreadable = root_alone(file, name, Role.INCLUDE)
                if unreadable is not None:
                    self.unknown(location, folder.line, unreadable)
                yield file

    def _need_file(self, folder: Value, path: str, ending: str) -> None:
        """What has the ending and is no file ends the start."""
        name, location = posixpath.basename(path), self.place.location
        if not name.endswith(ending) or name.startswith("."):
            return
        if self.files.folder(path, location) is not None or self.files.is_absent(path, location):
            words = f"the recursor does not start: {printable(path)} is not a readable file"
            self.refuse(location, folder.line, words, "a directory or a broken link", "a file")

    def _no_folder(self, folder: Value, path: str) -> None:
        location = self.place.location
        if self.files.is_absent(path, location):
            words = f"the recursor does not start: {printable(path)} does not exist"
            self.refuse(location, folder.line, words, "no such directory", "the directory")
        # Whether it starts is open; what the other files say is known.
        self.is_sure_to_start = False
        finding = not_found(folder.text, Role.INCLUDE, inside=location.inside)
        self.note(location, folder.line, finding)

    def _settings(self, whole: Settings, locations: Sequence[Location]) -> None:
        for number, step in whole.refusals[:1]:
            self.refuse(locations[number], step.line, step.words, step.got, step.want)
        if whole.mode is None:
            return
        location = locations[whole.mode.file]
        self.mode = location, whole.mode
        if whole.mode.text not in MODES:
            words = "the recursor does not start: no such mode of validation"
            got = printable(whole.mode.text[:80])
            self.refuse(location, whole.mode.line, words, got, ", ".join(sorted(MODES)))

    # One step after the other.

    def _run(self, location: Location, steps: Sequence[Step], depth: int = 0) -> None:
        for step in steps:
            if isinstance(step, Add):
                self._add(location, step)
            elif isinstance(step, Clear):
                self._clear(location, step)
            elif isinstance(step, ReadFile):
                self.need_earlier()
                self.file = location, step
            elif isinstance(step, AddNegative):
                self.negative = location, step
            elif isinstance(step, ClearNegative):
                self.negative = None
            elif isinstance(step, Include):
                self._include(location, step, depth)
            elif isinstance(step, Refusal):
                self.refuse(location, step.line, step.words, step.got, step.want)
            elif isinstance(step, OldName):
                self._old_name(location, step)
            else:
                self.unknown(location, step.line, untold(step.statement))

    def _clear(self, location: Location, step: Clear) -> None:
        if self.file is not None and not self._is_yaml:
            words = f"{step.statement} behind a file of anchors, which is read again after a day"
            self.unknown(location, step.line, untold(words))
        self.drop("clear", location, step.line)

    def _old_name(self, location: Location, step: OldName) -> None:
        """4.8.8 takes the name, and 5.4, which has YAML, does not."""
        words = f"the recursor does not start from version 5 on: it does not know {step.name}"
        want = step.name.replace("DS", "TA")
        if self._is_yaml:
            self.refuse(location, step.line, words, step.name, want)
        self.is_sure_to_start = False
        finding = refused(words, got=step.name, want=want)
        self.note(location, step.line, finding._replace(severity=Severity.WARNING))

    def _add(self, location: Location, step: Add) -> None:
        try:
            anchor = ds_anchor(step.rdata, step.statement)
        except MalformedAnchors as error:
            words = f"the recursor does not start: {step.statement} with no DS"
            self.refuse(location, step.line, words, printable(str(error)), "the rdata of a DS")
        here = self.used[location]
        held = Held(anchor, Hold.STATIC, step.line)
        if self.file is not None and not self._is_yaml:
            self.behind.append((location, held))
        self.used[location] = here._replace(held=(*here.held, held))

    def _include(self, location: Location, step: Include, depth: int) -> None:
        path = posixpath.join("/", step.path)
        absent = f"the recursor does not start: {printable(step.path)} does not exist"
        file = self.included(location, step, path, depth, absent=absent, want="the file")
        if file is not None:
            self._run(file.location, self._included(file), depth + 1)

    def _included(self, file: File) -> list[Step]:
        content = file.content or b""
        if is_template(content):
            self.unknown(file.location, None, untold("a template of a configuration"))
            return []
        try:
            self.need_lua(file.location, content, "the recursor")
            return lua_steps(content)
        except MalformedAnchors as error:
            self.unknown(file.location, None, untold(str(error)))
            return []

    # What came of it.

    def _validates(self) -> bool | None:
        if self.mode is not None and self.mode[1].text in _OFF:
            location, mode = self.mode
            finding = switched_off(f"dnssec is {mode.text}", "validate")
            self.note(location, mode.line, finding)
            return False
        if self.negative is not None:
            location, step = self.negative
            finding = switched_off(f"{step.statement} .", step.instead)
            self.note(location, step.line, finding)
            return False
        is_live = any(held.effective for used in self.used.values() for held in used.held)
        if not (self.built_in or is_live) and self.is_told:
            # 4.8.8 and 5.4 start, and take all names for insecure.
            location, line = self.cleared
            words = "no trust anchor of the root is left"
            self.note(location, line, switched_off(words, "anchors of the root"))
            return False
        if self.mode is None or self.mode[1].text in _ON_REQUEST:
            where = self.place.location if self.mode is None else self.mode[0]
            self.note(where, None if self.mode is None else self.mode[1].line, FOR_SOME)
        return True if self.is_told else None
