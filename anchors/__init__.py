"""DNSSEC root trust anchors that people can rely on.

The public names are loaded when they are first used, so that importing the package costs nothing:

>>> from datetime import UTC, datetime
>>> import anchors
>>> at = datetime(2026, 11, 24, tzinfo=UTC)
>>> for anchor in anchors.trust_anchors(at=at, source="embedded", dns="recorded"):
...     print(anchor.name, anchor.ds()[:16])
KSK-2017 (20326) 20326 8 2 E06D44
KSK-2024 (38696) 38696 8 2 683D2D

``anchors.verify`` gives the whole report, and ``anchors.build`` the anchor files too.
``anchors.audit`` holds files that are found anywhere against the verified keys, and
``anchors.ask`` running resolvers.
docs/api.md has all of it with examples, and says what stays as it is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anchors.asking.questions import Choice
    from anchors.asking.result import Asked
    from anchors.asking.run import ask
    from anchors.asking.verdict import (
        Day,
        Expected,
        KeyTrust,
        ResolverVerdict,
        Summary,
        Trust,
        Validates,
    )
    from anchors.auditing.result import (
        Audit,
        Host,
        Judged,
        JudgedPlace,
        JudgedResolver,
        OnDay,
        Outcome,
        Running,
        Standing,
        Step,
    )
    from anchors.auditing.run import audit
    from anchors.auditing.scan.found import Coverage
    from anchors.consumers.reading import Note
    from anchors.core.checks import Check
    from anchors.core.errors import AnchorsError, NotTrusted, Undecided, UsageError
    from anchors.core.findings import Finding, Severity
    from anchors.core.keys import Anchor, KeyState
    from anchors.core.policy import VerificationPolicy
    from anchors.core.servers import Server
    from anchors.pipeline.build import Built, Target, build
    from anchors.pipeline.evidence import KeyEvidence, ServerEvidence
    from anchors.pipeline.report import Report, Verdict
    from anchors.pipeline.request import Options, Request
    from anchors.pipeline.verify import trust_anchors, verify
    from anchors.publication.authenticate import Authenticated, Root, Signer

__all__ = [
    "Anchor",
    "AnchorsError",
    "Asked",
    "Audit",
    "Authenticated",
    "Built",
    "Check",
    "Choice",
    "Coverage",
    "Day",
    "Expected",
    "Finding",
    "Host",
    "Judged",
    "JudgedPlace",
    "JudgedResolver",
    "KeyEvidence",
    "KeyState",
    "KeyTrust",
    "NotTrusted",
    "Note",
    "OnDay",
    "Options",
    "Outcome",
    "Report",
    "Request",
    "ResolverVerdict",
    "Root",
    "Running",
    "Server",
    "ServerEvidence",
    "Severity",
    "Signer",
    "Standing",
    "Step",
    "Summary",
    "Target",
    "Trust",
    "Undecided",
    "UsageError",
    "Validates",
    "Verdict",
    "VerificationPolicy",
    "ask",
    "audit",
    "build",
    "trust_anchors",
    "verify",
]

__version__ = "0.1.0"

_HOMES = {
    "Anchor": "anchors.core.keys",
    "AnchorsError": "anchors.core.errors",
    "Asked": "anchors.asking.result",
    "Audit": "anchors.auditing.result",
    "Authenticated": "anchors.publication.authenticate",
    "Built": "anchors.pipeline.build",
    "Check": "anchors.core.checks",
    "Choice": "anchors.asking.questions",
    "Coverage": "anchors.auditing.scan.found",
    "Day": "anchors.asking.verdict",
    "Expected": "anchors.asking.verdict",
    "Finding": "anchors.core.findings",
    "Host": "anchors.auditing.result",
    "Judged": "anchors.auditing.result",
    "JudgedPlace": "anchors.auditing.result",
    "JudgedResolver": "anchors.auditing.result",
    "KeyEvidence": "anchors.pipeline.evidence",
    "KeyState": "anchors.core.keys",
    "KeyTrust": "anchors.asking.verdict",
    "NotTrusted": "anchors.core.errors",
    "Note": "anchors.consumers.reading",
    "OnDay": "anchors.auditing.result",
    "Options": "anchors.pipeline.request",
    "Outcome": "anchors.auditing.result",
    "Report": "anchors.pipeline.report",
    "Request": "anchors.pipeline.request",
    "ResolverVerdict": "anchors.asking.verdict",
    "Root": "anchors.publication.authenticate",
    "Running": "anchors.auditing.result",
    "Server": "anchors.core.servers",
    "ServerEvidence": "anchors.pipeline.evidence",
    "Severity": "anchors.core.findings",
    "Signer": "anchors.publication.authenticate",
    "Standing": "anchors.auditing.result",
    "Step": "anchors.auditing.result",
    "Summary": "anchors.asking.verdict",
    "Target": "anchors.pipeline.build",
    "Trust": "anchors.asking.verdict",
    "Undecided": "anchors.core.errors",
    "UsageError": "anchors.core.errors",
    "Validates": "anchors.asking.verdict",
    "Verdict": "anchors.pipeline.report",
    "VerificationPolicy": "anchors.core.policy",
    "ask": "anchors.asking.run",
    "audit": "anchors.auditing.run",
    "build": "anchors.pipeline.build",
    "trust_anchors": "anchors.pipeline.verify",
    "verify": "anchors.pipeline.verify",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
