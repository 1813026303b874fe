"""``root-anchors timeline``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from anchors.cli.arguments import make_request, verifying_policy
from anchors.cli.exit_codes import deliver, exit_code, steps, text, verdict
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import put, say, speaks_unicode, wants_colour
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import senseless
from anchors.pipeline.verify import verify
from anchors.report.timeline.text import render

__all__ = ["run"]


def run(arguments: argparse.Namespace) -> int:
    """Verify, and draw the life of every root KSK."""
    if "" in {arguments.svg, arguments.html}:
        raise senseless("--svg and --html need a file name or -", got="''", want="a file, or -")
    request = make_request(arguments, verifying_policy(arguments))
    report = verify(request, steps(arguments))
    require_uninterrupted()
    code = exit_code(report, arguments)
    if report.verdict is not Verdict.VERIFIED:
        # Of what is not verified there is nothing to draw.
        put(text(report, arguments, sys.stdout))
        return code
    drawn, file = _drawn(report, arguments)
    if file is None:
        put(drawn)
    else:
        deliver(Path(file), drawn)
        say(verdict(report, arguments, sys.stderr))
    return code


def _drawn(report: Report, arguments: argparse.Namespace) -> tuple[str, str | None]:
    """The timeline as it was asked for, and where it goes: ``None`` for a terminal."""
    if arguments.svg is not None:
        from anchors.report.timeline.svg import render as svg  # noqa: PLC0415 - only if asked

        return svg(report), arguments.svg
    if arguments.html is not None:
        from anchors.report.timeline.html import render as html  # noqa: PLC0415 - only if asked

        return html(report), arguments.html
    colour = wants_colour(arguments.color, sys.stdout)
    if arguments.quiet:
        return verdict(report, arguments, sys.stdout), None
    return render(report, unicode=speaks_unicode(sys.stdout), colour=colour), None
