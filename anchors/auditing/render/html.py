"""The audit as one HTML page, to be attached to a review of a package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors import __version__
from anchors.auditing.render.markdown import anchors_of
from anchors.auditing.render.text import anchor_words, coverage_words, found, verdict_line
from anchors.auditing.result import Audit, JudgedPlace, Outcome
from anchors.model import Severity
from anchors.report.html import finding_html, verdict_html
from anchors.report.page import definitions, element, page, section, table, text
from anchors.times import format_time

__all__ = ["render"]

_KINDS = {
    Outcome.FAILS: "bad",
    Outcome.WILL_FAIL: "bad",
    Outcome.UNDECIDED: "look",
    Outcome.ATTENTION: "look",
    Outcome.RIGHT: "good",
}
_NOTHING = "-"


def render(audit: Audit) -> str:
    """The whole audit as HTML, the same for the same audit."""
    body = [
        verdict_html(verdict_line(audit), _KINDS[audit.outcome]),
        section("What needs a person", map(_place, _in_need(audit.places))),
        section("All places", _places(audit.places)),
        section("How it was judged", _basis(audit)),
    ]
    title = "Audit of DNSSEC root trust anchors"
    return page(title, filter(None, body), tool=f"root-anchors {__version__}")


def _places(rows: Sequence[JudgedPlace]) -> Iterator[str]:
    if rows:
        yield table(("place", "syntax", "anchors", "outcome", "day"), map(_cells, rows))


def _cells(row: JudgedPlace) -> list[str]:
    reading = row.place.reading
    return [
        f"<code>{text(row.place.location.text)}</code>",
        text(reading.syntax.value) if reading else _NOTHING,
        text(", ".join(anchors_of(row))) or _NOTHING,
        element("strong", row.outcome.value, kind=_KINDS[row.outcome]),
        f"{row.day:%Y-%m-%d}" if row.day else _NOTHING,
    ]


def _in_need(rows: Sequence[JudgedPlace]) -> list[JudgedPlace]:
    told = [row for row in rows if row.outcome is not Outcome.RIGHT]
    return sorted(told, key=lambda row: list(Outcome).index(row.outcome))


def _place(row: JudgedPlace) -> str:
    return "\n".join(_lines(row))


def _lines(row: JudgedPlace) -> Iterator[str]:
    word = element("strong", row.outcome.value, kind=_KINDS[row.outcome])
    yield f"<h3><code>{text(row.place.location.text)}</code></h3>"
    yield f"<p>{word}: {text(row.summary)}</p>"
    if row.anchors:
        items = "".join(element("li", anchor_words(judged)) for judged in row.anchors)
        yield f"<ul>\n{items}\n</ul>"
    for finding, where in found(row).items():
        if finding.severity is not Severity.NOTICE:
            yield finding_html(finding, where)
    if row.remedy:
        yield f"<p><strong>do</strong>: <code>{text(row.remedy)}</code></p>"


def _basis(audit: Audit) -> Iterator[str]:
    basis = audit.basis
    publication = basis.authenticated
    signed = format_time(publication.signing_time) if publication else _NOTHING
    document = publication.document_sha256 if publication else _NOTHING
    yield definitions(
        [
            ("verdict", text(basis.verdict.value)),
            ("source", f"<code>{text(basis.source)}</code>"),
            ("signed", signed),
            ("document", f"SHA-256 <code>{document}</code>"),
            ("root zone", text(basis.dns_mode)),
            ("time of judgement", format_time(basis.at)),
            ("audited", ", ".join(f"<code>{text(path)}</code>" for path in audit.paths)),
            ("looked at", text(coverage_words(audit.coverage))),
        ]
    )
    yield from map(finding_html, basis.findings)
