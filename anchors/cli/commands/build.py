"""``root-anchors build``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from anchors.cli.arguments import make_request, time_of
from anchors.cli.exit_codes import (
    STDOUT,
    UNDECIDED,
    deliver,
    document,
    exit_code,
    steps,
    text,
    verdict,
    write_metrics,
)
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import put, say
from anchors.consumers.registry import find_formats
from anchors.core.escape import printable
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.build import Built, Target, build
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import senseless
from anchors.publication.source import DOCUMENT_NAME, SIGNATURE_NAME

if TYPE_CHECKING:
    from anchors.pipeline.check import Comparison

__all__ = ["run"]

_STALE = 1
# More files than these are counted.
_NAMED = 6


def run(arguments: argparse.Namespace) -> int:
    """Verify, and write or print anchor files."""
    chosen = find_formats(arguments.format)
    if arguments.output == "-" and len(chosen) != 1:
        raise senseless(
            "only one file can be written to standard output",
            got=f"{len(chosen)} formats",
            want="-o - together with exactly one --format",
        )
    writes = arguments.output not in {None, "-"}
    idle = [name for name in ("--bare", "--allow-rollback") if _is_set(arguments, name)]
    if idle and not writes:
        raise senseless(
            "--bare and --allow-rollback need a directory to write",
            got=" ".join(idle),
            want="-o DIR",
        )
    _require_one_on_stdout(arguments)
    policy = VerificationPolicy(
        at=time_of(arguments.at),
        signer=arguments.signer,
        include_future=arguments.include_future,
        allow_rollback=arguments.allow_rollback,
    )
    target = Target(
        directory=Path(arguments.output) if writes else None,
        formats=tuple(arguments.format),
        bare=arguments.bare,
        # Where nothing is written, nothing is held back.
        strict=arguments.strict and arguments.check is None,
    )
    built = build(make_request(arguments, policy), target, steps(arguments))
    require_uninterrupted()
    if arguments.check is not None:
        return _compared(arguments, built)
    if arguments.output == "-":
        for content in built.files.values():
            put(content)
    _tell(built.report, arguments, handed=_hand_over(built.report, arguments))
    return exit_code(built.report, arguments)


def _is_set(arguments: argparse.Namespace, option: str) -> bool:
    return bool(getattr(arguments, option.removeprefix("--").replace("-", "_")))


def _require_one_on_stdout(arguments: argparse.Namespace) -> None:
    wanted = {
        "-o -": arguments.output == "-",
        "--check, for its diff": arguments.check is not None,
        "--metrics -": arguments.metrics == STDOUT,
        "a report without --report FILE": arguments.report == STDOUT
        or (arguments.report is None and arguments.report_format != "text"),
    }
    named = [name for name, is_wanted in wanted.items() if is_wanted]
    if len(named) > 1:
        raise senseless(
            "standard output takes one document",
            got=" and ".join(named),
            want="--report FILE, and --metrics FILE",
        )


def _tell(report: Report, arguments: argparse.Namespace, *, handed: bool) -> None:
    say((verdict if handed else text)(report, arguments, sys.stderr))


def _hand_over(report: Report, arguments: argparse.Namespace) -> bool:
    """Write metrics and report where they were asked for; whether the report was."""
    write_metrics(report, arguments)
    if arguments.report is None and arguments.report_format == "text":
        return False
    file = arguments.report or STDOUT
    deliver(file, document(report, arguments, sys.stdout if file == STDOUT else None))
    return True


def _compared(arguments: argparse.Namespace, built: Built) -> int:
    """The result of ``--check`` in the first line, then the report, and the diff on stdout."""
    from anchors.pipeline.check import compare  # noqa: PLC0415 - only with --check

    report, authenticated = built.report, built.report.authenticated
    handed = _hand_over(report, arguments)
    if report.verdict is not Verdict.VERIFIED or authenticated is None:
        _tell(report, arguments, handed=handed)
        return UNDECIDED
    evidence = {
        DOCUMENT_NAME: authenticated.document,
        SIGNATURE_NAME: authenticated.signature,
    }
    compared = compare(arguments.check, built.files, evidence)
    say(_result(arguments.check, compared, attention=report.attention))
    if not (arguments.quiet or handed):
        say(f"\n{text(report, arguments, sys.stderr)}")
    put(compared.diff)
    return _STALE if compared.stale else exit_code(report, arguments)


def _result(directory: Path, compared: Comparison, *, attention: bool) -> str:
    place = printable(str(directory))
    if compared.stale:
        return f"STALE: {place} differs from what would be written: {', '.join(compared.stale)}\n"
    names = compared.compared
    shown = ", ".join(names) if len(names) <= _NAMED else f"{len(names)} files"
    return f"SAME: {place} contains {shown}, exactly as they would be written" + (
        ", needs attention\n" if attention else "\n"
    )
