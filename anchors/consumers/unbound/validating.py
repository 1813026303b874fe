"""Settings of Unbound that decide whether anything validates, beside the anchors themselves.

From unbound.conf(5); each was tried on Unbound 1.17.1 and 1.26.2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from anchors.consumers.loading import switched_off
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = ["answered_here", "is_date", "is_name", "is_near", "not_near_known", "wrong_order"]

_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_DATE = re.compile(r"[0-9]{14}", re.ASCII)
# The root zone's signatures hold for two or three weeks.
_NEAR = timedelta(days=30)
# With these, what no local-data answers is resolved as ever.
_RESOLVES = frozenset(
    {"transparent", "typetransparent", "inform", "nodefault", "always_transparent", "noview"}
)


def is_date(value: str) -> bool:
    """Whether Unbound takes a val-override-date: seconds since 1970, or a date of 14 digits."""
    return _NUMBER.fullmatch(value) is not None and _moment(value) is not None


def is_near(value: str, at: datetime) -> bool:
    """Whether a val-override-date is so near to ``at`` that today's signatures may hold."""
    moment = _moment(value)
    return moment is not None and abs(moment - at) < _NEAR


def _moment(value: str) -> datetime | None:
    try:
        if _DATE.fullmatch(value):
            return datetime.strptime(value, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def not_near_known(value: str) -> Finding:
    """That a val-override-date is near to the time of judgement."""
    return Finding(
        Check.AUDIT_VALIDATION,
        Severity.WARNING,
        "Unbound judges signatures at one date for ever: which of them hold then is not known",
        got=printable(f"val-override-date: {value}"),
        want="no such option",
        remedy="remove val-override-date",
    )


def is_name(value: str) -> bool:
    """Whether a domain name has no empty label."""
    return value in {"", "."} or not (value.startswith(".") or ".." in value)


def wrong_order(value: str) -> Finding:
    """That the iterator is asked before the validator; ``value``: of module-config."""
    return Finding(
        Check.AUDIT_VALIDATION,
        Severity.FAILURE,
        "Unbound answers no name: the validator stands behind the iterator in module-config",
        got=printable(f"module-config: {value[:80]}"),
        want='module-config: "validator iterator"',
        remedy="write the validator before the iterator",
    )


def answered_here(zones: Sequence[tuple[str, str]]) -> Finding | None:
    """That Unbound answers for the root itself, by a local-zone; ``zones``: names with types."""
    of_root = [kind for name, kind in zones if name == "." and kind not in _RESOLVES]
    if not of_root:
        return None
    words = "and every name that no other local-zone has is answered without a look-up"
    return switched_off(printable(f'local-zone: "." {of_root[-1]}'), "no such local-zone", words)
