"""``root-anchors build``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from anchors.cli.arguments import make_request, time_of
from anchors.cli.exit_codes import UNDECIDED, VERIFIED, exit_code, steps, text
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import put, say
from anchors.consumers.registry import find_formats
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.build import Target, build
from anchors.pipeline.request import senseless

__all__ = ["run"]

_STALE = 1


def run(arguments: argparse.Namespace) -> int:
    """Verify, and write or print anchor files."""
    chosen = find_formats(arguments.format)
    if arguments.output == "-" and len(chosen) != 1:
        raise senseless(
            "standard output takes one file",
            got=f"{len(chosen)} formats",
            want="-o - with exactly one --format",
        )
    writes = arguments.output not in {None, "-"}
    idle = [name for name in ("--bare", "--allow-rollback") if _is_set(arguments, name)]
    if idle and not writes:
        raise senseless(
            "where no directory is written, it is neither bare nor a rollback",
            got=" ".join(idle),
            want="-o DIR",
        )
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
        strict=arguments.strict,
    )
    built = build(make_request(arguments, policy), target, steps(arguments))
    require_uninterrupted()
    if arguments.output == "-":
        for content in built.files.values():
            put(content)
    say(text(built.report, arguments, sys.stderr))
    code = exit_code(built.report, arguments)
    if arguments.check is None:
        return code
    return _compared(arguments.check, built.files) if code == VERIFIED else UNDECIDED


def _is_set(arguments: argparse.Namespace, option: str) -> bool:
    return bool(getattr(arguments, option.removeprefix("--").replace("-", "_")))


def _compared(directory: Path, files: dict[str, bytes]) -> int:
    from anchors.pipeline.check import differences  # noqa: PLC0415 - only with --check

    diff = differences(directory, files)
    put(diff)
    return _STALE if diff else VERIFIED
