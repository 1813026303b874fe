"""What an audit tells of each resolver and of each file that no resolver loads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.auditing.result import Judged, JudgedPlace, JudgedResolver, Outcome, Running, Step
from anchors.consumers.files import Location
from anchors.consumers.reading import Note
from anchors.core.findings import Finding, Severity
from anchors.core.root_facts import name_of
from anchors.core.times import format_time
from anchors.report.audit.words import (
    AGREES,
    anchor_words,
    does_words,
    lines_of,
    next_day,
    strong,
)
from anchors.report.blocks import Block, Code, Definitions, Findings, Steps, Strong, Told, Words
from anchors.report.words import NOTHING

__all__ = ["Subject", "of_file", "of_resolver"]


class Subject(NamedTuple):
    """A resolver or a file.

    Attributes:
        outcome: what becomes of it.
        cells: its row of a table, without the sentence that explains the outcome.
        summary: that sentence.
        title: above its details.
        details: everything else.
        checks: the ids of what was found, for who is told the same.
    """

    outcome: Outcome
    cells: tuple[Words, ...]
    summary: str
    title: Words
    details: list[Block]
    checks: tuple[str, ...]


def of_resolver(
    host: str, resolver: JudgedResolver, name: Words, at: datetime, *, notices: bool
) -> Subject:
    """A resolver.

    Args:
        host: the root file system that it was found in.
        resolver: the resolver.
        name: what tells it from the others there.
        at: the time of judgement.
        notices: whether notices are told too.
    """
    path = Code(resolver.location.text)
    return Subject(
        resolver.outcome,
        (Code(host), name, strong(resolver.outcome), _next(resolver, at)),
        resolver.summary,
        [strong(resolver.outcome), f"  {resolver.title}  ", path],
        list(_resolver(resolver, notices=notices)),
        tuple(note.finding.check.id for _, note in resolver.notes),
    )


def _next(resolver: JudgedResolver, at: datetime) -> Words:
    """The next planned day, with what becomes of the resolver then where that is something new."""
    day = next_day(resolver, at)
    if day is None:
        return NOTHING
    words = f"{day.day:%Y-%m-%d}"
    return words if day.outcome is resolver.outcome else f"{words}: {day.outcome.value}"


def _resolver(resolver: JudgedResolver, *, notices: bool) -> Iterator[Block]:
    loaded = resolver.loaded
    rows: list[tuple[str, Sequence[Words]]] = [("program", [does_words(loaded)])]
    files = {used.location: used.role for used in reversed(loaded.used)}
    rows.append(("files", [[Code(_inside(f)), f": {files[f].value}"] for f in reversed(files)]))
    if loaded.built_in is not None:
        rows.append(("built in", [f"the keys of {loaded.built_in.program}"]))
    anchors = [_anchor(where, one) for where, one in dict.fromkeys(resolver.anchors)]
    rows += [("anchors", anchors)] if anchors else []
    days = [f"{one.day:%Y-%m-%d}: {one.outcome.value}" for one in resolver.days]
    rows += [("planned", days)] if days else []
    rows += [("running", _running(resolver.running))] if resolver.running else []
    yield Definitions(rows)
    found: dict[Finding, dict[Location, list[Note]]] = {}
    for where, note in resolver.notes:
        found.setdefault(note.finding, {}).setdefault(where, []).append(note)
    told = {finding: "".join(_where(*one) for one in by.items()) for finding, by in found.items()}
    yield from _findings(told, resolver.told, resolver.steps, notices=notices)


def _running(running: Running) -> list[Words]:
    """What runs, in so many lines."""
    since = f"since {format_time(running.started)}" if running.started else ""
    by = f"by {running.by}" if running.by else ""
    known = ", ".join(filter(None, (since, by)))
    return [running.words, *([known] if known else []), AGREES[running.agrees]]


def _where(location: Location, notes: Sequence[Note]) -> str:
    """The lines of one file that a finding is about; a whole file is known by the finding."""
    (lines,) = lines_of(notes).values()
    return f"{_inside(location)}, {lines}" if lines else ""


def _anchor(where: Location, judged: Judged) -> Words:
    line = f", line {judged.held.line}" if judged.held.line else ""
    return [Code(_inside(where)), f"{line}: {anchor_words(judged)}"]


def _inside(location: Location) -> str:
    return location.path or location.text


def of_file(row: JudgedPlace, *, notices: bool) -> Subject:
    """A file that no resolver loads."""
    path = Code(row.found.location.text)
    reading = row.found.reading
    syntax = reading.syntax.id if reading else NOTHING
    title: list[str | Code | Strong] = [strong(row.outcome), "  ", path]
    return Subject(
        row.outcome,
        (path, syntax, strong(row.outcome)),
        row.summary,
        [*title, f"  ({syntax})"] if reading else title,
        list(_file(row, notices=notices)),
        tuple(note.finding.check.id for note in row.notes),
    )


def _file(row: JudgedPlace, *, notices: bool) -> Iterator[Block]:
    reading = row.found.reading
    anchors: list[Words] = [
        f"{f'line {one.held.line}: ' if one.held.line else ''}{anchor_words(one)}"
        for one in row.anchors
    ]
    if reading is not None and reading.compiled is not None:
        names = dict.fromkeys(name_of(one) or "unknown key" for one in reading.compiled.key_digests)
        anchors += [f"digest of {name}" for name in names]
    if anchors:
        yield Definitions([("anchors", anchors)])
    yield from _findings(lines_of(row.notes), row.told, row.steps, notices=notices)


def _findings(
    found: dict[Finding, str],
    told: Sequence[Finding],
    steps: Sequence[Step],
    *,
    notices: bool,
) -> Iterator[Block]:
    """The findings, and one cure below them: what its steps say is not said before."""
    said = {step.text for step in steps}
    rows = []
    for finding, where in found.items():
        if notices or finding.severity is not Severity.NOTICE:
            remedy = None if finding.remedy in said else finding.remedy
            rows.append(Told(finding._replace(remedy=remedy), where, finding in told))
    if rows:
        yield Findings(rows)
    if steps:
        yield Steps(steps)
