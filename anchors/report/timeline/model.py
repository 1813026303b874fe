"""What a timeline is made of: spans to draw, dates to list, and how each is known."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import NamedTuple

__all__ = [
    "NOT_CHECKED",
    "NOT_OBSERVED",
    "Basis",
    "Date",
    "Kind",
    "Life",
    "Row",
    "Span",
    "Timeline",
    "on_day",
]

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
    """A key or a certificate: printable text, and one or two bars."""

    title: str
    captions: tuple[str, ...]
    rows: tuple[Row, ...]


class Date(NamedTuple):
    """Something that happens; ``when`` is its day, or its year where no more is known.

    ``note`` tells of a plan whose day has passed, or when it was seen that something is so.
    ``do``: what a person does about it.
    """

    day: datetime
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
        """Where a picture marks it: a year in its middle."""
        return self.day if "-" in self.when else self.day + timedelta(days=182)

    @property
    def remedy(self) -> str:
        """What to do about a plan that nobody has seen come true."""
        if self.note == NOT_CHECKED:
            return "ask the root zone, with --dns live"
        return "look for a newer publication and for an announcement of ICANN"

    def ahead(self, at: datetime) -> str:
        """How far off a day is, to be said behind ``words``."""
        days = (self.day.date() - at.date()).days
        return f", in {days:,} days" if "-" in self.when and days > 0 else ""

    def is_over(self, at: datetime) -> bool:
        """Whether its day, or the whole of its year, lies before that of ``at``."""
        return at.date() > self.day.date() if "-" in self.when else at.year > self.day.year


class Timeline(NamedTuple):
    """All that the pictures show.

    Attributes:
        verdict: the answer, in one line.
        at: the time of judgement.
        seen: the time the root zone was seen at, ``None`` where nobody asked.
        asked: how it was asked, in words.
        begin: the first year of the axis.
        end: the year that the axis ends before.
        lives: keys first, oldest first, then certificates.
        dates: every date, earliest first.
        coming: of these, what still needs somebody to act.
        overdue: plans whose day has passed and that nobody has seen come true.
    """

    verdict: str
    at: datetime
    seen: datetime | None
    asked: str
    begin: int
    end: int
    lives: tuple[Life, ...]
    dates: tuple[Date, ...]
    coming: tuple[Date, ...]
    overdue: tuple[Date, ...]


def on_day(
    day: datetime, subject: str, what: str, basis: Basis, *, note: str = "", do: str = ""
) -> Date:
    """A date whose day is known."""
    return Date(day, f"{day:%Y-%m-%d}", subject, what, basis, note, do)
