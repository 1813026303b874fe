"""Each key of the document in a sentence: what is observed, and apart from it what is planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.crosscheck import KeyEvidence, label
from anchors.model import KeyDigest, KeyState
from anchors.rootzone.plan import planned_for

__all__ = ["in_words"]


def in_words(row: KeyEvidence, rows: Sequence[KeyEvidence], at: datetime) -> str:
    """A sentence about one key.

    Args:
        row: the key.
        rows: every key of the document, for what one means for another.
        at: when DNS was observed; plans before it are told only where they did not come true.
    """
    parts = ", ".join([_in_document(row), *_in_dns(row, rows)])
    planned = "; ".join(_planned(row, rows, at))
    return f"{label(row.key)}: {parts}" + (f"; {planned}" if planned else "")


def _in_document(row: KeyEvidence) -> str:
    window = row.key.window
    if row.state is KeyState.UNUSABLE:
        return "in the document, but unusable"
    if window is None:
        return "in the document"
    begin = f"{window.valid_from:%Y-%m-%d}"
    if row.state is KeyState.FUTURE:
        return f"in the document, to be used from {begin}"
    if window.valid_until is not None:
        return f"in the document from {begin} to {window.valid_until:%Y-%m-%d}"
    planned = planned_for(row.key.digest)
    if planned is not None and planned.revoked is not None:
        return "in the document with no end date"
    return f"in IANA's document since {begin}"


def _in_dns(row: KeyEvidence, rows: Sequence[KeyEvidence]) -> Iterator[str]:
    if row.published is None:
        yield "DNS not checked"
        return
    if not row.published:
        yield "not in DNS"
        return
    tags = " and ".join(str(tag) for tag in row.revoked_tags)
    yield f"in DNS as {tags} with the REVOKE bit" if tags else "in DNS"
    if row.state is KeyState.REVOKED:
        yield "revoked"
    elif row.signing:
        yield "signing"
    else:
        yield "no longer signing" if _has_successor(row, rows) else "not signing"


def _has_successor(row: KeyEvidence, rows: Sequence[KeyEvidence]) -> bool:
    """Whether a younger key signs."""
    return any(
        other.signing and isinstance(other.key, KeyDigest) and _is_younger(other.key, row)
        for other in rows
    )


def _is_younger(key: KeyDigest, row: KeyEvidence) -> bool:
    window = row.key.window
    return window is not None and key.window.valid_from > window.valid_from


def _planned(row: KeyEvidence, rows: Sequence[KeyEvidence], at: datetime) -> Iterator[str]:
    planned = planned_for(row.key.digest)
    if planned is None or row.published is None or row.state is KeyState.REVOKED:
        return
    for what, day, happened in (
        ("publication", planned.published, row.published),
        ("signing", planned.signing, row.signing),
        ("revocation", planned.revoked, False),
    ):
        if day is None or happened:
            continue
        if at < day:
            yield f"{what} planned for {day:%Y-%m-%d}" + _action(what, row, rows)
        elif what != "revocation" or row.published:
            yield f"{what} was planned for {day:%Y-%m-%d} and is not observed"


def _action(what: str, row: KeyEvidence, rows: Sequence[KeyEvidence]) -> str:
    if what != "revocation":
        return ""
    others = [
        str(other.key.key_tag)
        for other in rows
        if other.emitted and isinstance(other.key, KeyDigest) and _is_younger(other.key, row)
    ]
    return f": no action needed while {' and '.join(others)} is trusted" if others else ""
