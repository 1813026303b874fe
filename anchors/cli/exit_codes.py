"""The pipeline's report -> text for people, and the exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from anchors.cli.report_file import write_report
from anchors.cli.terminal import put, speaks_unicode, tell, wants_colour, watched
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import senseless
from anchors.report.text import render, verdict_line

__all__ = [
    "INTERRUPTED",
    "NOT_TRUSTED",
    "STDOUT",
    "UNDECIDED",
    "VERIFIED",
    "deliver",
    "document",
    "exit_code",
    "require_one_on_stdout",
    "steps",
    "text",
    "verdict",
    "write_metrics",
]

STDOUT = Path("-")

VERIFIED, NOT_TRUSTED, UNDECIDED, _ATTENTION, INTERRUPTED = 0, 1, 3, 4, 130


def exit_code(report: Report, arguments: argparse.Namespace) -> int:
    """The exit code of a run that came to ``report``."""
    if report.verdict is not Verdict.VERIFIED:
        return NOT_TRUSTED if report.verdict is Verdict.NOT_TRUSTED else UNDECIDED
    return _ATTENTION if arguments.strict and report.attention else VERIFIED


def steps(arguments: argparse.Namespace) -> Callable[[str], None]:
    """Where the numbered steps go: stderr with -v, and where somebody watches a terminal."""
    wanted = arguments.verbose > 0 or (watched(sys.stderr) and not arguments.quiet)
    return tell if wanted else lambda _message: None


def text(report: Report, arguments: argparse.Namespace, stream: TextIO | None) -> str:
    """The report for people, or with -q its verdict, as ``stream`` shows it; ``None``: a file."""
    if arguments.quiet:
        return verdict(report, arguments, stream)
    return render(
        report,
        colour=wants_colour(arguments.color, stream),
        unicode=_draws(stream),
        verbose=arguments.verbose > 0,
    )


def verdict(report: Report, arguments: argparse.Namespace, stream: TextIO | None) -> str:
    """The verdict in one line, as ``stream`` shows it; ``None``: a file."""
    colour = wants_colour(arguments.color, stream)
    return verdict_line(report, colour=colour, unicode=_draws(stream)) + "\n"


def document(report: Report, arguments: argparse.Namespace, stream: TextIO | None) -> str:
    """The report in the format that was asked for; see :func:`text`."""
    if arguments.report_format == "text":
        return text(report, arguments, stream)
    from anchors.report import renderer  # noqa: PLC0415 - only if asked

    return renderer(arguments.report_format)(report)


def write_metrics(report: Report, arguments: argparse.Namespace) -> None:
    """Write the metrics where they were asked for.

    Raises:
        OutputFailed: they cannot be written.
    """
    if arguments.metrics is not None:
        from anchors.report.metrics import render as metrics  # noqa: PLC0415 - only if asked

        deliver(arguments.metrics, metrics(report))


def _draws(stream: TextIO | None) -> bool:
    """Whether marks help: a program that reads the verdict looks for its word."""
    return watched(stream) and speaks_unicode(stream)


def require_one_on_stdout(arguments: argparse.Namespace) -> None:
    """Refuse metrics and a report that would both go to standard output.

    Raises:
        UsageError: they would.
    """
    if arguments.metrics == STDOUT and arguments.report is None:
        raise senseless(
            "only one document can be written to standard output",
            got="--metrics - without a file for the report",
            want="--report FILE, or --metrics FILE",
        )


def deliver(file: Path, content: str) -> None:
    """Write a document to a file, or for ``-`` to standard output.

    Raises:
        OutputFailed: it cannot be written.
    """
    if file == STDOUT:
        put(content)
    else:
        write_report(file, content.encode())
