"""The numbered steps of a run; only this module knows their order.

1. fetch the publication       4. observe the root zone       6. compare with the existing directory
2. verify its signature        5. cross-check the keys        7. write the anchor files
3. read the document
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from anchors.core.checks import Check
from anchors.core.errors import AnchorsError, NotTrusted, OutOfStep, RootZoneSilent, UsageError
from anchors.core.files import read_given
from anchors.core.findings import WORST_FIRST, Finding, Severity
from anchors.core.keys import Anchor, TrustAnchors
from anchors.core.policy import VerificationPolicy
from anchors.core.root_facts import IANA_SIGNER
from anchors.core.servers import ROOT_SERVERS, ServerAnswer
from anchors.core.times import format_time
from anchors.pipeline import rollback
from anchors.pipeline.ages import age_findings
from anchors.pipeline.crosscheck import CrossCheck, cross_check, withheld
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import Options, Request, request_of
from anchors.publication.authenticate import Authenticated, authenticate
from anchors.publication.document import read
from anchors.publication.root_cas import PinnedRoots, built_in_roots, roots_from_file
from anchors.publication.source import (
    DirectorySource,
    HttpSource,
    open_source,
)

if TYPE_CHECKING:
    from anchors.pipeline.ceremony import Ceremony
    from anchors.rootzone.calendar import Slot
    from anchors.rootzone.rrset import Observation

__all__ = [
    "RunEvidence",
    "Say",
    "example",
    "gather",
    "roots_of",
    "silent",
    "trust_anchors",
    "verify",
]

_MAX_DNS_FILE = 1 << 17
_DNS_SECONDS = 5.0

Say = Callable[[str], None]


@dataclass(slots=True)
class RunEvidence:
    """The results of a run so far, from which a report can be made at any step."""

    request: Request
    findings: list[Finding] = field(default_factory=list)
    authenticated: Authenticated | None = None
    answers: tuple[ServerAnswer, ...] | None = None
    checked: CrossCheck | None = None
    slots: tuple[Slot, ...] = ()

    def report(self, error: AnchorsError | None, files: Sequence[str] = ()) -> Report:
        """The report so far; ``error`` is what ended the run, ``files`` what was written."""
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
            anchors=self.checked.anchors.anchors if self.checked and error is None else (),
            servers=self.checked.servers if self.checked else (),
            slots=self.slots,
            findings=sorted(findings, key=lambda f: WORST_FIRST.index(f.severity)),
            files=files,
        )


def _verdict(error: AnchorsError | None) -> Verdict:
    if error is None:
        return Verdict.VERIFIED
    return Verdict.NOT_TRUSTED if isinstance(error, NotTrusted) else Verdict.UNDECIDED


def silent(_message: str) -> None:
    """Do not report the step."""


def verify(request: Request | None = None, say: Say = silent, **options: Unpack[Options]) -> Report:
    """Steps 1 to 5: verify and report.

    Args:
        request: what to verify; ``None``: use the options.
        say: called with each step as it begins.
        **options: ``at`` and all values that differ from the defaults of :class:`Request`.

    Raises:
        UsageError: the request is invalid.
    """
    request = request_of(request, options)
    evidence = RunEvidence(request)
    try:
        gather(evidence, roots_of(request), say)
    except UsageError:
        raise
    except AnchorsError as error:
        return evidence.report(error)
    return evidence.report(None)


def trust_anchors(**options: Unpack[Options]) -> tuple[Anchor, ...]:
    """The verified trust anchors of the root that are valid at the time ``at``.

    Args:
        **options: as for :func:`verify`.

    Raises:
        AnchorsError: the verdict is not ``verified``, or the request is invalid.
    """
    report = verify(**options)
    report.raise_for_verdict()
    return report.anchors


def example(source: str = "embedded") -> CrossCheck:
    """The embedded snapshot, or another source directory, verified at the time of its recording.

    Raises:
        AnchorsError: the installed package is damaged.
    """
    (answer, *_) = open_source(source).recording()
    policy = VerificationPolicy(at=answer.observed_at)
    request = Request(policy=policy, source=source, dns="recorded")
    _, checked = gather(RunEvidence(request), built_in_roots(), silent)
    return checked


def roots_of(request: Request) -> PinnedRoots:
    """The built-in roots, or the roots in the file of the request."""
    return built_in_roots() if request.ca_file is None else roots_from_file(request.ca_file)


def gather(evidence: RunEvidence, roots: PinnedRoots, say: Say) -> tuple[Authenticated, CrossCheck]:
    """Run steps 1 to 5, and keep each finding at once."""
    request, policy = evidence.request, evidence.request.policy
    until = time.monotonic() + request.timeout
    source = open_source(request.source)
    evidence.findings += [*_choices(request), *roots.findings, *source.findings]
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
    observations = _observations(evidence.answers)
    checked = cross_check(authenticated, document, observations, policy)
    evidence.checked = checked
    evidence.findings += checked.findings
    evidence.findings += age_findings(checked, policy)
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
        (policy.include_future, Check.CHOICE_FUTURE, "keys that are not valid yet are written"),
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
    say("   document and signature do not belong together: fetch both again, past caches")
    publication = source.publication(until=until, fresh=True)
    try:
        return authenticate(publication, roots, policy)
    except OutOfStep as error:
        raise OutOfStep(
            Check.SOURCE_OUT_OF_STEP,
            f"document and signature do not belong together: {error.message}",
            got=error.got,
            want=error.want,
            remedy="the server may be replacing them: try again in a day; if the error persists, "
            "the document was altered",
        ) from error


def _ceremony(request: Request, document: TrustAnchors) -> Ceremony | None:
    if request.skr_file is None:
        return None
    # Loaded only where there is a signed key response to read.
    from anchors.pipeline.ceremony import read_ceremony  # noqa: PLC0415

    return read_ceremony(request.skr_file, document)


def _answers(
    request: Request, source: HttpSource | DirectorySource, until: float, say: Say
) -> tuple[ServerAnswer, ...] | None:
    at = request.policy.at
    if request.dns_mode == "none":
        return None
    if request.dns_mode == "file":
        from anchors.rootzone.rrset import answer_from_text  # noqa: PLC0415 - as in _observations

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


def _observations(answers: Sequence[ServerAnswer] | None) -> list[Observation] | None:
    if answers is None:
        return None
    # What reads and validates answers is loaded only where there are some.
    from anchors.rootzone.rrset import observe  # noqa: PLC0415

    return [observe(answer) for answer in answers]


def _text_file(path: Path) -> str:
    what, want = "the file given with --dns", "--dns live, recorded, none, FILE or skr:FILE"
    # What is no text in a comment does no harm, and elsewhere it is no record.
    return read_given(path, _MAX_DNS_FILE, what=what, want=want).decode(errors="replace")


def _require_past(recorded: Sequence[ServerAnswer], policy: VerificationPolicy) -> None:
    for answer in recorded:
        if answer.observed_at > policy.at:
            raise RootZoneSilent(
                Check.ROOTZONE_RECORDING,
                "the recorded answers claim to be newer than the time of judgement",
                got=f"observed {format_time(answer.observed_at)}",
                want=f"at or before {format_time(policy.at)}",
                remedy="use a later --at, or --dns none",
            )
