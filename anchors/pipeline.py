"""The numbered steps; the only module that knows their order.

1. fetch the publication       4. observe the root zone       6. compare with what is there
2. verify its signature        5. cross-check the keys        7. write the anchor files
3. read the document
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from anchors import rollback
from anchors.checks import Check
from anchors.crosscheck import CrossCheck, cross_check, withheld
from anchors.errors import AnchorsError, NotTrusted, OutOfStep, RootZoneSilent, UsageError
from anchors.files import read_given
from anchors.formats import find_formats, render_all
from anchors.manifest import with_manifest
from anchors.model import Finding, ServerAnswer, Severity, TrustAnchors
from anchors.output import require_replaceable, write_directory
from anchors.policy import IANA_SIGNER, VerificationPolicy
from anchors.publication.authenticate import Authenticated, authenticate
from anchors.publication.document import read
from anchors.publication.pinned import PinnedRoots, built_in_roots, roots_from_file
from anchors.publication.source import (
    DOCUMENT_NAME,
    SIGNATURE_NAME,
    DirectorySource,
    HttpSource,
    open_source,
)
from anchors.report import Report, Verdict
from anchors.request import Request, sensible
from anchors.rootzone.rrset import answer_from_text, observe
from anchors.rootzone.servers import ROOT_SERVERS
from anchors.times import format_time

if TYPE_CHECKING:
    from anchors.ceremony import Ceremony
    from anchors.rootzone.calendar import Slot

__all__ = ["Built", "Request", "Say", "Target", "build", "example", "verify"]

_MAX_DNS_FILE = 1 << 17
_DNS_SECONDS = 5.0
_SEVERITY_ORDER = [Severity.FAILURE, Severity.ALARM, Severity.WARNING, Severity.NOTICE]

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to write, and where.

    Attributes:
        directory: the directory to replace, or ``None`` to hand the files back only.
        formats: the formats by name; all of them for none.
        bare: only the anchor files, without the evidence that makes the directory a source.
        strict: attention counts as a refusal to write.
    """

    directory: Path | None
    formats: tuple[str, ...] = ()
    bare: bool = False
    strict: bool = False


class Built(NamedTuple):
    """The report of a build, and the files by name: empty unless verified."""

    report: Report
    files: dict[str, bytes]


@dataclass(slots=True)
class _Evidence:
    """What a run has found so far; a report can be made of it at any point."""

    request: Request
    findings: list[Finding] = field(default_factory=list)
    authenticated: Authenticated | None = None
    answers: tuple[ServerAnswer, ...] | None = None
    checked: CrossCheck | None = None
    slots: tuple[Slot, ...] = ()

    def report(self, error: AnchorsError | None, files: Sequence[str] = ()) -> Report:
        findings = [*self.findings]
        keys = self.checked.keys if self.checked else ()
        if error is not None:
            findings.append(Finding.from_error(error))
            keys = withheld(keys)
        return Report(
            verdict=_verdict(error),
            at=self.request.policy.at,
            source=self.request.source,
            dns_mode=self.request.dns_mode,
            observed_at=self.answers[0].observed_at if self.answers else None,
            authenticated=self.authenticated,
            keys=keys,
            servers=self.checked.servers if self.checked else (),
            slots=self.slots,
            findings=sorted(findings, key=lambda f: _SEVERITY_ORDER.index(f.severity)),
            files=files,
        )


def _verdict(error: AnchorsError | None) -> Verdict:
    if error is None:
        return Verdict.VERIFIED
    return Verdict.NOT_TRUSTED if isinstance(error, NotTrusted) else Verdict.UNDECIDED


def _silent(_message: str) -> None:
    """Say nothing."""


def verify(request: Request, say: Say = _silent) -> Report:
    """Steps 1 to 5: verify and report.

    Args:
        request: what to verify.
        say: told each step as it begins.

    Raises:
        UsageError: the request makes no sense.
    """
    request = sensible(request)
    evidence = _Evidence(request)
    try:
        _gather(evidence, _roots(request), say)
    except UsageError:
        raise
    except AnchorsError as error:
        return evidence.report(error)
    return evidence.report(None)


def build(request: Request, target: Target, say: Say = _silent) -> Built:
    """Steps 1 to 7: verify, then write the anchor files, all or nothing.

    Args:
        request: what to verify.
        target: what to write, and where.
        say: told each step as it begins.

    Raises:
        UsageError: the request makes no sense, or the directory is not ours to replace.
    """
    request = sensible(request)
    formats = find_formats(target.formats)
    if request.policy.sha1_before is not None:
        raise UsageError(
            Check.USAGE,
            "anchor files are never built from a SHA-1 signature",
            got=f"sha1_before={format_time(request.policy.sha1_before)}",
            want="sha1_before=None",
            remedy="verify accepts such a signature as a witness of its time",
        )
    if target.directory is not None:
        require_replaceable(target.directory)
    evidence = _Evidence(request)
    roots = _roots(request)
    try:
        authenticated, checked = _gather(evidence, roots, say)
        # Looked at again: another run may have been faster.
        if target.directory is not None and require_replaceable(target.directory):
            say("6. compare with what is there")
            evidence.findings += rollback.against_directory(
                authenticated, target.directory, roots, request.policy
            )
        rendered = render_all(checked, formats, asked=bool(target.formats))
        evidence.findings += rendered.findings
        files = rendered.files
        if not target.bare and target.directory is not None:
            files |= {
                DOCUMENT_NAME: authenticated.document,
                SIGNATURE_NAME: authenticated.signature,
            }
            files = with_manifest(files, evidence.answers or ())
        report = evidence.report(None, tuple(files))
        if target.strict and report.attention:
            return Built(_held_back(report), {})
        if target.directory is not None:
            say(f"7. write {target.directory}")
            write_directory(target.directory, files)
    except UsageError:
        raise
    except AnchorsError as error:
        return Built(evidence.report(error), {})
    return Built(report, files)


def _held_back(report: Report) -> Report:
    """The same verdict where nothing is written, because it needs attention."""
    why = "it needs attention, and --strict writes nothing then"
    return replace(report, keys=withheld(report.keys, why), files=())


def example() -> CrossCheck:
    """The embedded snapshot, verified as of when its DNS answers were recorded.

    Raises:
        AnchorsError: the installed package is damaged.
    """
    (answer, *_) = open_source("embedded").recording()
    policy = VerificationPolicy(at=answer.observed_at)
    request = Request(policy=policy, source="embedded", dns="recorded")
    _, checked = _gather(_Evidence(request), built_in_roots(), _silent)
    return checked


def _roots(request: Request) -> PinnedRoots:
    return built_in_roots() if request.ca_file is None else roots_from_file(request.ca_file)


def _gather(evidence: _Evidence, roots: PinnedRoots, say: Say) -> tuple[Authenticated, CrossCheck]:
    """Steps 1 to 5, each finding kept as soon as it is known."""
    request, policy = evidence.request, evidence.request.policy
    until = time.monotonic() + request.timeout
    source = open_source(request.source)
    evidence.findings += [*_choices(request), *source.findings]
    authenticated = _authenticate(source, roots, policy, until, say)
    evidence.authenticated = authenticated
    evidence.findings += authenticated.findings
    say("3. read the document")
    document = read(authenticated)
    evidence.findings += document.findings
    evidence.findings += rollback.against_snapshot(authenticated, document)
    ceremony = _ceremony(request, document)
    if ceremony is not None:
        evidence.slots = ceremony.slots
        evidence.findings += ceremony.findings
    if ceremony is not None and request.skr is None:
        evidence.answers = (ceremony.answer_at(policy.at),)
    else:
        evidence.answers = _answers(request, source, until, say)
    say("5. cross-check the keys")
    observations = None if evidence.answers is None else [observe(a) for a in evidence.answers]
    checked = cross_check(authenticated, document, observations, policy)
    evidence.checked = checked
    evidence.findings += checked.findings
    if ceremony is not None and request.skr is not None:
        evidence.findings += ceremony.agreement(observations or [], checked)
    if checked.refusal is not None:
        raise checked.refusal
    return authenticated, checked


def _choices(request: Request) -> list[Finding]:
    """The user's choices that a reader of the report must know of."""
    policy = request.policy
    servers = ", ".join(server.text for server in request.servers)
    chosen = [
        (request.at_given, Check.CHOICE_AT, f"judged at {format_time(policy.at)}, given by --at"),
        (request.ca_file is not None, Check.CHOICE_CA, f"trusted roots: {request.ca_file} (--ca)"),
        (policy.signer != IANA_SIGNER, Check.CHOICE_SIGNER, f"signer: {policy.signer}"),
        (bool(servers), Check.CHOICE_SERVERS, f"asked instead of the root servers: {servers}"),
        (bool(policy.changed), Check.CHOICE_POLICY, f"policy: {', '.join(policy.changed)}"),
        (policy.include_future, Check.CHOICE_FUTURE, "keys whose time has not come are emitted"),
    ]
    return [Finding(check, Severity.NOTICE, text) for given, check, text in chosen if given]


def _authenticate(
    source: HttpSource | DirectorySource,
    roots: PinnedRoots,
    policy: VerificationPolicy,
    until: float,
    say: Say,
) -> Authenticated:
    say("1. fetch the publication")
    publication = source.publication(until=until)
    say("2. verify its signature")
    try:
        return authenticate(publication, roots, policy)
    except OutOfStep:
        if isinstance(source, DirectorySource):
            raise
    say("   document and signature are out of step: fetch both past caches")
    publication = source.publication(until=until, fresh=True)
    try:
        return authenticate(publication, roots, policy)
    except OutOfStep as error:
        raise OutOfStep(
            Check.SOURCE_OUT_OF_STEP,
            f"document and signature are out of step: {error.message}",
            got=error.got,
            want=error.want,
            remedy="the server may be replacing them: try again in a day; "
            "if it stays so, the document was altered",
        ) from error


def _ceremony(request: Request, document: TrustAnchors) -> Ceremony | None:
    if request.skr_file is None:
        return None
    # Loaded only where there is a signed key response to read.
    from anchors.ceremony import read_ceremony  # noqa: PLC0415

    return read_ceremony(request.skr_file, document)


def _answers(
    request: Request, source: HttpSource | DirectorySource, until: float, say: Say
) -> tuple[ServerAnswer, ...] | None:
    at = request.policy.at
    if request.dns_mode == "none":
        return None
    if request.dns_mode == "file":
        say(f"4. observe the root zone: {request.dns}")
        return (answer_from_text(_text_file(Path(request.dns)), at),)
    if request.dns_mode == "recorded":
        say("4. observe the root zone: recorded answers")
        recorded = source.recording()
        _require_past(recorded, request.policy)
        return recorded
    # asyncio is loaded only where somebody is asked.
    from anchors.rootzone.query import ask  # noqa: PLC0415

    servers = request.servers or ROOT_SERVERS
    say(f"4. observe the root zone: ask {len(servers)} servers")
    until = min(until, time.monotonic() + _DNS_SECONDS)
    return tuple(ask(servers, observed_at=at, until=until, recursion=bool(request.servers)))


def _text_file(path: Path) -> str:
    what, want = "the file given with --dns", "--dns live, recorded, none, FILE or skr:FILE"
    # What is no text in a comment does no harm, and elsewhere it is no record.
    return read_given(path, _MAX_DNS_FILE, what=what, want=want).decode(errors="replace")


def _require_past(recorded: Sequence[ServerAnswer], policy: VerificationPolicy) -> None:
    for answer in recorded:
        if answer.observed_at > policy.at:
            raise RootZoneSilent(
                Check.ROOTZONE_RECORDING,
                "the recorded answers claim to be from after the time of judgement",
                got=f"observed {format_time(answer.observed_at)}",
                want=f"at or before {format_time(policy.at)}",
                remedy="use a later --at, or --dns none",
            )
