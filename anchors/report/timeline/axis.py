"""Time on a line: where a moment lies, and which years or months to name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

__all__ = ["Axis"]

_MONTHS = 12
# Months from one name to the next: within a year, and whole years.
_STEPS = (1, 3, 6, *(12 * n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)))
# An axis that is longer is named by years.
_OF_MONTHS = 36


class Axis(NamedTuple):
    """From the beginning of one month to that of another, ``length`` units long."""

    begin: datetime
    end: datetime
    length: float

    def place(self, time: datetime) -> float:
        """Where ``time`` lies, from 0 to ``length``; what lies outside is at that end."""
        share = (time - self.begin) / (self.end - self.begin)
        return min(max(share, 0.0), 1.0) * self.length

    def is_beyond(self, time: datetime) -> bool:
        """Whether ``time`` lies after the end."""
        return time >= self.end

    def misses(self, begin: datetime | None, end: datetime | None) -> bool:
        """Whether a span of time lies wholly before the axis, or wholly after it."""
        is_over = end is not None and end <= self.begin
        return is_over or (begin is not None and self.is_beyond(begin))

    def holds(self, time: datetime) -> bool:
        """Whether ``time`` lies on the axis."""
        return self.begin <= time < self.end

    def ticks(self, room: float) -> Iterator[tuple[datetime, str]]:
        """The years or months to name, each name at least ``room`` units after the one before.

        Args:
            room: what the name of a year takes; that of a month takes twice as much.
        """
        first, last = _months(self.begin), _months(self.end)
        by_month = last - first <= _OF_MONTHS
        a_month = self.length / (last - first)
        steps = _STEPS if by_month else _STEPS[3:]
        needed = room * 2 if by_month else room
        step = next((step for step in steps if step * a_month >= needed), steps[-1])
        for number in range(first, last):
            if number % step == 0:
                year, month = divmod(number, _MONTHS)
                name = f"{year}-{month + 1:02}" if by_month else f"{year}"
                yield datetime(year, month + 1, 1, tzinfo=UTC), name


def _months(time: datetime) -> int:
    return time.year * _MONTHS + time.month - 1
