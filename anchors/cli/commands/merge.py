"""``root-anchors merge``."""

from __future__ import annotations

import argparse
import sys

from anchors.auditing.merge import Merged, merge
from anchors.cli.exit_codes import deliver
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import Progress, put, say, wants_colour
from anchors.report.merge import renderer
from anchors.report.merge.document import render, summary_line

__all__ = ["run"]


def run(arguments: argparse.Namespace) -> int:
    """Put the reports of many audits together."""
    total = len(arguments.files)
    with Progress(sys.stderr, quiet=arguments.quiet) as progress:
        merged = merge(
            arguments.files,
            lambda done: progress.show_words(f"{done:,} of {total:,} reports"),
        )
    require_uninterrupted()
    if arguments.report is not None:
        deliver(arguments.report, _text(merged, arguments, colour=False))
        say(f"{summary_line(merged, colour=wants_colour(arguments.color, sys.stderr))}\n")
    else:
        put(_text(merged, arguments, colour=wants_colour(arguments.color, sys.stdout)))
    return merged.exit_code(strict=arguments.strict)


def _text(merged: Merged, arguments: argparse.Namespace, *, colour: bool) -> str:
    if arguments.report_format != "text":
        return renderer(arguments.report_format)(merged)
    if arguments.quiet:
        return f"{summary_line(merged, colour=colour)}\n"
    return render(merged, colour=colour, verbose=arguments.verbose > 0)
