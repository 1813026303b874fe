"""The verdicts for people: the answer, a table with the worst first, then what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors.asking.result import Asked
from anchors.asking.verdict import ResolverVerdict, Summary, Trust, Validates
from anchors.core.escape import printable
from anchors.pipeline.report import Verdict as Basis
from anchors.report.asking.words import (
    KINDS,
    TRUST,
    VALIDATES,
    answer,
    control_words,
    day_words,
    key_words,
    needing_a_person,
    remedies,
    worst_first,
)
from anchors.report.blocks import Strong
from anchors.report.layout import BOLD, folded, paint, table, unbroken
from anchors.report.plain import COLOURS, line
from anchors.report.text import render as basis_text

__all__ = ["render", "summary_line"]

# Addresses of which the same is told are named up to here; the table has them all.
_NAMED = 4
_SAYS_LITTLE = {Trust.CANNOT_TELL, Trust.DOES_NOT_VALIDATE, Trust.MIXED}


def render(asked: Asked, *, colour: bool = False, verbose: bool = False) -> str:
    """All verdicts as text.

    Args:
        asked: what to tell.
        colour: paint the answers.
        verbose: tell of every resolver, ready or not, all that was found; otherwise of those
            that are not ready, that a planned day or a person has to do with.
    """
    if asked.basis.verdict is not Basis.VERIFIED:
        why = basis_text(asked.basis, colour=colour)
        return f"{summary_line(asked, colour=colour)}\n\n{why}"
    rows = worst_first(asked.resolvers)
    groups = [group for group in _alike(rows) if verbose or _says_more(group[0])]
    blocks = [
        folded(asked.summary.upper(), COLOURS[KINDS[asked.summary]], answer(asked), colour=colour),
        _table(rows, colour=colour),
        *(list(_group(group, colour=colour, verbose=verbose)) for group in groups),
        [line for f in asked.basis.findings for line in unbroken(f"{f.severity}: ", f.message)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _says_more(row: ResolverVerdict) -> bool:
    """Whether there is more to tell than the table does."""
    return bool(row.summary is not Summary.READY or row.days or needing_a_person(row))


def summary_line(asked: Asked, *, colour: bool = False) -> str:
    """The answer in one line."""
    return line([_strong(asked.summary), f": {answer(asked)}"], colour=colour)


def _strong(summary: Summary) -> Strong:
    return Strong(summary.upper(), KINDS[summary])


def _table(rows: Sequence[ResolverVerdict], *, colour: bool) -> list[str]:
    keys = [key.name for key in rows[0].keys]
    first, *lines = table([("Resolver", "Validates", *keys, "Answer"), *map(_cells, rows)])
    return [paint(first, BOLD, colour=colour), *lines]


def _cells(row: ResolverVerdict) -> tuple[str, ...]:
    trust = [TRUST[key.trust] if key.trust not in _SAYS_LITTLE else "-" for key in row.keys]
    return row.address, VALIDATES[row.validates], *trust, row.summary


def _alike(rows: Sequence[ResolverVerdict]) -> list[list[ResolverVerdict]]:
    """The resolvers of which the same is told."""
    groups: dict[object, list[ResolverVerdict]] = {}
    for row in rows:
        same = (
            row.summary,
            row.why,
            tuple(row.keys),
            tuple(row.days),
            tuple(row.findings),
            row.witness,
        )
        groups.setdefault(same, []).append(row)
    return [*groups.values()]


def _group(group: Sequence[ResolverVerdict], *, colour: bool, verbose: bool) -> Iterator[str]:
    row = group[0]
    word = line(_strong(row.summary), colour=colour)
    more = f" and {len(group) - _NAMED:,} more" if len(group) > _NAMED else ""
    yield f"{word}  {', '.join(printable(one.address) for one in group[:_NAMED])}{more}"
    yield from _wrapped("", f"{VALIDATES[row.validates]}: {row.why}")
    for key in row.keys:
        if key.trust not in _SAYS_LITTLE or row.validates in {Validates.YES, Validates.FAILS}:
            yield from _wrapped("- ", key_words(key))
    for day in row.days:
        yield from _wrapped("- ", day_words(day))
    yield from _findings(row, verbose=verbose)
    for remedy in remedies(row):
        yield from _wrapped("do: ", remedy)


def _findings(row: ResolverVerdict, *, verbose: bool) -> Iterator[str]:
    for finding in row.findings if verbose else needing_a_person(row):
        if finding.message == row.why and not verbose:
            continue
        yield from _wrapped(f"{finding.severity}: ", finding.message)
        if verbose:
            if finding.got is not None:
                yield from _wrapped("  got: ", finding.got)
            yield from _wrapped("  check: ", f"{finding.check.id} ({finding.check.reference})")
    if not verbose:
        return
    if row.told:
        tags = ", ".join(map(str, row.told))
        yield from _wrapped("", f"it reports anchors with the tags {tags}")
    for words in control_words(row):
        yield from _wrapped("", words)
    yield from _wrapped("", f"{row.asked} questions")


def _wrapped(prefix: str, text: str) -> list[str]:
    """Indented lines with ``prefix`` before the first."""
    return unbroken(f"  {prefix}", text)
