"""What an audit has to tell: every place with its anchors, judged."""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from anchors.auditing.scan.found import Coverage
from anchors.consumers.files import Location
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Held, Note, Place
from anchors.core.checks import Check
from anchors.core.errors import NotTrusted, Undecided
from anchors.core.facade import as_json, renamed
from anchors.core.findings import Finding
from anchors.pipeline.report import Report, Verdict

__all__ = [
    "SCHEMA",
    "Audit",
    "Host",
    "Judged",
    "JudgedPlace",
    "JudgedResolver",
    "OnDay",
    "Outcome",
    "Running",
    "Standing",
    "Step",
    "exit_code",
]

# What its JSON is called.
SCHEMA = "root-anchors/audit/2"
_RIGHT, _FAILS, _UNDECIDED, _ATTENTION = 0, 1, 3, 4


class Standing(enum.StrEnum):
    """What an anchor is worth, held against the verified set."""

    CURRENT = "current"
    NOT_YET = "not yet"
    RETIRED = "retired"
    REVOKED = "revoked"
    FOREIGN = "foreign"
    DAMAGED = "damaged"
    ZONE_KEY = "zone key"


class Outcome(enum.StrEnum):
    """What becomes of a resolver that uses a place, worst first."""

    FAILS = "fails"
    WILL_FAIL = "will fail"
    UNDECIDED = "undecided"
    ATTENTION = "attention"
    RIGHT = "right"

    @property
    def rank(self) -> int:
        """Less for what is worse."""
        return list(Outcome).index(self)

    @property
    def is_failure(self) -> bool:
        """Whether look-ups fail, now or on some day."""
        return self in {Outcome.FAILS, Outcome.WILL_FAIL}


class Judged(NamedTuple):
    """One anchor; ``name`` is the key's as reports call it; ``fault`` what is damaged in it."""

    held: Held
    name: str
    standing: Standing
    fault: str | None = None

    def __repr__(self) -> str:
        return f"<Judged {self.name}: {self.standing}>"

    @property
    def line(self) -> int | None:
        """The line that it stands in, counted from 1; ``None`` where there are no lines."""
        return self.held.line


class JudgedPlace(NamedTuple):
    """One place.

    Attributes:
        found: where, and what it says.
        anchors: its anchors in their order.
        outcome: what becomes of a resolver that uses it.
        day: when, where that is known.
        summary: the same in one line for a person.
        remedy: the command or the step that puts it right, where something is wrong.
        notes: every finding, with its line and its day; worst first.
        steps: the remedy step by step.
        told: the findings among them that the summary tells.
    """

    found: Place
    anchors: tuple[Judged, ...]
    outcome: Outcome
    day: datetime | None
    summary: str
    remedy: str | None
    notes: tuple[Note, ...]
    told: tuple[Finding, ...] = ()
    steps: tuple[Step, ...] = ()

    def __repr__(self) -> str:
        return f"<JudgedPlace {self.path}: {self.outcome}>"

    @property
    def path(self) -> str:
        """Where it lies, as a person finds it."""
        return self.found.location.text

    @property
    def syntax(self) -> str | None:
        """What it is written in, as reports call that; ``None`` where nothing could read it."""
        return self.found.reading and self.found.reading.syntax.id

    @property
    def place(self) -> Place:
        """Deprecated: ``found``."""
        return renamed(self.found, "JudgedPlace.place", "found, and its location path")


class Step(NamedTuple):
    """One step of a remedy: a command that works as it is printed, or a sentence."""

    text: str
    is_command: bool


class OnDay(NamedTuple):
    """What a planned day means for a resolver.

    Attributes:
        day: the day, at midnight UTC.
        event: what is planned in words, or what was planned and is not observed.
        outcome: what becomes of the resolver then, as it is now.
        meaning: why, in words.
    """

    day: datetime
    event: str
    outcome: Outcome
    meaning: str


class Running(NamedTuple):
    """What runs with the files of a resolver, held against them.

    Attributes:
        agrees: whether it holds what they say; ``None`` where nobody can tell.
        words: the same in one sentence.
        address: where it answers, as the command line takes it; empty where nothing was found.
        started: when it was started, where that is known.
        by: what it was asked by, beside DNS; empty where it told nothing itself.
        notes: the findings.
    """

    agrees: bool | None
    words: str
    address: str = ""
    started: datetime | None = None
    by: str = ""
    notes: tuple[Note, ...] = ()


class JudgedResolver(NamedTuple):
    """One resolver.

    Attributes:
        loaded: what it does with its files.
        title: what people call its program.
        anchors: its anchors with the files that they come from, in their order.
        outcome: what becomes of it.
        day: when, where that is known.
        summary: the same in one line for a person.
        steps: what puts it right; empty where nothing is wrong.
        notes: every finding with its file; worst first.
        days: what the planned days mean for it, in their order.
        told: the findings that the summary tells.
        running: what runs with these files, where it was asked.
    """

    loaded: Loaded
    title: str
    anchors: tuple[tuple[Location, Judged], ...]
    outcome: Outcome
    day: datetime | None
    summary: str
    steps: tuple[Step, ...]
    notes: tuple[tuple[Location, Note], ...]
    days: tuple[OnDay, ...] = ()
    told: tuple[Finding, ...] = ()
    running: Running | None = None

    def __repr__(self) -> str:
        return f"<JudgedResolver {self.title}, {self.path}: {self.outcome}>"

    @property
    def path(self) -> str:
        """Where its configuration lies, as a person finds it."""
        return self.location.text

    @property
    def location(self) -> Location:
        """Where its configuration lies, or its state where that alone was found."""
        return self.loaded.location


class Host(NamedTuple):
    """One root file system: a directory that was audited, an archive or an image.

    Attributes:
        name: as a person finds it.
        resolvers: those that were found, worst first.
    """

    name: str
    resolvers: tuple[JudgedResolver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything an audit has to tell.

    Attributes:
        basis: the verification that the places are held against.
        paths: what was audited, as it was asked for.
        places: one row per place, by its location.
        coverage: how much was looked at.
        hosts: every root file system with its resolvers.
        fail_on: the ids of the checks that the user wants to fail on; empty: what fails.
        is_part: whether an interrupt kept us from looking at the rest.
    """

    basis: Report
    paths: Sequence[str]
    places: Sequence[JudgedPlace]
    coverage: Coverage
    hosts: Sequence[Host] = ()
    fail_on: Sequence[str] = ()
    is_part: bool = False

    def __repr__(self) -> str:
        return f"<Audit of {', '.join(self.paths)}: {self.outcome}, {len(self.places)} places>"

    def to_json(self) -> str:
        """The same document as that of ``root-anchors audit --report-format json``."""
        return as_json("anchors.report.audit.json", self)

    def raise_for_verdict(self) -> None:
        """Do nothing where no resolver fails, now or on some day, and all could be judged.

        Raises:
            NotTrusted: a resolver fails or will, or the publication is not trusted.
            Undecided: something kept us from deciding.
        """
        self.basis.raise_for_verdict()
        code = self.exit_code(strict=False)
        if code == _RIGHT:
            return
        worst = min(self.places, key=lambda row: row.outcome.rank, default=None)
        told = next((note.finding for note in worst.notes), None) if worst else None
        raise (NotTrusted if code == _FAILS else Undecided)(
            told.check if told else Check.AUDIT_NOTHING,
            f"{worst.path}: {worst.summary}" if worst else "no trust anchor was found",
            remedy=(worst.remedy if worst else None) or "see the findings of the audit",
        )

    @property
    def outcome(self) -> Outcome:
        """The worst of all places; undecided where there is nothing to judge, or to judge by."""
        if self.basis.verdict is not Verdict.VERIFIED or not self.places:
            return Outcome.UNDECIDED
        return min((row.outcome for row in self.places), key=lambda one: one.rank)

    def exit_code(self, *, strict: bool) -> int:
        """1 something fails or will, 3 undecided, 4 the rest (only ``strict``), 0 all right."""
        if self.basis.verdict is not Verdict.VERIFIED:
            return _UNDECIDED
        outcomes = {row.outcome for row in self.places}
        return exit_code(outcomes, fails=self._fails(), strict=strict)

    def _fails(self) -> bool:
        if not self.fail_on:
            return any(row.outcome.is_failure for row in self.places)
        found = {note.finding.check.id for row in self.places for note in row.notes}
        return not found.isdisjoint(self.fail_on)


def exit_code(outcomes: Collection[Outcome], *, fails: bool, strict: bool) -> int:
    """The exit code for what becomes of all places; ``fails``: what the user wants to fail on."""
    if fails:
        return _FAILS
    if Outcome.UNDECIDED in outcomes or not outcomes:
        return _UNDECIDED
    return _ATTENTION if strict and {*outcomes} != {Outcome.RIGHT} else _RIGHT
