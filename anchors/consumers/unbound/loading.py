"""What an Unbound does that is started with a configuration: validator/val_anchor.c, autotrust.c.

Each rule was tried on Unbound 1.17.1 and 1.26.2, where no other version is named.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.files import File, Files, Location
from anchors.consumers.libunbound import AnchorFile, read_static
from anchors.consumers.loading import (
    Loaded,
    Used,
    cannot_keep,
    from_entries,
    not_found,
    switched_off,
    unread,
    unused_states,
)
from anchors.consumers.reading import Held, Note, Place, Role
from anchors.consumers.unbound import CONSUMER, debian
from anchors.consumers.unbound.anchor_files import read_inline, read_trusted_keys
from anchors.consumers.unbound.configuration import (
    CONTROL_FILES,
    At,
    Configuration,
    Parsed,
    is_pattern,
    no_file,
    refusal,
)
from anchors.consumers.unbound.findings import (
    FEDORAS_MODULES,
    OPTIONS,
    WANTED,
    doubtful_record,
    fedoras_module,
    nothing_taken,
    other_date,
    other_module,
    second_managed,
)
from anchors.consumers.unbound.paths import after_start
from anchors.consumers.unbound.state import Managed, read_managed
from anchors.consumers.unbound.validating import (
    answered_here,
    is_date,
    is_name,
    is_near,
    not_near_known,
    wrong_order,
)
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors

__all__ = ["load"]

_ROOT = "."
_DEFAULT_MODULES = "validator iterator"
# Of the others, not every build has each (python, cachedb), nor in each place.
_KNOWN_MODULES = frozenset({"validator", "iterator", "respip", "subnetcache", "dns64"})


def load(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
    """Every Unbound: one for each configuration that no other one includes, and for each state."""
    parsed = Parsed()

    def start(place: Place) -> Loaded:
        return _Start(place, files, parsed, at).loaded()

    loaded = [*from_entries(found, CONSUMER.name, start)]
    yield from loaded
    yield from unused_states(found, CONSUMER.name, loaded)


class _Start:
    """One start of Unbound, in the order in which it loads anchors."""

    def __init__(self, place: Place, files: Files, parsed: Parsed, at: datetime) -> None:
        self._files, self._at = files, at
        self._conf = Configuration(place.location, place.content or b"", files, parsed)
        if place.content is None:
            first = At(place.location, 1, "")
            finding = unread(place.location.path, Role.CONFIGURATION, "it is too large")
            self._conf.doubt(first, finding)
        modules = self._conf.settings.get("module-config")
        self._modules = (modules.value if modules else _DEFAULT_MODULES).split()
        self._loads = "validator" in self._modules
        self._used: list[Used] = []
        # Options whose trusted-keys-file has no trusted-keys.
        self._empty: list[At] = []
        self._inline: dict[Location, list[Held]] = {}
        # Zones with anchors that are never changed, and with managed ones.
        self._fixed: set[str] = set()
        self._managed: set[str] = set()

    def loaded(self) -> Loaded:
        """What Unbound does."""
        for option in self._conf.insecure:
            if not is_name(option.value):
                self._refuse(option, "no domain name", got=option.value, want="the name of a zone")
            elif option.value:
                self._fixed.add(_zone(option.value))
        # Unbound goes through the options of one name from the last to the first.
        for option in reversed(self._conf.named["trust-anchor-file"]):
            self._static(option)
        for option in reversed(self._conf.named["trusted-keys-file"]):
            self._trusted_keys(option)
        for option in self._conf.anchors:
            self._anchor(option)
        # These come last: Unbound refuses them where the zone has anchors already.
        for option in reversed(self._conf.named["auto-trust-anchor-file"]):
            self._manage(option)
        self._need_control_files()
        self._need_hints()
        self._need_pairs()
        self._need_folders()
        validates = self._validates()
        return Loaded(
            CONSUMER.name,
            self._conf.main,
            (*self._configuration(), *self._used),
            starts=self._conf.starts,
            validates=validates,
            follows=_ROOT in self._managed,
        )

    def _configuration(self) -> Iterator[Used]:
        for location in self._conf.files:
            role = Role.CONFIGURATION if location == self._conf.main else Role.INCLUDE
            held = tuple(self._inline.get(location, ()))
            yield Used(location, role, held, tuple(self._conf.notes[location]))

    def _refuse(self, at: At, words: str, *, got: str, want: str) -> None:
        # Without the validator, no anchor is loaded and nothing of it is refused.
        if self._loads:
            self._conf.refuse(at, words, got=got, want=want)

    def _static(self, at: At) -> None:
        for file, content in self._opened(at, Role.STATIC):
            self._take(at, file, Role.STATIC, read_static(content))

    def _trusted_keys(self, at: At) -> None:
        for file, content in self._opened(at, Role.TRUSTED_KEYS):
            read = read_trusted_keys(content)
            self._take(at, file, Role.TRUSTED_KEYS, read)
            if read.refusal is None and not read.zones:
                self._empty.append(at)

    def _take(self, at: At, file: File, role: Role, read: AnchorFile) -> None:
        if read.refusal is not None:
            words = f"it cannot read its {OPTIONS[role]}"
            got = refusal(at.value, *read.refusal)
            self._refuse(at, words, got=got, want=WANTED[role])
        if read.doubt is not None and self._loads:
            self._conf.doubt(at, doubtful_record(at.value, *read.doubt))
        self._fixed |= read.zones
        self._used.append(Used(file.location, role, read.held))

    def _anchor(self, at: At) -> None:
        if not at.value:
            return
        read = read_inline(at.value, at.line)
        if read.refusal is not None:
            self._refuse(
                at, "an anchor cannot be read", got=read.refusal.why, want="a DS or DNSKEY"
            )
        self._fixed |= read.zones
        self._inline.setdefault(at.location, []).extend(read.held)

    def _manage(self, at: At) -> None:
        for file, content in self._opened(at, Role.MANAGED):
            try:
                read = read_managed(content, self._fixed)
            except MalformedAnchors as error:
                self._conf.doubt(at, unread(at.value, Role.MANAGED, str(error)))
                continue
            twice = read.zone is not None and (
                read.zone in self._fixed or (read.has_header and read.zone in self._managed)
            )
            if read.refusal is not None:
                words = "it cannot read its auto-trust-anchor-file"
                got = refusal(at.value, *read.refusal)
                self._refuse(at, words, got=got, want=WANTED[Role.MANAGED])
            elif twice:
                self._refuse(
                    at,
                    "trust anchor presented twice: a managed file must be the only source of "
                    "a zone's anchors",
                    got=at.value,
                    want="one of the sources alone",
                )
            self._keep(at, file, read)

    def _keep(self, at: At, file: File, read: Managed) -> None:
        if read.zone in self._managed and self._has_untrusted():
            self._conf.doubt(at, second_managed(at.value))
        if read.zone is not None:
            self._managed.add(read.zone)
        self._used.append(Used(file.location, Role.MANAGED, read.held, read.notes))
        folder = self._files.folder(posixpath.dirname(self._path(at)) or ".", self._conf.main)
        if self._drops_rights() and folder is not None and not folder.may_be_written:
            words = (
                "Unbound ends at its first probe: its user cannot write a new state into "
                f"{printable(posixpath.dirname(self._path(at)))}"
            )
            if self._loads and read.refusal is None:
                self._conf.starts = False
                self._conf.notes[at.location].append(Note(cannot_keep(words, fatal=True), at.line))

    def _has_untrusted(self) -> bool:
        """Whether a managed file that was read has a key that is not trusted yet, or any more."""
        managed = (used for used in self._used if used.role is Role.MANAGED)
        states = (held.state for used in managed for held in used.held)
        return any(state is not None and not state.trusted for state in states)

    def _need_folders(self) -> None:
        """Unbound changes its root and its directory, and ends where one of them is not there."""
        conf, chroot = self._conf, self._conf.value("chroot")
        for name in ("chroot", "directory"):
            path = conf.value(name)
            if not path:
                continue
            where = path if name == "chroot" else after_start("", path, chroot)
            is_there = self._files.folder(where, conf.main) is not None
            is_file = self._files.find(where, conf.main) is not None
            if is_file or (not is_there and self._files.is_absent(where, conf.main)):
                words = f"its {name} is not there"
                got = f"there is no directory {where}"
                conf.refuse(conf.settings[name], words, got=got, want="a directory")

    def _need_control_files(self) -> None:
        """Unbound does not start where unbound-control needs certificates that are not there."""
        control, main = self._conf.control, self._conf.main
        enabled = control.get("control-enable")
        over = control.get("control-interface")
        by_cert = control.get("control-use-cert")
        if enabled is None or enabled.value != "yes" or (by_cert and by_cert.value == "no"):
            return
        if over is not None and over.value.startswith("/"):
            return
        for option, name in CONTROL_FILES.items():
            at = control.get(option, enabled._replace(value=f"/etc/unbound/{name}"))
            if not at.value.startswith("/") or self._files.find(at.value, main) is not None:
                continue
            if self._files.is_absent(at.value, main):
                words = f"control-enable is yes, and its {option} is not there"
                self._conf.refuse(at, words, got=at.value, want="what unbound-control-setup makes")
            else:
                role = Role.CONFIGURATION
                self._conf.doubt(at, not_found(at.value, role, inside=main.inside))

    def _need_hints(self) -> None:
        """Unbound does not start without a file of root-hints that it is given."""
        for at in self._conf.hints:
            path = self._path(at)
            if self._files.find(path, self._conf.main) is None and self._is_missing(
                path, Role.STATIC, self._conf.main
            ):
                words = "its root-hints are not there"
                self._conf.refuse(at, words, got=f"there is no {path}", want="a file of hints")

    def _need_pairs(self) -> None:
        """A size of keys and a number of iterations belong together."""
        at = self._conf.settings.get("val-nsec3-keysize-iterations")
        if at is not None and (not at.value.split() or len(at.value.split()) % 2):
            words = "the value of val-nsec3-keysize-iterations is no list of pairs"
            self._refuse(at, words, got=at.value, want="pairs of numbers")

    def _drops_rights(self) -> bool:
        """Whether Unbound gives up root's rights; its default user is unbound."""
        username = self._conf.settings.get("username")
        return username is None or username.value not in {"", "root"}

    def _path(self, at: At) -> str:
        conf = self._conf
        # Unbound is built with the directory of its configuration as the default.
        directory = conf.value("directory")
        if conf.value("chroot") and not directory:
            directory = "/" + posixpath.dirname(conf.main.path)
        return after_start(at.value, directory, conf.value("chroot"))

    def _opened(self, at: At, role: Role) -> Iterator[tuple[File, bytes]]:
        """The files that an option names, as far as they can be read."""
        if not at.value:
            return
        path = self._path(at)
        if role is Role.TRUSTED_KEYS and is_pattern(path):
            # A pattern that matches nothing is no fault, wherever it leads.
            named = self._files.matching(path, self._conf.main)
            lost = no_file(path, named, self._files, self._conf.main)
            if lost is not None and self._files.folder(lost, self._conf.main) is None:
                words = "what the pattern of its trusted-keys-file matches cannot be opened"
                self._refuse(at, words, got=lost, want="files, or no match")
        else:
            file = self._find(at, role, path)
            named = [] if file is None else [file]
        for file in named:
            if file.content is None:
                self._conf.doubt(at, unread(at.value, role, file.unread))
            elif self._drops_rights() and file.status and not file.status.may_be_read:
                words = f"its user cannot read its {OPTIONS[role]}"
                self._refuse(at, words, got=at.value, want="a file that its user may read")
            else:
                yield file, file.content

    def _find(self, at: At, role: Role, path: str) -> File | None:
        main = self._conf.main
        file = self._files.find(path, main)
        if file is not None:
            return file
        if role is Role.MANAGED and debian.copies_root_key(path, self._files, main):
            copied = self._files.find(debian.ROOT_KEY, main)
            self._conf.notes[at.location].append(Note(debian.COPIED, at.line))
            if copied is not None:
                return copied
            self._conf.doubt(at, not_found(debian.ROOT_KEY, Role.MANAGED, inside=main.inside))
        elif self._files.folder(path, main) is not None:
            # A directory cannot be read; a trusted-keys-file that is one counts as empty.
            if role is not Role.TRUSTED_KEYS:
                words = f"its {OPTIONS[role]} is a directory"
                self._refuse(at, words, got=path, want=WANTED[role])
        elif self._is_missing(path, role, main):
            words = f"its {OPTIONS[role]} is not there"
            self._refuse(at, words, got=f"there is no {path}", want=WANTED[role])
        else:
            # In a package or an image, another package or the first start may bring the file.
            self._conf.doubt(at, not_found(path, role, inside=main.inside))
        return None

    def _is_missing(self, path: str, role: Role, main: Location) -> bool:
        """Whether nothing is there, and nothing that was not looked at puts a file there."""
        may_come = role is Role.MANAGED and debian.may_copy_root_key(path, self._files, main)
        return not (may_come or main.inside) and self._files.is_absent(path, main)

    def _validates(self) -> bool | None:
        """Whether answers are validated, with a note where they are not."""
        conf = self._conf
        modules = conf.settings.get("module-config")
        if modules is not None and "iterator" not in self._modules:
            words = "it answers nothing without the iterator"
            conf.refuse(modules, words, got=modules.value, want='"validator iterator"')
        if modules is not None:
            self._doubt_modules(modules)
        if modules is not None and not self._loads:
            got = f"module-config: {modules.value}"
            self._tell(modules, switched_off(printable(got), _VALIDATOR))
            return False
        permissive = conf.settings.get("val-permissive-mode")
        if permissive is not None and permissive.value == "yes":
            finding = switched_off("val-permissive-mode: yes", "val-permissive-mode: no", _ANSWERED)
            self._tell(permissive, finding)
            return False
        if modules is not None and self._is_behind():
            self._tell(modules, wrong_order(modules.value))
        self._judge_date()
        here = answered_here([_of_local(at.value) for at in conf.local])
        if here is not None:
            self._tell(conf.local[-1], here)
            return False
        has_anchor = any(held.effective for used in self._used for held in used.held)
        has_anchor = has_anchor or any(self._inline.values())
        for at in self._empty:
            severity = Severity.WARNING if has_anchor else Severity.FAILURE
            self._tell(at, nothing_taken(at.value)._replace(severity=severity))
        # Unbound drops anchors of algorithms that it does not know.
        if not has_anchor and _ROOT not in self._managed:
            return self._without_anchor()
        return True if conf.starts is not None else None

    def _is_behind(self) -> bool:
        """Whether the validator is asked after the iterator."""
        both = {"validator", "iterator"} <= {*self._modules}
        return both and self._modules.index("validator") > self._modules.index("iterator")

    def _judge_date(self) -> None:
        date = self._conf.settings.get("val-override-date")
        if date is None or date.value in {"", "0"}:
            return
        if not is_date(date.value):
            words = "the value of val-override-date is no date"
            self._conf.refuse(date, words, got=date.value, want="no such option")
        elif is_near(date.value, self._at):
            self._conf.doubt(date, not_near_known(date.value))
        else:
            self._tell(date, other_date(date.value))

    def _doubt_modules(self, modules: At) -> None:
        """Tell of modules that not every Unbound was built with."""
        if len({*self._modules}) < len(self._modules):
            # 1.17.1 does not always start with a module that is there twice.
            self._conf.doubt(modules, other_module(modules.value))
        for name in sorted({*self._modules} - _KNOWN_MODULES - FEDORAS_MODULES):
            self._conf.doubt(modules, other_module(name))
        for name in sorted({*self._modules} & FEDORAS_MODULES):
            if debian.is_here(self._files, self._conf.main):
                self._conf.doubt(modules, fedoras_module(name, Severity.WARNING))
            else:
                self._tell(modules, fedoras_module(name, Severity.NOTICE))

    def _without_anchor(self) -> bool | None:
        """No anchor of the root: Unbound starts without a word, and validates nothing."""
        if not self._conf.starts:
            return None
        got = "there is no trust anchor of the root"
        self._tell(At(self._conf.main, 1, ""), switched_off(got, "auto-trust-anchor-file"))
        return False

    def _tell(self, at: At, finding: Finding) -> None:
        self._conf.notes[at.location].append(Note(finding, at.line))


_VALIDATOR = 'module-config: "validator iterator"'
_ANSWERED = "and what fails validation is answered all the same"


def _of_local(value: str) -> tuple[str, str]:
    """The name and the type of a local-zone."""
    words = value.split()
    name = words[0].strip("\"'") if words else ""
    return name, (words[-1].strip("\"'") if words else "")


def _zone(name: str) -> str:
    return name.lower() if name.endswith(".") else f"{name.lower()}."
