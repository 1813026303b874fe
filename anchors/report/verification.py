"""A verification for people, as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors.core.keys import label
from anchors.core.times import format_time
from anchors.pipeline.evidence import KeyEvidence, ServerEvidence
from anchors.pipeline.report import Report, Verdict
from anchors.publication.authenticate import Authenticated
from anchors.report import blocks
from anchors.report.blocks import (
    Block,
    Code,
    Definitions,
    Document,
    Findings,
    Item,
    Items,
    Kind,
    Paragraph,
    Row,
    Section,
    Strong,
    Table,
    Told,
    Words,
)
from anchors.report.text import verdict_line
from anchors.report.words import NOTHING, in_words, on_day, when, yes_or_no

__all__ = ["document", "held_against", "verdict_block"]

_KINDS = {Verdict.VERIFIED: Kind.GOOD, Verdict.NOT_TRUSTED: Kind.BAD, Verdict.UNDECIDED: Kind.LOOK}


def document(report: Report) -> Document:
    """The whole report."""
    return Document(
        "Verification of IANA's root trust anchors",
        [
            verdict_block(verdict_line(report), _KINDS[report.verdict]),
            Section("Keys", list(_keys(report))),
            Section("Findings", _findings(report)),
            Section("Publication", list(_publication(report.authenticated))),
            Section("Root zone", list(_root_zone(report))),
            Section("Calendar", list(_calendar(report))),
            Section("How it was judged", [_basis(report)]),
        ],
    )


def held_against(report: Report) -> list[tuple[str, Sequence[Words]]]:
    """The rows that tell in other reports which publication they go by."""
    publication = report.authenticated
    digest: Words = Code(publication.document_sha256) if publication else NOTHING
    return [
        ("verdict on IANA's publication", [Strong(report.verdict.value)]),
        ("source", [Code(report.source)]),
        ("signed", [when(publication.signing_time if publication else None)]),
        ("SHA-256 of the document", [digest]),
    ]


def verdict_block(line: str, kind: Kind) -> blocks.Verdict:
    """An answer in one line as a block."""
    word, _, text = line.partition(": ")
    return blocks.Verdict(word, text, kind)


def _keys(report: Report) -> Iterator[Block]:
    if not report.keys:
        return
    on = on_day(report.seen_at, report.at)
    head = ("key", "state", f"in DNS{on}", f"signed{on}" if on else "signs", "emitted")
    yield Table(head, [Row(_key_cells(row)) for row in report.keys])
    in_advance = report.dns_mode == "skr"
    words = [
        in_words(row, report.keys, report.seen_at, report.at, in_advance=in_advance)
        for row in report.keys
    ]
    yield Items(list(map(Item, words)))


def _key_cells(row: KeyEvidence) -> list[Words]:
    emitted = "yes" if row.usable else row.why or "no"
    seen = [yes_or_no(row.published), yes_or_no(row.signing)]
    return [label(row.entry), row.state.value, *seen, emitted]


def _findings(report: Report) -> list[Block]:
    return [Findings(list(map(Told, report.findings)))] if report.findings else []


def _publication(authenticated: Authenticated | None) -> Iterator[Block]:
    if authenticated is None:
        return
    signer, root = authenticated.signer, authenticated.root
    life = f"{signer.not_before:%Y-%m-%d} to {signer.not_after:%Y-%m-%d}"
    end = f"({'built in' if root.built_in else 'from --ca'}, to {root.not_after:%Y-%m-%d})"
    signed: Words = [Code(signer.email), f" at {format_time(authenticated.signing_time)}"]
    certificate = f"{signer.serial} (0x{signer.serial:X}), {life}, SHA-256 "
    yield Definitions(
        [
            ("signed by", [signed]),
            ("signer's certificate", [[certificate, Code(signer.sha256)]]),
            ("root", [[Code(root.subject), f" {end}, SHA-256 ", Code(root.sha256)]]),
            ("SHA-256 of the document", [Code(authenticated.document_sha256)]),
            ("SHA-256 of the signature", [Code(authenticated.signature_sha256)]),
        ]
    )


def _root_zone(report: Report) -> Iterator[Block]:
    if not report.servers:
        yield Paragraph(Strong("NOT CHECKED"))
        return
    yield Paragraph(f"{report.dns_mode}, as of {when(report.observed_at)}")
    head = ("server", "transport", "outcome", "key tags", "signed by")
    yield Table(head, [Row(_server_cells(row)) for row in report.servers])


def _server_cells(row: ServerEvidence) -> list[Words]:
    tags, signers = (" ".join(map(str, tags)) for tags in (row.key_tags, row.signed_by))
    answer = row.answer
    where: list[Words] = [Code(answer.server), answer.transport, row.outcome]
    return [*where, tags or NOTHING, signers or NOTHING]


def _calendar(report: Report) -> Iterator[Block]:
    if not report.slots:
        return
    from anchors.report.calendar import describe  # noqa: PLC0415 - only with a response

    head, *slots = describe(report.slots)
    yield Paragraph(head)
    yield Items(list(map(Item, slots)))


def _basis(report: Report) -> Definitions:
    return Definitions(
        [("source", [Code(report.source)]), ("time of judgement", [when(report.at)])]
    )
