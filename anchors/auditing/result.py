"""The result of an audit: every place with its anchors, judged."""

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
    """The state of an anchor, compared with the verified set."""

    CURRENT = "current"
    NOT_YET = "not yet"
    RETIRED = "retired"
    REVOKED = "revoked"
    FOREIGN = "foreign"
    DAMAGED = "damaged"
    ZONE_KEY = "zone key"


class Outcome(enum.StrEnum):
    """The outcome of a resolver that uses a place, worst first."""

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
    """One anchor; ``name`` is the name of the key in reports; ``fault`` is the damage."""

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
        found: its location and its content.
        anchors: its anchors, in their order.
        outcome: the outcome of a resolver that uses it.
        day: the day of this outcome, if it is known.
        summary: the outcome in one line for people.
        remedy: the command or step of the remedy, if something is wrong.
        notes: every finding, with its line and its day; worst first.
        steps: the remedy step by step.
        told: the findings in the summary.
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
    """One step of a remedy: a command that works as printed, or a sentence."""

    text: str
    is_command: bool


class OnDay(NamedTuple):
    """The effect of a planned day on a resolver.

    Attributes:
        day: the day, at midnight UTC.
        event: the planned event in words, also if it was planned and not observed.
        outcome: the outcome of the unchanged resolver on that day.
        meaning: the reason, in words.
    """

    day: datetime
    event: str
    outcome: Outcome
    meaning: str


class Running(NamedTuple):
    """The running program of a resolver, compared with its files.

    Attributes:
        agrees: whether it has the anchors of its files; ``None`` if unknown.
        words: the result in one sentence.
        address: its address, in the form of the command line; empty if nothing was found.
        started: the time of its start, if it is known.
        by: the control channel by which it reported its anchors; empty if it reported none.
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
        loaded: what the program does with its files.
        title: the name of its program for people.
        anchors: its anchors and their files, in their order.
        outcome: its outcome.
        day: the day of this outcome, if it is known.
        summary: the outcome in one line for people.
        steps: the remedy; empty if nothing is wrong.
        notes: every finding with its file; worst first.
        days: the effects of the planned days, in their order.
        told: the findings in the summary.
        running: the running program with these files, if it was asked.
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
    """One root file system: an audited directory, an archive or an image.

    Attributes:
        name: its path, for people.
        resolvers: its resolvers, worst first.
    """

    name: str
    resolvers: tuple[JudgedResolver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The result of an audit.

    Attributes:
        basis: the verification with which the places are compared.
        paths: the audited paths, as given by the user.
        places: one row per place, by its location.
        coverage: the amount of files that were read.
        hosts: every root file system with its resolvers.
        fail_on: the ids of the checks that lead to exit code 1; empty: every failure does.
        is_part: whether an interruption ended the search early.
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
    """The exit code for all outcomes; ``fails``: whether the audit fails, by ``fail_on``."""
    if fails:
        return _FAILS
    if Outcome.UNDECIDED in outcomes or not outcomes:
        return _UNDECIDED
    return _ATTENTION if strict and {*outcomes} != {Outcome.RIGHT} else _RIGHT
