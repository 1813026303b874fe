"""What an OpenDKIM does that is started with opendkim.conf.

Tried on OpenDKIM 2.11.0 with libunbound 1.17.1 (Debian 12).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.consumers.files import Files, Location
from anchors.consumers.libunbound import read_static
from anchors.consumers.loading import Loaded, Used, from_entries, not_found, refused, unread
from anchors.consumers.opendkim import CONSUMER
from anchors.consumers.opendkim.reading import ANCHOR_FILE, INCLUDE, RESOLVER
from anchors.consumers.reading import Note, Place, Role
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.grammars.opendkim_conf import Parameter, parse_opendkim_conf

__all__ = ["load"]

# "Nesting is allowed to a maximum of five levels."
_MAX_DEPTH = 5
_MAX_FILES = 1000


def load(found: Sequence[Place], files: Files, _at: datetime) -> Iterator[Loaded]:
    """Every OpenDKIM: one for each configuration that no other one includes."""
    return from_entries(found, CONSUMER.name, lambda place: _Start(place, files).loaded())


class _Named(NamedTuple):
    location: Location
    parameter: Parameter


class _Start:
    """One start of OpenDKIM."""

    def __init__(self, place: Place, files: Files) -> None:
        self._main, self._files = place.location, files
        self._starts: bool | None = True
        self._parts: dict[Location, list[Note]] = {}
        self._last: dict[str, _Named] = {}
        self._number = 0
        self._read(place.location, place.content or b"", 0)

    def loaded(self) -> Loaded:
        """What OpenDKIM does; without an anchor of the root it takes every answer as insecure."""
        resolver = self._last.get(RESOLVER)
        if resolver is not None:
            self._doubt(resolver, _of_libunbound(resolver.parameter.value))
        named = self._last.get(ANCHOR_FILE)
        used = () if named is None else tuple(self._anchors(named))
        has_anchor = any(held.effective for one in used for held in one.held)
        validates = has_anchor if self._starts else None
        parts = (
            Used(
                location,
                Role.CONFIGURATION if location == self._main else Role.INCLUDE,
                notes=tuple(notes),
            )
            for location, notes in self._parts.items()
        )
        return Loaded(
            CONSUMER.name, self._main, (*parts, *used), starts=self._starts, validates=validates
        )

    def _read(self, location: Location, content: bytes, depth: int) -> None:
        self._number += 1
        self._parts.setdefault(location, [])
        for parameter in parse_opendkim_conf(content):
            named = _Named(location, parameter)
            if not parameter.value and parameter.name in {ANCHOR_FILE, INCLUDE, RESOLVER}:
                self._refuse(named, "a value is missing", got=parameter.name)
            elif parameter.name == INCLUDE:
                self._include(named, depth)
            else:
                self._last[parameter.name] = named

    def _include(self, named: _Named, depth: int) -> None:
        path = named.parameter.value
        file = self._files.find(path, self._main)
        if file is None:
            self._missing(named, path, Role.INCLUDE)
        elif file.content is None:
            self._doubt(named, unread(path, Role.INCLUDE, file.unread))
        elif depth >= _MAX_DEPTH:
            self._refuse(named, "files include each other more than five deep", got=path)
        elif self._number >= _MAX_FILES:
            self._doubt(named, unread(path, Role.INCLUDE, "too many files are included"))
        else:
            self._read(file.location, file.content, depth + 1)

    def _anchors(self, named: _Named) -> Iterator[Used]:
        path = named.parameter.value
        file = self._files.find(path, self._main)
        if file is None:
            self._missing(named, path, Role.STATIC)
        elif file.content is None:
            self._doubt(named, unread(path, Role.STATIC, file.unread))
        else:
            read = read_static(file.content)
            if read.refusal is not None:
                # It starts, and libunbound fails then: "query failed".
                got = f"{path}, line {read.refusal.line}: {read.refusal.why}"
                self._refuse(named, "libunbound cannot read the anchors", got=got)
            yield Used(file.location, Role.STATIC, read.held)

    def _missing(self, named: _Named, path: str, role: Role) -> None:
        # A relative name is one of the directory that it is started in.
        is_sure = path.startswith("/") and not self._main.inside
        if is_sure and self._files.is_absent(path, self._main):
            self._refuse(named, "a file that it names does not exist", got=f"there is no {path}")
        else:
            self._doubt(named, not_found(path, role, inside=self._main.inside))

    def _refuse(self, named: _Named, why: str, *, got: str) -> None:
        self._starts = False
        finding = refused(
            f"OpenDKIM does not start, or fails every look-up: {why}",
            got=printable(got),
            want="a zone file of DS and DNSKEY records",
        )
        self._parts[named.location].append(Note(finding, named.parameter.line))

    def _doubt(self, named: _Named, finding: Finding) -> None:
        if self._starts:
            self._starts = None
        self._parts[named.location].append(Note(finding, named.parameter.line))


def _of_libunbound(path: str) -> Finding:
    return Finding(
        Check.AUDIT_NOT_FOLLOWED,
        Severity.WARNING,
        f"libunbound also reads {printable(path)}, and that file was not read here",
        remedy="check whether the file names root trust anchors",
    )
