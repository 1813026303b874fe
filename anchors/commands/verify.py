"""``root-anchors verify``."""

from __future__ import annotations

import argparse
import sys

from anchors import pipeline
from anchors.commands.answer import exit_code, steps, text, verdict
from anchors.commands.request import make_request, verifying_policy
from anchors.interrupts import require_uninterrupted
from anchors.output import write_file
from anchors.terminal import put, say

__all__ = ["run"]


def run(arguments: argparse.Namespace) -> int:
    """Verify, and report."""
    request = make_request(arguments, verifying_policy(arguments))
    report = pipeline.verify(request, steps(arguments))
    require_uninterrupted()
    if arguments.metrics is not None:
        from anchors.report.metrics import render as metrics  # noqa: PLC0415 - only if asked

        write_file(arguments.metrics, metrics(report).encode())
    to_file = arguments.report is not None
    if arguments.report_format == "text":
        content = text(report, arguments, None if to_file else sys.stdout)
    else:
        from anchors.report import renderer  # noqa: PLC0415 - only if asked

        content = renderer(arguments.report_format)(report)
    if to_file:
        write_file(arguments.report, content.encode())
        say(verdict(report, arguments, sys.stderr))
    else:
        put(content)
    return exit_code(report, arguments)
