"""What is told of the files and options of an Unbound, in words."""

from __future__ import annotations

from anchors.consumers.reading import Role
from anchors.consumers.unbound.configuration import FILES
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = [
    "OPTIONS",
    "WANTED",
    "doubtful_record",
    "fedoras_module",
    "not_near_known",
    "nothing_taken",
    "other_date",
    "other_module",
    "second_managed",
    "wrong_order",
]

OPTIONS = {role: option for option, role in FILES.items()}
WANTED = {
    Role.STATIC: "a zone file of DS and DNSKEY records",
    Role.TRUSTED_KEYS: "a file with a trusted-keys statement",
    Role.MANAGED: "a zone file of DS and DNSKEY records, or a state",
}


def nothing_taken(path: str) -> Finding:
    """That a trusted-keys-file has no statement that Unbound reads."""
    return Finding(
        Check.AUDIT_IGNORED,
        Severity.FAILURE,
        f"Unbound reads only trusted-keys statements in its trusted-keys-file: {printable(path)} "
        "has none, so Unbound uses nothing of it",
        got=printable(path),
        want="trusted-keys, or another option",
        remedy="name a zone file with auto-trust-anchor-file instead",
    )


def doubtful_record(path: str, line: int, why: str) -> Finding:
    """That a file of anchors has a record of another type that Unbound may not be able to read."""
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        "it is unknown whether Unbound can read every record of an anchor file: if not, Unbound "
        "does not start",
        got=printable(f"{path}, line {line}: {why}"),
        want="DS and DNSKEY records alone",
        remedy="run 'unbound-checkconf', or remove the other records",
    )


def other_module(name: str) -> Finding:
    """That ``name`` stands in module-config, which not every Unbound has."""
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        "it is unknown whether Unbound was built with all modules of its module-config: if not, "
        "Unbound does not start",
        got=printable(name[:80]),
        want='module-config: "validator iterator"',
        remedy="run 'unbound-checkconf' with this configuration",
    )


def second_managed(path: str) -> Finding:
    """That a zone has a second managed file beside a state in which a key is not trusted."""
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        "it is unknown which keys Unbound trusts: another managed file has a state in which a key "
        "is not trusted",
        got=printable(path),
        want="one managed file",
        remedy="name one file with auto-trust-anchor-file",
    )


def fedoras_module(name: str, severity: Severity) -> Finding:
    """That ``name`` stands in module-config, which Fedora's Unbound has and Debian's has not."""
    return Finding(
        Check.AUDIT_FORM,
        severity,
        f"only an Unbound that was built with {name} starts with this module-config: Fedora's was, "
        "Debian's was not",
        got=name,
        remedy="run 'unbound-checkconf' with this configuration",
    )


def wrong_order(value: str) -> Finding:
    """That the iterator is asked before the validator; ``value``: of module-config."""
    return Finding(
        Check.AUDIT_VALIDATION,
        Severity.FAILURE,
        "Unbound answers no query: the validator comes after the iterator in module-config",
        got=printable(f"module-config: {value[:80]}"),
        want='module-config: "validator iterator"',
        remedy="write the validator before the iterator",
    )


def not_near_known(value: str) -> Finding:
    """That a val-override-date is near to the time of judgement."""
    return Finding(
        Check.AUDIT_VALIDATION,
        Severity.WARNING,
        "Unbound always judges signatures at one fixed date: it is unknown which signatures are "
        "valid then",
        got=printable(f"val-override-date: {value}"),
        want="no such option",
        remedy="remove val-override-date",
    )


def other_date(value: str) -> Finding:
    """That signatures are not judged by the day; ``value``: of val-override-date."""
    if value == "-1":
        return Finding(
            Check.AUDIT_VALIDATION,
            Severity.WARNING,
            "Unbound takes signatures that have expired, or are not valid yet",
            got="val-override-date: -1",
            want="no such option",
            remedy="remove val-override-date",
        )
    return Finding(
        Check.AUDIT_VALIDATION,
        Severity.FAILURE,
        "Unbound judges signatures at a date other than today, so every look-up fails",
        got=printable(f"val-override-date: {value}"),
        want="no such option",
        remedy="remove val-override-date",
    )
