"""``root-anchors verify``."""

from __future__ import annotations

import argparse
import sys

from anchors.cli.arguments import make_request, verifying_policy
from anchors.cli.exit_codes import (
    deliver,
    document,
    exit_code,
    require_one_on_stdout,
    steps,
    verdict,
    write_metrics,
)
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
    write_metrics(report, arguments)
    to_file = arguments.report is not None
    content = document(report, arguments, None if to_file else sys.stdout)
    if to_file:
        deliver(arguments.report, content)
        say(verdict(report, arguments, sys.stderr))
    else:
        put(content)
    return exit_code(report, arguments)
