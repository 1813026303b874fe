"""What named does, started with a named.conf: a run through its start.

Tried on BIND 9.18.49 and 9.20.30, unless a rule says otherwise.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.bind import CONF, CONSUMER, JOURNAL
from anchors.consumers.bind.bindkeys import read_bindkeys
from anchors.consumers.bind.built_in import version
from anchors.consumers.bind.configuration import TEMPLATE, Budget, Configuration, is_template
from anchors.consumers.bind.reading import is_meant_as_conf, is_part
from anchors.consumers.bind.resolver import Resolver
from anchors.consumers.bind.state_files import LATER_CHANGES
from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import Loaded, Used, unused_states
from anchors.consumers.reading import Hold, Note, Place, Role
from anchors.grammars.named_conf import parse_named_conf

__all__ = ["load"]

_BIND_KEYS = "bind.keys"


def load(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
    """Every named: one for each configuration that no other one includes or names."""
    loaded = _Configurations(found, files, at).resolvers()
    used = {one.location for resolver in loaded for one in resolver.used}
    yield from loaded
    for place in found:
        if posixpath.basename(place.location.path) == _BIND_KEYS and place.location not in used:
            yield from _by_default(place, files)
    yield from _states(found, loaded)


class _Configurations:
    """The configurations of a root file system."""

    def __init__(self, found: Sequence[Place], files: Files, at: datetime) -> None:
        self._found, self._files, self._at = found, files, at
        self._budget = Budget()

    def resolvers(self) -> list[Loaded]:
        """A resolver for each that no other one uses."""
        loaded: dict[Location, Loaded] = {}
        parts: set[Location] = set()
        for place in self._found:
            location = place.location
            # What was included already is no configuration of its own.
            for file in _main(place, self._files) if location not in parts else ():
                loaded[location] = self._loaded(place, file)
                parts |= {one.location for one in loaded[location].used} - {location}
        told: set[Location] = set()
        resolvers = []
        # Those that nobody includes come first; then whatever includes itself in a circle.
        for location, one in sorted(loaded.items(), key=lambda item: (item[0] in parts, item[0])):
            if location not in told:
                told |= {location, *(used.location for used in one.used)}
                resolvers.append(one)
        return resolvers

    def _loaded(self, place: Place, file: File) -> Loaded:
        content = file.content or b""
        parsed = parse_named_conf(content)
        if is_template(content, parsed):
            used = Used(place.location, Role.CONFIGURATION, place.anchors, (Note(TEMPLATE),))
            return Loaded(CONSUMER.name, place.location, (used,), None, None, None)
        context = "options" if is_part(content, parsed) else ""
        known = version(self._files, file.location)
        configuration = Configuration(file, self._files, context, known, self._budget)
        return Resolver(configuration, self._found, self._files, self._at).loaded()


def _main(place: Place, files: Files) -> Iterator[File]:
    """The file of a place, where it may be what named is started with."""
    location = place.location
    name = posixpath.basename(location.path)
    if name == _BIND_KEYS or (place.reading is not None and place.reading.syntax.id != CONF.id):
        return
    file = _file(place, files)
    if file is None or file.content is None:
        return
    # A file that cannot be read as a named.conf is one by its name or by how it begins.
    is_read = place.reading is not None
    if is_read or is_meant_as_conf(file.content, name, parse_named_conf(file.content)):
        yield file


def _file(place: Place, files: Files) -> File | None:
    if place.content is not None:
        return File(place.location, place.content, place.status)
    path = place.location.path.removeprefix(place.location.base)
    return files.find(f"/{path}", place.location)


def _by_default(place: Place, files: Files) -> Iterator[Loaded]:
    """A bind.keys that no configuration names: what named takes by itself up to BIND 9.18."""
    file = _file(place, files)
    if file is None:
        return
    keys = read_bindkeys(file, files, alone=True)
    used = Used(place.location, Role.SEED, keys.held, (*place.notes, *keys.notes))
    starts = None if keys.is_unread else True
    follows = any(held.hold is Hold.SEED for held in keys.held)
    yield Loaded(CONSUMER.name, None, (used,), starts=starts, validates=starts, follows=follows)


def _states(found: Sequence[Place], loaded: Sequence[Loaded]) -> Iterator[Loaded]:
    """The states that no configuration uses, each with the journal beside it."""
    states = {place.location for place in found if place.anchors}
    journals = {
        place.location: place.location._replace(path=place.location.path.removesuffix(".jnl"))
        for place in found
        if place.reading is not None and place.reading.syntax == JOURNAL
    }
    for one in unused_states(found, CONSUMER.name, loaded):
        (state,) = one.used
        if journals.get(state.location) in states:
            continue
        beside = tuple(
            Used(journal, Role.STATE, (), (Note(LATER_CHANGES),))
            for journal, location in journals.items()
            if location == state.location
        )
        yield one._replace(used=(state, *beside))
