"""Unbound's configuration with all that it includes, as Unbound goes through it at its start.

Tried on Unbound 1.17.1 and 1.26.2.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import not_found, refused, unread
from anchors.consumers.patterns import is_pattern, no_file
from anchors.consumers.reading import Note, Role
from anchors.consumers.template import is_template, text_without_tags
from anchors.consumers.unbound.clauses import At, Clause
from anchors.consumers.unbound.known_options import KNOWN
from anchors.consumers.unbound.paths import after_start
from anchors.consumers.unbound.placed_options import belongs, fault
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.grammars.unbound_conf import CLAUSES, Document, LeftOver, Option, parse_unbound_conf

__all__ = [
    "ANCHORS",
    "CONTROL_FILES",
    "FILES",
    "INCLUDES",
    "TEMPLATE",
    "Configuration",
    "Parsed",
    "readable",
]

INCLUDES = frozenset({"include", "include-toplevel"})
FILES: Mapping[str, Role] = {
    "trust-anchor-file": Role.STATIC,
    "trusted-keys-file": Role.TRUSTED_KEYS,
    "auto-trust-anchor-file": Role.MANAGED,
}
ANCHORS = "trust-anchor"
# The one that stands last counts.
_SETTINGS = frozenset({
    *("module-config", "val-permissive-mode", "val-override-date", "val-nsec3-keysize-iterations"),
    *("chroot", "directory", "username"),
})  # fmt: skip
# All of them belong into a server: clause.
_OWN = frozenset({ANCHORS, *FILES, *_SETTINGS, "domain-insecure"})
_FOLDER = "/etc/unbound"
_DOUBTFUL = re.compile(rb"trust-anchor|trusted-keys|include|module-config|val-|chroot|directory")
# Of remote-control; each file is wanted where it is switched on over the network.
CONTROL_FILES: Mapping[str, str] = {
    "server-key-file": "unbound_server.key",
    "server-cert-file": "unbound_server.pem",
}
_FIRST_COUNTS = "control-interface"
_ZONES = frozenset({"auth-zone", "forward-zone", "rpz", "stub-zone"})
_NAMED = _ZONES | {"view"}
_DEFAULT_MODULES = "validator iterator"
_MAX_DEPTH = 16
_MAX_FILES = 1000
# Of all resolvers of one root file system together.
_MAX_READ = 10_000
_MAX_OPTIONS = 1_000_000


def readable(content: bytes) -> bytes:
    """What Unbound reads in any case, where the text is a template; else the text itself."""
    made = text_without_tags(content, _DOUBTFUL) if is_template(content) else None
    return content if made is None else made


TEMPLATE = Finding(
    Check.AUDIT_MALFORMED,
    Severity.WARNING,
    "it is a template, and Unbound is started with the file that is made from it",
    remedy="audit the file that is made from it",
)
_TOO_MANY = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    "it includes too many files, or too deeply: they were not all read",
    remedy="find out why the configuration includes so many files",
)
_NO_CLAUSE = Finding(
    Check.AUDIT_MALFORMED,
    Severity.WARNING,
    "no server: comes before the option, so the file is a part of another one",
    remedy="audit the configuration that includes it",
)


def _unknown(name: str) -> Finding:
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        f"it is unknown whether Unbound knows the option {name:.40}: if not, Unbound does not "
        "start",
        remedy="run unbound-checkconf with this configuration",
    )


class Parsed:
    """Every file of a root file system, parsed once."""

    def __init__(self) -> None:
        self._documents: dict[Location, Document] = {}
        self._left, self._options_left = _MAX_READ, _MAX_OPTIONS

    def document(self, location: Location, content: bytes) -> Document | None:
        """The options of a file; ``None`` where too many were asked for."""
        self._left -= 1
        if self._left < 0:
            return None
        if location not in self._documents:
            self._documents[location] = parse_unbound_conf(content)
        document = self._documents[location]
        self._options_left -= len(document.items)
        return document if self._options_left >= 0 else None


class Configuration:
    """What a configuration says, in the order of Unbound.

    Attributes:
        main: the file that Unbound is started with.
        folder: the directory that Unbound is built to start in, as far as that is known.
        starts: whether Unbound starts with what was read so far.
        files: what it includes, itself first.
        notes: what is to be told of each file.
        anchors: the values of ``trust-anchor``.
        named: the files that it names, by option.
        insecure: the values of ``domain-insecure``.
        settings: the last value of each other option that decides over anchors or their files.
        hints: the files of root-hints.
        local: the names of ``local-zone``, outside of views, each with its type.
        control: the value of each option of remote-control that counts, mostly the last one.
        clauses: those about zones and the views, with what stands in them.
        deciding: what else stands in server clauses, each option by its name.
    """

    def __init__(self, main: Location, content: bytes, files: Files, parsed: Parsed) -> None:
        self.main = main
        self.starts: bool | None = True
        self.files: list[Location] = []
        self.notes: dict[Location, list[Note]] = defaultdict(list)
        self.anchors: list[At] = []
        self.named: dict[str, list[At]] = defaultdict(list)
        self.insecure: list[At] = []
        self.settings: dict[str, At] = {}
        self.control: dict[str, At] = {}
        self.hints: list[At] = []
        self.local: list[tuple[At, str]] = []
        self.clauses: list[Clause] = []
        self.deciding: list[tuple[str, At]] = []
        self._files, self._parsed = files, parsed
        self._clause = ""
        # A part of a configuration begins without a clause; unbound.conf is none.
        self.folder = self._default_folder()
        self._is_whole = posixpath.basename(main.path) == "unbound.conf" or self.folder == _FOLDER
        self._number = 0
        # The files that are read at this time; stopped: nothing more is read.
        self._open: set[Location] = set()
        self._templates: set[Location] = set()
        self._is_stopped = False
        self._read(main, content, 0, None)

    def value(self, name: str) -> str:
        """The last value of a setting, empty where there is none."""
        return self.settings[name].value if name in self.settings else ""

    def path(self, at: At) -> str:
        """The file that an option names, as Unbound opens it when all is read."""
        directory, chroot = self.value("directory"), self.value("chroot")
        if not directory and (chroot or self.folder == _FOLDER):
            directory = self.folder
        return after_start(at.value, directory, chroot)

    def _default_folder(self) -> str:
        """Unbound is built with the directory of its configuration, from where a link may lead."""
        linked = self._files.find(f"{_FOLDER}/unbound.conf", self.main)
        if linked is not None and linked.location == self.main:
            return _FOLDER
        return "/" + posixpath.dirname(self.main.path)

    @property
    def modules(self) -> list[str]:
        """The modules that it runs, in their order."""
        at = self.settings.get("module-config")
        return (_DEFAULT_MODULES if at is None else at.value).split()

    @property
    def loads_anchors(self) -> bool:
        """Whether it has the validator, which loads them."""
        return "validator" in self.modules

    @property
    def drops_rights(self) -> bool:
        """Whether Unbound gives up root's rights; its default user is unbound."""
        username = self.settings.get("username")
        return username is None or username.value not in {"", "root"}

    def note(self, at: At, finding: Finding) -> None:
        """Tell of what stands there."""
        self.notes[at.location].append(Note(finding, at.line))

    def refuse(self, at: At, words: str, *, got: str, want: str) -> None:
        """Unbound does not start, for what stands there, unless something else is filled in."""
        if at.location in self._templates:
            return
        self.starts = False
        self.note(at, refused(f"Unbound does not start: {words}", got=printable(got), want=want))

    def refuse_anchors(self, at: At, words: str, *, got: str, want: str) -> None:
        """Unbound does not start, for the anchors that stand there, if it loads any."""
        if self.loads_anchors:
            self.refuse(at, words, got=got, want=want)

    def doubt(self, at: At, finding: Finding) -> None:
        """Nobody can tell whether Unbound starts, for what stands there."""
        if self.starts:
            self.starts = None
        self.note(at, finding)

    def _read(self, location: Location, content: bytes, depth: int, by: At | None) -> None:
        self._number += 1
        document = None
        if location in self._open:
            words = "a file includes itself, until too many files are open"
            self._is_stopped = True
            self.refuse(by or At(location, 1, ""), words, got=location.path, want="no such circle")
            return
        if depth <= _MAX_DEPTH and self._number <= _MAX_FILES:
            document = self._parsed.document(location, readable(content))
        if document is None:
            self._is_stopped = True
            self.doubt(by or At(location, 1, ""), _TOO_MANY)
            return
        self._open.add(location)
        if location not in self.files:
            self.files.append(location)
        if is_template(content):
            self._templates.add(location)
            self.doubt(At(location, 1, ""), TEMPLATE)
        for item in document.items:
            if self._is_stopped:
                return
            if isinstance(item, LeftOver):
                self._refuse_text(location, item, document, by)
            else:
                self._take(location, item, depth)
        self._open.discard(location)

    def _refuse_text(
        self, location: Location, left: LeftOver, document: Document, by: At | None
    ) -> None:
        if location in self._templates:
            return
        if by is not None and not document.options:
            words = "the included file is not an unbound.conf"
            self.refuse(by, words, got=by.value, want="a file of options")
            return
        at = At(location, left.line, left.text)
        self.refuse(at, left.why, got=left.text, want="an option with its value")

    def _take(self, location: Location, option: Option, depth: int) -> None:
        name = option.name
        at = At(location, option.line, option.value)
        if name in CLAUSES:
            self._clause, self._is_whole = name, True
            if name in _NAMED:
                self.clauses.append(Clause(name, at, []))
            return
        if name in INCLUDES:
            self._include(at, depth, top_level=name == "include-toplevel")
            return
        if name not in KNOWN:
            self.doubt(at, _unknown(name))
        else:
            self._require_place(name, at)
            self._require_value(name, at)
        self._keep(option, at)

    def _keep(self, option: Option, at: At) -> None:
        name = option.name
        if self._clause in _NAMED:
            self.clauses[-1].rows.append((name, at))
        if name in _OWN:
            self._take_own(name, at)
        elif name == "root-hints" and at.value:
            self.hints.append(at)
        elif name == "local-zone" and self._clause != "view":
            self.local.append((at, option.values[-1]))
        elif self._clause == "remote-control":
            if name not in self.control or name != _FIRST_COUNTS:
                self.control[name] = at
        elif self._clause not in _ZONES:
            self.deciding.append((name, at))

    def _require_place(self, name: str, at: At) -> None:
        if not self._clause and not self._is_whole:
            if name in _OWN:
                self.doubt(at, _NO_CLAUSE)
        elif not belongs(name, self._clause):
            where = f"below {self._clause}:" if self._clause else "outside of all clauses"
            words = f"the option does not belong {where}"
            want = "server: above the option" if name in _OWN else "its clause above the option"
            self.refuse(at, words, got=f"{name}:", want=want)

    def _require_value(self, name: str, at: At) -> None:
        want = fault(name, at.value)
        if want:
            self.refuse(at, f"the value of {name} is not {want}", got=at.value, want=want)

    def _take_own(self, name: str, at: At) -> None:
        if name == ANCHORS:
            self.anchors.append(at)
        elif name in FILES:
            self.named[name].append(at)
        elif name == "domain-insecure":
            self.insecure.append(at)
        else:
            self.settings[name] = at

    def _include(self, at: At, depth: int, *, top_level: bool) -> None:
        outer = self._clause
        if top_level:
            self._clause = ""
        for file in self._included(at):
            if self._is_stopped:
                return
            if file.content is None:
                self.doubt(at, unread(at.value, Role.INCLUDE, file.unread))
            else:
                self._read(file.location, file.content, depth + 1, at)
        self._clause = "" if top_level else self._clause or outer

    def _included(self, at: At) -> list[File]:
        if not at.value:
            self.refuse(at, "an include without a name", got="include:", want="the name of a file")
            return []
        path = posixpath.join(self.value("directory"), at.value)
        if not path.startswith("/"):
            # From where Unbound is started, which for a service is mostly the root directory.
            self.doubt(at, not_found(at.value, Role.INCLUDE, inside=self.main.inside))
        if is_pattern(path):
            return self._matching(at, path)
        file = self._files.find(path, self.main)
        if file is not None or not path.startswith("/"):
            return [] if file is None else [file]
        is_folder = self._files.folder(path, self.main) is not None
        if is_folder or self._files.is_absent(path, self.main):
            got = f"{path} is a directory" if is_folder else f"there is no {path}"
            self.refuse(at, "an included file cannot be opened", got=got, want="a file")
        else:
            self.doubt(at, not_found(path, Role.INCLUDE, inside=self.main.inside))
        return []

    def _matching(self, at: At, path: str) -> list[File]:
        if "{" in path or path.startswith("~"):
            self.doubt(at, not_found(path, Role.INCLUDE, inside=self.main.inside))
            return []
        files = self._files.matching(path, self.main)
        self._require_files(at, path, files)
        folder = posixpath.dirname(path)
        # A pattern that matches nothing is no fault; a directory that is not there is one.
        is_there = is_pattern(folder) or self._files.folder(folder, self.main) is not None
        if not files and not is_there and self._files.is_absent(folder, self.main):
            words = "the directory of an included pattern does not exist"
            self.refuse(at, words, got=path, want="the directory, even if it is empty")
        return files

    def _require_files(self, at: At, pattern: str, files: Sequence[File]) -> None:
        """What a pattern matches and is no file that is there ends the start."""
        lost = no_file(pattern, files, self._files, self.main)
        if lost is not None:
            words = "a file that matches an included pattern cannot be opened"
            self.refuse(at, words, got=lost, want="files, or no match")
