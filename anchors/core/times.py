"""Times as people and files write them; always aware, always UTC inside."""

from __future__ import annotations

import re
from datetime import UTC, datetime

__all__ = ["format_time", "parse_time", "time_left"]

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


def parse_time(text: str) -> datetime:
    """An RFC 3339 date-time, with the zone it must have, as UTC.

    Raises:
        ValueError: another form, no such day, or outside the years 1 to 9999.
    """
    if not _RFC3339.fullmatch(text):
        message = f"{text!r:.60} is not an RFC 3339 time with a zone"
        raise ValueError(message)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        message = f"{text!r:.60} is outside the years 1 to 9999"
        raise ValueError(message) from error


def format_time(time: datetime) -> str:
    """RFC 3339 in UTC with ``Z``; fractions only where there are any."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def time_left(at: datetime, end: datetime) -> str:
    """How long it is from ``at`` to ``end``, in words: whole days."""
    days = (end - at).days
    return f"{days} day{'s' * (days > 1)} left" if days > 0 else "less than a day left"
