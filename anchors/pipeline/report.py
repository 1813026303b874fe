"""The result of a run: one verdict, and everything that there is to tell."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from anchors.core.findings import Finding, Severity
from anchors.pipeline.evidence import KeyEvidence, ServerEvidence
from anchors.publication.authenticate import Authenticated

if TYPE_CHECKING:
    from anchors.rootzone.calendar import Slot

__all__ = ["Report", "Verdict"]


class Verdict(enum.StrEnum):
    """The answer, in one word."""

    VERIFIED = "verified"
    NOT_TRUSTED = "not-trusted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a run has to tell.

    Attributes:
        verdict: the answer.
        at: the time of judgement.
        source: the source as it was asked for.
        dns_mode: ``live``, ``recorded``, ``file``, ``skr`` or ``none``.
        observed_at: the time the DNS answers are judged at, ``None`` where there are none.
        authenticated: the publication, ``None`` where its signature did not hold.
        keys: one row per KeyDigest.
        servers: one row per server.
        findings: worst first.
        files: what was written, by name.
        slots: the calendar of the signed key response, where one was given.
    """

    verdict: Verdict
    at: datetime
    source: str
    dns_mode: str
    observed_at: datetime | None
    authenticated: Authenticated | None
    keys: Sequence[KeyEvidence]
    servers: Sequence[ServerEvidence]
    findings: Sequence[Finding]
    files: Sequence[str] = ()
    slots: Sequence[Slot] = ()

    @property
    def seen_at(self) -> datetime:
        """The time that what is said of DNS is true for."""
        return self.observed_at or self.at

    @property
    def looked_at(self) -> datetime | None:
        """When somebody saw the root zone; what was signed in advance nobody saw."""
        asked = self.dns_mode not in {"none", "skr"}
        seen = any(row.published is not None for row in self.keys)
        return self.observed_at if asked and seen else None

    @property
    def attention(self) -> bool:
        """Whether a person should look, whatever the verdict."""
        return any(f.severity in {Severity.WARNING, Severity.ALARM} for f in self.findings)
