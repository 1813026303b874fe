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
    from anchors.core.checks import Check
    from anchors.core.errors import AnchorsError
    from anchors.core.findings import Finding, Severity
    from anchors.core.policy import VerificationPolicy
    from anchors.pipeline.build import Built, Target, build
    from anchors.pipeline.report import Report, Verdict
    from anchors.pipeline.request import Request
    from anchors.pipeline.verify import verify

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
    "AnchorsError": "anchors.core.errors",
    "Audit": "anchors.auditing.result",
    "Built": "anchors.pipeline.build",
    "Check": "anchors.core.checks",
    "Finding": "anchors.core.findings",
    "Report": "anchors.pipeline.report",
    "Request": "anchors.pipeline.request",
    "Severity": "anchors.core.findings",
    "Target": "anchors.pipeline.build",
    "Verdict": "anchors.pipeline.report",
    "VerificationPolicy": "anchors.core.policy",
    "audit": "anchors.auditing.run",
    "build": "anchors.pipeline.build",
    "verify": "anchors.pipeline.verify",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
