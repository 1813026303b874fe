"""DNSSEC root trust anchors that people can rely on.

The public names are loaded when they are first used, so that importing the package costs nothing:

>>> from datetime import UTC, datetime
>>> import anchors
>>> policy = anchors.VerificationPolicy(at=datetime(2026, 11, 24, tzinfo=UTC))
>>> request = anchors.Request(policy=policy, source="embedded", dns="recorded")
>>> report = anchors.verify(request)
>>> print(report.verdict, [row.key.key_tag for row in report.keys if row.emitted])
verified [20326, 38696]

``anchors.build`` makes the anchor files too; ``anchors.audit`` holds files that are found anywhere
against the verified keys.
docs/api.md has all of it with examples, and what stays as it is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anchors.auditing.result import Audit
    from anchors.auditing.run import audit
    from anchors.checks import Check
    from anchors.errors import AnchorsError
    from anchors.model import Finding, Severity
    from anchors.pipeline import Built, Request, Target, build, verify
    from anchors.policy import VerificationPolicy
    from anchors.report import Report, Verdict

__all__ = [
    "AnchorsError",
    "Audit",
    "Built",
    "Check",
    "Finding",
    "Report",
    "Request",
    "Severity",
    "Target",
    "Verdict",
    "VerificationPolicy",
    "audit",
    "build",
    "verify",
]

__version__ = "0.1.0"

_HOMES = {
    "AnchorsError": "anchors.errors",
    "Audit": "anchors.auditing.result",
    "Built": "anchors.pipeline",
    "Check": "anchors.checks",
    "Finding": "anchors.model",
    "Report": "anchors.report",
    "Request": "anchors.pipeline",
    "Severity": "anchors.model",
    "Target": "anchors.pipeline",
    "Verdict": "anchors.report",
    "VerificationPolicy": "anchors.policy",
    "audit": "anchors.auditing.run",
    "build": "anchors.pipeline",
    "verify": "anchors.pipeline",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
