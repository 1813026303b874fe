"""A finding: one thing worth telling a person, with the check that it comes from."""

from __future__ import annotations

import enum
from typing import NamedTuple

from anchors.core.checks import Check
from anchors.core.errors import AnchorsError

__all__ = ["WORST_FIRST", "Finding", "Severity"]


class Severity(enum.StrEnum):
    """How much a finding asks of a person, mildest first."""

    NOTICE = "notice"
    WARNING = "warning"
    ALARM = "alarm"
    FAILURE = "failure"


WORST_FIRST = tuple(reversed(Severity))


class Finding(NamedTuple):
    """One thing worth telling, with the check it comes from."""

    check: Check
    severity: Severity
    message: str
    got: str | None = None
    want: str | None = None
    remedy: str | None = None

    @classmethod
    def from_error(cls, error: AnchorsError) -> Finding:
        """The failure that decides a verdict, as a finding."""
        return cls(
            error.check, Severity.FAILURE, error.message, error.got, error.want, error.remedy
        )
