"""The audit as Markdown, to be attached to a review of a package or to an issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors import __version__
from anchors.auditing.render.text import (
    anchor_words,
    coverage_words,
    found,
    standing_words,
    verdict_line,
)
from anchors.auditing.result import Audit, JudgedPlace, Outcome
from anchors.checks import Check
from anchors.model import Severity
from anchors.publication.known import name_of
from anchors.report import Verdict
from anchors.report.markdown import code, finding_items, prose
from anchors.report.words import NOTHING, when

__all__ = ["anchors_of", "render"]


def render(audit: Audit) -> str:
    """The whole audit as GitHub Flavored Markdown, the same for the same audit."""
    parts = [
        ["# Audit of DNSSEC root trust anchors"],
        [prose(verdict_line(audit))],
        _table(audit.places),
        *(list(_section(row)) for row in _needing_a_person(audit.places)),
        list(_not_read(audit)),
        list(_basis(audit)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _table(rows: Sequence[JudgedPlace]) -> list[str]:
    if not rows:
        return []
    head = ["| place | syntax | anchors | outcome | day |", "|---|---|---|---|---|"]
    return head + [f"| {' | '.join(_cells(row))} |" for row in rows]


def _cells(row: JudgedPlace) -> list[str]:
    reading = row.place.reading
    return [
        code(row.place.location.text),
        prose(reading.syntax.value) if reading else NOTHING,
        prose(", ".join(anchors_of(row))) or NOTHING,
        f"**{row.outcome.value}**" if row.outcome is not Outcome.RIGHT else row.outcome.value,
        f"{row.day:%Y-%m-%d}" if row.day else NOTHING,
    ]


def anchors_of(row: JudgedPlace) -> list[str]:
    """Each key once, however many records hold it."""
    reading = row.place.reading
    if reading is not None and reading.compiled is not None:
        digests = [name_of(digest) or "unknown key" for digest in reading.compiled.key_digests]
        return list(dict.fromkeys(f"digest of {name}" for name in digests))
    return list(dict.fromkeys(f"{one.name} {standing_words(one)}" for one in row.anchors))


def _was_read(row: JudgedPlace) -> bool:
    if row.place.reading is not None:
        return True
    # That there is no anchor anywhere is something for a person.
    return any(note.finding.check is Check.AUDIT_NOTHING for note in row.notes)


def _needing_a_person(rows: Sequence[JudgedPlace]) -> list[JudgedPlace]:
    told = [row for row in rows if row.outcome is not Outcome.RIGHT and _was_read(row)]
    return sorted(told, key=lambda row: list(Outcome).index(row.outcome))


def _section(row: JudgedPlace) -> Iterator[str]:
    yield f"## {code(row.place.location.text)}"
    yield ""
    yield f"**{row.outcome.value}**: {prose(row.summary)}"
    yield ""
    yield from (f"- {prose(anchor_words(judged))}" for judged in row.anchors)
    for finding, where in found(row).items():
        if finding.severity is not Severity.NOTICE:
            yield from finding_items(finding, where, row.remedy)
    if row.remedy:
        yield ""
        yield f"**Do:** {prose(row.remedy)}"


def _not_read(audit: Audit) -> Iterator[str]:
    if audit.basis.verdict is not Verdict.VERIFIED:
        return
    yield "## What was not read"
    yield ""
    yield f"{prose(coverage_words(audit.coverage))}."
    rows = [row for row in audit.places if not _was_read(row)]
    if rows:
        yield ""
    for row in rows:
        yield f"- {code(row.place.location.text)}: {prose(row.summary)}"
        yield from (f"  - got: {code(finding.got)}" for finding in found(row) if finding.got)


def _basis(audit: Audit) -> Iterator[str]:
    basis = audit.basis
    publication = basis.authenticated
    observed = when(basis.observed_at)
    yield "## How it was judged"
    yield ""
    yield f"- verdict on IANA's publication: **{basis.verdict.value}**"
    yield f"- source: {code(basis.source)}"
    yield f"- signed: {when(publication.signing_time if publication else None)}"
    yield f"- SHA-256 of the document: {code(publication.document_sha256 if publication else '')}"
    yield f"- root zone: {code(basis.dns_mode)}, observed at {observed}"
    yield f"- time of judgement: {when(basis.at)}"
    yield f"- what was audited: {', '.join(code(path) for path in audit.paths)}"
    yield f"- tool: root-anchors {__version__}"
    for finding in basis.findings:
        yield from finding_items(finding)
