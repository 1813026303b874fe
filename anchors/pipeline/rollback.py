"""Rollback: an older publication must not replace a newer one unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from anchors.core.checks import Check
from anchors.core.errors import NotTrusted, RollbackRefused, Undecided
from anchors.core.findings import Finding, Severity
from anchors.core.keys import TrustAnchors
from anchors.core.policy import VerificationPolicy
from anchors.core.root_facts import KNOWN_KEYS, SNAPSHOT_SIGNING_TIME
from anchors.core.times import format_time
from anchors.publication.authenticate import Authenticated, authenticate_as_of_signing
from anchors.publication.root_cas import PinnedRoots
from anchors.publication.source import DirectorySource

__all__ = ["against_directory", "against_snapshot"]


def against_snapshot(authenticated: Authenticated, document: TrustAnchors) -> Iterator[Finding]:
    """Alarms if IANA's publication is older than this release, or lacks a key of this release."""
    at = authenticated.checked_at
    # Other roots have a history of their own; before the snapshot, older is right.
    if not authenticated.root.built_in or at < SNAPSHOT_SIGNING_TIME:
        return
    if authenticated.signing_time < SNAPSHOT_SIGNING_TIME:
        yield Finding(
            Check.ROLLBACK_SNAPSHOT,
            Severity.ALARM,
            "the publication is older than the one that came with this release",
            got=f"signed {format_time(authenticated.signing_time)}",
            want=f"signed {format_time(SNAPSHOT_SIGNING_TIME)} or later",
            remedy="use IANA's current publication (--source live)",
        )
    listed = {key.digest for key in document.keys if key.digest}
    for key in KNOWN_KEYS:
        expected = key.valid_from <= at and (key.valid_until is None or at < key.valid_until)
        if expected and bytes.fromhex(key.digest) not in listed:
            yield Finding(
                Check.ROLLBACK_MISSING_KEY,
                Severity.ALARM,
                f"{key.name} ({key.key_tag}) has left the document without an end date",
                got="no KeyDigest for this key",
                want="the key, or the key with validUntil",
                remedy="compare it with IANA's current publication and ICANN's announcements",
            )


def against_directory(
    authenticated: Authenticated, path: Path, roots: PinnedRoots, policy: VerificationPolicy
) -> Iterator[Finding]:
    """Compare the publication with the one in a directory of ours, which is verified again.

    Raises:
        RollbackRefused: the old one is newer, differs with the same age, or is invalid, and the
            policy does not allow a rollback.
        Undecided: the directory could not be read.
    """
    try:
        there = authenticate_as_of_signing(
            DirectorySource(path, str(path)).publication(), roots, policy
        )
    except (NotTrusted, Undecided) as error:
        if not policy.allow_rollback:
            if isinstance(error, Undecided) and not isinstance(error.__cause__, FileNotFoundError):
                # The disk kept us from deciding; a file that somebody took away is another matter.
                raise
            raise RollbackRefused(
                Check.ROLLBACK_UNREADABLE,
                "the publication in the directory does not verify, so it cannot be compared",
                got=f"{error.message} ({error.got})",
                want="an authentic publication in the directory",
                remedy="find out who changed it; --allow-rollback replaces it nevertheless",
            ) from error
        yield Finding(
            Check.ROLLBACK_UNREADABLE,
            Severity.NOTICE,
            "the publication in the directory does not verify; allowed by --allow-rollback",
            got=f"{error.message} ({error.got})",
            want="an authentic publication in the directory",
            remedy="leave --allow-rollback out from now on",
        )
        return
    older = authenticated.signing_time < there.signing_time
    forked = (
        authenticated.signing_time == there.signing_time
        and authenticated.document != there.document
    )
    if not older and not forked:
        return
    got = f"signed {format_time(authenticated.signing_time)}"
    want = (
        f"signed after {format_time(there.signing_time)}, when the one in the directory was signed"
    )
    message = (
        "the publication is older than the one in the directory"
        if older
        else "the publication was signed at the same time as the one in the directory, but differs"
    )
    if not policy.allow_rollback:
        raise RollbackRefused(
            Check.ROLLBACK_DIRECTORY,
            message,
            got=got,
            want=want,
            remedy="use IANA's current publication; give --allow-rollback if you really want the "
            "older one",
        )
    yield Finding(
        Check.ROLLBACK_DIRECTORY,
        Severity.NOTICE,
        f"{message}; allowed by --allow-rollback",
        got=got,
        want=want,
        remedy="leave --allow-rollback out from now on",
    )
