"""What is told of a configuration that validates nothing, or that its consumer refuses."""

from __future__ import annotations

from anchors.auditing.place import Note, Place, Setting
from anchors.auditing.together import Loaded
from anchors.checks import Check
from anchors.escape import printable
from anchors.model import Finding, Severity

__all__ = ["noted", "refused", "shown", "switched_off"]


def switched_off(what: str, instead: str, words: str = "") -> Finding:
    """That ``what`` switches validation off; ``instead``: what it should be."""
    return Finding(
        Check.AUDIT_VALIDATION,
        Severity.WARNING,
        f"validation is off: {what}{words and ', '}{words}",
        got=what,
        want=instead,
        remedy="switch it on, or make sure that another resolver validates",
    )


def refused(words: str, setting: Setting, instead: str) -> Finding:
    """That the consumer does not start."""
    return Finding(
        Check.AUDIT_REFUSED,
        Severity.FAILURE,
        words,
        got=shown(setting),
        want=instead,
        remedy="change it before the next restart",
    )


def shown(setting: Setting) -> str:
    """The setting as it is written, more or less."""
    return f"{setting.name} {printable(f'{setting.value:.80}') or 'with nothing'}"


def noted(loaded: Loaded, place: Place, setting: Setting, finding: Finding) -> Note:
    """The finding where it stands: in the configuration itself, or in a part of it."""
    if place is loaded.place:
        return Note(finding, setting.line)
    where = f"line {setting.line} of " if setting.line else ""
    got = f"{finding.got}, in {where}{printable(place.location.text)}"
    return Note(finding._replace(got=got))
