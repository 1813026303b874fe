"""Merged reports for people: a table of hosts, the worst first, then what is wrong, by kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors.auditing.merge import Merged, MergedHost
from anchors.auditing.result import Outcome
from anchors.core.words import listed
from anchors.report import blocks
from anchors.report.audit.words import KINDS, counted, number, strong
from anchors.report.blocks import (
    Block,
    Code,
    Definitions,
    Document,
    Item,
    Items,
    Paragraph,
    Row,
    Section,
    Steps,
    Table,
    Words,
)
from anchors.report.plain import line
from anchors.report.plain import render as as_text
from anchors.report.words import NOTHING

__all__ = ["document", "render", "summary_line"]

TITLE = "Audits of DNSSEC root trust anchors on many hosts"
_HEAD = ("host", "resolvers", "today", "next planned day", "why")
# So many hosts of which the same is told, and so many names in a row, are shown.
_ALIKE = 10
_NAMED = 5
_REMEDIES = {
    "publication": "by more than one publication: audit all hosts with the same one",
    "day": "on more than one day: audit again the hosts with an old report",
}
# Hosts of which the same is told, worst first; each with others of its kind.
_Groups = Sequence[list[MergedHost]]


def render(merged: Merged, *, colour: bool = False, verbose: bool = False) -> str:
    """All hosts as text; ``verbose``: those too of which the same is told."""
    return as_text(document(merged, most=None if verbose else _ALIKE), colour=colour)


def summary_line(merged: Merged, *, colour: bool = False) -> str:
    """The answer in one line."""
    return line([strong(merged.outcome), f": {_answer(merged)}"], colour=colour)


def document(merged: Merged, *, most: int | None) -> Document:
    """All hosts; ``most``: so many of which the same is told."""
    groups = _alike(merged.hosts)
    verdict = blocks.Verdict(strong(merged.outcome).text, _answer(merged), KINDS[merged.outcome])
    return Document(
        TITLE,
        [
            verdict,
            Section("Reports that do not fit together", list(_mixed(merged))),
            *_table(groups, most),
            Section("What is wrong, and how to correct it", list(_kinds(groups))),
            Section("How it was judged", [Definitions(list(_judged(merged)))]),
        ],
    )


def _answer(merged: Merged) -> str:
    hosts = [host.outcome for host in merged.hosts]
    found = [*merged.by_resolver.elements()]
    resolvers = f" with {number(len(found), 'resolver')} ({counted(found)})" if found else ""
    return f"{number(len(hosts), 'host')} ({counted(hosts)}){resolvers}, as their reports have it"


def _alike(hosts: Sequence[MergedHost]) -> _Groups:
    groups: dict[object, list[MergedHost]] = {}
    for host in hosts:
        groups.setdefault((host.outcome, _why(host)), []).append(host)
    return [*groups.values()]


def _why(host: MergedHost) -> str:
    """The worst of the host, and how much else there is."""
    if not host.seen:
        return "nothing was found"
    first, more = host.seen[0], len(host.seen) - 1 + host.more
    title = f"{first.title}: " if first.title else ""
    return f"{title}{first.summary}{f' (and {more:,} more)' if more else ''}"


def _table(groups: _Groups, most: int | None) -> Iterator[Block]:
    rows = [
        Row([*_cells(host), _why(host)], f"kind-{at}" if _is_told(group) else "")
        for at, group in enumerate(groups, 1)
        for host in group[:most]
    ]
    yield Table(_HEAD, rows, last_is_prose=True)
    more = [(group[0], len(group) - most) for group in groups if most and len(group) > most]
    if more:
        yield Items(
            [
                Item([strong(one.outcome), f": {n:,} more with the same result: {_why(one)}"])
                for one, n in more
            ]
        )
        yield Paragraph("--verbose and --report-format json name them all.")


def _cells(host: MergedHost) -> list[Words]:
    programs = [f"{name} ({n})" if n > 1 else name for name, n in host.resolvers.items()]
    return [Code(host.name), ", ".join(programs) or NOTHING, strong(host.outcome), _next(host)]


def _next(host: MergedHost) -> str:
    if host.next is None:
        return NOTHING
    day, outcome = host.next
    return f"{day}" if outcome is host.outcome else f"{day}: {outcome.value}"


def _is_told(group: Sequence[MergedHost]) -> bool:
    """Whether there is more to tell than the row of the table does."""
    host = group[0]
    more = len(host.seen) > 1 or any(one.steps for one in host.seen)
    return more and host.outcome is not Outcome.RIGHT


def _kinds(groups: _Groups) -> Iterator[Section]:
    """Each kind by its first host, whose commands are those of the others but for their paths."""
    for at, group in enumerate(groups, 1):
        if _is_told(group):
            host = group[0]
            title: Words = [strong(host.outcome), f"  {_named([one.name for one in group])}"]
            yield Section(title, list(_details(host)), 3, f"kind-{at}")


def _details(host: MergedHost) -> Iterator[Block]:
    for one in host.seen:
        where: Words = [Code(host.name), "  ", strong(one.outcome), f"  {one.title}  "]
        yield Paragraph([*where, Code(one.path), f": {one.summary}"])
        if one.steps:
            yield Steps(one.steps)
    if host.more:
        yield Paragraph(f"{host.more:,} more are in {host.file}.")


def _mixed(merged: Merged) -> Iterator[Block]:
    items = [
        Item(
            f"{len(files)} reports have the name {name}: {_named(files)}; one host may be counted "
            "twice and another not at all"
        )
        for name, files in merged.twice.items()
    ]
    for name, groups in _judgements(merged):
        if len(groups) > 1:
            below: list[Words] = [f"{key}: {_named(files)}" for key, files in groups.items()]
            items.append(Item(f"hosts were judged {_REMEDIES[name]}", below))
    if items:
        yield Items(items)


def _judged(merged: Merged) -> Iterator[tuple[str, Sequence[Words]]]:
    for name, groups in _judgements(merged):
        rows: list[Words] = [
            f"{key}: {number(len(files), 'report')}" for key, files in groups.items()
        ]
        yield name, rows or [NOTHING]


def _judgements(merged: Merged) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """What the hosts were judged by in words, each with the reports."""
    yield (
        "publication",
        {
            f"of {by.signing_time:%Y-%m-%d}, SHA-256 {by.document_sha256}": files
            for by, files in merged.publications.items()
        },
    )
    yield "day", {str(day): files for day, files in merged.days.items()}


def _named(names: Sequence[str]) -> str:
    more = [f"{len(names) - _NAMED:,} more"] if len(names) > _NAMED else []
    return listed([*names[:_NAMED], *more])
