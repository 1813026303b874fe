"""A Report -> the timeline that it tells of."""

from __future__ import annotations

from datetime import MAXYEAR, datetime

from anchors.pipeline.crosscheck import KeyEvidence
from anchors.pipeline.report import Report
from anchors.report.text import verdict_line
from anchors.report.timeline.certificates import dates_of_certificates, lives_of_certificates
from anchors.report.timeline.keys import lives_of_keys
from anchors.report.timeline.model import Basis, Timeline

__all__ = ["timeline_of"]

_FIRST_YEAR, _LAST_YEAR, _BEYOND = 2010, 2031, 3


def timeline_of(report: Report) -> Timeline:
    """What ``report`` tells, held together with the history that this release knows."""
    seen = _seen(report)
    keys = lives_of_keys(report, seen)
    authenticated = report.authenticated
    certificates = [*lives_of_certificates(authenticated)] if authenticated else []
    dates = [date for _, own in keys for date in own]
    dates += dates_of_certificates(authenticated, report.at) if authenticated else []
    dates.sort(key=lambda date: date.day)
    return Timeline(
        verdict=verdict_line(report),
        at=report.at,
        seen=seen,
        asked=_asked(report, seen),
        begin=min(_FIRST_YEAR, report.at.year),
        end=min(max(_LAST_YEAR, report.at.year + _BEYOND), MAXYEAR),
        lives=(*(life for life, _ in keys), *certificates),
        dates=tuple(dates),
        coming=tuple(date for date in dates if date.do and not date.is_over(report.at)),
        overdue=tuple(date for date in dates if date.note and date.basis is Basis.PLANNED),
    )


def _seen(report: Report) -> datetime | None:
    """When somebody saw the root zone; what was signed in advance nobody saw."""
    asked = report.dns_mode not in {"none", "skr"}
    return report.observed_at if asked and any(_was_asked(row) for row in report.keys) else None


def _was_asked(row: KeyEvidence) -> bool:
    return row.published is not None


def _asked(report: Report, seen: datetime | None) -> str:
    if seen is None:
        return "root zone NOT CHECKED"
    how = {"live": "asked", "recorded": "as recorded"}.get(report.dns_mode, "as in the file")
    return f"root zone {how} on {seen:%Y-%m-%d}"
