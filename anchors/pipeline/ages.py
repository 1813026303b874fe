"""Warnings about old DNS answers, and about keys that end soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyState, label
from anchors.core.policy import VerificationPolicy
from anchors.core.root_facts import planned_for
from anchors.core.times import time_left
from anchors.pipeline.crosscheck import CrossCheck
from anchors.pipeline.evidence import KeyEvidence

__all__ = ["age_findings"]


def age_findings(checked: CrossCheck, policy: VerificationPolicy) -> Iterator[Finding]:
    """Warnings of answers from before a planned day, and of keys that end soon or unannounced."""
    answers = [one.answer for one in checked.servers if one.answer.transport != "skr"]
    if answers:
        seen = min(answer.observed_at for answer in answers)
        yield from _recording_old(checked, seen, policy.at)
        for row in checked.keys:
            yield from _gone(row, seen)
    elif not checked.servers:
        yield from _not_asked(checked, policy.at)
    for row in checked.keys:
        yield from _ends_soon(row, policy)


def _recording_old(checked: CrossCheck, seen: datetime, at: datetime) -> Iterator[Finding]:
    missed = sorted((day, what) for row in checked.keys for day, what in _not_seen(row, seen, at))
    if missed:
        yield Finding(
            Check.ROOTZONE_RECORDING_OLD,
            Severity.WARNING,
            "the answers are older than a planned change: they cannot show whether it happened",
            got=f"observed on {seen:%Y-%m-%d}; {', '.join(what for _, what in missed)}",
            want=f"answers observed after {missed[-1][0]:%Y-%m-%d}",
            remedy="ask the root servers (--dns live), or record new answers: root-anchors build "
            "-o DIR",
        )


def _not_seen(row: KeyEvidence, seen: datetime, at: datetime) -> Iterator[tuple[datetime, str]]:
    """The planned steps of a key between the observation and the judgement, both days left out."""
    planned = planned_for(row.entry.digest)
    if planned is None or row.published is None:
        return
    for what, day, happened in (
        ("publication", planned.published, row.published),
        ("signing", planned.signing, row.signing),
        ("revocation", planned.revoked, row.state is KeyState.REVOKED or not row.published),
    ):
        # Servers may take the day itself to change.
        if day is not None and not happened and seen.date() <= day.date() < at.date():
            yield day, f"{what} of {label(row.entry)} planned for {day:%Y-%m-%d}"


def _not_asked(checked: CrossCheck, at: datetime) -> Iterator[Finding]:
    """Keys that are emitted, were planned to be revoked by now, and nobody asked the root zone."""
    due = [
        (
            planned.revoked,
            f"revocation of {label(row.entry)} planned for {planned.revoked:%Y-%m-%d}",
        )
        for row in checked.keys
        if row.state is KeyState.CURRENT
        and (planned := planned_for(row.entry.digest)) is not None
        and planned.revoked is not None
        and planned.revoked.date() < at.date()
    ]
    if due:
        yield Finding(
            Check.ROOTZONE_RECORDING_OLD,
            Severity.WARNING,
            "ICANN planned to revoke a key before this day, and the root zone was not asked",
            got=", ".join(what for _, what in due),
            want=f"answers observed after {max((day for day, _ in due)):%Y-%m-%d}",
            remedy="leave --dns out to ask the root servers, and take IANA's current publication",
        )


def _gone(row: KeyEvidence, seen: datetime) -> Iterator[Finding]:
    """A key that was to be revoked, is in the root zone no more, and has no end in the document."""
    planned = planned_for(row.entry.digest)
    if planned is None or planned.revoked is None or row.state is not KeyState.CURRENT:
        return
    if row.published is False and planned.revoked.date() <= seen.date():
        yield Finding(
            Check.ROOTZONE_GONE,
            Severity.WARNING,
            f"{label(row.entry)} was planned to be revoked and has left the root zone",
            got=f"no DNSKEY for it on {seen:%Y-%m-%d}, revocation planned for "
            f"{planned.revoked:%Y-%m-%d}, and no validUntil in the document",
            want="the key in the root zone, or an end date for it in the document",
            remedy="look for a newer publication and for an announcement by ICANN; do not ship "
            "this key if anybody has seen it revoked",
        )


def _ends_soon(row: KeyEvidence, policy: VerificationPolicy) -> Iterator[Finding]:
    end = row.entry.window.valid_until if row.entry.window else None
    if row.state is KeyState.CURRENT and end is not None and end - policy.at <= policy.ends_soon:
        yield Finding(
            Check.KEY_ENDS_SOON,
            Severity.WARNING,
            f"{label(row.entry)} ends on {end:%Y-%m-%d}, according to IANA's document",
            got=time_left(policy.at, end),
            want=f"more than {policy.ends_soon.days} days left",
            remedy="make sure that every resolver trusts the other current keys by then, and "
            "build the files again",
        )
