"""The keys of a report: the steps of each, from recorded history, the plan, and what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from anchors.core.escape import printable
from anchors.core.keys import KeyState, label
from anchors.core.root_facts import KNOWN_KEYS, RECORDED_UNTIL, KnownKey, Step
from anchors.pipeline.evidence import KeyEvidence
from anchors.pipeline.report import Report
from anchors.report.timeline.model import (
    NOT_CHECKED,
    NOT_OBSERVED,
    Basis,
    Date,
    Kind,
    Life,
    Row,
    Span,
    on_day,
)

__all__ = ["is_icanns", "lives_of_keys"]

_UNTOLD = datetime(1, 1, 1, tzinfo=UTC)


class _Taken(NamedTuple):
    """A step of a key, how it is known, and the key that made it step back."""

    step: Step
    day: datetime
    basis: Basis
    note: str = ""
    heir: str = ""


class _Key(NamedTuple):
    """A key of the document, or one that this release knows and the document lacks."""

    title: str
    known: KnownKey | None
    row: KeyEvidence | None
    valid_from: datetime | None
    valid_until: datetime | None


def lives_of_keys(report: Report, seen: datetime | None) -> list[tuple[Life, list[Date]]]:
    """Every key, oldest first: its life, and the dates in it.

    Args:
        report: the keys, and what the root zone showed of them.
        seen: when it showed that, ``None`` where nobody asked.
    """
    keys = _keys(report)
    steps = [_steps(key, keys, report.at, seen) for key in keys]
    for position, taken in enumerate(steps):
        taken.extend(_retired(position, keys, steps))
        taken.sort(key=lambda one: (one.day, list(Step).index(one.step)))
    return [
        (_life_of(key, taken, report.at, seen), [*_dates(key, taken)])
        for key, taken in zip(keys, steps, strict=True)
    ]


def is_icanns(report: Report) -> bool:
    """Whether the keys are those of the root: their publication is under a built-in CA."""
    return report.authenticated is None or report.authenticated.root.built_in


def _keys(report: Report) -> list[_Key]:
    """Every key once, oldest first; ICANN's own even where the document does not have them."""
    found: dict[str, _Key] = {}
    for row in report.keys:
        window = row.entry.window
        title = label(row.entry) + (", unusable" if row.state is KeyState.UNUSABLE else "")
        known = next((k for k in KNOWN_KEYS if row.entry.digest == bytes.fromhex(k.digest)), None)
        dates = (window.valid_from, window.valid_until) if window else (None, None)
        found.setdefault(title, _Key(title, known, row, *dates))
    there = {key.known for key in found.values()}
    missing = [known for known in KNOWN_KEYS if known not in there and is_icanns(report)]
    keys = [*found.values(), *(_absent(known) for known in missing)]
    return sorted(keys, key=lambda key: (_beginning(key), key.title))


def _absent(known: KnownKey) -> _Key:
    return _Key(f"{known.name} ({known.key_tag})", known, None, None, None)


def _beginning(key: _Key) -> datetime:
    return key.valid_from or (key.known.valid_from if key.known else _UNTOLD)


def _steps(key: _Key, keys: Sequence[_Key], at: datetime, seen: datetime | None) -> list[_Taken]:
    """What is recorded, and what is planned or seen beyond that."""
    taken = [
        _Taken(fact.step, fact.day, Basis.OBSERVED)
        for fact in (key.known.history if key.known else ())
    ]
    planned = key.known.planned if key.known else None
    told = {one.step for one in taken}
    for step, day in (
        (Step.PUBLISHED, planned and planned.published),
        (Step.SIGNING, planned and planned.signing),
        (Step.REVOKED, planned and planned.revoked),
    ):
        if step in told:
            continue
        if seen is not None and _happened(step, key, keys, day):
            taken.append(_as_seen(step, day, seen))
        elif day is not None:
            gone = step is Step.REVOKED and seen is not None and _is_gone(key, day, seen)
            # Nobody saw it revoked, and it is there no more: its plan waits for nothing.
            note = "" if gone else _note(day, at, seen)
            taken.append(_Taken(step, day, Basis.PLANNED, note))
            if gone and seen is not None:
                taken.append(_as_seen(Step.REMOVED, None, seen))
    return taken


def _as_seen(step: Step, day: datetime | None, seen: datetime) -> _Taken:
    """A step that was taken by the time it was seen; its day is the plan's where that is past."""
    if day is None or day > seen:
        return _Taken(step, seen, Basis.OBSERVED, "at the latest")
    return _Taken(step, day, Basis.OBSERVED, f"seen {seen:%Y-%m-%d}")


def _is_gone(key: _Key, revocation: datetime, seen: datetime) -> bool:
    """Whether a key is in the root zone no more after the day on which it was to be revoked."""
    return key.row is not None and key.row.published is False and revocation <= seen


def _happened(step: Step, key: _Key, keys: Sequence[_Key], day: datetime | None) -> bool:
    """Whether the root zone, as it was seen, shows that a step was taken."""
    row = key.row
    if row is None:
        return False
    if step is Step.PUBLISHED:
        return bool(row.published)
    if step is Step.SIGNING:
        return bool(row.signing) or (day is not None and _has_successor(key, keys))
    return bool(row.revoked_tags) or row.state is KeyState.REVOKED


def _has_successor(key: _Key, keys: Sequence[_Key]) -> bool:
    return any(
        other.row is not None and other.row.signing and _beginning(other) > _beginning(key)
        for other in keys
    )


def _note(day: datetime, at: datetime, seen: datetime | None) -> str:
    if at.date() <= day.date():
        return ""
    return NOT_OBSERVED if seen is not None and seen.date() > day.date() else NOT_CHECKED


def _signing(steps: Sequence[_Taken]) -> _Taken | None:
    return next((one for one in steps if one.step is Step.SIGNING), None)


def _retired(
    position: int, keys: Sequence[_Key], steps: Sequence[Sequence[_Taken]]
) -> Iterator[_Taken]:
    """A key that signs gives way to the next that does."""
    own = _signing(steps[position])
    others = [
        _Taken(Step.RETIRED, one.day, one.basis, one.note, heir=key.title)
        for key, taken in zip(keys, steps, strict=True)
        if (one := _signing(taken)) and own and one.day > own.day
    ]
    yield from sorted(others, key=lambda one: one.day)[:1]


_KINDS: Mapping[Step, Kind] = MappingProxyType(
    {
        Step.PUBLISHED: Kind.PUBLISHED,
        Step.SIGNING: Kind.SIGNING,
        Step.RETIRED: Kind.PUBLISHED,
        Step.REVOKED: Kind.REVOKED,
    }
)


def _life_of(key: _Key, taken: Sequence[_Taken], at: datetime, seen: datetime | None) -> Life:
    rows = []
    if key.valid_from is not None:
        rows.append(Row("document", tuple(_life(key.valid_from, key.valid_until, at))))
    known_until = max(RECORDED_UNTIL, seen) if key.known and seen else seen or RECORDED_UNTIL
    rows.append(Row("root zone", tuple(_spans(taken, known_until))))
    return Life(printable(key.title), tuple(_captions(key, taken)), tuple(rows))


def _life(begin: datetime, end: datetime | None, at: datetime) -> Iterator[Span]:
    """What is stated to its end; without one, nobody says how long beyond the judgement."""
    if end is not None:
        yield Span(Kind.LIFE, Basis.STATED, begin, end)
        return
    if begin < at:
        yield Span(Kind.LIFE, Basis.STATED, begin, at)
    yield Span(Kind.LIFE, Basis.PLANNED, max(begin, at), None)


def _spans(taken: Sequence[_Taken], known_until: datetime) -> Iterator[Span]:
    """The stretches between steps, cut where observation ends.

    A plan that did not come true by then begins there at the earliest.
    """
    days = [one.day if one.basis is Basis.OBSERVED else max(one.day, known_until) for one in taken]
    for one, begin, end in zip(taken, days, [*days[1:], None], strict=False):
        if one.step is Step.REMOVED or begin == end:
            continue
        kind = _KINDS[one.step]
        until = (
            begin
            if one.basis is Basis.PLANNED
            else max(begin, min(known_until, end or known_until))
        )
        if begin < until:
            yield Span(kind, Basis.OBSERVED, begin, until)
        # How long a revoked key stays, nobody plans in public.
        told = kind is Kind.REVOKED and begin < until
        if until != end and not told:
            yield Span(kind, Basis.PLANNED, until, end)


_IN_CAPTIONS: Mapping[Step, str] = MappingProxyType(
    {
        Step.PUBLISHED: "in the root zone",
        Step.SIGNING: "signs",
        Step.RETIRED: "no longer signs",
        Step.REVOKED: "revoked",
        Step.REMOVED: "gone",
    }
)


def _captions(key: _Key, taken: Sequence[_Taken]) -> Iterator[str]:
    """The steps in words, observed and planned apart."""
    for basis in (Basis.OBSERVED, Basis.PLANNED):
        steps = [
            f"{_IN_CAPTIONS[one.step]} {one.day:%Y-%m-%d}" + (f" ({one.note})" if one.note else "")
            for one in taken
            if one.basis is basis
        ]
        if steps:
            yield f"{basis}: {', '.join(steps)}"
    if key.valid_from is None:
        yield "without dates in this document"


def _dates(key: _Key, taken: Sequence[_Taken]) -> Iterator[Date]:
    title = printable(key.title)
    if key.valid_from is not None:
        what = "valid in the document" + ("" if key.valid_until else ", with no end")
        yield on_day(key.valid_from, title, what, Basis.STATED)
    if key.valid_until is not None:
        yield on_day(key.valid_until, title, "no longer valid in the document", Basis.STATED)
    heir = next((printable(one.heir) for one in taken if one.heir), "the key that signs by then")
    for one in taken:
        do = _todo(one.step, title, heir) if one.basis is Basis.PLANNED else ""
        yield on_day(one.day, title, one.step.value, one.basis, note=one.note, do=do)


def _todo(step: Step, title: str, heir: str) -> str:
    if step is Step.SIGNING:
        return (
            f"before this day, make sure that every validating resolver trusts {title}: run "
            "'root-anchors audit /' on each machine"
        )
    if step is Step.REVOKED:
        return (
            f"nothing, if every resolver trusts {heir} ('root-anchors audit /' shows that); "
            f"afterwards, remove {title} wherever it is configured by hand"
        )
    return ""
