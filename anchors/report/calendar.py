"""The calendar of a quarter for people: a row for each slot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anchors.core.checks import Check
from anchors.core.keys import label
from anchors.core.times import format_time
from anchors.rootzone.calendar import Slot, SlotKey

__all__ = ["describe"]


def describe(slots: Sequence[Slot]) -> list[str]:
    """Which keys each slot publishes and who signs it, below a line for the whole."""
    if not slots:
        return []
    count = "1 slot" if len(slots) == 1 else f"{len(slots)} slots"
    head = f"{_day(slots[0].begin)} to {_day(slots[-1].end)}, {count}"
    return [head, *map(_row, slots)]


def _day(time: datetime) -> str:
    """The day alone where the time is its beginning, as it is in every real response."""
    return format_time(time).removesuffix("T00:00:00Z")


def _row(slot: Slot) -> str:
    # Listed twice in the document (by two digests), a key is still one.
    keys = list(dict.fromkeys(map(_key, slot.sep_keys)))
    if any(finding.check is Check.SKR_SIGNATURE for finding in slot.findings):
        keys.append("NO CURRENT KEY SIGNS")
    others = " ".join(map(str, slot.other_tags))
    zsks = f"; ZSK {others}" if others else ""
    return f"{_day(slot.begin)}  {', '.join(keys)}{zsks}"


def _key(key: SlotKey) -> str:
    name = f"{key.key_tag} (not in the document)" if key.key is None else label(key.key)
    if not key.revoke:
        return f"{name} signs" if key.signs else name
    if key.key is not None:
        name = f"{name} as {key.key_tag}"
    return f"{name} revoked" if key.signs else f"{name} with REVOKE, unsigned"
