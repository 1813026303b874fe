"""The signed key response of a quarter; loaded only if the user gives one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from anchors.core.checks import Check
from anchors.core.errors import RootZoneSilent
from anchors.core.files import read_given
from anchors.core.findings import Finding, Severity
from anchors.core.keys import TrustAnchors
from anchors.core.servers import ServerAnswer
from anchors.core.times import format_time
from anchors.pipeline.crosscheck import CrossCheck
from anchors.rootzone import skr
from anchors.rootzone.calendar import Slot, agreement, calendar, slot_at
from anchors.rootzone.rrset import Observation
from anchors.rootzone.skr import SignedKeyResponse

__all__ = ["Ceremony", "read_ceremony"]


class Ceremony(NamedTuple):
    """A signed key response, and its calendar for the keys of the document."""

    response: SignedKeyResponse
    slots: tuple[Slot, ...]

    @property
    def findings(self) -> list[Finding]:
        """What a person may want to know of the response and of its slots."""
        return [*self.response.findings, *(f for slot in self.slots for f in slot.findings)]

    def answer_at(self, at: datetime) -> ServerAnswer:
        """The bundle that was signed for ``at``, in the place of an answer.

        Raises:
            RootZoneSilent: there is no slot for that time.
        """
        slot = slot_at(self.slots, at)
        for bundle in self.response.bundles:
            if slot is not None and bundle.id == slot.id:
                return ServerAnswer("file", 0, "skr", at, bundle.observation.answer.wire)
        raise RootZoneSilent(
            Check.SKR_SLOTS,
            "the signed key response has no slot for the time of judgement",
            got=f"{format_time(self.slots[0].begin)} to {format_time(self.slots[-1].end)}",
            want=format_time(at),
            remedy="use the response of the right quarter, or correct --at",
        )

    def agreement(self, observations: Sequence[Observation], checked: CrossCheck) -> list[Finding]:
        """Whether the root zone serves what was signed for the time it was observed at."""
        # What nobody signed has findings of its own.
        verified = [
            observation
            for observation, server in zip(observations, checked.servers, strict=True)
            if server.outcome == "verified"
        ]
        findings = list(agreement(self.slots, verified))
        slot = slot_at(self.slots, verified[0].answer.observed_at) if verified else None
        if findings or slot is None:
            return findings
        message = (
            f"the root zone serves what was signed for the slot from {format_time(slot.begin)}"
        )
        return [Finding(Check.SKR_AGREEMENT, Severity.NOTICE, message)]


def read_ceremony(path: Path, document: TrustAnchors) -> Ceremony:
    """Read a signed key response, and verify each bundle with each key of the document.

    Raises:
        UsageError: the file cannot be read.
        DocumentRefused: the file is not a signed key response of the root zone.
    """
    what, want = "the signed key response", "--skr FILE, or --dns skr:FILE"
    response = skr.read(read_given(path, skr.MAX_SIZE, what=what, want=want))
    return Ceremony(response, calendar(response, document))
