"""What an Unbound does that is started with a configuration: validator/val_anchor.c, autotrust.c.

Each rule was tried on Unbound 1.17.1 and 1.26.2, where no other version is named.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.files import File, Files, Location
from anchors.consumers.libunbound import AnchorFile, Refusal, read_static
from anchors.consumers.loading import (
    Loaded,
    Used,
    cannot_keep,
    from_entries,
    switched_off,
    unread,
    unused_states,
)
from anchors.consumers.reading import Held, Place, Role
from anchors.consumers.unbound import CONSUMER
from anchors.consumers.unbound.anchor_files import read_inline, read_trusted_keys, zone_named
from anchors.consumers.unbound.answering import doubt_answers
from anchors.consumers.unbound.clauses import At
from anchors.consumers.unbound.configuration import Configuration, Parsed
from anchors.consumers.unbound.findings import (
    OPTIONS,
    WANTED,
    doubtful_record,
    nothing_taken,
    second_managed,
)
from anchors.consumers.unbound.opening import opened
from anchors.consumers.unbound.requirements import (
    require_control_files,
    require_folders,
    require_hints,
    require_pairs,
)
from anchors.consumers.unbound.state import Managed, read_managed, without_state
from anchors.consumers.unbound.validating import has_validation
from anchors.consumers.unbound.zones import require_zones
from anchors.core.escape import printable
from anchors.core.findings import Severity
from anchors.core.found import MalformedAnchors

__all__ = ["load"]

_ROOT = "."


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
        self._used: list[Used] = []
        # Options whose trusted-keys-file has no trusted-keys.
        self._empty: list[At] = []
        self._inline: dict[Location, list[Held]] = {}
        # Zones with anchors that are never changed, and with managed ones.
        self._fixed: set[str] = set()
        self._managed: set[str] = set()

    def loaded(self) -> Loaded:
        """What Unbound does."""
        conf = self._conf
        self._leave_insecure()
        # Unbound goes through the options of one name from the last to the first.
        for option in reversed(conf.named["trust-anchor-file"]):
            self._static(option)
        for option in reversed(conf.named["trusted-keys-file"]):
            self._trusted_keys(option)
        for option in conf.anchors:
            self._anchor(option)
        # These come last: Unbound refuses them where the zone has anchors already.
        for option in reversed(conf.named["auto-trust-anchor-file"]):
            self._manage(option)
        require_control_files(conf, self._files)
        require_hints(conf, self._files)
        require_pairs(conf)
        require_folders(conf, self._files)
        require_zones(conf)
        if conf.loads_anchors:
            doubt_answers(conf, self._files)
        validates = has_validation(conf, self._files, self._at) and self._has_anchor()
        return Loaded(
            CONSUMER.name,
            conf.main,
            (*self._configuration(), *self._used),
            starts=conf.starts,
            validates=validates,
            follows=_ROOT in self._managed,
        )

    def _configuration(self) -> Iterator[Used]:
        for location in self._conf.files:
            role = Role.CONFIGURATION if location == self._conf.main else Role.INCLUDE
            held = tuple(self._inline.get(location, ()))
            yield Used(location, role, held, tuple(self._conf.notes[location]))

    def _leave_insecure(self) -> None:
        for at in self._conf.insecure:
            # No label but the root's is empty.
            if at.value != _ROOT and (at.value.startswith(".") or ".." in at.value):
                words = "no domain name"
                self._conf.refuse_anchors(at, words, got=at.value, want="the name of a zone")
            elif at.value:
                self._fixed.add(zone_named(at.value))

    def _static(self, at: At) -> None:
        for file, content in opened(self._conf, self._files, at, Role.STATIC):
            self._take(at, file, Role.STATIC, read_static(content))

    def _trusted_keys(self, at: At) -> None:
        for file, content in opened(self._conf, self._files, at, Role.TRUSTED_KEYS):
            read = read_trusted_keys(content)
            self._take(at, file, Role.TRUSTED_KEYS, read)
            if read.refusal is None and not read.zones:
                self._empty.append(at)

    def _take(self, at: At, file: File, role: Role, read: AnchorFile) -> None:
        if read.refusal is not None:
            self._refuse(at, role, read.refusal)
        if read.doubt is not None and self._conf.loads_anchors:
            self._conf.doubt(at, doubtful_record(at.value, *read.doubt))
        self._fixed |= read.zones
        self._used.append(Used(file.location, role, read.held))

    def _refuse(self, at: At, role: Role, refusal: Refusal) -> None:
        words = f"it cannot read its {OPTIONS[role]}"
        got = f"{at.value}, line {refusal.line}: {refusal.why}"
        self._conf.refuse_anchors(at, words, got=got, want=WANTED[role])

    def _anchor(self, at: At) -> None:
        if not at.value:
            return
        read = read_inline(at.value, at.line)
        if read.refusal is not None:
            words = "an anchor cannot be read"
            self._conf.refuse_anchors(at, words, got=read.refusal.why, want="a DS or DNSKEY")
        self._fixed |= read.zones
        self._inline.setdefault(at.location, []).extend(read.held)

    def _manage(self, at: At) -> None:
        for file, content in opened(self._conf, self._files, at, Role.MANAGED):
            try:
                read = read_managed(content, self._fixed)
            except MalformedAnchors as error:
                self._conf.doubt(at, unread(at.value, Role.MANAGED, str(error)))
                continue
            twice = read.zone is not None and (
                read.zone in self._fixed or (read.has_header and read.zone in self._managed)
            )
            if read.refusal is not None:
                self._refuse(at, Role.MANAGED, read.refusal)
            elif twice:
                words = (
                    "trust anchor presented twice: a managed file must be the only source of a "
                    "zone's anchors"
                )
                want = "one of the sources alone"
                self._conf.refuse_anchors(at, words, got=at.value, want=want)
            self._keep(at, file, read)

    def _keep(self, at: At, file: File, read: Managed) -> None:
        conf = self._conf
        if read.zone in self._managed and self._has_untrusted():
            conf.doubt(at, second_managed(at.value))
        if read.zone is not None:
            self._managed.add(read.zone)
        # A state of nothing but revoked keys does not touch the static anchors of the root.
        notes = map(without_state, read.notes) if _ROOT in self._fixed else read.notes
        self._used.append(Used(file.location, Role.MANAGED, read.held, tuple(notes)))
        if not conf.loads_anchors or read.refusal is not None:
            return
        path = posixpath.dirname(conf.path(at))
        folder = self._files.folder(path or ".", conf.main)
        if conf.drops_rights and folder is not None and not folder.may_be_written:
            words = (
                "Unbound stops at its first RFC 5011 query: its user cannot write a new state "
                f"into {printable(path)}"
            )
            conf.starts = False
            conf.note(at, cannot_keep(words, fatal=True))

    def _has_untrusted(self) -> bool:
        """Whether a managed file that was read has a key that is not trusted yet, or any more."""
        managed = (used for used in self._used if used.role is Role.MANAGED)
        states = (held.state for used in managed for held in used.held)
        return any(state is not None and not state.trusted for state in states)

    def _has_anchor(self) -> bool | None:
        """Whether there is an anchor of the root to validate with; ``None``: nobody can tell."""
        has_anchor = any(held.effective for used in self._used for held in used.held)
        has_anchor = has_anchor or any(self._inline.values())
        for at in self._empty:
            severity = Severity.WARNING if has_anchor else Severity.FAILURE
            self._conf.note(at, nothing_taken(at.value)._replace(severity=severity))
        # Unbound drops anchors of algorithms that it does not know.
        if has_anchor or _ROOT in self._managed:
            return None if self._conf.starts is None else True
        if not self._conf.starts:
            return None
        # Unbound starts without a word, and validates nothing.
        got = "the root has no trust anchor"
        first = At(self._conf.main, 1, "")
        self._conf.note(first, switched_off(got, "auto-trust-anchor-file"))
        return False
