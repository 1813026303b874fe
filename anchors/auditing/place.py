"""What an audit finds, and where: values alone, nothing judged yet."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from anchors.formats.found import FoundAnchor
from anchors.model import Finding

__all__ = [
    "Compiled",
    "Coverage",
    "Held",
    "Hold",
    "Location",
    "Note",
    "Place",
    "Progress",
    "Reading",
    "Reference",
    "Rfc5011State",
    "Role",
    "Scanned",
    "Setting",
    "StateOfKey",
    "Syntax",
]

# Told often how many files and bytes were looked at.
Progress = Callable[[int, int], None]


class Syntax(enum.StrEnum):
    """What a place is written in."""

    ZONE = "zone file"
    BIND = "named.conf"
    UNBOUND = "unbound.conf"
    DNSMASQ = "dnsmasq.conf"
    KRESD_LUA = "kresd.conf"
    KNOT_YAML = "Knot Resolver YAML"
    PDNS_LUA = "PowerDNS Recursor Lua"
    PDNS_YAML = "PowerDNS Recursor YAML"
    RESOLVED = "systemd-resolved .positive"
    RESOLVED_NEGATIVE = "systemd-resolved .negative"
    RESOLVED_CONF = "resolved.conf"
    STUBBY = "stubby.yml"
    XML = "IANA's root-anchors.xml"
    UNBOUND_STATE = "Unbound autotrust state"
    BIND_STATE = "BIND managed-keys state"
    BIND_JOURNAL = "BIND managed-keys journal"
    KNOT_STATE = "Knot Resolver state"
    COMPILED = "program or source"


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
    """What a configuration does with another file that it names."""

    INCLUDE = "include"  # read as a part of the configuration itself
    STATIC = "trust anchors"  # a file of anchors that is never changed
    MANAGED = "managed trust anchors"  # rewritten as RFC 5011 state; must be writable
    TRUSTED_KEYS = "trusted-keys-file"  # Unbound: BIND's trusted-keys statement alone
    SEED = "bindkeys-file"  # replaces the built-in anchors at the first start
    STATE_DIRECTORY = "managed-keys-directory"  # where named keeps its RFC 5011 state


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


class Compiled(NamedTuple):
    """What a program or source contains: digests of root KSKs, and pinned root certificates.

    ``key_digests`` are SHA-256 DS digests, ``roots`` the SHA-256 fingerprints of certificates.
    """

    key_digests: tuple[bytes, ...] = ()
    roots: tuple[str, ...] = ()


class Reading(NamedTuple):
    """What one piece of content says."""

    syntax: Syntax
    held: tuple[Held, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    compiled: Compiled | None = None
    settings: tuple[Setting, ...] = ()


class Location(NamedTuple):
    """Where content lies: ``path`` inside ``root``, with ``/`` between names and none in front.

    Attributes:
        root: the PATH that was audited: a directory, an archive, or a file's directory.
        path: below it; names that are no UTF-8 are decoded with ``surrogateescape``.
        inside: ``root`` is an archive or an image, and ``path`` a member of it.
        base: what ``path`` begins with where one of several images begins; it ends with ``/``.
    """

    root: str
    path: str
    inside: bool = False
    base: str = ""

    @property
    def text(self) -> str:
        """As a person finds it."""
        if not self.path:
            return self.root
        return f"{self.root}{':' if self.inside else '/'}{self.path}".replace("//", "/")


class Place(NamedTuple):
    """Content that has to do with trust anchors, or that could not be read.

    Attributes:
        location: where.
        reading: what it says, ``None`` where it could not be read.
        notes: what was noticed on the way to it: unreadable, damaged, not followed, too large.
        writable: whether somebody other than root may write it: ``None`` where nobody can tell.
    """

    location: Location
    reading: Reading | None
    notes: tuple[Note, ...] = ()
    writable: bool | None = None


class Coverage(NamedTuple):
    """How much was looked at, and how much could not be: numbers of files and members, bytes."""

    looked_at: int = 0
    size: int = 0
    unreadable: int = 0


class Scanned(NamedTuple):
    """What was found below one PATH."""

    places: tuple[Place, ...]
    coverage: Coverage
