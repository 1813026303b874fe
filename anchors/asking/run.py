"""Asking, complete: verify, ask, judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Unpack

from anchors.asking.control import Control, Witness, witnesses
from anchors.asking.facts import facts, handed_over
from anchors.asking.judge import asked_for, judge
from anchors.asking.observe import Observed, observe
from anchors.asking.questions import Choice, Role
from anchors.asking.result import Asked
from anchors.asking.verdict import ResolverVerdict
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.findings import Finding, Severity
from anchors.core.keys import TrustAnchors
from anchors.core.servers import Server
from anchors.pipeline.crosscheck import cross_check
from anchors.pipeline.report import Report
from anchors.pipeline.report import Verdict as Basis
from anchors.pipeline.request import Options, Request, as_server, request_of
from anchors.pipeline.root_keys import verified_keys
from anchors.pipeline.verify import Say, silent, verify
from anchors.publication.authenticate import Authenticated
from anchors.publication.document import read

__all__ = ["MAX_RESOLVERS", "MAX_ROUNDS", "ask", "ask_by"]

MAX_RESOLVERS = 10_000
MAX_ROUNDS = 32


def _unwatched(_done: int) -> None:
    """Show nothing."""


def ask(
    request: Request | None = None,
    resolvers: str | Sequence[str | Server] = (),
    choice: Choice | None = None,
    *,
    control: Control | None = None,
    say: Say = silent,
    progress: Callable[[int], None] = _unwatched,
    **options: Unpack[Options],
) -> Asked:
    """Ask each resolver whether it validates, and which keys of the root it trusts.

    Args:
        request: what to verify first, as for ``verify``; with ``dns="none"`` only the resolvers
            show which keys sign.  ``None``: use the options, and ``dns="none"``.
        resolvers: their addresses, in the form of the command line.
        choice: the questions; ``None``: those without a name from the user.
        control: the program that answers, if there is one resolver and the user names its program;
            otherwise the program is found, if the address is of this machine.
        say: called with each step as it begins.
        progress: called with the number of resolvers that are done.
        **options: as for ``verify``.

    Raises:
        UsageError: the request is invalid.
    """
    choice = choice or Choice()
    if request is None and not {"dns", "servers"} & {*options}:
        options = {**options, "dns": "none"}
    request = request_of(request, options)
    given = [resolvers] if isinstance(resolvers, str) else resolvers
    servers = [as_server(one) for one in given]
    _require_sane(servers, choice)
    _require_one(servers, control)
    basis = _verified(request, say)
    if basis.verdict is not Basis.VERIFIED or basis.authenticated is None:
        return Asked(basis=basis, choice=choice, resolvers=())
    say(f"ask {len(servers)} resolvers")
    rows = ask_by(
        basis,
        request,
        servers,
        choice,
        tell=lambda: witnesses(servers, control),
        progress=progress,
    )
    return Asked(basis=basis, choice=choice, resolvers=rows)


def ask_by(
    basis: Report,
    request: Request,
    servers: Sequence[Server],
    choice: Choice,
    *,
    tell: Callable[[], Sequence[Witness | None]],
    progress: Callable[[int], None] = _unwatched,
) -> list[ResolverVerdict]:
    """The verdict on each resolver, with a successful verification.

    Args:
        basis: the verification.
        request: the request of the verification, with the time limit for one resolver.
        servers: the resolvers.
        choice: what to ask.
        tell: returns the reports of the programs, called after all questions.
        progress: called with the number of resolvers that are done.
    """
    if basis.authenticated is None:
        return []
    tags = [key.key_tag for key in asked_for(verified_keys(basis))]
    seen = observe(servers, choice, tags, seconds=request.timeout, progress=progress)
    document = read(basis.authenticated)
    return [
        _verdict(
            one, basis, basis.authenticated, request, choice, document=document, witness=witness
        )
        for one, witness in zip(seen, tell(), strict=True)
    ]


def _require_sane(servers: Sequence[Server], choice: Choice) -> None:
    for what, number, most in (
        ("resolvers", len(servers), MAX_RESOLVERS),
        ("rounds", choice.rounds, MAX_ROUNDS),
    ):
        if not 0 < number <= most:
            raise UsageError(
                Check.USAGE,
                f"the number of {what} is out of range",
                got=str(number),
                want=f"1 to {most:,}",
                remedy="ask in several runs" if number else "give at least one",
            )


def _require_one(servers: Sequence[Server], control: Control | None) -> None:
    if control is not None and len(servers) != 1:
        raise UsageError(
            Check.USAGE,
            "--control works with one resolver only",
            got=f"{len(servers)} resolvers",
            want="one resolver together with --control",
            remedy="ask each resolver separately",
        )


def _verified(request: Request, say: Say) -> Report:
    """The verification; where IANA cannot be reached, that of the publication in this package.

    Whoever has a resolver that fails can look up no name, and that of IANA neither.
    """
    basis = verify(request, say)
    unreachable = any(finding.check is Check.SOURCE_AVAILABLE for finding in basis.findings)
    # Where nobody else was asked, the resolvers themselves hand over the root's keys.
    not_asked = {Check.ROOTZONE_NOT_CHECKED}
    if request.dns_mode == "none":
        not_asked.add(Check.ROOTZONE_RECORDING_OLD)
    notes = [finding for finding in basis.findings if finding.check not in not_asked]
    if request.source == "live" and unreachable and basis.verdict is Basis.UNDECIDED:
        say("   IANA cannot be reached: use the publication in this package")
        basis = verify(replace(request, source="embedded", dns="none"), say)
        words = "IANA could not be reached: compared with the publication in this package"
        notes = [Finding(Check.ASK_SOURCE, Severity.NOTICE, words, got=notes[0].got)]
    return replace(basis, findings=notes) if basis.verdict is Basis.VERIFIED else basis


def _verdict(
    observed: Observed,
    basis: Report,
    authenticated: Authenticated,
    request: Request,
    choice: Choice,
    *,
    document: TrustAnchors,
    witness: Witness | None,
) -> ResolverVerdict:
    """Hold the root's keys that this resolver hands over against the document, then judge."""
    at = request.policy.at
    shown = handed_over(observed, Role.DNSKEY_CD, at)
    checked = cross_check(authenticated, document, shown or None, request.policy)
    keys = replace(basis, keys=checked.keys, observed_at=at) if checked.refusal is None else basis
    return judge(
        observed.server.text,
        facts(observed, document, at, witness),
        verified_keys(keys),
        choice,
        asked=observed.asked,
    )
