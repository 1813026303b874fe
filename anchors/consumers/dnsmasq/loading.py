"""What dnsmasq does with its configuration (tried on dnsmasq 2.90 and 2.93).

Debian's package starts it with ``--conf-dir`` and, where ``/usr/share/dns/root.ds`` is there, with
a ``--trust-anchor`` for each of its records.
"""

from __future__ import annotations

import contextlib
import fnmatch
import posixpath
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from ipaddress import ip_address

from anchors.consumers.dnsmasq import CONSUMER
from anchors.consumers.dnsmasq.known_options import KNOWN, WITHOUT_VALUE
from anchors.consumers.dnsmasq.reading import anchor_in, fragments_of
from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import (
    Loaded,
    Used,
    from_entries,
    not_found,
    refused,
    switched_off,
    unread,
)
from anchors.consumers.reading import Held, Hold, Note, Place, Reference, Role
from anchors.consumers.template import is_template
from anchors.consumers.yaml_reading import untold
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors
from anchors.grammars.dnsmasq_conf import Option, options

__all__ = ["load"]

_MAX_FILES = 1000
# What Debian's package adds to the command line (/usr/share/dnsmasq/init-system-common).
_DEBIAN = "/usr/share/dnsmasq/init-system-common"
_DEBIAN_CONF, _DEBIAN_FOLDER = "/etc/dnsmasq.conf", "/etc/dnsmasq.d/*"
_DEBIAN_ANCHORS = "/usr/share/dns/root.ds"
# sed's pattern in that script.
_DS_LINE = re.compile(r"([.a-zA-Z0-9]+)(?:[ \t]+[0-9]+)*(?:[ \t]+IN)*[ \t]+DS[ \t]+", re.ASCII)
_DEBIAN_LEAVES_OUT = ("~", ".dpkg-dist", ".dpkg-old", ".dpkg-new")


def load(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
    """Every dnsmasq; on Debian, all of /etc/dnsmasq.d and root.ds belong to one."""
    del at  # dnsmasq keeps no state
    own = [place for place in found if _is_own(place)]
    root = own[0].location._replace(path="") if own else None
    if root is not None and files.find(_DEBIAN, root) is not None:
        resolver = _Dnsmasq(files)
        resolver.start_as_debian_does(root)
        used = {one.location for one in resolver.used}
        if resolver.matters:
            yield resolver.loaded(files.find(_DEBIAN_CONF, root))
        own = [place for place in own if place.location not in used]
    yield from from_entries(own, CONSUMER.name, lambda place: _started(place, files))


def _is_own(place: Place) -> bool:
    return place.reading is not None and place.reading.syntax.consumer == CONSUMER.name


def _started(place: Place, files: Files) -> Loaded:
    resolver = _Dnsmasq(files)
    file = File(place.location, place.content, place.status)
    resolver.read(file, Role.CONFIGURATION)
    return resolver.loaded(file)


class _Dnsmasq:
    """A start of the program: what it has read so far."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.used: list[Used] = []
        self._met: set[Location] = set()
        self._starts: bool | None = True
        self._dnssec: tuple[Location, int] | None = None
        self._cache = ""
        # What takes answers past validation, with where it stands.
        self._past: list[tuple[Location, Note]] = []
        self._is_past: bool | None = False

    @property
    def matters(self) -> bool:
        """Whether anything has to do with validation."""
        anchors = [one for one in self.used if one.held and one.role is not Role.STATIC]
        return bool(self._dnssec or anchors) or self._starts is False

    def start_as_debian_does(self, root: Location) -> None:
        """The configuration, the folder, and the anchors of the command line."""
        main = self.files.find(_DEBIAN_CONF, root)
        if main is not None:
            self.read(main, Role.CONFIGURATION)
        for file in self.files.matching(_DEBIAN_FOLDER, root):
            if not file.location.path.endswith(_DEBIAN_LEAVES_OUT):
                self.read(file, Role.INCLUDE)
        shipped = self.files.find(_DEBIAN_ANCHORS, root)
        if shipped is not None:
            self._take_from_command_line(shipped)

    def read(self, file: File, role: Role) -> None:
        """Read a file, option by option."""
        if file.location in self._met or len(self._met) > _MAX_FILES:
            return
        self._met.add(file.location)
        if file.content is None:
            note = Note(unread(file.location.text, role, file.unread))
            self.used.append(Used(file.location, role, (), (note,)))
            self._starts = None if self._starts else self._starts
            return
        at = len(self.used)
        self.used.append(Used(file.location, role))
        held: list[Held] = []
        notes: list[Note] = []
        for option in options(file.content):
            fault = _fault(option)
            if fault is not None:
                self._refuse(notes, option, fault)
            elif is_template((option.value or "").encode(errors="replace")):
                self._starts = None if self._starts else self._starts
                notes.append(Note(untold("a template of a configuration"), option.line))
            elif option.name not in KNOWN:
                self._doubt(notes, option)
            else:
                held += self._take(option, file, notes)
        self.used[at] = Used(file.location, role, tuple(held), tuple(notes))

    def _take(self, option: Option, file: File, notes: list[Note]) -> list[Held]:
        if option.name == "trust-anchor":
            try:
                anchor = anchor_in(option)
            except MalformedAnchors as error:
                self._refuse(notes, option, str(error))
                return []
            return [Held(anchor, Hold.STATIC, option.line)] if anchor else []
        if option.name == "dnssec":
            self._dnssec = self._dnssec or (file.location, option.line)
        elif option.name == "dnssec-debug":
            note = Note(_DEBUG, option.line)
            self._past.append((file.location, note))
            self._is_past = True
        elif _is_of_every_name(option):
            self._answer(option, file.location)
        elif option.name == "cache-size":
            self._cache = option.value or ""
        elif option.name == "conf-file" and option.value:
            self._include(option, option.value, file.location, notes)
        elif option.name == "conf-dir" and option.value:
            self._include_folder(option, file.location, notes)
        return []

    def _answer(self, option: Option, location: Location) -> None:
        """Every name is answered by dnsmasq itself; "/./" and no name mean that to 2.93 alone."""
        value = option.value or ""
        parts = value.split("/")
        if option.name == "server" and parts[-1]:
            return
        got = printable(f"{option.name}={value[:60]}")
        words = "and dnsmasq answers every name without a look-up"
        self._past.append((location, Note(switched_off(got, "no such option", words), option.line)))
        if value.startswith("/#/"):
            self._is_past = True
        elif not self._is_past:
            self._is_past = None

    def _include(self, option: Option, path: str, beside: Location, notes: list[Note]) -> None:
        if not path.startswith("/"):
            # It is looked for where dnsmasq was started, which nobody can tell.
            self._miss(notes, option, path, beside)
            return
        found = self.files.find(path, beside)
        if found is not None:
            self.read(found, Role.INCLUDE)
        elif self.files.is_absent(path, beside):
            self._refuse(notes, option, f"cannot read {path:.80}")
        elif self.files.folder(path, beside) is None:
            # Of a directory, dnsmasq takes nothing.
            self._miss(notes, option, path, beside)

    def _include_folder(self, option: Option, beside: Location, notes: list[Note]) -> None:
        folder = (option.value or "").split(",")[0].strip(" ")
        if self.files.folder(folder, beside) is None:
            if self.files.is_absent(folder, beside):
                self._refuse(notes, option, f"cannot access directory {folder:.80}")
            else:
                self._miss(notes, option, folder, beside)
            return
        references = [*fragments_of(option)]
        for path in (f"{folder}/{name}" for name in self.files.listed(folder, beside)):
            if any(_takes(reference, path) for reference in references):
                self._need_target(option, path, beside, notes)
        for reference in references:
            for file in self.files.matching(reference.path, beside):
                if not (file.location.path.endswith(reference.without) or _is_backup(file)):
                    self.read(file, Role.INCLUDE)

    def _need_target(self, option: Option, path: str, beside: Location, notes: list[Note]) -> None:
        """A link that leads nowhere ends dnsmasq, unless its name is one that is passed over."""
        name = posixpath.basename(path)
        is_passed_over = name.startswith((".", "#")) or name.endswith("~")
        if not is_passed_over and self.files.is_absent(path, beside):
            self._refuse(notes, option, f"cannot access {path:.80}")

    def _miss(self, notes: list[Note], option: Option, path: str, beside: Location) -> None:
        self._starts = None if self._starts else self._starts
        notes.append(Note(not_found(path, Role.INCLUDE, inside=beside.inside), option.line))

    def _refuse(self, notes: list[Note], option: Option, words: str) -> None:
        self._starts = False
        got = option.name if option.value is None else f"{option.name}={option.value:.60}"
        want = "an option as dnsmasq(8) has it"
        notes.append(
            Note(refused(f"dnsmasq does not start: {words}", got=got, want=want), option.line)
        )

    def _doubt(self, notes: list[Note], option: Option) -> None:
        self._starts = None if self._starts else self._starts
        finding = Finding(
            Check.AUDIT_MALFORMED,
            Severity.WARNING,
            f"it is unknown whether dnsmasq knows the option {option.name:.40}: if not, dnsmasq "
            "does not start",
            remedy="run 'dnsmasq --test' with this configuration",
        )
        notes.append(Note(finding, option.line))

    def _take_from_command_line(self, shipped: File) -> None:
        """The records that Debian's script makes options of."""
        held: list[Held] = []
        notes: list[Note] = []
        rows = (shipped.content or b"").decode("latin-1").split("\n")
        for line, row in enumerate(rows, 1):
            option = _as_debian_writes(line, row)
            if option is None:
                continue
            try:
                anchor = None if option.fault else anchor_in(option)
            except MalformedAnchors:
                option = option._replace(fault="bad trust anchor")
                anchor = None
            if option.fault:
                words = f"dnsmasq does not start: Debian's script makes an option of line {line}"
                want = "DS records without a comment"
                notes.append(Note(refused(words, got=row[:60], want=want), line))
                self._starts = False
            elif anchor is not None:
                held.append(Held(anchor, Hold.STATIC, line))
        self.used.append(Used(shipped.location, Role.STATIC, tuple(held), tuple(notes)))

    def loaded(self, file: File | None) -> Loaded:
        """What came of it."""
        holds = any(one.held for one in self.used)
        if self._dnssec is None:
            if holds:
                first = self.used[0]
                self.used[0] = first._replace(notes=(*first.notes, Note(_NO_DNSSEC)))
        elif self._starts and (not holds or self._cache == "0"):
            location, line = self._dnssec
            words = "dnsmasq does not start: no root trust anchor provided for DNSSEC"
            got, want = "dnssec alone", "trust-anchor options beside dnssec"
            if holds:
                words = "dnsmasq does not start: cannot reduce cache size from default with DNSSEC"
                got, want = "cache-size=0", "no such option"
            self._starts = False
            self._append(location, Note(refused(words, got=got, want=want), line))
        if self._dnssec is not None:
            for location, note in self._past:
                self._append(location, note)
        past = self._is_past
        return Loaded(
            CONSUMER.name,
            file.location if file else None,
            tuple(self.used),
            starts=self._starts,
            validates=self._dnssec is not None and (None if past is None else not past),
            follows=False,
        )

    def _append(self, location: Location, note: Note) -> None:
        for at, one in enumerate(self.used):
            if one.location == location:
                self.used[at] = one._replace(notes=(*one.notes, note))


def _takes(reference: Reference, path: str) -> bool:
    """Whether a file of a folder is read, by its name."""
    return fnmatch.fnmatchcase(path, reference.path) and not path.endswith(reference.without)


def _is_backup(file: File) -> bool:
    """What Emacs leaves while a file is edited, which dnsmasq passes over in a folder."""
    name = posixpath.basename(file.location.path)
    return name.startswith("#") and name.endswith("#")


_DEBUG = switched_off(
    "dnssec-debug", "no such option", "and data that fails validation is returned nevertheless"
)
_OF_NAMES = frozenset({"address", "local", "server"})
_EVERY_NAME = ("/#/", "/./")
_VALUES = {
    "dnssec-check-unsigned": re.compile("no"),
    "dnssec-limits": re.compile("[0-9]*(,[0-9]*)*", re.ASCII),
}
_NO_DNSSEC = switched_off(
    "the option dnssec is missing",
    "dnssec, here or in another file",
    "and without it the trust anchors have no effect",
)


def _as_debian_writes(line: int, row: str) -> Option | None:
    """The option that Debian's script makes of a line of root.ds; none of a line without blanks."""
    words = row.replace("\t", " ").replace("\r", " ").split(" ")
    if len(words) == 1:
        return None
    match = _DS_LINE.match(row)
    if match is None:
        return Option(line, row[:40], fault="junk found in command line")
    rest = ",".join(word for word in row[match.end() :].replace("\t", " ").split(" ") if word)
    return Option(line, "trust-anchor", f"{match[1]},{rest}")


def _is_of_every_name(option: Option) -> bool:
    value = option.value or ""
    is_without_name = option.name == "address" and not value.startswith("/")
    return is_without_name or (option.name in _OF_NAMES and value.startswith(_EVERY_NAME))


def _fault(option: Option) -> str | None:
    """Why dnsmasq refuses an option, whatever its value."""
    if option.fault:
        return f"{option.fault}: {option.name!r:.40}"
    if option.name in WITHOUT_VALUE and option.value is not None:
        return f"extraneous parameter for {option.name}"
    wanted = _VALUES.get(option.name)
    if wanted is not None and option.value and wanted.fullmatch(option.value) is None:
        return f"bad value for {option.name}"
    if option.name == "address" and not _is_address((option.value or "").rpartition("/")[2]):
        return "bad address"
    return None


def _is_address(text: str) -> bool:
    """Whether it is what ``address`` takes behind its names: an address, ``#`` or nothing."""
    with contextlib.suppress(ValueError):
        return text in {"", "#"} or ("%" not in text and bool(ip_address(text)))
    return False
