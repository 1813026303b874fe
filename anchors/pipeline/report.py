"""The result of a run: the verdict, and all evidence."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from anchors.core.errors import NotTrusted, Undecided
from anchors.core.facade import as_json
from anchors.core.findings import Finding, Severity
from anchors.core.keys import Anchor
from anchors.core.times import format_time
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
    """The result of a run.

    Attributes:
        verdict: the answer.
        at: the time of judgement.
        source: the source, as the request names it.
        dns_mode: ``live``, ``recorded``, ``file``, ``skr`` or ``none``.
        observed_at: the time at which the DNS answers are judged; ``None`` without answers.
        authenticated: the publication; ``None`` if its signature is not valid.
        keys: one row for each KeyDigest of the document, in its order.
        anchors: the keys that may serve as trust anchors; empty unless verified.
        servers: one row per server.
        findings: worst first.
        files: the written files, by name.
        slots: the calendar of the signed key response, if one was given.
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
    anchors: tuple[Anchor, ...] = ()

    def __repr__(self) -> str:
        keys = ", ".join(str(anchor.key_tag) for anchor in self.anchors) or "no anchor"
        return f"<Report {self.verdict} at {format_time(self.at)}: {keys}>"

    def raise_for_verdict(self) -> None:
        """Do nothing where the verdict is verified.

        Raises:
            NotTrusted: the evidence says no.
            Undecided: something kept us from deciding.
        """
        if self.verdict is Verdict.VERIFIED:
            return
        error = NotTrusted if self.verdict is Verdict.NOT_TRUSTED else Undecided
        told = self.findings[0]
        remedy = told.remedy or "see the findings of the report"
        raise error(told.check, told.message, got=told.got, want=told.want, remedy=remedy)

    def to_json(self) -> str:
        """The same document as that of ``root-anchors verify --report-format json``."""
        return as_json("anchors.report.json", self)

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
