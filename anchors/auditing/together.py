"""What one consumer loads together: a configuration, what it includes, the files it names."""

from __future__ import annotations

import fnmatch
import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from anchors.auditing.follow import resolve
from anchors.auditing.ignored import ignored
from anchors.auditing.place import Hold, Location, Note, Place, Reference, Role, Syntax
from anchors.auditing.resolved_files import siblings, without_masked
from anchors.checks import Check
from anchors.escape import printable
from anchors.model import Finding, Severity

__all__ = ["Loaded", "load_together"]

_JOURNAL = ".jnl"
_WILDCARDS = frozenset("*?[")
# Real systems have some dozens of links; hostile ones must not cost more than seconds.
_MAX_LINKS = 5_000
_MAX_TRIES = 1_000_000


class Loaded(NamedTuple):
    """A place with what its consumer loads beside it.

    Attributes:
        place: the place, its anchors held as the configuration that names it has it.
        beside: what is loaded with it, without itself.
        parts: those of them that it includes: with it, they are one configuration.
        part_of: the place that includes it, which is judged in its stead.
    """

    place: Place
    beside: tuple[Place, ...] = ()
    parts: tuple[Place, ...] = ()
    part_of: Place | None = None

    @property
    def whole(self) -> tuple[Place, ...]:
        """The place and its parts."""
        return self.place, *self.parts


class _Link(NamedTuple):
    source: int
    target: int
    role: Role
    view: str


def load_together(places: Sequence[Place]) -> list[Loaded]:
    """Every place, in the given order, with what is loaded with it."""
    known = without_masked(places)
    links, unfound = _links(known)
    roles: dict[int, set[Role]] = defaultdict(set)
    views: dict[int, set[str]] = defaultdict(set)
    for link in links:
        roles[link.target].add(link.role)
        views[link.target].add(link.view)
    known = [_in_roles(place, roles[index]) for index, place in enumerate(known)]
    known = [_in_views(place, views[index]) for index, place in enumerate(known)]
    known = [_with_unfound(place, unfound[index]) for index, place in enumerate(known)]
    states = {p.location for p in known if p.reading is not None and p.reading.held}
    known = [_beside_its_file(place, states) for place in known]
    mains = _mains(len(known), links)
    beyond = _targets(links)
    included = _targets([link for link in links if link.role is Role.INCLUDE])
    return [
        Loaded(
            place,
            tuple(known[other] for other in _reach(index, beyond)[1:]),
            tuple(known[other] for other in _reach(index, included)[1:]),
            None if mains[index] == index else known[mains[index]],
        )
        for index, place in enumerate(known)
    ]


def _links(places: Sequence[Place]) -> tuple[list[_Link], dict[int, list[Note]]]:
    """The links between places, and for each place what it names in vain."""
    by_root: dict[str, dict[str, int]] = defaultdict(dict)
    by_name: dict[str, int] = {}
    for index, place in enumerate(places):
        # What has a digest in it somewhere is no configuration, whoever includes it.
        if place.reading is None or place.reading.compiled is None:
            by_root[place.location.root][place.location.path] = index
            if not place.location.inside:
                by_name[posixpath.abspath(place.location.text)] = index
    links = [
        _Link(first, other, Role.INCLUDE, "")
        for first, *others in siblings(places)
        for other in others
    ]
    unfound: dict[int, list[Note]] = defaultdict(list)
    tries = 0
    for index, place in enumerate(places):
        paths = by_root[place.location.root]
        for reference in _named_by(place):
            # A pattern, and an include that may be a directory, are held against every path.
            is_one = reference.role is not Role.INCLUDE
            is_one = is_one and not _WILDCARDS.intersection(reference.path)
            tries += 1 if is_one else len(paths)
            if len(links) > _MAX_LINKS or tries > _MAX_TRIES:
                unfound[index].append(Note(_TOO_MANY, reference.line))
                break
            targets = [
                target
                for target in list(_matching(place, reference, paths))
                or _elsewhere(place, reference, by_name)
                if target != index and not _left_out(places[target], reference)
            ]
            links += [_Link(index, target, reference.role, reference.view) for target in targets]
            if not targets and reference.role is not Role.INCLUDE:
                unfound[index].append(Note(_not_found(place, reference), reference.line))
    return links, unfound


def _elsewhere(place: Place, reference: Reference, by_name: Mapping[str, int]) -> list[int]:
    """What is named lies below another PATH: of a machine's own files, each has one name."""
    if place.location.inside:
        return []
    target = by_name.get(reference.path)
    return [] if target is None else [target]


def _named_by(place: Place) -> Iterator[Reference]:
    for reference in place.reading.references if place.reading else ():
        if reference.role is not Role.STATE_DIRECTORY:
            yield reference


def _not_found(place: Place, reference: Reference) -> Finding:
    named = f"{printable(reference.path)} ({reference.role.value})"
    if place.location.inside:
        # A package may name what another one brings.
        return Finding(
            Check.AUDIT_NOT_FOLLOWED, Severity.NOTICE, f"it names {named}, which is not in here"
        )
    return Finding(
        Check.AUDIT_NOT_FOLLOWED,
        Severity.WARNING,
        f"it names {named}, where no anchor was found",
        want="the file below what is audited",
        remedy="see whether the file is there, and audit it too",
    )


def _matching(place: Place, reference: Reference, paths: Mapping[str, int]) -> Iterator[int]:
    for path in resolve(place.location, reference.path):
        if path in paths:
            yield paths[path]
        elif _WILDCARDS.intersection(path):
            yield from (i for name, i in paths.items() if _is_match(name, path))
        elif reference.role is Role.INCLUDE:
            # A directory: all that lies in it, and not below.
            yield from (i for name, i in paths.items() if posixpath.dirname(name) == path)


def _left_out(place: Place, reference: Reference) -> bool:
    return place.location.path.endswith(reference.without)


def _is_match(path: str, pattern: str) -> bool:
    """Whether the shell would find it (glob(7)): an asterisk is no slash, nor a first dot."""
    names, patterns = path.split("/"), pattern.split("/")
    return len(names) == len(patterns) and all(
        fnmatch.fnmatchcase(name, wanted) and name.startswith(".") <= wanted.startswith(".")
        for name, wanted in zip(names, patterns, strict=True)
    )


def _in_roles(place: Place, roles: set[Role]) -> Place:
    """The place as those use it who name it."""
    reading = place.reading
    if reading is None:
        return place
    if Role.TRUSTED_KEYS in roles:
        unread = [h for h in reading.held if h.anchor.statement is not None]
        if unread and reading.syntax is Syntax.BIND:
            return ignored(place, reading, unread, _UNREAD_BY_UNBOUND)
    if reading.syntax is Syntax.ZONE and roles & {Role.MANAGED, Role.STATIC}:
        hold = Hold.SEED if Role.MANAGED in roles else Hold.STATIC
        reading = reading._replace(held=tuple(h._replace(hold=hold) for h in reading.held))
        place = place._replace(reading=reading)
    if Role.MANAGED in roles and place.writable is False:
        place = place._replace(notes=(*place.notes, Note(_NOT_WRITABLE)))
    return place


def _in_views(place: Place, views: set[str]) -> Place:
    """The place as a part of the one view of a named.conf that includes it."""
    reading = place.reading
    if reading is None or reading.syntax is not Syntax.BIND or len(views) != 1:
        return place
    (view,) = views
    held = tuple(h._replace(view=h.view or view) for h in reading.held)
    settings = tuple(s._replace(view=s.view or view) for s in reading.settings)
    return place._replace(reading=reading._replace(held=held, settings=settings))


_UNREAD_BY_UNBOUND = Finding(
    Check.AUDIT_IGNORED,
    Severity.FAILURE,
    "Unbound reads nothing but trusted-keys statements in its trusted-keys-file: what is in "
    "trust-anchors or managed-keys is skipped without a word",
    got="trust-anchors or managed-keys",
    want="trusted-keys, or another option",
    remedy="name a zone file with auto-trust-anchor-file instead",
)
_LATER_CHANGES = Finding(
    Check.AUDIT_JOURNAL,
    Severity.NOTICE,
    "what changed since the file beside it was written is in the journal alone",
    remedy="run 'rndc managed-keys sync' and audit it again",
)
_TOO_MANY = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    "too many files name each other: what this one names was not followed to its end",
    remedy="audit a smaller directory",
)
_NOT_WRITABLE = Finding(
    Check.AUDIT_NOT_WRITABLE,
    Severity.WARNING,
    "the consumer is to keep its RFC 5011 state there, but nobody except root may write it",
    want="a file that the consumer's user may write, in a directory that it may write",
    remedy="give the file and its directory to the user that the consumer runs as",
)


def _with_unfound(place: Place, unfound: Sequence[Note]) -> Place:
    """The place with what it names in vain, where the walk has not told it already."""
    told = {note.line for note in place.notes if note.finding.check is Check.AUDIT_NOT_FOLLOWED}
    new = [note for note in unfound if note.line is None or note.line not in told]
    return place._replace(notes=(*place.notes, *new)) if new else place


def _beside_its_file(place: Place, states: Collection[Location]) -> Place:
    """A journal beside the state that it belongs to tells no more than what came later."""
    location = place.location
    if place.reading is None or place.reading.syntax is not Syntax.BIND_JOURNAL:
        return place
    if location._replace(path=location.path.removesuffix(_JOURNAL)) not in states:
        return place
    return place._replace(reading=place.reading._replace(notes=(Note(_LATER_CHANGES),)))


def _targets(links: Sequence[_Link]) -> dict[int, list[int]]:
    beyond: dict[int, list[int]] = defaultdict(list)
    for link in links:
        beyond[link.source].append(link.target)
    return beyond


def _mains(count: int, links: Sequence[_Link]) -> list[int]:
    """For each place the one that it is a part of, itself where nobody includes it."""
    beyond = _targets([link for link in links if link.role is Role.INCLUDE])
    included = {target for targets in beyond.values() for target in targets}
    mains: dict[int, int] = {}
    # Those that nobody includes come first; then whatever includes itself in a circle.
    for index in sorted(range(count), key=lambda i: (i in included, i)):
        if index not in mains:
            for other in _reach(index, beyond):
                mains.setdefault(other, index)
    return [mains[index] for index in range(count)]


def _reach(start: int, beyond: Mapping[int, Sequence[int]]) -> list[int]:
    reached = {start: None}
    waiting = [start]
    while waiting:
        for target in beyond.get(waiting.pop(), ()):
            if target not in reached:
                reached[target] = None
                waiting.append(target)
    return list(reached)
