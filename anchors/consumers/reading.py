"""What an audit finds, and where: values alone, nothing judged yet."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import NamedTuple

from anchors.consumers.files import Location, Status
from anchors.core.findings import Finding
from anchors.core.found import FoundAnchor

__all__ = [
    "CONTENT",
    "Compiled",
    "Damaged",
    "Held",
    "Hold",
    "Kind",
    "Note",
    "Place",
    "Reading",
    "Reference",
    "Rfc5011State",
    "Role",
    "Setting",
    "StateOfKey",
    "Syntax",
]


class Kind(enum.StrEnum):
    """What a file of a syntax is for."""

    CONFIGURATION = "configuration"  # a program starts with it
    ANCHORS = "anchors"  # holds trust anchors for whoever names it
    STATE = "state"  # a program keeps it by itself (RFC 5011)
    CONTENT = "content"  # a program or source with a root key in it


class Syntax(NamedTuple):
    """What a file is written in; each consumer has its own.

    Attributes:
        id: as reports call it.
        kind: what such a file is for.
        consumer: the name of the consumer, empty where the syntax belongs to no single one.
        replaced_by: the format that replaces the anchors of such a file, by name.
        is_whole: the file holds nothing but anchors, and is replaced as a whole.
        could_follow: static anchors in it could follow RFC 5011 by another statement.
        files_could_follow: so could those in the files that it names.
        has_dates: it has the dates of its keys with it.
        afterwards: what to do with the new file, where that is more than putting it in place.
        is_program: the program itself, which names its files of anchors; it lies anywhere.
    """

    id: str
    kind: Kind
    consumer: str = ""
    replaced_by: str = ""
    is_whole: bool = False
    could_follow: bool = False
    files_could_follow: bool = False
    has_dates: bool = False
    afterwards: str = ""
    is_program: bool = False


# A program, a library or a source.
CONTENT = Syntax("program or source", Kind.CONTENT)


class Hold(enum.StrEnum):
    """What changes an anchor that a consumer holds."""

    STATIC = "static"  # a person, at every roll
    SEED = "seed"  # read at the first start; RFC 5011 state from then on
    STATE = "state"  # the consumer itself, by RFC 5011
    FILE = "file"  # whoever reads the file decides
    IGNORED = "ignored"  # the consumer does not read it


class StateOfKey(enum.StrEnum):
    """The states of RFC 5011 4."""

    START = "Start"
    ADD_PENDING = "AddPend"
    VALID = "Valid"
    MISSING = "Missing"
    REVOKED = "Revoked"
    REMOVED = "Removed"


class Rfc5011State(NamedTuple):
    """The state of one key, as a state file has it.

    Attributes:
        state: the state.
        since: when it began, where the file tells.
        until: when its hold-down ends, where the file tells.
    """

    state: StateOfKey
    since: datetime | None = None
    until: datetime | None = None

    @property
    def trusted(self) -> bool:
        """Whether a consumer validates with the key (RFC 5011 4)."""
        return self.state in {StateOfKey.VALID, StateOfKey.MISSING}


class Held(NamedTuple):
    """One anchor where it lies.

    Attributes:
        anchor: the anchor.
        hold: what changes it.
        line: where it stands, counted from 1; ``None`` where there are no lines.
        state: in an RFC 5011 state.
        view: the view of a named.conf that alone has it, empty for all.
    """

    anchor: FoundAnchor
    hold: Hold
    line: int | None = None
    state: Rfc5011State | None = None
    view: str = ""

    @property
    def effective(self) -> bool:
        """Whether the consumer validates with it today."""
        return self.hold is not Hold.IGNORED and (self.state is None or self.state.trusted)


class Role(enum.StrEnum):
    """What a resolver does with a file that it uses."""

    CONFIGURATION = "configuration"  # it is started with it
    INCLUDE = "include"  # read as a part of the configuration itself
    STATIC = "trust anchors"  # a file of anchors that is never changed
    MANAGED = "managed trust anchors"  # rewritten as RFC 5011 state; must be writable
    TRUSTED_KEYS = "trusted-keys-file"  # Unbound: BIND's trusted-keys statement alone
    SEED = "bindkeys-file"  # replaces the built-in anchors at the first start
    STATE = "state"  # the RFC 5011 state that it keeps by itself
    STATE_DIRECTORY = "managed-keys-directory"  # where named keeps its RFC 5011 state
    PROGRAM = "program"  # the program itself, with the keys that are built into it


class Reference(NamedTuple):
    """Another file, directory or pattern that a configuration names, as it is written there.

    ``without``: how the files end that a directory or a pattern leaves out; ``view``: the view of
    a named.conf that it stands in.
    """

    path: str
    role: Role
    line: int | None = None
    without: tuple[str, ...] = ()
    view: str = ""


class Setting(NamedTuple):
    """What a configuration says of validation, as it is written there.

    ``view``: the view of a named.conf that it is for, empty for all.
    """

    name: str
    value: str
    line: int | None
    view: str = ""


class Note(NamedTuple):
    """Something that only the reader of a place can know; ``day``: when it comes about."""

    finding: Finding
    line: int | None = None
    day: datetime | None = None


class Damaged(NamedTuple):
    """A copy of a root key's digest or public key that has a slip.

    Attributes:
        key_digest: the SHA-256 DS digest of the key that it is meant to be.
        fault: what is wrong with it, in words.
        line: where it stands, where there are lines.
    """

    key_digest: bytes
    fault: str
    line: int | None = None


class Compiled(NamedTuple):
    """What a program, a source or any other text contains of the root's keys and certificates.

    Attributes:
        key_digests: the SHA-256 DS digests of the keys, however they are written there.
        roots: the SHA-256 fingerprints of the certificates.
        line: where the first of them stands, where there are lines.
        damaged: copies of keys that have a slip.
    """

    key_digests: tuple[bytes, ...] = ()
    roots: tuple[str, ...] = ()
    line: int | None = None
    damaged: tuple[Damaged, ...] = ()


class Reading(NamedTuple):
    """What one piece of content says."""

    syntax: Syntax
    held: tuple[Held, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    compiled: Compiled | None = None
    settings: tuple[Setting, ...] = ()


class Place(NamedTuple):
    """Content that has to do with trust anchors, or that could not be read.

    Attributes:
        location: where.
        reading: what it says, ``None`` where it could not be read.
        notes: what was noticed on the way to it: unreadable, damaged, not followed, too large.
        status: its mode and owners, ``None`` where nobody can tell.
        content: all of it, where it may be needed again and is small enough to be kept.
    """

    location: Location
    reading: Reading | None
    notes: tuple[Note, ...] = ()
    status: Status | None = None
    content: bytes | None = None

    @property
    def anchors(self) -> tuple[Held, ...]:
        """The anchors that it holds, as its own reader reads it."""
        return self.reading.held if self.reading else ()

    @property
    def kind(self) -> Kind | None:
        """What it is for, ``None`` where it could not be read."""
        return self.reading.syntax.kind if self.reading else None
