"""The audit as Markdown, to be attached to a review of a package or to an issue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors import __version__
from anchors.auditing.render.text import anchor_words, coverage_words, found, verdict_line
from anchors.auditing.result import Audit, JudgedPlace, Outcome
from anchors.checks import Check
from anchors.escape import printable
from anchors.model import Finding, Severity
from anchors.publication.known import name_of
from anchors.report import Verdict
from anchors.times import format_time

__all__ = ["render"]

_ESCAPED = re.compile(r"[\\`*_{}\[\]~!$^]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
# What forges make into links, and into messages to people: only in code they leave it alone.
_LINKING = re.compile(r"((?:[@#]|://|www\.|GH-)+)", re.IGNORECASE)
_NOTHING = "-"


def render(audit: Audit) -> str:
    """The whole audit as GitHub Flavored Markdown, the same for the same audit."""
    parts = [
        ["# Audit of DNSSEC root trust anchors"],
        [_prose(verdict_line(audit))],
        _table(audit.places),
        *(list(_section(row)) for row in _needing_a_person(audit.places)),
        list(_not_read(audit)),
        list(_basis(audit)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _prose(text: str) -> str:
    """Text as nothing but text: no mark-up, no HTML, no link, nobody is called."""
    parts = _LINKING.split(printable(text))
    # Every second part is what splits them.
    return "".join(f"`{part}`" if odd % 2 else _plain(part) for odd, part in enumerate(parts))


def _plain(text: str) -> str:
    escaped = _ESCAPED.sub(lambda match: f"\\{match[0]}", text)
    return re.sub("[&<>|]", lambda match: _ENTITIES[match[0]], escaped)


def _code(text: str) -> str:
    """A code span; what could end it or a cell of a table is shown as an escape sequence."""
    shown = printable(text).replace("`", r"\x60").replace("|", r"\x7c")
    shown = re.sub("^ | $", r"\\x20", shown)
    return f"`{shown}`" if shown else _NOTHING


def _table(rows: Sequence[JudgedPlace]) -> list[str]:
    if not rows:
        return []
    head = ["| place | syntax | anchors | outcome | day |", "|---|---|---|---|---|"]
    return head + [f"| {' | '.join(_cells(row))} |" for row in rows]


def _cells(row: JudgedPlace) -> list[str]:
    reading = row.place.reading
    return [
        _code(row.place.location.text),
        _prose(reading.syntax.value) if reading else _NOTHING,
        _prose(", ".join(_anchors(row))) or _NOTHING,
        f"**{row.outcome.value}**" if row.outcome is not Outcome.RIGHT else row.outcome.value,
        f"{row.day:%Y-%m-%d}" if row.day else _NOTHING,
    ]


def _anchors(row: JudgedPlace) -> list[str]:
    """Each key once, however many records hold it."""
    reading = row.place.reading
    if reading is not None and reading.compiled is not None:
        digests = [name_of(digest) or "unknown key" for digest in reading.compiled.key_digests]
        return list(dict.fromkeys(f"digest of {name}" for name in digests))
    return list(dict.fromkeys(f"{one.name} {one.standing.value}" for one in row.anchors))


def _was_read(row: JudgedPlace) -> bool:
    if row.place.reading is not None:
        return True
    # That there is no anchor anywhere is something for a person.
    return any(note.finding.check is Check.AUDIT_NOTHING for note in row.notes)


def _needing_a_person(rows: Sequence[JudgedPlace]) -> list[JudgedPlace]:
    told = [row for row in rows if row.outcome is not Outcome.RIGHT and _was_read(row)]
    return sorted(told, key=lambda row: list(Outcome).index(row.outcome))


def _section(row: JudgedPlace) -> Iterator[str]:
    yield f"## {_code(row.place.location.text)}"
    yield ""
    yield f"**{row.outcome.value}**: {_prose(row.summary)}"
    yield ""
    yield from (f"- {_prose(anchor_words(judged))}" for judged in row.anchors)
    for finding, where in found(row).items():
        if finding.severity is not Severity.NOTICE:
            yield from _finding(finding, where, row.remedy)
    if row.remedy:
        yield ""
        yield f"**Do:** {_prose(row.remedy)}"


def _finding(finding: Finding, where: str = "", told: str | None = None) -> Iterator[str]:
    """A finding, without the remedy that is told elsewhere."""
    named = f"`{finding.check.id}`, {_prose(finding.check.reference)}"
    yield f"- **{finding.severity.value}**: {where}{_prose(finding.message)} ({named})"
    if finding.got:
        yield f"  - got: {_code(finding.got)}"
    if finding.want:
        yield f"  - want: {_code(finding.want)}"
    if finding.remedy and finding.remedy != told:
        yield f"  - do: {_prose(finding.remedy)}"


def _not_read(audit: Audit) -> Iterator[str]:
    if audit.basis.verdict is not Verdict.VERIFIED:
        return
    yield "## What was not read"
    yield ""
    yield f"{_prose(coverage_words(audit.coverage))}."
    rows = [row for row in audit.places if not _was_read(row)]
    if rows:
        yield ""
    for row in rows:
        yield f"- {_code(row.place.location.text)}: {_prose(row.summary)}"
        yield from (f"  - got: {_code(finding.got)}" for finding in found(row) if finding.got)


def _basis(audit: Audit) -> Iterator[str]:
    basis = audit.basis
    publication = basis.authenticated
    observed = _when(basis.observed_at)
    yield "## How it was judged"
    yield ""
    yield f"- verdict on IANA's publication: **{basis.verdict.value}**"
    yield f"- source: {_code(basis.source)}"
    yield f"- signed: {_when(publication.signing_time if publication else None)}"
    yield f"- SHA-256 of the document: {_code(publication.document_sha256 if publication else '')}"
    yield f"- root zone: {_code(basis.dns_mode)}, observed at {observed}"
    yield f"- time of judgement: {_when(basis.at)}"
    yield f"- what was audited: {', '.join(_code(path) for path in audit.paths)}"
    yield f"- tool: root-anchors {__version__}"
    for finding in basis.findings:
        yield from _finding(finding)


def _when(time: datetime | None) -> str:
    return format_time(time) if time else _NOTHING
