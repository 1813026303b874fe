"""A proof for people: the verdict, then consumer by consumer, then key by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from anchors.core.escape import printable
from anchors.core.keys import label
from anchors.pipeline.report import Report
from anchors.proving.proof import NEEDED, Aspect, Outcome, Proof, Statement
from anchors.report.text import verdict_line as verification_line

__all__ = ["render", "verdict_line"]

_WIDTH = max(map(len, Outcome))
# Of the first line: a file may have thousands of anchors, and each of them long names.
_MOST, _LONGEST = 4, 200


def render(proof: Proof, report: Report) -> str:
    """The whole proof as text, without a last newline."""
    blocks = [
        [verdict_line(proof), f"  against what is {verification_line(report)}"],
        *(list(_statements(*group)) for group in groupby(proof.statements, lambda s: s.by)),
        list(_not_tried(proof)),
        list(_keys(proof)),
        list(_notes(proof)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def verdict_line(proof: Proof) -> str:
    """The answer in one line."""
    against: dict[object, str] = {}
    for s in proof.statements:
        if s.outcome is Outcome.CONTRADICTED:
            # Of what is said of a key, the first is enough here.
            against.setdefault(s.key or s.words, f"{_words(s)} [{s.by}: {s.aspect}]")
    if against:
        return f"CONTRADICTED: {_first(list(against.values()), '; ')}"
    if proof.unjudged:
        return f"UNDECIDED: {_first([printable(proof.unjudged[0])], '')}"
    lacking = [
        f"{aspect} of {label(key)}"
        for key in proof.keys
        for aspect in NEEDED
        if not proof.of(aspect, key).is_shown
    ]
    if lacking:
        return f"UNDECIDED: not shown: {', '.join(lacking)}"
    in_full = all(proof.of(Aspect.HOLDS, key) is Outcome.SHOWN for key in proof.keys)
    held = "it reports the verified keys" if in_full else "it reports the tags of the verified keys"
    return f"PROVEN: it loads, {held}, and nothing contradicts it"


def _first(parts: Sequence[str], between: str) -> str:
    """The first of many, each cut, and how many more there are."""
    shown = [one if len(one) <= _LONGEST else f"{one[:_LONGEST]}..." for one in parts[:_MOST]]
    more = len(parts) - len(shown)
    return between.join([*shown, *([f"and {more:,} more, see below"] if more else [])])


def _statements(by: str, statements: Iterator[Statement]) -> Iterator[str]:
    yield printable(by)
    for s in statements:
        yield f"  {s.aspect:<9}  {s.outcome:<{_WIDTH}}  {_words(s)}"


def _words(statement: Statement) -> str:
    words = printable(statement.words)
    return words if statement.key is None else f"{label(statement.key)}: {words}"


def _not_tried(proof: Proof) -> Iterator[str]:
    for name, package in proof.missing:
        yield f"not tried: {name} is not installed (Debian: {package})"
    if not proof.missing and {s.aspect for s in proof.statements} == {Aspect.FILE}:
        why = f"; the syntax comes from {proof.row.unproven}" if proof.row.unproven else ""
        yield f"not tried: no program that reads {proof.row.name} can be run{why}"


def _keys(proof: Proof) -> Iterator[str]:
    """One row for each key, one column for each aspect."""
    rows = [("", *Aspect)]
    rows += [(label(key), *(proof.of(aspect, key) for aspect in Aspect)) for key in proof.keys]
    first = max(len(row[0]) for row in rows)
    for name, *cells in rows:
        yield f"{name:<{first}}  {'  '.join(f'{cell:<{_WIDTH}}' for cell in cells)}".rstrip()


def _notes(proof: Proof) -> Iterator[str]:
    outcomes = {s.outcome for s in proof.statements}
    if Outcome.TAG_SHOWN in outcomes:
        yield "A program that shows key tags only may have a wrong digest."
    if any(s.aspect is Aspect.CONFORMS and s.outcome.is_shown for s in proof.statements):
        yield (
            f"'conforms' was tested with a {proof.row.name} file that root-anchors wrote with "
            "lab keys."
        )
    same = "byte for byte" if proof.as_rendered else "not byte for byte"
    yield f"This file is {same} the file that root-anchors writes for the verified keys."
