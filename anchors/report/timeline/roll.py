"""ICANN's roll to another algorithm: a plan of quarters and years, until the root zone shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from anchors.core.keys import KeyDigest, KeyState
from anchors.core.root_facts import ALGORITHM_ROLL, Period
from anchors.pipeline.evidence import KeyEvidence
from anchors.pipeline.report import Report
from anchors.report.timeline.keys import is_icanns
from anchors.report.timeline.model import (
    NOT_CHECKED,
    NOT_OBSERVED,
    Basis,
    Date,
    Kind,
    Life,
    Row,
    Span,
)

__all__ = ["Roll", "roll_of"]

_TITLE = "Roll to ECDSA"
_MADE = (
    "when IANA's document has the key, build the files again and ship them ('root-anchors build "
    "--check DIR' shows the difference)"
)
_RETIRED = (
    "before this day, make sure that every validating resolver trusts the ECDSA key and validates "
    "with algorithm 13: run 'root-anchors audit /' on each machine"
)


class Roll(NamedTuple):
    """The plan as a bar, as dates, and in words with who says so."""

    life: Life
    dates: list[Date]
    words: tuple[str, ...]


def roll_of(report: Report, seen: datetime | None) -> Roll | None:
    """The plan, and what has come of it; ``None`` where the keys are not ICANN's.

    Args:
        report: the keys, and what the root zone showed of them.
        seen: when it showed that, ``None`` where nobody asked.
    """
    if not is_icanns(report):
        return None
    plan = ALGORITHM_ROLL
    dates = [*_dates(report, seen)]
    planned = [f"{date.what} {date.when}" for date in dates if date.basis is Basis.PLANNED]
    span = Span(Kind.PLAN, Basis.PLANNED, plan.begins.first, plan.ends.last + timedelta(days=1))
    captions = (f"planned: {'; '.join(planned)}",) if planned else ()
    return Roll(Life(_TITLE, captions, (Row("plan", (span,)),)), dates, (*_words(),))


def _words() -> Iterator[str]:
    plan = ALGORITHM_ROLL
    yield "from RSA to ECDSA P-256 (algorithm 13), in eight phases, AA to HH"
    yield (
        f"ICANN proposed it on {plan.proposed:%Y-%m-%d} and intends to go on; it has not "
        "announced dates, and everything may change"
    )
    yield f"sources: {'; '.join(source.title for source in plan.sources)}"


def _dates(report: Report, seen: datetime | None) -> Iterator[Date]:
    plan = ALGORITHM_ROLL
    rows = [row for row in report.keys if isinstance(row.entry, KeyDigest)]
    new = [row for row in rows if row.entry.algorithm == plan.algorithm]
    old = [row for row in rows if row.entry.algorithm != plan.algorithm]
    rolled = seen is not None and _any_signs(new)
    made = Basis.STATED if new else Basis.PLANNED
    retired = Basis.OBSERVED if rolled and not _any_signs(old) else Basis.PLANNED
    is_gone = rolled and not any(row.published for row in old)
    gone = Basis.OBSERVED if is_gone else Basis.PLANNED
    for period, what, basis, shown, do in (
        # The document shows the key, whenever somebody looked at the root zone.
        (plan.begins, "phase AA: the ECDSA key is made", made, report.at, _MADE),
        (plan.retires, "the RSA key is retired", retired, seen, _RETIRED),
        (plan.ends, "phase HH, the last", gone, seen, ""),
    ):
        note = _note(period, basis, report.at, shown)
        is_open = basis is Basis.PLANNED and not note
        yield Date(
            day=period.first,
            last=period.last,
            when=period.name,
            subject=_TITLE,
            what=what,
            basis=basis,
            note=note,
            do=do if is_open else "",
        )


def _any_signs(rows: Sequence[KeyEvidence]) -> bool:
    return any(row.signing and row.state is not KeyState.REVOKED for row in rows)


def _note(period: Period, basis: Basis, at: datetime, seen: datetime | None) -> str:
    """When it was seen, or that its time has passed unseen."""
    if basis is Basis.OBSERVED:
        return f"seen {seen:%Y-%m-%d}"
    if basis is Basis.STATED or at.date() <= period.last.date():
        return ""
    late = seen is not None and seen.date() > period.last.date()
    return NOT_OBSERVED if late else NOT_CHECKED
