"""``root-anchors verify``."""

from __future__ import annotations

import argparse
import sys

from anchors.cli.arguments import make_request, verifying_policy
from anchors.cli.exit_codes import deliver, exit_code, require_one_on_stdout, steps, text, verdict
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import put, say
from anchors.pipeline.verify import verify

__all__ = ["run"]


def run(arguments: argparse.Namespace) -> int:
    """Verify, and report."""
    require_one_on_stdout(arguments)
    request = make_request(arguments, verifying_policy(arguments))
    report = verify(request, steps(arguments))
    require_uninterrupted()
    if arguments.metrics is not None:
        from anchors.report.metrics import render as metrics  # noqa: PLC0415 - only if asked

        deliver(arguments.metrics, metrics(report))
    to_file = arguments.report is not None
    if arguments.report_format == "text":
        content = text(report, arguments, None if to_file else sys.stdout)
    else:
        from anchors.report import renderer  # noqa: PLC0415 - only if asked

        content = renderer(arguments.report_format)(report)
    if to_file:
        deliver(arguments.report, content)
        say(verdict(report, arguments, sys.stderr))
    else:
        put(content)
    return exit_code(report, arguments)
