"""Years on a line: where a time lies, and which years to name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

__all__ = ["Axis"]

_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class Axis(NamedTuple):
    """From the beginning of one year to the beginning of another, ``length`` units long."""

    begin: int
    end: int
    length: float

    def place(self, time: datetime) -> float:
        """Where ``time`` lies, from 0 to ``length``; what lies outside is at that end."""
        start = datetime(time.year, 1, 1, tzinfo=UTC)
        days = (time - start).total_seconds() / 86400
        years = time.year + days / _days_in(time.year) - self.begin
        return min(max(years / (self.end - self.begin), 0.0), 1.0) * self.length

    def is_beyond(self, time: datetime) -> bool:
        """Whether ``time`` lies after the end."""
        return time.year >= self.end

    def ticks(self, room: float) -> list[int]:
        """The years to name, at least ``room`` units apart."""
        a_year = self.length / (self.end - self.begin)
        step = next((step for step in _STEPS if step * a_year >= room), _STEPS[-1])
        return [year for year in range(self.begin, self.end) if year % step == 0]


def _days_in(year: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 366 if leap else 365
