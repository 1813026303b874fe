"""The audit as metrics, for node_exporter's textfile collector; ``docs/monitoring.md`` has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from anchors.auditing.result import Audit, Host, JudgedResolver, Outcome
from anchors.pipeline.report import Verdict
from anchors.report.audit.words import next_day
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
        "1 for the verdict on the publication that the anchors are compared with.",
        "verdict",
        Verdict,
        basis.verdict,
    )
    yield Family("judged_timestamp_seconds", "The time of judgement.", [Sample(when(basis.at))])
    yield state_set("outcome", "1 for the worst outcome.", "outcome", Outcome, audit.outcome)
    yield from _resolvers(audit)
    yield from _places(audit)
    yield findings(
        "findings",
        "Findings in files, by severity.",
        (note.finding for row in audit.places for note in row.notes),
    )
    yield from _coverage(audit)


def _resolvers(audit: Audit) -> Iterator[Family]:
    rows = [(_labels(host, one), one) for host in audit.hosts for one in host.resolvers]
    yield Family(
        "resolver_outcome",
        "1 for the outcome for a resolver.",
        [
            Sample(one.outcome is outcome, (*labels, ("outcome", outcome.value)))
            for labels, one in rows
            for outcome in Outcome
        ],
    )
    for name, what, values in (
        ("starts", "Whether the resolver starts.", [one.loaded.starts for _, one in rows]),
        ("validates", "Whether the resolver validates.", [one.loaded.validates for _, one in rows]),
        (
            "follows_rolls",
            "Whether the resolver follows rollovers of the root's key by itself (RFC 5011).",
            [one.loaded.follows for _, one in rows],
        ),
        (
            "day_timestamp_seconds",
            "The day of that outcome, if it is known.",
            [when(one.day) for _, one in rows],
        ),
    ):
        samples = [Sample(value, labels) for (labels, _), value in zip(rows, values, strict=True)]
        yield Family(f"resolver_{name}", what, samples)
    days = [(labels, next_day(one, audit.basis.at)) for labels, one in rows]
    yield Family(
        "resolver_next_planned_day_timestamp_seconds",
        "The next planned day, with the resolver's outcome on it.",
        [
            Sample(when(day.day), (*labels, ("outcome", day.outcome.value)))
            for labels, day in days
            if day is not None
        ],
    )


def _labels(host: Host, resolver: JudgedResolver) -> tuple[tuple[str, str], ...]:
    """What tells a resolver from every other one."""
    path = resolver.location.text
    return ("host", host.name), ("resolver", resolver.title), ("configuration", path)


def _places(audit: Audit) -> Iterator[Family]:
    counts = Counter(row.outcome for row in audit.places)
    days = [
        min((row.day for row in audit.places if row.outcome is one and row.day), default=None)
        for one in Outcome
    ]
    yield Family(
        "places",
        "Files with trust anchors, by the outcome for a resolver that uses them.",
        [Sample(counts[one], (("outcome", one.value),)) for one in Outcome],
    )
    yield Family(
        "earliest_day_timestamp_seconds",
        "The earliest day of that outcome, if it is known.",
        [
            Sample(when(day), (("outcome", one.value),))
            for one, day in zip(Outcome, days, strict=True)
        ],
    )


def _coverage(audit: Audit) -> Iterator[Family]:
    coverage = audit.coverage
    for name, what, number in (
        ("files", "Files and archive members that were read.", coverage.looked_at),
        ("read_bytes", "Bytes that were read.", coverage.size),
        (
            "unreadable_files",
            "Files and archive members that could not be read.",
            coverage.unreadable,
        ),
    ):
        yield Family(name, what, [Sample(number)])
