"""What is told of the files and statements of a Knot Resolver, in words."""

from __future__ import annotations

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = [
    "COMPILED_IN",
    "REVOKED",
    "ROOTS_FOLDER",
    "SCRIPT_FILE",
    "bad_default",
    "fetched",
    "stopped",
]

COMPILED_IN = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "it names no trust anchors: Knot Resolver then reads a key file whose name is compiled in",
    want="sandbox.lua of the program below the audited paths",
    remedy="audit the whole machine, or ask it: trust_anchors.summary()",
)
REVOKED = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "Knot Resolver does not accept this key, because it is revoked",
    got="the flag REVOKE",
    want="a valid key",
    remedy="remove the record",
)
ROOTS_FOLDER = Finding(
    Check.AUDIT_NOT_WRITABLE,
    Severity.WARNING,
    "Knot Resolver starts as root alone: root alone can write into its directory",
    got="/var/lib/knot-resolver, where its unit starts it, is root's",
    want="a directory of the user that Knot Resolver is started as",
    remedy="give the directory to that user",
)
SCRIPT_FILE = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "what Knot Resolver 6 makes of lua.script-file could not be tried: 6.5 fails to convert it",
    want="lua.script",
    remedy="put the script itself there",
)


def bad_default(path: str, why: str) -> Finding:
    """That the key file at ``path``, which a distribution's program reads first, is bad."""
    return Finding(
        Check.AUDIT_NOT_FOLLOWED,
        Severity.WARNING,
        f"a Knot Resolver that was built to read {path} first, as distributions build it, does "
        "not start",
        got=why,
        want="the key file of its package",
        remedy="restore the file of its package, or audit the program too",
    )


def fetched(path: str) -> Finding:
    """That the managed key file at ``path`` is not there, and is made anew."""
    return Finding(
        Check.AUDIT_NOT_FOLLOWED,
        Severity.WARNING,
        f"{path} does not exist: Knot Resolver fetches the anchors from IANA at its start, unless "
        "it has read another anchor of the root before",
        want="the file, with the anchors of the root",
        remedy="create the key file before the first start",
    )


def stopped(text: str) -> Finding:
    """That no record is read from the line with this text on."""
    return Finding(
        Check.AUDIT_IGNORED,
        Severity.WARNING,
        "Knot Resolver reads no record from this line on",
        got=text,
        want="a record that it can read",
        remedy="correct the line",
    )
