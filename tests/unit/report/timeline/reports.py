"""Reports of other times and of other states of the root zone, for the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.pipeline.report import Report, Verdict
from tests.lab.keys import ksk
from tests.simulator.document import Document
from tests.simulator.times import AT
from tests.unit.auditing.basis import basis
from tests.unit.stages import checked, entry_of

__all__ = ["HOSTILE", "LAB_KEY", "NAMES", "day", "hostile", "lab_report", "refused", "seen_as"]

LAB_KEY = ksk("one")
HOSTILE = "<script>alert(1)</script>\x1b[2J\x9b31m&amp;]]>\u202e\u2028\0\udcff\n" + "x" * 200

NAMES = ("KSK-2010 (19036)", "KSK-2017 (20326)", "KSK-2024 (38696)")


def day(text: str) -> datetime:
    """Midnight of a day, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def seen_as(at: str, **evidence: Mapping[str, object]) -> Report:
    """The embedded publication at a time, and the root zone then, each key named ``k2017``."""
    report = basis()
    keys = [
        row._replace(**evidence.get(f"k{name[4:8]}", {}))  # type: ignore[arg-type]
        for row, name in zip(report.keys, NAMES, strict=True)
    ]
    return replace(report, at=day(at), observed_at=day(at), dns_mode="live", keys=keys)


def lab_report() -> Report:
    """The report of a publication under another root than ICANN's, DNS not asked."""
    result = checked(Document(entries=(entry_of(LAB_KEY),)))
    return Report(
        verdict=Verdict.VERIFIED,
        at=AT,
        source="the lab",
        dns_mode="none",
        observed_at=None,
        authenticated=result.authenticated,
        keys=result.keys,
        servers=(),
        findings=result.findings,
    )


def hostile() -> Report:
    """The same with every name from outside turned against who reads it."""
    report = lab_report()
    authenticated = report.authenticated
    assert authenticated is not None
    named = authenticated._replace(
        signer=authenticated.signer._replace(email=HOSTILE, subject=HOSTILE),
        root=authenticated.root._replace(subject=HOSTILE),
    )
    return replace(report, source=HOSTILE, authenticated=named)


def refused() -> Report:
    """What is left to report where the signature did not hold."""
    finding = Finding(Check.SIGNER_PATH, Severity.FAILURE, HOSTILE)
    return replace(
        basis(), verdict=Verdict.NOT_TRUSTED, authenticated=None, keys=(), findings=(finding,)
    )
