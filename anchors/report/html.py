"""The report as one HTML page, to be attached to a review of a package."""

from __future__ import annotations

from collections.abc import Iterator

from anchors import __version__
from anchors.crosscheck import KeyEvidence, ServerEvidence, label
from anchors.model import Finding, Severity
from anchors.publication.authenticate import Authenticated
from anchors.report import Report, Verdict
from anchors.report.page import definitions, element, page, section, table, text
from anchors.report.text import verdict_line
from anchors.report.words import NOTHING, in_words, when, yes_or_no
from anchors.times import format_time

__all__ = ["finding_html", "render", "verdict_html"]

_KINDS = {Verdict.VERIFIED: "good", Verdict.NOT_TRUSTED: "bad", Verdict.UNDECIDED: "look"}
_SEVERITIES = {Severity.FAILURE: "bad", Severity.ALARM: "bad", Severity.WARNING: "look"}


def render(report: Report) -> str:
    """The whole report as HTML, the same for the same report."""
    body = [
        verdict_html(verdict_line(report), _KINDS[report.verdict]),
        section("Findings", [finding_html(finding) for finding in report.findings]),
        section("Keys", _keys(report)),
        section("Signature", _publication(report.authenticated) if report.authenticated else []),
        section("Root zone", _root_zone(report)),
        section("Calendar", _calendar(report)),
        section("How it was judged", _basis(report)),
    ]
    title = "Verification of IANA's root trust anchors"
    return page(title, filter(None, body), tool=f"root-anchors {__version__}")


def verdict_html(line: str, kind: str) -> str:
    """The answer: its word in bold, so that no colour is needed."""
    word, _, rest = line.partition(":")
    return f'<p class="verdict {kind}"><strong>{text(word)}</strong>:{text(rest)}</p>'


def finding_html(finding: Finding, where: str = "") -> str:
    """A finding with all that it has to tell."""
    word = element("strong", finding.severity.value, kind=_SEVERITIES.get(finding.severity))
    rows = [
        (name, text(value))
        for name, value in (("got", finding.got), ("want", finding.want), ("do", finding.remedy))
        if value
    ]
    rows.append(("check", f"<code>{finding.check.id}</code> ({text(finding.check.reference)})"))
    return f"<div><p>{word}: {text(where + finding.message)}</p>\n{definitions(rows)}</div>"


def _keys(report: Report) -> Iterator[str]:
    if not report.keys:
        return
    head = ("key", "state", "in DNS", "signs", "emitted")
    yield table(head, map(_key_cells, report.keys))
    in_advance = report.dns_mode == "skr"
    words = [in_words(r, report.keys, report.seen_at, in_advance=in_advance) for r in report.keys]
    yield f"<ul>\n{''.join(element('li', line) for line in words)}\n</ul>"


def _key_cells(row: KeyEvidence) -> list[str]:
    emitted = "yes" if row.emitted else row.why or "no"
    cells = [
        label(row.key),
        row.state.value,
        yes_or_no(row.published),
        yes_or_no(row.signing),
        emitted,
    ]
    return list(map(text, cells))


def _publication(authenticated: Authenticated) -> Iterator[str]:
    signer, root = authenticated.signer, authenticated.root
    life = f"{signer.not_before:%Y-%m-%d} to {signer.not_after:%Y-%m-%d}"
    kind = "built in" if root.built_in else "from --ca"
    yield definitions(
        [
            ("signed by", f"{text(signer.email)} at {format_time(authenticated.signing_time)}"),
            ("certificate", f"{signer.serial} (0x{signer.serial:X}), {life}"),
            ("its SHA-256", f"<code>{signer.sha256}</code>"),
            ("root", f"{text(root.subject)} ({kind}, to {root.not_after:%Y-%m-%d})"),
            ("its SHA-256", f"<code>{root.sha256}</code>"),
            ("document", f"SHA-256 <code>{authenticated.document_sha256}</code>"),
            ("signature", f"SHA-256 <code>{authenticated.signature_sha256}</code>"),
        ]
    )


def _root_zone(report: Report) -> Iterator[str]:
    if not report.servers:
        yield "<p><strong>NOT CHECKED</strong></p>"
        return
    yield element("p", f"{report.dns_mode}, as of {when(report.observed_at)}")
    head = ("server", "transport", "outcome", "key tags", "signed by")
    yield table(head, map(_server_cells, report.servers))


def _calendar(report: Report) -> Iterator[str]:
    if not report.slots:
        return
    from anchors.report.calendar import describe  # noqa: PLC0415 - only with a response

    head, *slots = describe(report.slots)
    yield element("p", head)
    yield f"<ul>\n{''.join(element('li', slot) for slot in slots)}\n</ul>"


def _server_cells(row: ServerEvidence) -> list[str]:
    tags, signers = (" ".join(map(str, tags)) for tags in (row.key_tags, row.signed_by))
    answer = row.answer
    place = [f"<code>{text(answer.server)}</code>", answer.transport, text(row.outcome)]
    return [*place, tags or NOTHING, signers or NOTHING]


def _basis(report: Report) -> Iterator[str]:
    yield definitions(
        [
            ("source", f"<code>{text(report.source)}</code>"),
            ("time of judgement", when(report.at)),
        ]
    )
