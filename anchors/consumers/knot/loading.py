"""What Knot Resolver does, started with a configuration: version 5 with Lua, version 6 with YAML.

Tried on kresd 5.6.0 and 6.5, unless a rule says otherwise.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.files import File, Files, Location
from anchors.consumers.knot import CONSUMER, LUA, YAML
from anchors.consumers.knot.default import find_default
from anchors.consumers.knot.findings import (
    COMPILED_IN,
    REVOKED,
    ROOTS_FOLDER,
    SCRIPT_FILE,
    bad_default,
    fetched,
    stopped,
)
from anchors.consumers.knot.keyset import Keyset, read_keyset
from anchors.consumers.knot.reading import REPLACED, is_named, steps_of
from anchors.consumers.knot.steps import (
    Add,
    AddFile,
    Include,
    Refusal,
    Remove,
    SetInsecure,
    Step,
    Stub,
    Unload,
)
from anchors.consumers.loading import (
    Loaded,
    Used,
    cannot_keep,
    from_entries,
    not_found,
    root_alone,
    switched_off,
    unread,
    unused_states,
)
from anchors.consumers.reading import Held, Hold, Note, Place, Role, Syntax
from anchors.consumers.start import EndsError, Start
from anchors.consumers.template import is_template
from anchors.consumers.yaml_reading import untold
from anchors.core.findings import Finding
from anchors.core.found import FoundDnskey, MalformedAnchors
from anchors.grammars.lua_statements import require_lua

__all__ = ["load"]

_NAME = CONSUMER.name
# Both Debian's unit and the program's own: WorkingDirectory.
_WORKING_DIRECTORY = "/var/lib/knot-resolver"


def load(found: Sequence[Place], files: Files, _at: datetime) -> Iterator[Loaded]:
    """Every Knot Resolver of one root file system."""
    loaded = [*from_entries(found, _NAME, lambda place: _Start(place, files).loaded())]
    yield from loaded
    yield from unused_states(found, _NAME, loaded)


class _Start(Start):
    """One start of the program, and what it has loaded so far."""

    def __init__(self, place: Place, files: Files) -> None:
        super().__init__(place, files)
        # Where the anchors of the root that are in force lie.
        self.source: Location | None = None
        self.managed = False
        self.has_root = True
        self.is_known = True
        self.negative: tuple[Location, int] | None = None
        self.removed: tuple[Location, int, str] | None = None
        self.stub: tuple[Location, int] | None = None
        self.updates = True
        self.is_default = True
        self.default = find_default(files, place.location)

    def loaded(self) -> Loaded:
        """All steps to the end, or to where the program refuses one."""
        location = self.place.location
        starts: bool | None = True
        try:
            self._need_default()
            self._need_own_folder()
            self._run(location, self._steps())
            self._use_default()
        except EndsError:
            starts = False
        except MalformedAnchors as error:
            self.unknown(location, None, untold(str(error)))
        if starts and not self.is_told:
            starts = None
        validates = self._validates() if starts is not False else None
        follows = self.has_root and self.managed and self.updates
        return Loaded(_NAME, location, tuple(self.used.values()), starts, validates, follows)

    def _steps(self) -> list[Step]:
        content = self.content()
        if content is None:
            return []
        syntax = self.place.reading.syntax if self.place.reading is not None else LUA
        return self._parsed(content, syntax, self.place.location)

    def _parsed(self, content: bytes, syntax: Syntax, location: Location) -> list[Step]:
        if is_template(content):
            self.unknown(location, None, untold("a template of a configuration"))
            return []
        if syntax.id != YAML.id and (location != self.place.location or is_named(location.path)):
            self.need_lua(location, content, "Knot Resolver")
        elif syntax.id != YAML.id:
            # Perhaps it is no configuration at all.
            require_lua(content)
        steps = steps_of(content, YAML if syntax.id == YAML.id else LUA)
        if isinstance(steps, Finding):
            self.unknown(location, None, steps)
            return []
        return steps

    def _validates(self) -> bool | None:
        if self.negative is not None:
            location, line = self.negative
            finding = switched_off("a negative trust anchor for the root", "none for it")
            self.note(location, line, finding)
            return False
        if self.stub is not None:
            location, line = self.stub
            finding = switched_off("policy.STUB for all names", "policy.FORWARD")
            self.note(location, line, finding)
            return False
        if not self.has_root:
            without = (self.place.location, 1, "the root has no trust anchor")
            location, line, got = self.removed or without
            self.note(location, line, switched_off(got, "an anchor of the root"))
            return False
        return True if self.is_known and self.is_told else None

    # The default, which is read before any configuration.

    def _need_default(self) -> None:
        """A key file that is compiled in and cannot be read ends the program at once."""
        path, location = self.default.path, self.place.location
        if self.default.is_certain and self.files.is_absent(path, location):
            words = f"Knot Resolver does not start: {path}, which it reads first, does not exist"
            self.refuse(location, 1, words, "no such file", "the key file of its package")
        file = self.files.find(path, location) if self.default.is_certain else None
        keyset = (
            read_keyset(file.content) if file is not None and file.content is not None else None
        )
        if file is not None and keyset is not None and keyset.refusal:
            self.used[file.location] = Used(file.location, Role.STATIC)
            words = (
                f"Knot Resolver does not start, because it reads this file first: {keyset.refusal}"
            )
            want = "the key file of its package"
            self.refuse(file.location, keyset.line, words, keyset.stopped or "nothing", want)
        self._doubt_default()

    def _doubt_default(self) -> None:
        """Where the program is not there, a bad file that it may read first leaves it open."""
        path, location = self.default.perhaps, self.place.location
        file = self.files.find(path, location) if path else None
        if file is None or file.content is None:
            return
        unreadable = root_alone(file, path, Role.STATIC)
        refusal = read_keyset(file.content).refusal
        if unreadable is not None or refusal:
            self.unknown(location, None, unreadable or bad_default(path, refusal))

    def _use_default(self) -> None:
        """What is in force where the configuration says nothing."""
        if not self.is_default:
            return
        if self.default.path:
            step = AddFile(1, self.default.path, self.default.managed)
            self._file(self.place.location, step)
            return
        self.unknown(self.place.location, None, COMPILED_IN)

    # One step after the other.

    def _run(self, location: Location, steps: Sequence[Step], depth: int = 0) -> None:
        for step in steps:
            if isinstance(step, Add):
                self._add(location, step)
            elif isinstance(step, AddFile):
                self._file(location, step)
            elif isinstance(step, Include):
                self._include(location, step, depth)
            elif isinstance(step, Remove):
                self._remove(location, step)
            elif isinstance(step, SetInsecure):
                self._insecure(location, step)
            elif isinstance(step, Stub):
                self.stub = location, step.line
            elif isinstance(step, Unload):
                self.updates = False
            elif isinstance(step, Refusal):
                self.refuse(location, step.line, step.words, step.got, step.want)
            else:
                self.unknown(location, step.line, untold(step.statement))

    def _add(self, location: Location, step: Add) -> None:
        keyset = read_keyset(step.records.encode("utf-8", "surrogateescape"))
        begin = step.line - 1
        what = f"{step.statement} with a text of which"
        if keyset.refusal:
            words = f"Knot Resolver does not start: {step.statement}, and {keyset.refusal}"
            want = "a record of the root on each line"
            self.refuse(location, begin + keyset.line, words, step.records[:80], want)
        untrusted = next((k for k in keyset.keys if not k.is_usable), None)
        if untrusted is not None or not any(key.is_trusted for key in keyset.keys):
            words = f"Knot Resolver does not start: {what} no key, or not each, can be trusted"
            at = begin + (untrusted or keyset.keys[0]).line
            self.refuse(location, at, words, "a revoked key", "valid keys")
        if not keyset.is_of_root:
            return
        if self.managed:
            words = f"Knot Resolver does not start: {step.statement} after a managed key file"
            self.refuse(location, step.line, words, "both", "one of them")
        held = (key.held(Hold.STATIC) for key in keyset.keys)
        lines = [one._replace(line=begin + (one.line or 1)) for one in held]
        self._replace(location, lines, managed=False)
        self._tell_stop(location, keyset, begin)

    def _file(self, location: Location, step: AddFile) -> None:
        role = Role.MANAGED if step.managed else Role.STATIC
        path = posixpath.join(_WORKING_DIRECTORY, step.path)
        if location.path.endswith((".yaml", ".yml")) and not step.path.startswith("/"):
            path = step.path
        if step.managed:
            self._need_folder(location, step, path)
        file = self.files.find(path, location)
        if file is None:
            self._missing_file(location, step, path, role)
        elif file.content is None:
            self._forget(location, step.line, unread(step.path, role, file.unread))
        else:
            unreadable = root_alone(file, step.path, role)
            if unreadable is not None:
                self.unknown(location, step.line, unreadable)
            self._key_file(step, file, role)

    def _need_folder(self, location: Location, step: AddFile, path: str) -> None:
        """It writes beside the file at its start, as its own user."""
        folder = self.files.folder(posixpath.dirname(path), location)
        if folder is not None and not folder.may_be_written:
            words = (
                "Knot Resolver does not start: it cannot write into the directory of "
                f"{step.path}, where it is to keep its RFC 5011 state"
            )
            self.note(location, step.line, cannot_keep(words, fatal=True))
            raise EndsError

    def _need_own_folder(self) -> None:
        """It ends where it cannot write into the directory that its unit starts it in."""
        folder = self.files.folder(_WORKING_DIRECTORY, self.place.location)
        if folder is not None and not folder.may_be_written:
            self.unknown(self.place.location, None, ROOTS_FOLDER)

    def _missing_file(self, location: Location, step: AddFile, path: str, role: Role) -> None:
        if not (step.path.startswith("/") and self.files.is_absent(path, location)):
            finding = not_found(step.path, role, inside=location.inside)
            self._forget(location, step.line, finding)
            return
        if not step.managed or (self.has_root and self._has_certain_root()):
            words = f"Knot Resolver does not start: the key file {step.path} does not exist"
            want = "the file, with the anchors of the root"
            self.refuse(location, step.line, words, "no such file", want)
        self._forget(location, step.line, fetched(step.path))

    def _has_certain_root(self) -> bool:
        """Whether the root has a key already, so that none is fetched."""
        return self.default.is_certain or not self.is_default

    def _key_file(self, step: AddFile, file: File, role: Role) -> None:
        keyset = read_keyset(file.content or b"")
        if keyset.refusal:
            self.used.setdefault(file.location, Used(file.location, role))
            words = f"Knot Resolver does not start with this key file: {keyset.refusal}"
            got = keyset.stopped or keyset.refusal
            want = "DS and DNSKEY records of the root alone"
            self.refuse(file.location, keyset.line, words, got, want)
        if not keyset.is_of_root:
            return
        hold = Hold.STATIC
        if step.managed:
            hold = Hold.STATE if keyset.is_stated else Hold.SEED
        held = [key.held(hold) for key in sorted(keyset.keys, key=lambda key: key.line)]
        self._replace(file.location, held, managed=step.managed, role=role)
        for key in keyset.keys:
            if not key.is_usable and isinstance(key.anchor, FoundDnskey):
                self.note(file.location, key.line, REVOKED)
        self._tell_stop(file.location, keyset, 0)

    def _tell_stop(self, location: Location, keyset: Keyset, begin: int) -> None:
        if keyset.stopped:
            self.note(location, begin + keyset.line, stopped(keyset.stopped))

    def _include(self, location: Location, step: Include, depth: int) -> None:
        path = posixpath.join(_WORKING_DIRECTORY, step.path)
        if step.is_script_file:
            path = step.path
            # kresctl convert of 6.5 fails with any such file, and the template says what it means.
            self.unknown(location, step.line, SCRIPT_FILE)
        absent = f"Knot Resolver does not start: {step.path} does not exist"
        file = self.included(
            location, step, path, depth, absent=absent, want="the file, or no dofile"
        )
        if file is not None:
            self._run(file.location, self._included(file), depth + 1)

    def _included(self, file: File) -> list[Step]:
        try:
            return self._parsed(file.content or b"", LUA, file.location)
        except MalformedAnchors as error:
            self.unknown(file.location, None, untold(str(error)))
            return []

    def _remove(self, location: Location, step: Remove) -> None:
        if step.zone != ".":
            return
        self._replace(location, [], managed=False)
        self.has_root = False
        self.removed = (location, step.line, step.statement)

    def _insecure(self, location: Location, step: SetInsecure) -> None:
        if "" in step.zones:
            words = f"Knot Resolver does not start: {step.statement} with an empty name"
            self.refuse(location, step.line, words, "an empty name", "names of zones")
        if "." in step.zones and self.has_root:
            words = (
                f"Knot Resolver does not start: {step.statement} names the root, which has an "
                "anchor"
            )
            self.refuse(location, step.line, words, step.statement, "no root among its zones")
        self.negative = (location, step.line) if "." in step.zones else None

    # What came of it.

    def _replace(
        self,
        location: Location,
        held: Sequence[Held],
        *,
        managed: bool,
        role: Role = Role.INCLUDE,
    ) -> None:
        """These are the root's anchors from now on, and no others."""
        if self.source is not None:
            old = self.used[self.source]
            live = [one for one in old.held if one.effective]
            notes = tuple(Note(REPLACED, one.line) for one in live[:1])
            ignored = tuple(one._replace(hold=Hold.IGNORED, state=None) for one in old.held)
            self.used[self.source] = old._replace(held=ignored, notes=(*old.notes, *notes))
        here = self.used.get(location, Used(location, role))
        self.used[location] = here._replace(held=(*here.held, *held))
        self.source, self.managed = location, managed
        self.has_root = self.is_known = True
        self.is_default = False

    def _forget(self, location: Location, line: int, finding: Finding) -> None:
        """Anchors that are not known take the place of those before."""
        self._replace(location, [], managed=False)
        self.is_known = False
        self.unknown(location, line, finding)
