"""``root-anchors identify``."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from anchors.auditing.identify import Identified, identify
from anchors.cli.arguments import make_request, time_of
from anchors.cli.exit_codes import NOT_TRUSTED, UNDECIDED, deliver, exit_code, steps
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import put, say, tell, wants_colour, watched
from anchors.core.files import read_given
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.report import Verdict
from anchors.pipeline.request import senseless
from anchors.report.identify.text import render, summary

__all__ = ["run"]

_MAX_TEXT = 1 << 20
_WANT = "at most 1 MiB of text with keys or digests"


def run(arguments: argparse.Namespace) -> int:
    """Verify, and tell which root key a key or digest is."""
    policy = VerificationPolicy(at=time_of(arguments.at), signer=arguments.signer)
    request = make_request(arguments, policy)
    content = _content(arguments.values)
    identified = identify(request, content, steps(arguments))
    require_uninterrupted()
    if arguments.report is not None:
        deliver(arguments.report, _text(identified, arguments, colour=False))
        say(summary(identified, colour=wants_colour(arguments.color, sys.stderr)))
    else:
        put(_text(identified, arguments, colour=wants_colour(arguments.color, sys.stdout)))
    return _exit_code(identified, arguments)


def _content(values: Sequence[str]) -> bytes:
    """The words themselves, the file that one of them names, or standard input."""
    if not values or [*values] == ["-"]:
        return _standard_input()
    text = " ".join(values)
    # A digest is no name that can be looked up, if only because it is too long.
    with contextlib.suppress(OSError, ValueError):
        if text and len(values) == 1 and Path(text).exists():
            return read_given(Path(text), _MAX_TEXT, what="the file", want=_WANT)
    return text.encode(errors="replace")


def _standard_input() -> bytes:
    stream: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise senseless("standard input is closed", got="no VALUE", want=_WANT)
    if watched(sys.stdin):
        tell("paste the key, the digest or the line, and end with Ctrl-D")
    content = stream.read(_MAX_TEXT + 1)
    if len(content) > _MAX_TEXT:
        raise senseless("standard input is too long", got="more than 1 MiB", want=_WANT)
    return content


def _text(identified: Identified, arguments: argparse.Namespace, *, colour: bool) -> str:
    if arguments.report_format == "json":
        from anchors.report.identify.json import render as as_json  # noqa: PLC0415 - only if asked

        return as_json(identified)
    return (
        summary(identified, colour=colour) if arguments.quiet else render(identified, colour=colour)
    )


def _exit_code(identified: Identified, arguments: argparse.Namespace) -> int:
    if identified.is_current is None or identified.basis.verdict is not Verdict.VERIFIED:
        return UNDECIDED
    return exit_code(identified.basis, arguments) if identified.is_current else NOT_TRUSTED
