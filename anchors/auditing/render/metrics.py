"""The audit as metrics, for node_exporter's textfile collector; ``docs/monitoring.md`` has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from anchors.auditing.result import Audit, Outcome
from anchors.report import Verdict
from anchors.report.metrics import (
    Family,
    Sample,
    exposition,
    findings,
    run_info,
    state_set,
    when,
)

__all__ = ["render"]


def render(audit: Audit) -> str:
    """The audit as metrics, the same text for the same audit.

    No name is one of :mod:`anchors.report.metrics`: one exporter may read both files.
    """
    return exposition(family._replace(name=f"audit_{family.name}") for family in _families(audit))


def _families(audit: Audit) -> Iterator[Family]:
    basis = audit.basis
    asked = (("paths", " ".join(audit.paths)), ("source", basis.source), ("dns", basis.dns_mode))
    yield from run_info(asked)
    yield state_set(
        "basis_verdict",
        "1 for the verdict on what the places are held against.",
        "verdict",
        Verdict,
        basis.verdict,
    )
    yield Family("judged_timestamp_seconds", "The time of judgement.", [Sample(when(basis.at))])
    yield state_set(
        "outcome", "1 for the worst that becomes of any place.", "outcome", Outcome, audit.outcome
    )
    yield from _places(audit)
    yield findings(
        "findings",
        "Findings in places, by severity.",
        (note.finding for row in audit.places for note in row.notes),
    )
    yield from _coverage(audit)


def _places(audit: Audit) -> Iterator[Family]:
    counts = Counter(row.outcome for row in audit.places)
    days = [
        min((row.day for row in audit.places if row.outcome is one and row.day), default=None)
        for one in Outcome
    ]
    yield Family(
        "places",
        "Places that have to do with trust anchors, by what becomes of them.",
        [Sample(counts[one], (("outcome", one.value),)) for one in Outcome],
    )
    yield Family(
        "earliest_day_timestamp_seconds",
        "The earliest day on which that comes about, where one is known.",
        [
            Sample(when(day), (("outcome", one.value),))
            for one, day in zip(Outcome, days, strict=True)
        ],
    )


def _coverage(audit: Audit) -> Iterator[Family]:
    coverage = audit.coverage
    for name, what, number in (
        ("files", "Files and members that were looked at.", coverage.looked_at),
        ("read_bytes", "Bytes that were looked at.", coverage.size),
        ("unreadable_files", "Files and members that could not be read.", coverage.unreadable),
    ):
        yield Family(name, what, [Sample(number)])
