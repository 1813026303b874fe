"""What is told of the files and settings of a recursor, in words."""

from __future__ import annotations

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = ["FOR_SOME", "NO_OWNER"]

FOR_SOME = Finding(
    Check.AUDIT_VALIDATION,
    Severity.WARNING,
    "it validates only for clients that set the flag AD or DO",
    want="dnssec=validate (4), dnssec: validation: validate (5)",
    remedy="set the mode of validation to validate",
)
NO_OWNER = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "the recursor reads no root trust anchor from this line",
    got="a record without an owner, or a directive",
    want="a record that begins with a dot",
    remedy="correct the line",
)
