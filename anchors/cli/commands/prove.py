"""``root-anchors prove``."""

from __future__ import annotations

import argparse
import sys

from anchors.cli.arguments import make_request, time_of
from anchors.cli.exit_codes import VERIFIED, exit_code, steps, text
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import put
from anchors.core.files import read_given
from anchors.core.policy import VerificationPolicy
from anchors.proving.run import prove_file
from anchors.report.proof import render, verdict_line

__all__ = ["run"]

_MAX_ANCHOR_FILE = 1 << 20


def run(arguments: argparse.Namespace) -> int:
    """Verify, and try a file in the consumers that are installed here."""
    policy = VerificationPolicy(at=time_of(arguments.at), signer=arguments.signer)
    request = make_request(arguments, policy)
    content = read_given(
        arguments.file, _MAX_ANCHOR_FILE, what="the anchor file", want="a file of 1 MiB at most"
    )
    lab_now = time_of(None) if arguments.lab else None
    report, proof = prove_file(
        request, arguments.format, content, lab_now=lab_now, say=steps(arguments)
    )
    require_uninterrupted()
    code = exit_code(report, arguments)
    if proof is None or code != VERIFIED:
        put(text(report, arguments, sys.stdout))
        return code
    put((verdict_line(proof) if arguments.quiet else render(proof, report)) + "\n")
    return proof.exit_code
