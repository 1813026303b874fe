"""Each key of the document in a sentence: what is observed, and apart from it what is planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.core.keys import KeyDigest, KeyState, label
from anchors.core.root_facts import name_of, planned_for
from anchors.core.times import format_time
from anchors.pipeline.evidence import KeyEvidence

__all__ = ["NOTHING", "in_words", "on_day", "plans", "when", "yes_or_no"]

# What a cell of a table shows where there is nothing to show.
NOTHING = "-"


def in_words(
    row: KeyEvidence,
    rows: Sequence[KeyEvidence],
    at: datetime,
    judged: datetime,
    *,
    in_advance: bool = False,
) -> str:
    """A sentence about one key.

    Args:
        row: the key.
        rows: every key of the document, for what one means for another.
        at: when DNS was observed; plans before it are told only where they did not come true.
        judged: the time of judgement; where it is another day, that of the observation is told.
        in_advance: nobody asked DNS: what was signed in advance stands in its place.
    """
    in_document = _in_document(row, heir=_has_heir(row, rows, at))
    where = "the RRset signed in advance" if in_advance else "DNS"
    seen = [*_in_dns(row, rows, where)]
    on = "" if in_advance or row.published is None else on_day(at, judged)
    in_dns = f"{' and '.join(seen)}{on}" if on else ", ".join(seen)
    planned = "" if in_advance else "; ".join(plans(row, rows, at, judged))
    return f"{label(row.entry)}: {in_document}, {in_dns}" + (f"; {planned}" if planned else "")


def on_day(seen: datetime, judged: datetime) -> str:
    """`` on 2026-10-04`` where that was the day of the observation and not of the judgement."""
    return f" on {seen:%Y-%m-%d}" if seen.date() < judged.date() else ""


def _in_document(row: KeyEvidence, *, heir: bool) -> str:
    window = row.entry.window
    if row.state is KeyState.UNUSABLE:
        return "in the document, but unusable"
    if window is None:
        return "in the document"
    begin = f"{window.valid_from:%Y-%m-%d}"
    if row.state is KeyState.FUTURE:
        return f"in the document, to be used from {begin}"
    if window.valid_until is not None:
        return f"in the document from {begin} to {window.valid_until:%Y-%m-%d}"
    planned = planned_for(row.entry.digest)
    if heir and planned is not None and planned.revoked is not None:
        return "in the document with no end date"
    return f"in IANA's document since {begin}"


def _in_dns(row: KeyEvidence, rows: Sequence[KeyEvidence], where: str) -> Iterator[str]:
    if row.published is None:
        yield "DNS not checked"
        return
    if not row.published:
        yield f"not in {where}"
        return
    tags = " and ".join(str(tag) for tag in row.revoked_tags)
    yield f"in {where} as {tags} with the REVOKE bit" if tags else f"in {where}"
    if row.state is KeyState.REVOKED:
        yield "revoked"
    elif row.signing:
        yield "signing"
    else:
        has_signed = name_of(row.entry.digest) or planned_for(row.entry.digest)
        yield "no longer signing" if has_signed and _has_successor(row, rows) else "not signing"


def _has_successor(row: KeyEvidence, rows: Sequence[KeyEvidence]) -> bool:
    """Whether a younger key signs."""
    return any(
        other.signing and isinstance(other.entry, KeyDigest) and _is_younger(other.entry, row)
        for other in rows
    )


def _awaits_revocation(row: KeyEvidence, rows: Sequence[KeyEvidence], at: datetime) -> bool:
    return bool(row.published) and not row.revoked_tags and _has_heir(row, rows, at)


def _is_gone(row: KeyEvidence, day: datetime, at: datetime) -> bool:
    """Whether it is absent after the day of its revocation, though the document goes on with it."""
    is_endless = row.state is KeyState.CURRENT and row.published is False
    return is_endless and day.date() <= at.date()


def _has_heir(row: KeyEvidence, rows: Sequence[KeyEvidence], at: datetime) -> bool:
    """Whether IANA had published a younger key: before, nobody planned to revoke this one."""
    return any(
        isinstance(other.entry, KeyDigest)
        and _is_younger(other.entry, row)
        and other.entry.window.valid_from <= at
        for other in rows
    )


def _is_younger(key: KeyDigest, row: KeyEvidence) -> bool:
    window = row.entry.window
    same = (key.key_tag, key.algorithm) == (row.entry.key_tag, row.entry.algorithm)
    return window is not None and not same and key.window.valid_from > window.valid_from


def plans(
    row: KeyEvidence, rows: Sequence[KeyEvidence], at: datetime, judged: datetime
) -> Iterator[str]:
    """What ICANN plans for one key and has not come true, each in words; arguments as above."""
    planned = planned_for(row.entry.digest)
    if planned is None or row.published is None or row.state is KeyState.REVOKED:
        return
    for what, day, happened in (
        ("publication", planned.published, row.published),
        ("signing", planned.signing, row.signing),
        ("revocation", planned.revoked, not _awaits_revocation(row, rows, at)),
    ):
        if what == "revocation" and day is not None and _is_gone(row, day, at):
            yield (
                f"revocation was planned for {day:%Y-%m-%d}, and the key is gone without an end "
                "date"
            )
        if day is None or happened:
            continue
        # Servers may take the day itself to change.
        if judged.date() <= day.date():
            yield f"{what} planned for {day:%Y-%m-%d}" + _action(what, row, rows)
        elif at.date() <= day.date():
            yield f"{what} was planned for {day:%Y-%m-%d}, and the root zone was not asked since"
        else:
            yield f"{what} was planned for {day:%Y-%m-%d} and was not observed"


def _action(what: str, row: KeyEvidence, rows: Sequence[KeyEvidence]) -> str:
    if what != "revocation":
        return ""
    others = [
        str(other.entry.key_tag)
        for other in rows
        if other.usable and isinstance(other.entry, KeyDigest) and _is_younger(other.entry, row)
    ]
    return f": no action needed while {' and '.join(others)} is trusted" if others else ""


def yes_or_no(value: bool | None) -> str:  # noqa: FBT001 - what is told is the value itself
    """The word for a cell: nothing where it was not checked."""
    return NOTHING if value is None else "yes" if value else "no"


def when(time: datetime | None) -> str:
    """The time for a cell, where there is one."""
    return format_time(time) if time else NOTHING
