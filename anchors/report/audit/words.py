"""Words for the parts of an audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from anchors.auditing.result import Audit, Judged, JudgedResolver, OnDay, Outcome, Standing
from anchors.auditing.scan.found import Coverage
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Held, Hold, Note
from anchors.core.findings import Finding
from anchors.core.times import format_time
from anchors.pipeline.report import Verdict
from anchors.report.audit.hosts import by_host
from anchors.report.blocks import Kind, Strong

__all__ = [
    "AGREES",
    "KINDS",
    "anchor_words",
    "answer",
    "counted",
    "coverage_words",
    "does_words",
    "lines_of",
    "next_day",
    "number",
    "strong",
]

KINDS = {
    Outcome.FAILS: Kind.BAD,
    Outcome.WILL_FAIL: Kind.BAD,
    Outcome.UNDECIDED: Kind.LOOK,
    Outcome.ATTENTION: Kind.LOOK,
    Outcome.RIGHT: Kind.GOOD,
}
# What runs, held against its files.
AGREES = {
    True: "the running program trusts the keys in its files",
    False: "the running program does not trust the keys in its files",
    None: "it is unknown whether the running program trusts the keys in its files",
}
# How an anchor is kept, where the word of the JSON report is not a word for people.
_HOLD = {Hold.FILE: "", Hold.SEED: "initial anchor"}
_STARTS = {True: "starts", False: "does not start", None: "whether it starts is unknown"}
_VALIDATES = {
    True: "validates",
    False: "does not validate",
    None: "whether it validates is unknown",
}
_FOLLOWS = {
    True: "follows rollovers of the root's key by itself (RFC 5011)",
    False: "does not follow rollovers of the root's key by itself",
    None: "may follow rollovers of the root's key by itself",
}


def strong(outcome: Outcome) -> Strong:
    """An outcome as the word of an answer."""
    return Strong(outcome.value.upper(), KINDS[outcome])


def answer(audit: Audit) -> str:
    """What the audit comes to, behind its outcome."""
    basis = audit.basis
    if basis.verdict is not Verdict.VERIFIED or basis.authenticated is None:
        return "nothing was audited, because the publication is not verified"
    hosts = by_host(audit)
    resolvers = [one.outcome for host in hosts for one in host.resolvers]
    others = [one.outcome for host in hosts for rows in host[2:] for one in rows]
    with_resolvers = sum(bool(host.resolvers) for host in hosts)
    parts = []
    if resolvers:
        on = f" on {number(with_resolvers, 'host')}" if with_resolvers > 1 else ""
        parts.append(f"{number(len(resolvers), 'resolver')}{on} ({counted(resolvers)})")
    if others:
        parts.append(f"{number(len(others), 'other file')} ({counted(others)})")
    judged = f"compared with IANA's publication of {basis.authenticated.signing_time:%Y-%m-%d}"
    return f"{' and '.join(parts) or 'nothing'}, {judged} at {format_time(basis.at)}"


def number(count: int, what: str) -> str:
    """``1 host``, ``1,000 hosts``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def counted(outcomes: Sequence[Outcome]) -> str:
    """How many there are of each outcome, worst first."""
    counts = Counter(outcomes)
    return ", ".join(f"{counts[one]:,} {_word(one, counts[one])}" for one in _counts_in(counts))


def _counts_in(counts: Counter[Outcome]) -> Iterable[Outcome]:
    """The outcomes that there are, worst first."""
    return (one for one in Outcome if counts[one])


def _word(outcome: Outcome, count: int) -> str:
    words = {
        Outcome.FAILS: ("fails", "fail"),
        Outcome.WILL_FAIL: ("will fail", "will fail"),
        Outcome.ATTENTION: ("needs attention", "need attention"),
    }
    one, many = words.get(outcome, (outcome.value, outcome.value))
    return one if count == 1 else many


def does_words(loaded: Loaded) -> str:
    """What a resolver does with its files."""
    if loaded.starts is False:
        return _STARTS[False]
    return f"{_STARTS[loaded.starts]}, {_VALIDATES[loaded.validates]}, {_FOLLOWS[loaded.follows]}"


def next_day(resolver: JudgedResolver, at: datetime) -> OnDay | None:
    """The first planned day that has not passed."""
    return next((one for one in resolver.days if one.day.date() >= at.date()), None)


def lines_of(notes: Iterable[Note]) -> dict[Finding, str]:
    """Each finding once, with the lines that it is about in words."""
    lines: dict[Finding, dict[int, None]] = {}
    for note in notes:
        lines.setdefault(note.finding, {}).update({note.line: None} if note.line else {})
    return {
        finding: f"line {', '.join(map(str, where))}: " if where else ""
        for finding, where in lines.items()
    }


def anchor_words(judged: Judged) -> str:
    """One anchor in a line: its key, how it is kept, and what it is worth."""
    parts = [judged.name, _kept(judged.held), _standing(judged), judged.fault]
    return ", ".join(part for part in parts if part)


def _standing(judged: Judged) -> str:
    """What it is worth; a current key that the resolver does not use is worth nothing yet."""
    if judged.standing is Standing.CURRENT and not judged.held.effective:
        return "not in use"
    return judged.standing.value


def _kept(held: Held) -> str:
    if held.state is None:
        kept = _HOLD.get(held.hold, held.hold.value)
        return kept if held.anchor.statement is None else held.anchor.statement
    state = held.state
    since = f" since {state.since:%Y-%m-%d}" if state.since else ""
    until = f" until {state.until:%Y-%m-%d}" if state.until else ""
    return f"{state.state.value}{since}{until}"


def coverage_words(coverage: Coverage) -> str:
    """How much was looked at, and how much could not be read."""
    files = number(coverage.looked_at, "file")
    text = f"{files} looked at, {coverage.size:,} bytes"
    return f"{text}, {coverage.unreadable:,} could not be read" if coverage.unreadable else text
