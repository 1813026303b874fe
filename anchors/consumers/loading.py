"""What a resolver does, started with the files that were found: the words for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from anchors.consumers.files import File, Files, Location
from anchors.consumers.reading import Held, Kind, Note, Place, Role
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = [
    "BuiltIn",
    "Loaded",
    "Used",
    "cannot_keep",
    "from_entries",
    "not_found",
    "not_judged",
    "refused",
    "root_alone",
    "root_alone_starts",
    "switched_off",
    "unread",
    "unused_states",
]


class Used(NamedTuple):
    """A file as one resolver uses it.

    Attributes:
        location: the file.
        role: what the resolver does with it.
        held: the anchors of the root that the resolver takes from it, or leaves
            (:attr:`~anchors.consumers.reading.Hold.IGNORED`); read by that resolver's own rules.
        notes: what is to be told of it.
    """

    location: Location
    role: Role
    held: tuple[Held, ...] = ()
    notes: tuple[Note, ...] = ()


class BuiltIn(NamedTuple):
    """The resolver uses keys that are compiled into it.

    Attributes:
        program: what people call the program.
        lacking: which versions lack which key, in words.
    """

    program: str
    lacking: str


class Loaded(NamedTuple):
    """What one resolver does, started with these files.  Only the ``loading`` facets make one.

    Attributes:
        consumer: its consumer, by name.
        configuration: what it is started with; ``None`` where only its state was found.
        used: every file that it uses, the configuration first.
        starts: whether the program starts; ``None`` where the model does not know.
        validates: whether it validates answers, given an anchor that is in force.
        follows: whether it follows a roll by itself (RFC 5011).
        views: the views that have anchors of their own: each is judged by itself.
        built_in: the keys of the program are used, and the program was not found.
    """

    consumer: str
    configuration: Location | None
    used: tuple[Used, ...]
    starts: bool | None = True
    validates: bool | None = True
    follows: bool | None = False
    views: tuple[str, ...] = ()
    built_in: BuiltIn | None = None

    @property
    def location(self) -> Location:
        """Where its configuration lies, or its state where that alone was found."""
        return self.configuration or self.used[0].location

    @property
    def held(self) -> tuple[tuple[Location, Held], ...]:
        """Every anchor, with the file that it comes from."""
        return tuple((used.location, held) for used in self.used for held in used.held)

    @property
    def notes(self) -> tuple[tuple[Location, Note], ...]:
        """Every finding, with the file that it is about."""
        return tuple((used.location, note) for used in self.used for note in used.notes)


def from_entries(
    found: Sequence[Place], consumer: str, load: Callable[[Place], Loaded]
) -> Iterator[Loaded]:
    """What ``load`` makes of each configuration of a consumer that no other one includes.

    Where configurations include each other in a circle, the first of them by its path counts.
    """
    loaded = {
        place.location: load(place)
        for place in found
        if place.reading is not None
        and place.reading.syntax.consumer == consumer
        and place.reading.syntax.kind is Kind.CONFIGURATION
    }
    parts = {
        used.location
        for location, one in loaded.items()
        for used in one.used
        if used.role is Role.INCLUDE and used.location != location
    }
    told: set[Location] = set()
    # Those that nobody includes come first; then whatever includes itself in a circle.
    for location, one in sorted(loaded.items(), key=lambda item: (item[0] in parts, item[0])):
        if location not in told:
            told |= {location, *(used.location for used in one.used if used.role is Role.INCLUDE)}
            yield one


def unused_states(
    found: Sequence[Place], consumer: str, loaded: Sequence[Loaded], *, follows: bool = True
) -> Iterator[Loaded]:
    """A resolver for each state of a consumer that none of its configurations uses.

    Somebody keeps it, or kept it: that resolver's configuration was not found.
    """
    used = {one.location for resolver in loaded for one in resolver.used}
    for place in found:
        reading = place.reading
        if reading is None or reading.syntax.kind is not Kind.STATE or place.location in used:
            continue
        if reading.syntax.consumer == consumer:
            state = Used(place.location, Role.STATE, reading.held, (*place.notes, *reading.notes))
            yield Loaded(consumer, None, (state,), follows=follows)


def refused(words: str, *, got: str, want: str) -> Finding:
    """That the program does not start, in words that name it: a resolver with this fails."""
    return Finding(
        Check.AUDIT_REFUSED,
        Severity.FAILURE,
        words,
        got=got,
        want=want,
    )


def switched_off(got: str, instead: str, words: str = "") -> Finding:
    """That ``got`` switches validation off; ``instead``: what should stand there."""
    return Finding(
        Check.AUDIT_VALIDATION,
        Severity.WARNING,
        f"validation is off: {got}{words and ', '}{words}",
        got=got,
        want=instead,
        remedy="switch validation on, or make sure that another resolver validates",
    )


def not_judged(got: str, program: str) -> Finding:
    """That a setting decides what is answered in a way that nobody has tried with these files."""
    return Finding(
        Check.AUDIT_VALIDATION,
        Severity.WARNING,
        f"it is unknown whether {program} answers at all with this setting",
        got=printable(got[:120]),
        want="no such setting",
        remedy="remove the setting, or test the running resolver: root-anchors ask",
    )


def not_found(path: str, role: Role, *, inside: bool) -> Finding:
    """That a named file is not below what is audited, so that nobody can tell what it holds.

    Args:
        path: as the configuration has it.
        role: what the resolver does with it.
        inside: the configuration lies in a package or image; another package may bring the file.
    """
    named = f"{printable(path)} ({role.value})"
    if inside:
        return Finding(
            Check.AUDIT_NOT_FOLLOWED,
            Severity.NOTICE,
            f"it names {named}, which is not in this package or image",
        )
    return Finding(
        Check.AUDIT_NOT_FOLLOWED,
        Severity.WARNING,
        f"it names {named}, which was not found below the audited paths",
        want="the file below the audited paths",
        remedy="check whether the file exists, and audit it too",
    )


def unread(path: str, role: Role, why: str) -> Finding:
    """That a named file is there, and was not read."""
    return Finding(
        Check.AUDIT_UNREADABLE,
        Severity.WARNING,
        f"it names {printable(path)} ({role.value}), which was not read",
        got=printable(why),
        remedy="run root-anchors as a user who may read it, or find out why it is damaged",
    )


def root_alone(file: File | Place, path: str, role: Role) -> Finding | None:
    """That root alone may read a named file, so that a program of another user cannot.

    Args:
        file: the file.
        path: as the configuration has it.
        role: what the resolver does with it.
    """
    if file.status is None or file.status.may_be_read:
        return None
    return Finding(
        Check.AUDIT_UNREADABLE,
        Severity.WARNING,
        f"only root may read {printable(path)} ({role.value}): a program that runs as another "
        "user cannot",
        want="a file that the program's user may read",
        remedy="let the program's user read the file",
    )


def root_alone_starts(place: Place, files: Files) -> Finding | None:
    """That root alone may read a configuration: its own mode, and those of the folders above."""
    location = place.location
    file = files.find(f"/{location.path}", location)
    reached = file if file is not None and file.location == location else place
    return root_alone(reached, location.path, Role.CONFIGURATION)


def cannot_keep(words: str, *, fatal: bool) -> Finding:
    """That the program cannot write its RFC 5011 state; ``fatal``: it ends for that."""
    return Finding(
        Check.AUDIT_NOT_WRITABLE,
        Severity.FAILURE if fatal else Severity.WARNING,
        words,
        want="a file and a directory that the program's user may write",
        remedy="make the program's user the owner of the file and its directory",
    )
