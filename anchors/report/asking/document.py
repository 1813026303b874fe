"""What resolvers answered, for people, as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors.asking.result import Asked
from anchors.asking.verdict import Summary, Verdict
from anchors.report.asking.text import summary_line
from anchors.report.asking.words import (
    TRUST,
    VALIDATES,
    control_words,
    day_words,
    key_words,
    needing_a_person,
    worst_first,
)
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
from anchors.report.verification import verdict_block
from anchors.report.words import NOTHING, when

__all__ = ["document"]

_KINDS = {
    Summary.NOT_READY: Kind.BAD,
    Summary.CANNOT_TELL: Kind.LOOK,
    Summary.NOT_AFFECTED: Kind.LOOK,
    Summary.READY: Kind.GOOD,
}


def document(asked: Asked) -> Document:
    """All verdicts, the worst first."""
    rows = worst_first(asked.resolvers)
    return Document(
        "Resolvers and the keys of the root",
        [
            verdict_block(summary_line(asked), _KINDS[asked.summary]),
            *_table(rows),
            Section("Resolvers", list(map(_resolver, rows))),
            Section("How it was judged", list(_basis(asked))),
        ],
    )


def _table(rows: Sequence[Verdict]) -> Iterator[Block]:
    if rows:
        keys = [key.name for key in rows[0].keys]
        yield Table(("resolver", "validates", *keys, "answer"), [Row(_cells(row)) for row in rows])


def _cells(row: Verdict) -> list[Words]:
    trust = [TRUST[key.trust] for key in row.keys]
    return [Code(row.address), VALIDATES[row.validates], *trust, _answer(row)]


def _answer(row: Verdict) -> Strong:
    return Strong(row.summary, _KINDS[row.summary])


def _resolver(row: Verdict) -> Section:
    words: Words = [_answer(row), f": {VALIDATES[row.validates]}: {row.why}"]
    blocks: list[Block] = [Paragraph(words)]
    items = [*map(key_words, row.keys), *map(day_words, row.days), *control_words(row)]
    blocks += [Items(list(map(Item, items)))] if items else []
    found = [Told(finding, "", finding.message == row.why) for finding in needing_a_person(row)]
    blocks += [Findings(found)] if found else []
    return Section(Code(row.address), blocks, level=3)


def _basis(asked: Asked) -> Iterator[Block]:
    basis = asked.basis
    publication = basis.authenticated
    digest: Words = Code(publication.document_sha256) if publication else NOTHING
    yield Definitions(
        [
            ("verdict on IANA's publication", [Strong(basis.verdict.value)]),
            ("source", [Code(basis.source)]),
            ("signed", [when(publication.signing_time if publication else None)]),
            ("SHA-256 of the document", [digest]),
            ("time of judgement", [when(basis.at)]),
            ("rounds", [str(asked.choice.rounds)]),
        ]
    )
    if basis.findings:
        yield Findings(list(map(Told, basis.findings)))
