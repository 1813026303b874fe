"""The error tree.  Every leaf says what, got, wanted, and what to do next.

::

    AnchorsError
    ├── UsageError            exit 2   the request makes no sense
    ├── NotTrusted            exit 1   the evidence says no
    │   ├── SignatureRefused           CMS, signer and path
    │   │   └── OutOfStep              a genuine signature, of another document
    │   ├── ManifestRefused            a source's manifest that is not one of ours
    │   ├── DocumentRefused            XML and schema
    │   ├── NothingValid               authentic, but no key to emit
    │   ├── RootZoneRefused            DNS answers that no anchored key signs
    │   └── RollbackRefused            older than what is already there
    └── Undecided             exit 3   we were kept from deciding
        ├── SourceUnavailable          network or disk
        ├── RootZoneSilent             no usable DNS answer
        ├── NoAlgorithms               OpenSSL without hashes, or without TLS
        ├── LibraryTooOld              a library of an older version than is needed, or none
        └── OutputFailed               the files could not be written
"""

from __future__ import annotations

from typing import ClassVar

from anchors.core.checks import Check

__all__ = [
    "AnchorsError",
    "DocumentRefused",
    "LibraryTooOld",
    "ManifestRefused",
    "NoAlgorithms",
    "NotTrusted",
    "NothingValid",
    "OutOfStep",
    "OutputFailed",
    "RollbackRefused",
    "RootZoneRefused",
    "RootZoneSilent",
    "SignatureRefused",
    "SourceUnavailable",
    "Undecided",
    "UsageError",
]

# Characters of what was got that are worth showing.
_LONGEST = 1000


class AnchorsError(Exception):
    """Base of everything this package raises on purpose.

    Args:
        check: the check that failed.
        message: what happened, as one sentence without a full stop.
        got: what was found, or ``None`` where there is nothing to show.
        want: what would have passed, or ``None``.
        remedy: what to do next.
    """

    exit_code: ClassVar[int] = 3

    def __init__(
        self,
        check: Check,
        message: str,
        *,
        got: str | None = None,
        want: str | None = None,
        remedy: str,
    ) -> None:
        super().__init__(message)
        self.check = check
        self.message = message
        # What comes from outside may be as long as its author likes.
        self.got = got if got is None or len(got) <= _LONGEST else f"{got[:_LONGEST]}..."
        self.want = want
        self.remedy = remedy


class UsageError(AnchorsError):
    """The request makes no sense: nothing was attempted."""

    exit_code = 2


class NotTrusted(AnchorsError):
    """The evidence is there, and it says no."""

    exit_code = 1


class SignatureRefused(NotTrusted):
    """The CMS signature, its signer or the path to a root does not hold."""


class OutOfStep(SignatureRefused):
    """The signature is genuine, but of another document."""


class ManifestRefused(NotTrusted):
    """The manifest beside a publication is not one of ours, or names what it must not."""


class DocumentRefused(NotTrusted):
    """The authentic document cannot be read as RFC 9718 has it."""


class NothingValid(NotTrusted):
    """The document is authentic, but holds no key that may be emitted."""


class RootZoneRefused(NotTrusted):
    """The root zone answered with RRsets that no anchored key signs."""


class RollbackRefused(NotTrusted):
    """What is already in the directory is newer."""


class Undecided(AnchorsError):
    """Network, DNS or disk kept us from deciding."""


class SourceUnavailable(Undecided):
    """Document or signature could not be had."""


class RootZoneSilent(Undecided):
    """No DNS answer that could be judged."""


class NoAlgorithms(Undecided):
    """OpenSSL was configured without what a verification needs."""


class LibraryTooOld(Undecided):
    """A library is older than what a verification needs, or is not there."""


class OutputFailed(Undecided):
    """The files could not be written; what was there is untouched."""
