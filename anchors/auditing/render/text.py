"""The audit for people: the verdict, then the places that need somebody, then the others."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from anchors.auditing.place import Coverage, Held
from anchors.auditing.result import Audit, Judged, JudgedPlace, Outcome, Standing
from anchors.checks import Check
from anchors.escape import printable
from anchors.model import Finding, Severity
from anchors.report import Verdict
from anchors.report.layout import GREEN, RED, WIDTH, YELLOW, folded, paint
from anchors.report.text import render as basis_text
from anchors.times import format_time

__all__ = [
    "anchor_words",
    "coverage_words",
    "found",
    "render",
    "standing_words",
    "verdict_line",
]

# So many places of which the same is told are shown; the others are counted.
_ALIKE = 10
_COLOURS = {
    Outcome.FAILS: RED,
    Outcome.WILL_FAIL: RED,
    Outcome.UNDECIDED: YELLOW,
    Outcome.ATTENTION: YELLOW,
    Outcome.RIGHT: GREEN,
}
_WORDS = {
    Outcome.FAILS: "FAILS",
    Outcome.WILL_FAIL: "WILL FAIL",
    Outcome.UNDECIDED: "UNDECIDED",
    Outcome.ATTENTION: "ATTENTION",
    Outcome.RIGHT: "RIGHT",
}


def render(audit: Audit, *, colour: bool = False, verbose: bool = False) -> str:
    """The whole audit as text.

    Args:
        audit: what to tell.
        colour: paint the outcomes.
        verbose: tell of every place, right or not, all that was found.
    """
    if audit.basis.verdict is not Verdict.VERIFIED:
        why = basis_text(audit.basis, colour=colour)
        return f"{verdict_line(audit, colour=colour)}\n\n{why}"
    told = [row for row in audit.places if verbose or row.outcome is not Outcome.RIGHT]
    others = [row for row in audit.places if not verbose and row.outcome is Outcome.RIGHT]
    order = sorted(told, key=lambda row: list(Outcome).index(row.outcome))
    shown, more = (order, []) if verbose else _grouped(order)
    right, more_right = _grouped(others)
    blocks = [
        folded(_WORDS[audit.outcome], _COLOURS[audit.outcome], _answer(audit), colour=colour),
        *(list(_place(row, colour=colour, verbose=verbose)) for row in shown),
        *(list(_more(row, count, colour=colour)) for row, count in more),
        list(_right(right, colour=colour)),
        *(list(_more(row, count, colour=colour)) for row, count in more_right),
        [coverage_words(audit.coverage)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _grouped(
    rows: Sequence[JudgedPlace],
) -> tuple[list[JudgedPlace], list[tuple[JudgedPlace, int]]]:
    """The first places of which the same is told, and of each such group how many more."""
    groups: dict[object, list[JudgedPlace]] = {}
    for row in rows:
        findings = tuple(note.finding.check for note in row.notes)
        groups.setdefault((row.outcome, row.summary, findings), []).append(row)
    kept = {id(row) for group in groups.values() for row in group[:_ALIKE]}
    more = [(group[0], len(group) - _ALIKE) for group in groups.values() if len(group) > _ALIKE]
    return [row for row in rows if id(row) in kept], more


def _more(row: JudgedPlace, count: int, *, colour: bool) -> Iterator[str]:
    places = "1 more place" if count == 1 else f"{count:,} more places"
    yield f"{_paint(row.outcome, colour=colour)}  {places} of which the same is told"
    yield from _wrapped("", row.summary)
    yield from _wrapped("", "--verbose names them all, and so does --report-format json")


def verdict_line(audit: Audit, *, colour: bool = False) -> str:
    """The answer in one line."""
    return f"{_paint(audit.outcome, colour=colour)}: {_answer(audit)}"


def _answer(audit: Audit) -> str:
    basis = audit.basis
    if basis.verdict is not Verdict.VERIFIED or basis.authenticated is None:
        return "nothing was audited, for there is no verified publication"
    counts = Counter(row.outcome for row in audit.places)
    parts = [f"{counts[one]} {_counted(one, counts[one])}" for one in Outcome if counts[one]]
    held = f"held against IANA's publication of {basis.authenticated.signing_time:%Y-%m-%d}"
    places = "1 place" if len(audit.places) == 1 else f"{len(audit.places)} places"
    told = f" ({', '.join(parts)})" if parts else ""
    return f"{places}{told}, {held} at {format_time(basis.at)}"


def _counted(outcome: Outcome, count: int) -> str:
    words = {
        Outcome.FAILS: ("fails", "fail"),
        Outcome.WILL_FAIL: ("will fail", "will fail"),
        Outcome.ATTENTION: ("needs attention", "need attention"),
    }
    one, many = words.get(outcome, (outcome.value, outcome.value))
    return one if count == 1 else many


def _paint(outcome: Outcome, *, colour: bool) -> str:
    return paint(_WORDS[outcome], _COLOURS[outcome], colour=colour)


def _place(row: JudgedPlace, *, colour: bool, verbose: bool) -> Iterator[str]:
    reading = row.place.reading
    syntax = f"  ({reading.syntax.value})" if reading else ""
    # A path is never broken: people copy it.
    yield f"{_paint(row.outcome, colour=colour)}  {printable(row.place.location.text)}{syntax}"
    yield from _wrapped("", row.summary)
    for judged in row.anchors:
        yield from _wrapped("- ", anchor_words(judged))
    yield from _findings(row, verbose=verbose)
    remedies = [row.remedy, *(note.finding.remedy for note in row.notes)]
    for remedy in dict.fromkeys(remedy for remedy in remedies if remedy):
        yield from _wrapped("do: ", remedy)


def _findings(row: JudgedPlace, *, verbose: bool) -> Iterator[str]:
    for finding, where in found(row).items():
        if finding.severity is Severity.NOTICE and not verbose:
            continue
        if verbose or finding.message not in row.summary:
            yield from _wrapped(f"{finding.severity.value}: ", where + finding.message)
        yield from _details(row, finding, verbose=verbose)


def found(row: JudgedPlace) -> dict[Finding, str]:
    """Each finding once, with the lines it is about, in words."""
    lines: dict[Finding, list[int]] = {}
    for note in row.notes:
        lines.setdefault(note.finding, []).extend([note.line] if note.line else [])
    return {
        finding: f"line {', '.join(map(str, where))}: " if where else ""
        for finding, where in lines.items()
    }


def _details(row: JudgedPlace, finding: Finding, *, verbose: bool) -> Iterator[str]:
    reading = row.place.reading
    if verbose or reading is None or not (row.anchors or reading.compiled):
        # Elsewhere the anchors and the summary show what is there, and what should be.
        for name, text in (("got", finding.got), ("want", finding.want)):
            if text:
                yield from _wrapped(f"  {name}: ", text)
    if verbose:
        yield from _wrapped("  check: ", f"{finding.check.id} ({finding.check.reference})")


def anchor_words(judged: Judged) -> str:
    """One anchor in a line: its key, how it is held, and what it is worth."""
    held = judged.held
    parts = [judged.name, _held(held), standing_words(judged)]
    if judged.fault:
        parts.append(judged.fault)
    line = f"line {held.line}: " if held.line else ""
    return line + ", ".join(parts)


def standing_words(judged: Judged) -> str:
    """What it is worth; a current key that the consumer does not use is worth nothing yet."""
    if judged.standing is Standing.CURRENT and not judged.held.effective:
        return "not in force"
    return judged.standing.value


def _held(held: Held) -> str:
    if held.state is None:
        return held.hold.value if held.anchor.statement is None else held.anchor.statement
    state = held.state
    since = f" since {state.since:%Y-%m-%d}" if state.since else ""
    until = f" until {state.until:%Y-%m-%d}" if state.until else ""
    return f"{state.state.value}{since}{until}"


def _right(rows: Sequence[JudgedPlace], *, colour: bool) -> Iterator[str]:
    for row in rows:
        path, summary = printable(row.place.location.text), printable(row.summary)
        fits = len(f"{Outcome.RIGHT}  {path}: {summary}") <= WIDTH
        yield f"{_paint(row.outcome, colour=colour)}  {path}{f': {summary}' if fits else ''}"
        yield from [] if fits else _wrapped("", summary)
        for finding in found(row):
            told = finding.check is Check.AUDIT_MISSING or finding.message in row.summary
            yield from [] if told else _wrapped(f"{finding.severity.value}: ", finding.message)


def coverage_words(coverage: Coverage) -> str:
    """How much was looked at, and how much could not be read."""
    files = "1 file" if coverage.looked_at == 1 else f"{coverage.looked_at:,} files"
    text = f"{files} looked at, {coverage.size:,} bytes"
    return f"{text}, {coverage.unreadable:,} could not be read" if coverage.unreadable else text


def _wrapped(prefix: str, text: str) -> list[str]:
    """Indented lines that no terminal breaks, with ``prefix`` before the first."""
    indent = "  " + " " * len(prefix)
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=f"  {prefix}",
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    ) or [f"  {prefix}".rstrip()]
