"""Where the bytes come from: a URL, a directory, or the embedded snapshot.

Whatever comes out of here is unverified.
"""

from __future__ import annotations

import errno
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit, urlunsplit

from anchors.core.checks import Check
from anchors.core.errors import ManifestRefused, SourceUnavailable, UsageError
from anchors.core.escape import without_password
from anchors.core.files import read_regular
from anchors.core.findings import Finding, Severity
from anchors.core.servers import ServerAnswer
from anchors.core.words import reason
from anchors.publication.manifest import DNS_FOLDER, MANIFEST_NAME, AnswerEntry, Manifest

__all__ = [
    "DOCUMENT_NAME",
    "SIGNATURE_NAME",
    "DirectorySource",
    "HttpSource",
    "Publication",
    "embedded_snapshot",
    "open_source",
]

DOCUMENT_NAME = "root-anchors.xml"
SIGNATURE_NAME = "root-anchors.p7s"

# https://www.iana.org/dnssec/files
_IANA = "https://data.iana.org/root-anchors/"
_LIMIT = 1 << 20
_DNS_LIMIT = 0xFFFF


class Publication(NamedTuple):
    """A document and a detached signature, as found: not verified.

    ``origin`` says where, for people.
    """

    document: bytes
    signature: bytes
    origin: str


class HttpSource(NamedTuple):
    """A base URL under which document and signature lie."""

    base: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A notice where TLS is not used (RFC 9718 3.1 allows it)."""
        if self.base.startswith("https:"):
            return ()
        return (
            Finding(
                Check.SOURCE_HTTP,
                Severity.NOTICE,
                "the publication was fetched without TLS; the signature was verified nevertheless",
                got=self.base,
                want="https",
                remedy="use an https URL if there is one",
            ),
        )

    def publication(self, *, until: float, fresh: bool = False) -> Publication:
        """Fetch both files.

        Raises:
            SourceUnavailable: they cannot be had within the bounds.
        """
        # requests is loaded only where something is fetched.
        from anchors.publication.http import fetch_all  # noqa: PLC0415

        urls = [self.base + DOCUMENT_NAME, self.base + SIGNATURE_NAME]
        document, signature = fetch_all(urls, limit=_LIMIT, until=until, fresh=fresh)
        return Publication(document, signature, self.base)

    def recording(self) -> tuple[ServerAnswer, ...]:
        """URLs carry no DNS answers.

        Raises:
            UsageError: always.
        """
        raise _no_recording(self.base)


class DirectorySource(NamedTuple):
    """A directory that holds both files, and DNS answers where it is one we wrote."""

    folder: Traversable
    origin: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Nothing about a directory is worth a warning."""
        return ()

    def publication(self, *, until: float | None = None, fresh: bool | None = None) -> Publication:
        """Read both files; the arguments matter to sources with a network only.

        Raises:
            SourceUnavailable: they cannot be read, or are too large.
        """
        del until, fresh
        return Publication(self._read(DOCUMENT_NAME), self._read(SIGNATURE_NAME), self.origin)

    def recording(self) -> tuple[ServerAnswer, ...]:
        """The DNS answers that came with the source.

        Raises:
            UsageError: there are none.
            ManifestRefused: the manifest is not one of ours, or an answer is not the one it lists.
            SourceUnavailable: an answer cannot be read.
        """
        if not self.folder.joinpath(MANIFEST_NAME).is_file():
            raise _no_recording(self.origin)
        manifest = Manifest.loads(self._read(MANIFEST_NAME))
        if manifest.observed_at is None:
            raise _no_recording(self.origin)
        return tuple(
            ServerAnswer(
                address=entry.address,
                port=entry.port,
                transport=entry.transport,
                observed_at=manifest.observed_at,
                wire=self._wire(entry),
                failure=entry.failure,
                rtt_ms=entry.rtt_ms,
                tries=entry.tries,
            )
            for entry in manifest.answers
        )

    def _wire(self, entry: AnswerEntry) -> bytes | None:
        if entry.file is None:
            return None
        wire = self._read(f"{DNS_FOLDER}/{entry.file}", _DNS_LIMIT)
        if sha256(wire).hexdigest() != entry.sha256:
            raise ManifestRefused(
                Check.SOURCE_MANIFEST,
                f"{DNS_FOLDER}/{entry.file} does not have the digest that {MANIFEST_NAME} lists",
                got=sha256(wire).hexdigest(),
                want=entry.sha256,
                remedy="copy the directory again from where it was built, or use --dns live",
            )
        return wire

    def _read(self, name: str, limit: int = _LIMIT) -> bytes:
        entry = self.folder.joinpath(name)
        try:
            # Only the embedded snapshot can be other than a path (in a zipped installation).
            return read_regular(entry, limit) if isinstance(entry, Path) else entry.read_bytes()
        except OSError as error:
            too_large = error.errno == errno.EFBIG
            raise SourceUnavailable(
                Check.SOURCE_SIZE if too_large else Check.SOURCE_AVAILABLE,
                f"{name} cannot be read",
                got=f"{entry}: {reason(error)}",
                want=f"a file of at most {limit} bytes in {self.origin}",
                remedy=f"--source takes a directory that holds {DOCUMENT_NAME} "
                f"and {SIGNATURE_NAME}",
            ) from error


def _no_recording(origin: str) -> UsageError:
    return UsageError(
        Check.ROOTZONE_RECORDING,
        "this source has no recorded DNS answers",
        got=origin,
        want="a directory that 'root-anchors build' wrote, or the embedded snapshot",
        remedy="use --dns live, --dns FILE, or --dns none",
    )


def embedded_snapshot() -> Traversable:
    """The publication that this package carries, with answers of the root zone."""
    return resources.files("anchors.publication").joinpath("data/snapshot")


def open_source(spec: str) -> HttpSource | DirectorySource:
    """The source that ``--source`` names: ``live``, ``embedded``, a URL, or a directory.

    Raises:
        UsageError: a URL of another scheme.
    """
    if spec == "live":
        return HttpSource(_IANA)
    if spec == "embedded":
        return DirectorySource(embedded_snapshot(), "the embedded snapshot")
    if "://" not in spec:
        return DirectorySource(Path(spec), spec)
    try:
        url = urlsplit(spec)
        # Names that DNS cannot have fail here, not in the middle of a run.
        host = (url.hostname or "").encode("idna")
    except ValueError as error:
        raise _bad_url(spec, str(error)) from error
    usable = url.scheme in {"http", "https"} and host and _has_port(url)
    if not usable or url.username is not None or url.query or url.fragment:
        raise _bad_url(spec, "not an http or https URL of scheme, host and path alone")
    return HttpSource(urlunsplit(url).rstrip("/") + "/")


def _has_port(url: SplitResult) -> bool:
    """Whether the port is one, or left out."""
    try:
        return url.port != 0
    except ValueError:
        return False


def _bad_url(spec: str, why: str) -> UsageError:
    return UsageError(
        Check.USAGE,
        "the source cannot be used",
        got=f"{without_password(spec)}: {why}",
        want="live, embedded, a directory, or an http or https URL",
        remedy="write ./ in front of a directory whose name contains ://",
    )
