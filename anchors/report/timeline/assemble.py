"""A Report -> the timeline that it tells of."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime

from anchors.pipeline.report import Report
from anchors.report.text import verdict_line
from anchors.report.timeline.certificates import dates_of_certificates, lives_of_certificates
from anchors.report.timeline.keys import lives_of_keys
from anchors.report.timeline.model import Basis, Timeline
from anchors.report.timeline.roll import roll_of

__all__ = ["timeline_of"]

_FIRST_YEAR, _LAST_YEAR, _BEYOND = 2010, 2031, 3
_NEAR = 18


def timeline_of(report: Report) -> Timeline:
    """What ``report`` tells, held together with the history that this release knows."""
    seen = report.looked_at
    keys = lives_of_keys(report, seen)
    authenticated = report.authenticated
    certificates = [*lives_of_certificates(authenticated)] if authenticated else []
    roll = roll_of(report, seen)
    dates = [date for _, own in keys for date in own]
    dates += roll.dates if roll else []
    dates += dates_of_certificates(authenticated, report.at) if authenticated else []
    dates.sort(key=lambda date: date.day)
    return Timeline(
        verdict=verdict_line(report),
        at=report.at,
        seen=seen,
        asked=_asked(report, seen),
        whole=_years(report.at),
        near=_months(report.at),
        lives=(*(life for life, _ in keys), *([roll.life] if roll else []), *certificates),
        dates=tuple(dates),
        coming=tuple(date for date in dates if date.do and not date.is_over(report.at)),
        overdue=tuple(date for date in dates if date.note and date.basis is Basis.PLANNED),
        plans=roll.words if roll else (),
    )


def _years(at: datetime) -> tuple[datetime, datetime]:
    first = min(_FIRST_YEAR, at.year)
    last = min(max(_LAST_YEAR, at.year + _BEYOND), MAXYEAR)
    return datetime(first, 1, 1, tzinfo=UTC), datetime(last, 1, 1, tzinfo=UTC)


def _months(at: datetime) -> tuple[datetime, datetime]:
    """Eighteen months; the last ones that there are where time ends before."""
    last = min(at.year * 12 + at.month - 1 + _NEAR, MAXYEAR * 12 + 11)
    (first_year, first_month), (year, month) = divmod(last - _NEAR, 12), divmod(last, 12)
    return (
        datetime(first_year, first_month + 1, 1, tzinfo=UTC),
        datetime(year, month + 1, 1, tzinfo=UTC),
    )


def _asked(report: Report, seen: datetime | None) -> str:
    if seen is None:
        return "root zone NOT CHECKED"
    how = {"live": "asked", "recorded": "as recorded"}.get(report.dns_mode, "as in the file")
    return f"root zone {how} on {seen:%Y-%m-%d}"
