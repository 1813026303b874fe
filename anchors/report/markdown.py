"""The report as Markdown, to be attached to a review of a package or to an issue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from anchors import __version__
from anchors.crosscheck import KeyEvidence, ServerEvidence, label
from anchors.escape import printable
from anchors.model import Finding
from anchors.publication.authenticate import Authenticated
from anchors.report import Report
from anchors.report.text import verdict_line
from anchors.report.words import NOTHING, in_words, when, yes_or_no

__all__ = ["code", "finding_items", "prose", "render"]

_ESCAPED = re.compile(r"[\\`*_{}\[\]~!$^]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
# What forges make into links, and into messages to people: only in code they leave it alone.
_LINKING = re.compile(r"((?:[@#]|://|www\.|GH-)+)", re.IGNORECASE)


def render(report: Report) -> str:
    """The whole report as GitHub Flavored Markdown, the same for the same report."""
    parts = [
        ["# Verification of IANA's root trust anchors"],
        [prose(verdict_line(report))],
        list(_keys(report)),
        list(_findings(report)),
        list(_publication(report.authenticated)) if report.authenticated else [],
        list(_root_zone(report)),
        list(_calendar(report)),
        list(_basis(report)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def prose(text: str) -> str:
    """Text as nothing but text: no mark-up, no HTML, no link, nobody is called."""
    parts = _LINKING.split(printable(text))
    # Every second part is what splits them.
    return "".join(f"`{part}`" if odd % 2 else _plain(part) for odd, part in enumerate(parts))


def _plain(text: str) -> str:
    escaped = _ESCAPED.sub(lambda match: f"\\{match[0]}", text)
    return re.sub("[&<>|]", lambda match: _ENTITIES[match[0]], escaped)


def code(text: str) -> str:
    """A code span; what could end it or a cell of a table is shown as an escape sequence."""
    shown = printable(text).replace("`", r"\x60").replace("|", r"\x7c")
    shown = re.sub("^ | $", r"\\x20", shown)
    return f"`{shown}`" if shown else NOTHING


def finding_items(finding: Finding, where: str = "", told: str | None = None) -> Iterator[str]:
    """A finding as list items, without the remedy that is ``told`` elsewhere."""
    named = f"`{finding.check.id}`, {prose(finding.check.reference)}"
    yield f"- **{finding.severity.value}**: {where}{prose(finding.message)} ({named})"
    if finding.got:
        yield f"  - got: {code(finding.got)}"
    if finding.want:
        yield f"  - want: {code(finding.want)}"
    if finding.remedy and finding.remedy != told:
        yield f"  - do: {prose(finding.remedy)}"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _keys(report: Report) -> Iterator[str]:
    if not report.keys:
        return
    yield "## Keys"
    yield ""
    yield "| key | state | in DNS | signs | emitted |"
    yield "|---|---|---|---|---|"
    for row in report.keys:
        yield _row(_key_cells(row))
    yield ""
    in_advance = report.dns_mode == "skr"
    for row in report.keys:
        words = in_words(row, report.keys, report.seen_at, in_advance=in_advance)
        yield f"- {prose(words)}"


def _key_cells(row: KeyEvidence) -> list[str]:
    emitted = "yes" if row.emitted else prose(row.why or "no")
    states = [
        prose(label(row.key)),
        row.state.value,
        yes_or_no(row.published),
        yes_or_no(row.signing),
    ]
    return [*states, emitted]


def _findings(report: Report) -> Iterator[str]:
    if report.findings:
        yield "## Findings"
        yield ""
    for finding in report.findings:
        yield from finding_items(finding)


def _publication(authenticated: Authenticated) -> Iterator[str]:
    signer, root = authenticated.signer, authenticated.root
    yield "## Publication"
    yield ""
    yield f"- signed by {code(signer.email)} at {when(authenticated.signing_time)}"
    yield (
        f"- signer's certificate: {signer.serial} (0x{signer.serial:X}), "
        f"{signer.not_before:%Y-%m-%d} to {signer.not_after:%Y-%m-%d}, "
        f"SHA-256 {code(signer.sha256)}"
    )
    kind = "built in" if root.built_in else "from --ca"
    end = f"{kind}, to {root.not_after:%Y-%m-%d}"
    yield f"- root: {code(root.subject)} ({end}), SHA-256 {code(root.sha256)}"
    yield f"- SHA-256 of the document: {code(authenticated.document_sha256)}"
    yield f"- SHA-256 of the signature: {code(authenticated.signature_sha256)}"


def _root_zone(report: Report) -> Iterator[str]:
    yield "## Root zone"
    yield ""
    if not report.servers:
        yield "**NOT CHECKED**"
        return
    yield f"{prose(report.dns_mode)}, as of {when(report.observed_at)}"
    yield ""
    yield "| server | transport | outcome | key tags | signed by |"
    yield "|---|---|---|---|---|"
    for row in report.servers:
        yield _row(_server_cells(row))


def _calendar(report: Report) -> Iterator[str]:
    if not report.slots:
        return
    from anchors.report.calendar import describe  # noqa: PLC0415 - only with a response

    head, *slots = describe(report.slots)
    yield "## Calendar"
    yield ""
    yield prose(head)
    yield ""
    yield from (f"- {prose(slot)}" for slot in slots)


def _server_cells(row: ServerEvidence) -> list[str]:
    tags, signers = (" ".join(map(str, tags)) for tags in (row.key_tags, row.signed_by))
    answer = row.answer
    place = [code(answer.server), answer.transport, prose(row.outcome)]
    return [*place, tags or NOTHING, signers or NOTHING]


def _basis(report: Report) -> Iterator[str]:
    yield "## How it was judged"
    yield ""
    yield f"- source: {code(report.source)}"
    yield f"- time of judgement: {when(report.at)}"
    yield f"- tool: root-anchors {__version__}"
