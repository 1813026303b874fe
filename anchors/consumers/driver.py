"""What a driver of a consumer does: load a file, say what is held, validate, resolve."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

from anchors.consumers.bench import Bench, ConsumerFailed, find_program
from anchors.consumers.query import Endpoint, Question, ask
from anchors.core.found import FoundAnchors

__all__ = [
    "BOGUS",
    "NAMES",
    "NOWHERE",
    "NX",
    "WWW",
    "Driver",
    "Held",
    "HeldTags",
    "RecordedRrset",
    "Security",
    "Told",
    "resolve_through",
    "told_by_starting",
]

# The lab's names, all of them inside the one zone, which is the root.
WWW, BOGUS, NX = "www.e2e.", "bogus.e2e.", "nx.e2e."
NAMES = (WWW, BOGUS, NX)

# Where nobody listens (the discard port), for a consumer that must not ask the real root.
NOWHERE = Endpoint("127.0.0.1", 9)


class Security(enum.StrEnum):
    """What a consumer makes of one name."""

    SECURE = "secure"
    SECURE_NX = "secure denial"
    BOGUS = "bogus"
    UNVALIDATED = "answered without validation"
    NO_ANSWER = "no answer"


class Told(NamedTuple):
    """Yes or no, and the program's words for it (one line)."""

    yes: bool
    words: str


class HeldTags(NamedTuple):
    """The tags a program says it holds; it keeps the digests to itself."""

    tags: tuple[int, ...]


class Held(NamedTuple):
    """What a program says it holds: records in full, or tags alone; ``by`` is how it was asked."""

    anchors: FoundAnchors | HeldTags
    by: str


class RecordedRrset(NamedTuple):
    """The root's real DNSKEY RRset with its RRSIGs as zone-file text, and when it was seen."""

    text: str
    observed_at: datetime


class Driver(ABC):
    """One program that reads anchor files.

    Every method gets a bench of its own with a fresh copy of the file.  A method that finds
    out nothing raises :class:`~anchors.consumers.bench.ConsumerFailed`, in the program's words.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """What people call the program."""

    @property
    @abstractmethod
    def package(self) -> str:
        """The Debian package that has it, or several."""

    @property
    @abstractmethod
    def programs(self) -> tuple[str, ...]:
        """All programs that it needs."""

    @property
    @abstractmethod
    def formats(self) -> tuple[str, ...]:
        """The formats that it reads, by name."""

    def missing(self) -> tuple[str, ...]:
        """The programs it needs that are not installed."""
        return tuple(name for name in self.programs if find_program(name) is None)

    @abstractmethod
    def version(self, bench: Bench) -> str:
        """The program's version, such as ``9.18.49``."""

    def unfit(self, bench: Bench) -> str | None:  # noqa: ARG002
        """Why the installed version is not one that the file's format is for, if so."""
        return None

    @abstractmethod
    def loads(self, bench: Bench) -> Told:
        """Whether the program takes the file."""

    def holds(self, bench: Bench) -> Held | None:  # noqa: ARG002
        """What the program says it holds, or ``None`` where there is no way to ask it."""
        return None

    def validates(self, bench: Bench, recorded: RecordedRrset) -> Told | None:  # noqa: ARG002
        """Whether the file validates a real RRset at its time; ``None``: no date can be set."""
        return None

    def resolves(
        self,
        bench: Bench,  # noqa: ARG002
        root: Endpoint,  # noqa: ARG002
        names: Iterable[str],  # noqa: ARG002
    ) -> Mapping[str, Security] | None:
        """What the program makes of each name under the root served at ``root``.

        ``None``: it resolves nothing; where it can validate an RRset, that is its proof.
        """
        return None


def told_by_starting(bench: Bench, start: Callable[[], AbstractContextManager[object]]) -> Told:
    """Whether a program starts with the file, where it is the file alone that could stop it.

    Raises:
        ConsumerFailed: it does not start with an empty file either.
    """
    try:
        with start():
            return Told(yes=True, words="it starts with the file")
    except ConsumerFailed as error:
        words = str(error)
    bench.file.write_bytes(b"")
    with start():
        return Told(yes=False, words=words)


def resolve_through(
    endpoint: Endpoint, names: Iterable[str], *, want_dnssec: bool = False
) -> dict[str, Security]:
    """Ask a validating resolver for the A records of each name."""
    return {name: _security(endpoint, name, want_dnssec=want_dnssec) for name in names}


def _security(endpoint: Endpoint, name: str, *, want_dnssec: bool) -> Security:
    reply = ask(endpoint, Question(name, want_dnssec=want_dnssec))
    if reply is None:
        return Security.NO_ANSWER
    if reply.rcode == "SERVFAIL":
        return Security.BOGUS
    if not reply.authenticated:
        return Security.UNVALIDATED
    if reply.rcode == "NXDOMAIN":
        return Security.SECURE_NX
    return Security.SECURE if reply.rcode == "NOERROR" and reply.answer else Security.UNVALIDATED
