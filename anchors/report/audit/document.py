"""An audit for people, as blocks: a table of resolvers first, then each by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.auditing.result import Audit, JudgedPlace, OnDay, Outcome
from anchors.core.checks import Check
from anchors.pipeline.report import Verdict
from anchors.report import blocks
from anchors.report.audit.hosts import Found, by_host
from anchors.report.audit.subjects import Subject, of_file, of_resolver
from anchors.report.audit.words import KINDS, answer, coverage_words, strong
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
    Table,
    Told,
    Words,
)
from anchors.report.plain import line
from anchors.report.verification import held_against
from anchors.report.words import when

__all__ = ["Extent", "document"]

TITLE = "Audit of DNSSEC root trust anchors"
_RESOLVERS = ("host", "resolver", "today", "next planned day", "why")
_FILES = ("file", "is", "today", "why")


class Extent(NamedTuple):
    """How much is told.

    Attributes:
        everything: what is right is told in full too, and every notice.
        most: so many subjects of which the same is told are shown; ``None``: all.
        basis: how it was judged is told.
        is_folded: the details of each subject are folded.
    """

    everything: bool = False
    most: int | None = None
    basis: bool = True
    is_folded: bool = False


def document(audit: Audit, extent: Extent) -> Document:
    """The whole audit, the worst first."""
    verdict = blocks.Verdict(strong(audit.outcome).text, answer(audit), KINDS[audit.outcome])
    basis = [Section("How it was judged", list(_basis(audit)))] if extent.basis else []
    if audit.basis.verdict is not Verdict.VERIFIED:
        return Document(TITLE, [verdict, *basis])
    hosts = by_host(audit)
    return Document(
        TITLE,
        [
            verdict,
            *_resolvers(hosts, audit, extent),
            *_files("Anchor files that no resolver loads", "file", hosts, extent),
            *_files("Programs and texts with root keys in them", "program", hosts, extent),
            *_files("Files that were not read", "unread", hosts, extent),
            *_files("Paths without any root trust anchor", "empty", hosts, extent),
            Paragraph(f"{coverage_words(audit.coverage)}."),
            *basis,
        ],
    )


def _resolvers(hosts: Sequence[Found], audit: Audit, extent: Extent) -> Iterator[Block]:
    subjects = []
    for host in hosts:
        names = _names(host)
        subjects += [
            of_resolver(host.name, one, name, audit.basis.at, notices=extent.everything)
            for one, name in zip(host.resolvers, names, strict=True)
        ]
    shown = _worst_first(subjects)
    yield from _table(_RESOLVERS, shown, "resolver", extent)
    yield Section("Planned days", list(_days(hosts, extent)))
    yield Section("Resolvers", list(_details(shown, "resolver", extent)))


def _files(title: str, name: str, hosts: Sequence[Found], extent: Extent) -> Iterator[Block]:
    rows = [row for host in hosts for row in _of_kind(host, name)]
    shown = _worst_first([of_file(row, notices=extent.everything) for row in rows])
    table = list(_table(_FILES, shown, name, extent))
    yield Section(title, [*table, *_details(shown, name, extent)])


def _of_kind(host: Found, name: str) -> list[JudgedPlace]:
    if name in {"unread", "empty"}:
        return [row for row in host.not_read if _is_empty(row) is (name == "empty")]
    return {"file": host.loose, "program": host.programs}[name]


def _is_empty(row: JudgedPlace) -> bool:
    """Whether a PATH was read, and simply has no anchor."""
    return any(note.finding.check is Check.AUDIT_NOTHING for note in row.notes)


def _worst_first(subjects: Sequence[Subject]) -> list[tuple[int, Subject]]:
    """The subjects with their numbers, which the ids of their details have."""
    return list(enumerate(sorted(subjects, key=lambda one: one.outcome.rank), 1))


_Numbered = Sequence[tuple[int, Subject]]


def _kept(subjects: _Numbered, extent: Extent) -> tuple[_Numbered, list[tuple[Subject, int]]]:
    """The first of those of which the same is told, and how many more there are of each such."""
    if extent.most is None:
        return subjects, []
    groups: dict[object, list[tuple[int, Subject]]] = {}
    for number, one in subjects:
        groups.setdefault((one.outcome, one.summary, one.checks), []).append((number, one))
    kept = sorted(one for group in groups.values() for one, _ in group[: extent.most])
    more = [(g[0][1], len(g) - extent.most) for g in groups.values() if len(g) > extent.most]
    return [subjects[number - 1] for number in kept], more


def _table(head: Sequence[str], subjects: _Numbered, name: str, extent: Extent) -> Iterator[Block]:
    kept, more = _kept(subjects, extent)
    rows = [
        Row([*one.cells, one.summary], f"{name}-{number}" if _is_told(one, extent) else "")
        for number, one in kept
    ]
    if rows:
        yield Table(head, rows, last_is_prose=True)
    for one, count in more:
        those = f"{count:,} more with the same result: {one.summary}"
        yield Paragraph([strong(one.outcome), f": {those}"])
        yield Paragraph("--verbose and --report-format json name them all.")


def _details(subjects: _Numbered, name: str, extent: Extent) -> Iterator[Section]:
    for number, one in _kept(subjects, extent)[0]:
        if _is_told(one, extent):
            id_ = f"{name}-{number}"
            yield Section(one.title, one.details, 3, id_, is_folded=extent.is_folded)


def _is_told(subject: Subject, extent: Extent) -> bool:
    """Whether there is more to tell than its row of the table does."""
    return bool(subject.details) and (extent.everything or subject.outcome is not Outcome.RIGHT)


def _days(hosts: Sequence[Found], extent: Extent) -> Iterator[Block]:
    """What each planned day means for each resolver; those that it means the same for together."""
    events: dict[OnDay, dict[OnDay, list[str]]] = {}
    for host in hosts:
        on = f" on {host.name}" if len(hosts) > 1 else ""
        for resolver, name in zip(host.resolvers, _names(host), strict=True):
            for one in resolver.days:
                event = one._replace(outcome=Outcome.RIGHT, meaning="")
                events.setdefault(event, {}).setdefault(one, []).append(line(name) + on)
    items = [
        Item(
            f"{event.day:%Y-%m-%d}: {event.event}",
            [_meaning(one, names, extent) for one, names in sorted(groups.items(), key=_worst)],
        )
        for event, groups in sorted(events.items())
    ]
    if items:
        yield Items(items)


def _worst(group: tuple[OnDay, list[str]]) -> int:
    return group[0].outcome.rank


def _meaning(one: OnDay, names: Sequence[str], extent: Extent) -> Words:
    shown = list(names[: extent.most])
    more = len(names) - len(shown)
    shown += [f"{more:,} more"] if more else []
    return [strong(one.outcome), f": {', '.join(shown)}: {one.meaning}"]


def _names(host: Found) -> list[Words]:
    """What each resolver is called: by its program, and its file where there are several of it."""
    of_program = Counter(one.title for one in host.resolvers)
    return [
        one.title if of_program[one.title] == 1 else [f"{one.title} ", Code(one.location.path)]
        for one in host.resolvers
    ]


def _basis(audit: Audit) -> Iterator[Block]:
    basis = audit.basis
    observed = f", observed at {when(basis.observed_at)}" if basis.observed_at else ""
    yield Definitions(
        [
            *held_against(basis),
            ("root zone", [f"{basis.dns_mode}{observed}"]),
            ("time of judgement", [when(basis.at)]),
            ("audited", [Code(path) for path in audit.paths]),
        ]
    )
    if basis.findings:
        yield Findings(list(map(Told, basis.findings)))
