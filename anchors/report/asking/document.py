"""What resolvers answered, for people, as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors.asking.result import Asked
from anchors.asking.verdict import ResolverVerdict
from anchors.report import blocks
from anchors.report.asking.words import (
    KINDS,
    TRUST,
    VALIDATES,
    answer,
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
    Paragraph,
    Row,
    Section,
    Strong,
    Table,
    Told,
    Words,
)
from anchors.report.verification import held_against
from anchors.report.words import when

__all__ = ["document"]


def document(asked: Asked) -> Document:
    """All verdicts, the worst first."""
    rows = worst_first(asked.resolvers)
    return Document(
        "Resolvers and the keys of the root",
        [
            blocks.Verdict(asked.summary.upper(), answer(asked), KINDS[asked.summary]),
            *_table(rows),
            Section("Resolvers", list(map(_resolver, rows))),
            Section("How it was judged", list(_basis(asked))),
        ],
    )


def _table(rows: Sequence[ResolverVerdict]) -> Iterator[Block]:
    if rows:
        keys = [key.name for key in rows[0].keys]
        yield Table(("resolver", "validates", *keys, "answer"), [Row(_cells(row)) for row in rows])


def _cells(row: ResolverVerdict) -> list[Words]:
    trust = [TRUST[key.trust] for key in row.keys]
    return [Code(row.address), VALIDATES[row.validates], *trust, _answer(row)]


def _answer(row: ResolverVerdict) -> Strong:
    return Strong(row.summary, KINDS[row.summary])


def _resolver(row: ResolverVerdict) -> Section:
    words: Words = [_answer(row), f": {VALIDATES[row.validates]}: {row.why}"]
    told: list[Block] = [Paragraph(words)]
    items = [*map(key_words, row.keys), *map(day_words, row.days), *control_words(row)]
    told += [Items(list(map(Item, items)))] if items else []
    found = [Told(finding, "", finding.message == row.why) for finding in needing_a_person(row)]
    told += [Findings(found)] if found else []
    return Section(Code(row.address), told, level=3)


def _basis(asked: Asked) -> Iterator[Block]:
    basis = asked.basis
    yield Definitions(
        [
            *held_against(basis),
            ("time of judgement", [when(basis.at)]),
            ("rounds", [str(asked.choice.rounds)]),
        ]
    )
    if basis.findings:
        yield Findings(list(map(Told, basis.findings)))
