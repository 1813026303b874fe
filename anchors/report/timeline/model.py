"""What a timeline is made of: spans to draw, dates to list, and how each is known."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import NamedTuple

from anchors.report.timeline.axis import Axis

__all__ = [
    "NEAR",
    "NOT_CHECKED",
    "NOT_OBSERVED",
    "PLAN",
    "Basis",
    "Date",
    "Kind",
    "Life",
    "Row",
    "Span",
    "Timeline",
    "on_day",
]

NEAR, PLAN = "next 18 months", "ICANN's plan for another algorithm"
# What became of a plan whose day has passed.
NOT_CHECKED, NOT_OBSERVED = "not checked", "not observed"


class Basis(enum.StrEnum):
    """How a date is known; the value is the word for it."""

    STATED = "stated"
    OBSERVED = "observed"
    PLANNED = "planned"


class Kind(enum.Enum):
    """What a span is of."""

    LIFE = "life"
    PUBLISHED = "published"
    SIGNING = "signing"
    REVOKED = "revoked"
    PLAN = "plan"


class Span(NamedTuple):
    """A stretch of time; no ``begin``: nobody tells; no ``end``: none is known."""

    kind: Kind
    basis: Basis
    begin: datetime | None
    end: datetime | None


class Row(NamedTuple):
    """One bar: what it is of, and its spans in their order."""

    name: str
    spans: tuple[Span, ...]


class Life(NamedTuple):
    """A key, a roll or a certificate: printable text, and one or two bars."""

    title: str
    captions: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def edges(self) -> list[datetime]:
        """Every moment at which a span begins or ends."""
        spans = [span for row in self.rows for span in row.spans]
        return [edge for span in spans for edge in (span.begin, span.end) if edge is not None]


class Date(NamedTuple):
    """Something that happens; ``when`` is its day, or the quarter or year that is all we know.

    ``day`` and ``last`` are the first and the last day that it may be.
    ``note`` tells of a plan whose day has passed, or when it was seen that something is so.
    ``do``: what a person does about it.
    """

    day: datetime
    last: datetime
    when: str
    subject: str
    what: str
    basis: Basis
    note: str = ""
    do: str = ""

    @property
    def words(self) -> str:
        """How the date is known."""
        return f"{self.basis}, {self.note}" if self.note else self.basis.value

    @property
    def middle(self) -> datetime:
        """Where a picture marks it: a year or a quarter in its middle."""
        return self.day + (self.last - self.day) / 2

    @property
    def remedy(self) -> str:
        """What to do about a plan that nobody has seen come true."""
        if self.note == NOT_CHECKED:
            return "ask the root zone, with --dns live"
        return "look for a newer publication and for an announcement by ICANN"

    def is_over(self, at: datetime) -> bool:
        """Whether the last day that it may be lies before that of ``at``."""
        return at.date() > self.last.date()


class Timeline(NamedTuple):
    """All that the pictures show.

    Attributes:
        verdict: the answer, in one line.
        at: the time of judgement.
        seen: the time the root zone was seen at, ``None`` where nobody asked.
        asked: how it was asked, in words.
        whole: the first and the last moment of the whole picture.
        near: those of the 18 months from the month of the judgement on.
        lives: keys first, oldest first, then certificates.
        dates: every date, earliest first.
        coming: of these, what still needs somebody to act.
        overdue: plans whose day has passed and that nobody has seen come true.
        plans: what ICANN says of a roll, in words, with source and date.
    """

    verdict: str
    at: datetime
    seen: datetime | None
    asked: str
    whole: tuple[datetime, datetime]
    near: tuple[datetime, datetime]
    lives: tuple[Life, ...]
    dates: tuple[Date, ...]
    coming: tuple[Date, ...]
    overdue: tuple[Date, ...]
    plans: tuple[str, ...]

    def numbered(self, axis: Axis) -> list[tuple[int, Date]]:
        """The dates to come that have a place on the axis, or lie beyond the whole picture."""
        is_whole = axis.end == self.whole[1]
        dates = enumerate(self.coming, start=1)
        return [(number, date) for number, date in dates if is_whole or axis.holds(date.middle)]

    def changing(self, axis: Axis) -> list[Life]:
        """The lives in which a span begins or ends on the axis; told in words once is enough."""
        return [
            Life(life.title, (), life.rows)
            for life in self.lives
            if any(axis.holds(edge) for edge in life.edges)
        ]


def on_day(
    day: datetime, subject: str, what: str, basis: Basis, *, note: str = "", do: str = ""
) -> Date:
    """A date whose day is known."""
    return Date(day, day, f"{day:%Y-%m-%d}", subject, what, basis, note, do)
