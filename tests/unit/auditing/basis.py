"""The verification that audits in these tests hold anchors against, at several times."""

from __future__ import annotations

import functools
from datetime import UTC, datetime

from anchors.core.policy import VerificationPolicy
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import Request
from anchors.pipeline.root_keys import VerifiedKeys, verified_keys
from anchors.pipeline.verify import verify

BEFORE_THE_ROLL = datetime(2026, 10, 5, tzinfo=UTC)
AFTER_THE_ROLL = datetime(2026, 11, 24, tzinfo=UTC)


@functools.cache
def basis(at: datetime = AFTER_THE_ROLL, dns: str = "recorded") -> Report:
    """The embedded publication with the answers recorded on 2026-10-04, or without any."""
    report = verify(Request(policy=VerificationPolicy(at=at), source="embedded", dns=dns))
    assert report.verdict is Verdict.VERIFIED
    return report


@functools.cache
def keys(at: datetime = AFTER_THE_ROLL, dns: str = "recorded") -> VerifiedKeys:
    return verified_keys(basis(at, dns))
