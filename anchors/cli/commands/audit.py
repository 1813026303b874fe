"""``root-anchors audit``."""

from __future__ import annotations

import argparse
import sys

from anchors.auditing.result import Audit
from anchors.auditing.run import Ask, audit
from anchors.cli.arguments import make_request, time_of
from anchors.cli.exit_codes import INTERRUPTED, deliver, require_one_on_stdout, steps
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import Progress, put, say, tell, wants_colour
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.request import Request
from anchors.report.audit import renderer
from anchors.report.audit.text import render, verdict_line

__all__ = ["run"]


def run(arguments: argparse.Namespace) -> int:
    """Verify, and hold what is found anywhere against it."""
    require_one_on_stdout(arguments)
    policy = VerificationPolicy(at=time_of(arguments.at), signer=arguments.signer)
    request = make_request(arguments, policy)
    with Progress(sys.stderr, quiet=arguments.quiet) as progress:
        found = audit(
            request,
            arguments.paths,
            fail_on=arguments.fail_on,
            root=arguments.root,
            exclude=arguments.exclude,
            baseline=arguments.baseline,
            ask=_asking(request) if arguments.ask else None,
            keeps_part=True,
            first=None if arguments.quiet else _tell_first,
            say=steps(arguments),
            progress=progress.show,
        )
    if not found.is_part:
        require_uninterrupted()
    if arguments.metrics is not None:
        from anchors.report.audit.metrics import render as metrics  # noqa: PLC0415 - only if asked

        deliver(arguments.metrics, metrics(found))
    to_file = arguments.report is not None
    if to_file:
        deliver(arguments.report, _text(found, arguments, colour=False))
        say(_verdict(found, colour=wants_colour(arguments.color, sys.stderr)))
    else:
        put(_text(found, arguments, colour=wants_colour(arguments.color, sys.stdout)))
    if found.is_part:
        tell("interrupted; this report covers what was seen until then")
        return INTERRUPTED
    return found.exit_code(strict=arguments.strict)


def _tell_first(found: Audit) -> None:
    """Whoever audits a whole machine waits for the rest, and knows by then what matters most."""
    if any(host.resolvers for host in found.hosts):
        tell(f"first {', '.join(found.paths)} alone: {verdict_line(found, colour=False)}")


def _asking(request: Request) -> Ask:
    from anchors.joining.run import running_beside  # noqa: PLC0415 - only if asked

    return running_beside(request)


def _text(audit: Audit, arguments: argparse.Namespace, *, colour: bool) -> str:
    if arguments.report_format != "text":
        return renderer(arguments.report_format)(audit)
    if arguments.quiet:
        return _verdict(audit, colour=colour)
    return render(audit, colour=colour, verbose=arguments.verbose > 0)


def _verdict(audit: Audit, *, colour: bool) -> str:
    return verdict_line(audit, colour=colour) + "\n"
