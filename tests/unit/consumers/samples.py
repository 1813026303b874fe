"""The two real keys as text, and a reading in few words."""

from __future__ import annotations

from anchors.consumers.reading import Hold, Reading, Role, Syntax
from anchors.core import records
from anchors.core.found import FoundAnchor, FoundDs
from tests.simulator.ksk import KSK_2017, KSK_2024

__all__ = ["DS1", "DS2", "KEY1", "KEY2", "anchors", "checks", "files", "one"]

DS1, DS2 = f"20326 8 2 {KSK_2017.digest()}", f"38696 8 2 {KSK_2024.digest()}"
KEY1, KEY2 = f"257 3 8 {KSK_2017.base64}", f"257 3 8 {KSK_2024.base64}"


def one(reading: Reading | None, syntax: Syntax) -> Reading:
    """A reading that is there, of that syntax."""
    assert reading is not None
    assert reading.syntax == syntax
    return reading


def anchors(reading: Reading) -> list[tuple[int, int | None, Hold]]:
    """Key tag, line and hold of each anchor."""
    return [(_tag(held.anchor), held.line, held.hold) for held in reading.held]


def _tag(anchor: FoundAnchor) -> int:
    if isinstance(anchor, FoundDs):
        return anchor.key_tag
    return records.key_tag(records.dnskey(*anchor[:3]))


def files(reading: Reading) -> list[tuple[str, Role, int | None]]:
    """Path, role and line of each reference."""
    return [(one.path, one.role, one.line) for one in reading.references]


def checks(reading: Reading) -> list[tuple[str, int | None]]:
    """Check and line of each note."""
    return [(note.finding.check.id, note.line) for note in reading.notes]
