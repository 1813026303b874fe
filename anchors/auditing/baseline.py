"""Findings that a person has accepted, each with a reason and a last day.

The file is TOML::

    [[accept]]
    check = "audit.static"
    path = "etc/unbound/*.conf"
    reason = "a person replaces these anchors at each roll"
    until = 2027-06-30
"""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from anchors.auditing.judge.audit import JudgedAudit
from anchors.auditing.judge.verdict import outcome_of, worst
from anchors.auditing.remedy import in_one_line
from anchors.auditing.result import Host, JudgedPlace, JudgedResolver, Outcome, Step
from anchors.consumers.files import Location
from anchors.consumers.reading import Note
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.files import read_given
from anchors.core.findings import Finding, Severity

__all__ = ["Accepted", "accept", "read_baseline"]

_MAX_SIZE = 1 << 20
_MAX_ROWS = 1000
_FIELDS = {"check", "path", "reason", "until"}


class Accepted(NamedTuple):
    """An accepted finding.

    Attributes:
        check: the id of its check.
        path: a pattern (fnmatch) for the path of the file below the audited PATH.
        reason: the reason for the acceptance.
        until: the last day of the acceptance.
    """

    check: str
    path: str
    reason: str
    until: date


def read_baseline(path: Path) -> tuple[Accepted, ...]:
    """The findings that a baseline accepts.

    Raises:
        UsageError: the file cannot be read, or a row has no reason, no day or no valid check.
    """
    what, want = "the baseline", "a TOML file of [[accept]] tables"
    content = read_given(path, _MAX_SIZE, what=what, want=want)
    try:
        rows = tomllib.loads(content.decode()).get("accept", [])
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise _unusable(path, str(error)) from error
    if not isinstance(rows, list) or len(rows) > _MAX_ROWS:
        raise _unusable(path, f"accept is not a list of at most {_MAX_ROWS} tables")
    return tuple(_row(path, number, row) for number, row in enumerate(rows, 1))


def _row(path: Path, number: int, row: Any) -> Accepted:  # noqa: ANN401 - as TOML has it
    if not isinstance(row, dict) or set(row) != _FIELDS:
        raise _unusable(path, f"table {number} does not have exactly {', '.join(sorted(_FIELDS))}")
    until = row["until"]
    if isinstance(until, datetime) or not isinstance(until, date):
        raise _unusable(path, f"until of table {number} is not a day such as 2027-06-30")
    texts = [row[name] for name in ("check", "path", "reason")]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise _unusable(
            path, f"check, path and reason of table {number} must be texts that are not empty"
        )
    if row["check"] not in {check.id for check in Check}:
        raise _unusable(path, f"no check has the name {row['check']!r:.40} (table {number})")
    return Accepted(row["check"], row["path"], row["reason"], until)


def _unusable(path: Path, got: str) -> UsageError:
    return UsageError(
        Check.USAGE,
        "the file given with --baseline cannot be used",
        got=f"{path}: {got}",
        want="[[accept]] tables with check, path, reason and until",
        remedy="'root-anchors explain audit' has an example",
    )


def accept(judged: JudgedAudit, rows: Sequence[Accepted], at: datetime) -> JudgedAudit:
    """The same audit, in which the findings that are accepted at this time are notices."""
    if not rows:
        return judged
    day = at.astimezone(UTC).date()
    current = [row for row in rows if day <= row.until]

    def accepted(location: Location, note: Note) -> Accepted | None:
        return next((row for row in current if _is_about(row, location, note)), None)

    return judged._replace(
        hosts=tuple(_host(host, accepted) for host in judged.hosts),
        places=tuple(_place(row, accepted) for row in judged.places),
    )


_By = Callable[[Location, Note], Accepted | None]


def _is_about(row: Accepted, location: Location, note: Note) -> bool:
    is_check = note.finding.check.id == row.check
    return is_check and any(
        fnmatch.fnmatchcase(path, row.path) for path in (location.path, location.text)
    )


def _host(host: Host, accepted: _By) -> Host:
    return host._replace(resolvers=tuple(_resolver(one, accepted) for one in host.resolvers))


def _resolver(resolver: JudgedResolver, accepted: _By) -> JudgedResolver:
    notes = tuple((where, _noted(where, note, accepted)) for where, note in resolver.notes)
    if notes == resolver.notes:
        return resolver
    before, after = [n for _, n in resolver.notes], [n for _, n in notes]
    outcome = _outcome(resolver.outcome, after)
    summary, told = _told(resolver.summary, resolver.told, before, after)
    if outcome is not resolver.outcome:
        summary, told = _saying(summary, told, before, after)
    return resolver._replace(
        notes=notes,
        outcome=outcome,
        summary=summary,
        told=told,
        steps=_steps(resolver.steps, outcome, before, after),
    )


def _place(row: JudgedPlace, accepted: _By) -> JudgedPlace:
    notes = tuple(_noted(row.found.location, note, accepted) for note in row.notes)
    if notes == row.notes:
        return row
    outcome = _outcome(row.outcome, notes)
    summary, told = _told(row.summary, row.told, row.notes, notes)
    if outcome is not row.outcome:
        summary, told = _saying(summary, told, row.notes, notes)
    remedy = [Step(row.remedy, is_command=False)] if row.remedy else []
    return row._replace(
        notes=notes,
        outcome=outcome,
        summary=summary,
        told=told,
        remedy=in_one_line(_steps(remedy, outcome, row.notes, notes)) or None,
        steps=_steps(row.steps, outcome, row.notes, notes),
    )


def _told(
    summary: str, told: Sequence[Finding], before: Sequence[Note], after: Sequence[Note]
) -> tuple[str, tuple[Finding, ...]]:
    """The summary, which says of what it tells that it is accepted; and the findings in it."""
    new = {old.finding: note.finding for old, note in zip(before, after, strict=True)}
    for old, finding in new.items():
        if old in told and finding != old:
            summary = summary.replace(old.message, finding.message, 1)
    return summary, tuple(new.get(finding, finding) for finding in told)


def _saying(
    summary: str, told: tuple[Finding, ...], before: Sequence[Note], after: Sequence[Note]
) -> tuple[str, tuple[Finding, ...]]:
    """The summary, which says first what is accepted where it does not say so yet."""
    new = [note.finding for old, note in zip(before, after, strict=True) if old != note]
    if any(finding in told for finding in new):
        return summary, told
    return f"{new[0].message}; {summary}", (new[0], *told)


def _steps(
    steps: Sequence[Step], outcome: Outcome, before: Sequence[Note], after: Sequence[Note]
) -> tuple[Step, ...]:
    """The cure of what is left: none where all is right, and none of what is accepted."""
    if outcome is Outcome.RIGHT:
        return ()
    pairs = zip(before, after, strict=True)
    cured = {old.finding.remedy for old, note in pairs if old != note} - {None}
    if {step.text for step in steps} <= cured:
        left = next((note.finding.remedy for note in after if note.finding.remedy), None)
        return (Step(left, is_command=False),) if left else ()
    return tuple(steps)


def _noted(location: Location, note: Note, accepted: _By) -> Note:
    by = accepted(location, note)
    if by is None:
        return note
    finding = note.finding
    words = f"accepted until {by.until:%Y-%m-%d} ({by.reason}): {finding.message}"
    told = finding._replace(severity=Severity.NOTICE, message=words, remedy=None)
    return note._replace(finding=told)


def _outcome(before: Outcome, notes: Sequence[Note]) -> Outcome:
    """The worst that is left; what no finding tells stays as it was."""
    left = worst([Outcome.RIGHT, *map(outcome_of, notes)])
    return before if left.is_failure else left
