"""What is told of a named: the findings of its loading."""

from __future__ import annotations

from anchors.consumers.loading import switched_off
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = [
    "ALL_FAIL",
    "BINDKEYS_UNUSED",
    "DECIDED_BY_STATE",
    "STATE_OR_NOT",
    "deprecated",
    "no_anchor",
]

BINDKEYS_UNUSED = Finding(
    Check.AUDIT_IGNORED,
    Severity.NOTICE,
    "named uses its bindkeys-file only with dnssec-validation auto",
    want="no bindkeys-file, or dnssec-validation auto",
)
DECIDED_BY_STATE = Finding(
    Check.AUDIT_IGNORED,
    Severity.NOTICE,
    "named uses its RFC 5011 state, and reads these anchors only if it has no state",
)
STATE_OR_NOT = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "with dnssec-validation yes, BIND 9.18 uses this state and 9.20 uses the anchors of its "
    "configuration: the two have different keys, and the installed version was not found",
    remedy="set dnssec-validation auto, or audit the program too",
)
ALL_FAIL = Finding(
    Check.AUDIT_FORM,
    Severity.FAILURE,
    "every name fails: the digest type of named's anchor is disabled for the root",
    got='disable-ds-digests "."',
    want="no such entry, or anchors by key",
    remedy="remove the entry",
)


def deprecated(statement: str) -> Finding:
    """That newer versions do not start with a statement (release notes of BIND 9.21.15)."""
    return Finding(
        Check.AUDIT_FORM,
        Severity.NOTICE,
        f"{statement} is obsolete, and BIND 9.21.15 and newer do not start with it",
        want="trust-anchors",
        remedy="include a file with trust-anchors in named.conf, which 9.18 and 9.20 take too",
    )


def no_anchor(validation: str) -> Finding:
    """That validation is on, and there is no anchor to validate with."""
    return switched_off(
        f"dnssec-validation {printable(validation)}",
        "dnssec-validation auto",
        "without an anchor of the root: named uses its built-in ones only with auto, and BIND "
        "9.20 does not start without any",
    )
