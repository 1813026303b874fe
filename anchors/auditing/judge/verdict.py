"""Findings and an effect -> one outcome, with its words and its day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from anchors.auditing.judge.consequence import Effect
from anchors.auditing.result import Outcome
from anchors.consumers.reading import Note
from anchors.core.checks import Check
from anchors.core.findings import WORST_FIRST, Finding, Severity

__all__ = ["Verdict", "by_severity", "in_the_way", "outcome_of", "verdict", "worst"]

_UNDECIDED = {
    Check.AUDIT_JOURNAL,
    Check.AUDIT_LIMIT,
    Check.AUDIT_MALFORMED,
    Check.AUDIT_NOT_FOLLOWED,
    Check.AUDIT_NOTHING,
    Check.AUDIT_NOT_TOLD,
    Check.AUDIT_UNREADABLE,
}
# What is missing or damaged may not be needed yet: the effect of it says.
_LATER = {Check.AUDIT_MISSING, Check.AUDIT_DAMAGED, Check.AUDIT_NOT_LOADED}


class Verdict(NamedTuple):
    """The outcome, its words, the first remedy among the findings, and these, worst first.

    ``told``: the findings in the words.
    """

    outcome: Outcome
    words: str
    remedy: str | None
    notes: tuple[Note, ...]
    told: tuple[Finding, ...]


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of some outcomes."""
    return min(outcomes, key=lambda one: one.rank)


def outcome_of(note: Note) -> Outcome:
    """The outcome of a resolver or a file with this finding alone."""
    if note.finding.severity is Severity.FAILURE:
        return Outcome.WILL_FAIL if note.finding.check in _LATER else Outcome.FAILS
    if note.finding.severity is Severity.NOTICE:
        return Outcome.RIGHT
    if note.finding.check in _UNDECIDED:
        return Outcome.UNDECIDED
    return Outcome.ATTENTION


def by_severity(notes: Iterable[Note]) -> list[Note]:
    """The notes, worst first; those of equal severity keep their order."""
    return sorted(notes, key=lambda note: WORST_FIRST.index(note.finding.severity))


def in_the_way(notes: Iterable[Note]) -> list[Note]:
    """Findings that forbid the conclusion "no anchor": something was not read or not found."""
    return by_severity(note for note in notes if note.finding.check in _UNDECIDED)


def verdict(effect: Effect, notes: Sequence[Note]) -> Verdict:
    """The worst outcome of the effect of the anchors and of all findings.

    A finding that is worse than the effect comes first in the words, unless they have it already.
    """
    ordered = by_severity(notes)
    outcome = worst([effect.outcome, *map(outcome_of, ordered)])
    words, told = effect.words, effect.tells
    if outcome is not effect.outcome:
        decisive = next(note.finding for note in ordered if outcome_of(note) is outcome)
        if decisive not in told:
            words, told = f"{decisive.message}; {words}", (decisive, *told)
    remedy = next((note.finding.remedy for note in ordered if note.finding.remedy), None)
    return Verdict(outcome, words, remedy, tuple(ordered), told)
